"""Models that tests export, each with samples that it can learn from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES, ROWS, WORDS, LENGTH = 3, 8, 11, 6


class Attention(nn.Module):
    """Causal attention, without a layer that hides it."""

    def __init__(self) -> None:
        super().__init__()
        self.project, self.out = nn.Linear(16, 48), nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        rows, length, _ = x.shape
        q, k, v = self.project(x).view(rows, length, 3, 2, 8).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(mixed.transpose(1, 2).reshape(x.shape).mean(1))


class Words(nn.Module):
    """Looks words up, takes their mean."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.out = nn.Embedding(WORDS, 8, padding_idx=0), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.table(x).mean(1))


class Noisy(nn.Module):
    """Shakes its input while it trains."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(20, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        shaken = x + 0.1 * torch.randn_like(x) + torch.rand(x.shape[0], 1) if self.training else x
        return self.out(shaken)


class Last(nn.Module):
    """What a recurrent layer says at the end."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer, self.out = layer, nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.layer(x)[0][:, -1])


class Writer(nn.Module):
    """A small character transformer: [rows, length] tokens to [rows, length, words]."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, 16), nn.Embedding(LENGTH, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
        self.out = nn.Linear(16, WORDS)

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        return self.out(self.block(self.words(tokens) + self.places(torch.arange(length)), mask, is_causal=True))


def _real(*shape: int) -> Callable[[int], Tensor]:
    return lambda rows: torch.randn(rows, *shape)


def _whole(*shape: int) -> Callable[[int], Tensor]:
    return lambda rows: torch.randint(0, WORDS, (rows, *shape))


@dataclass(frozen=True)
class Model:
    """A model, and what it takes."""

    build: Callable[[], nn.Module]
    x: Callable[[int], Tensor]

    def made(self) -> nn.Module:
        torch.manual_seed(1)
        return self.build()


def _flat(*layers: nn.Module, values: int) -> nn.Sequential:
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(values, CLASSES))


CLASSIFIERS = {
    "mlp": Model(lambda: nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, CLASSES)), _real(20)),
    "cnn": Model(
        lambda: _flat(
            nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3), nn.GELU(), values=24
        ),
        _real(2, 8, 8),
    ),
    "strided cnn": Model(
        lambda: _flat(
            nn.Conv2d(2, 4, 3, stride=2, padding=1), nn.GroupNorm(2, 4), nn.SiLU(),
            nn.Conv2d(4, 4, 3, groups=2, dilation=2, padding=2), nn.MaxPool2d(3, 2, 1),
            nn.AvgPool2d(2, 1, 1, count_include_pad=False), nn.AdaptiveAvgPool2d((2, 3)), values=24,
        ),
        _real(2, 16, 15),
    ),
    "transposed cnn": Model(
        lambda: _flat(
            nn.Conv2d(2, 4, 3), nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1, output_padding=1),
            nn.InstanceNorm2d(4), nn.LeakyReLU(), nn.AvgPool2d(2), nn.MaxPool2d(3), nn.AdaptiveAvgPool2d(1), values=4,
        ),
        _real(2, 9, 9),
    ),
    "series": Model(
        lambda: _flat(nn.Conv1d(2, 4, 3, padding=1), nn.ELU(), nn.MaxPool1d(2), nn.AvgPool1d(2), values=16),
        _real(2, 16),
    ),
    "layer norm and gelu": Model(
        lambda: nn.Sequential(
            nn.Linear(20, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 16), nn.GELU(approximate="tanh"),
            nn.LayerNorm(16, elementwise_affine=False), nn.Linear(16, CLASSES),
        ),
        _real(20),
    ),
    "activations": Model(
        lambda: nn.Sequential(
            nn.Linear(20, 16), nn.Softplus(), nn.Hardswish(), nn.Linear(16, 16), nn.Mish(), nn.Tanh(),
            nn.Linear(16, 16), nn.Sigmoid(), nn.Softmax(-1), nn.PReLU(), nn.RMSNorm(16), nn.Hardtanh(), nn.ReLU6(),
            nn.GLU(), nn.Linear(8, CLASSES),
        ),
        _real(20),
    ),
    "enlarged picture": Model(
        lambda: _flat(
            nn.Conv2d(1, 4, 3, padding=1), nn.Upsample(scale_factor=2), nn.PixelUnshuffle(2), nn.ZeroPad2d(1),
            nn.Upsample(size=(9, 7), mode="bilinear"), values=16 * 63,
        ),
        _real(1, 6, 6),
    ),
    "attention": Model(Attention, _real(5, 16)),
    "transformer": Model(
        lambda: _flat(nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True), values=80), _real(5, 16)
    ),
    "dropout": Model(
        lambda: nn.Sequential(
            nn.Dropout(0.1), nn.Linear(20, 16), nn.GELU(), nn.Dropout(0.5), nn.AlphaDropout(0.1),
            nn.Linear(16, CLASSES),
        ),
        _real(20),
    ),
    "dropped channels": Model(
        lambda: _flat(nn.Conv2d(2, 4, 3, padding=1), nn.Dropout2d(0.25, inplace=True), nn.MaxPool2d(4), values=16),
        _real(2, 8, 8),
    ),
    "attention with dropout": Model(
        lambda: _flat(nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True), values=80), _real(5, 16)
    ),
    "lstm with dropout": Model(
        lambda: Last(nn.LSTM(6, 8, num_layers=2, dropout=0.3, batch_first=True)), _real(4, 6)
    ),
    "noise": Model(lambda: Noisy(), _real(20)),
    "embedding": Model(Words, _whole(5)),
    "lstm": Model(lambda: Last(nn.LSTM(6, 8, batch_first=True)), _real(4, 6)),
    "gru": Model(lambda: Last(nn.GRU(6, 8, batch_first=True)), _real(4, 6)),
}  # fmt: skip


def classes(rows: int) -> Tensor:
    """Classes, a row each."""
    return torch.randint(0, CLASSES, (rows,))


def angle(rows: int) -> tuple[Tensor, Tensor]:
    """Two values of three features each, that an MLP can learn."""
    x = torch.randn(rows, 3)
    return x, torch.stack([torch.sin(x[:, 0] * math.pi / 2), x[:, 1] * x[:, 2]], 1)
