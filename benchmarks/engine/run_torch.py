"""One model in PyTorch on one thread, in a process of its own: compare-models.ts starts it.

    python benchmarks/engine/run_torch.py MODEL

Models have the order and the sizes of models.ts. Answers each line {"work": "steps" | "evaluations", "count": number} with a
line {"seconds", "coreSeconds", "peakBytes"}.
"""

import json
import re
import resource
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

EVAL_BATCH_SIZE, CLASSES, LENGTH, WORDS, WIDTH, HEADS = 128, 10, 64, 96, 64, 2


class Block(nn.Module):
    """Layer norm before each part, GELU, learned from what came before each place."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.mix = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.inner, self.outer = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.shape[0]
        parts = self.qkv(self.norm1(x)).view(rows, LENGTH, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(*parts.unbind(0), is_causal=True)
        x = x + self.mix(seen.transpose(1, 2).reshape(x.shape))
        return x + self.outer(functional.gelu(self.inner(self.norm2(x))))


class Transformer(nn.Module):
    """Scores what follows each token: [rows, length] to [rows · length, words]."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(WORDS, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.norm, self.out = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WORDS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        placed = self.tokens(x) + self.places.weight
        return self.out(self.norm(self.blocks(placed))).flatten(0, 1)


def perceptron() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, CLASSES))


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        *(nn.Conv2d(1, 16, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, CLASSES)),
    )


def sgd(weights):
    return torch.optim.SGD(weights, lr=0.01)


def momentum(weights):
    return torch.optim.SGD(weights, lr=0.01, momentum=0.9)


def adamw(weights):
    return torch.optim.AdamW(weights, lr=0.01, weight_decay=0.01)


# Model, optimizer, samples of a step.
MODELS = [
    (lambda: nn.Linear(784, CLASSES), sgd, 32),
    (perceptron, sgd, 32),
    (perceptron, adamw, 32),
    (cnn, momentum, 32),
    (Transformer, adamw, 16),
]


def samples(model: nn.Module, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    if isinstance(model, Transformer):
        return torch.randint(0, WORDS, (rows, LENGTH)), torch.randint(0, WORDS, (rows * LENGTH,))
    return torch.rand(rows, 784), torch.randint(0, CLASSES, (rows,))


def peak_bytes() -> int:
    """Resident memory at most. Linux lets a process inherit ru_maxrss from the one that started it, but not this."""
    status = Path("/proc/self/status")
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(), re.M) if status.exists() else None
    return 1024 * int(found[1] if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    build, optimize, batch_size = MODELS[int(sys.argv[1])]
    model = build()
    optimizer = optimize(model.parameters())
    x, y = samples(model, batch_size)
    eval_x, eval_y = samples(model, EVAL_BATCH_SIZE)

    def step() -> None:
        optimizer.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    @torch.inference_mode()
    def evaluation() -> None:
        scores = model(eval_x)
        functional.cross_entropy(scores, eval_y, reduction="none")
        scores.argmax(1)

    works = {"steps": step, "evaluations": evaluation}
    for line in sys.stdin:
        asked = json.loads(line)
        started, before = time.perf_counter(), time.process_time()
        for _ in range(asked["count"]):
            works[asked["work"]]()
        took = {"seconds": time.perf_counter() - started, "coreSeconds": time.process_time() - before}
        print(json.dumps({**took, "peakBytes": peak_bytes()}), flush=True)


main()
