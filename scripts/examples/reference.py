"""The same model in PyTorch, and scikit-learn's: trained in one place on all samples that the task was made of.

    python reference.py '{"kind": "cnn", "train": "train.safetensors", "test": "test.safetensors", ...}'

Prints JSON: the metric of each program on the test samples, and the versions of what ran.
"""

import json
import math
import struct
import sys

import numpy as np
import sklearn
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from torch import nn
from torch.nn import functional as F

TYPES = {"F32": np.float32, "I32": np.int32, "I64": np.int64}


def read(path):
    """Tensors of a safetensors file, by name."""
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, about in json.loads(data[8 : 8 + size]).items():
        if name == "__metadata__":
            continue
        start, end = (8 + size + at for at in about["data_offsets"])
        values = np.frombuffer(data[start:end], TYPES[about["dtype"]]).reshape(about["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors["x"], tensors["y"]


class Places(nn.Module):
    """What is known of each token: itself, and its place."""

    def __init__(self, vocabulary, length, width):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.empty(length, width).uniform_(-0.05, 0.05))
        nn.init.uniform_(self.tokens.weight, -0.05, 0.05)

    def forward(self, x):
        return self.tokens(x) + self.places


class Block(nn.Module):
    """A block of a transformer that looks back, with layer norm before each part."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.looks = nn.ModuleList([nn.Linear(width, width) for _ in "qkv"])
        self.mix = nn.Linear(width, width)
        self.inner = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        rows, length, width = x.shape
        seen = self.norms[0](x)
        q, k, v = (
            look(seen).view(rows, length, self.heads, -1).transpose(1, 2) for look in self.looks
        )
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(attended.transpose(1, 2).reshape(rows, length, width))
        return x + self.inner(self.norms[1](x))


def model_of(task, x):
    """The model that the task trains, as its builder writes it."""
    kind, sizes, outputs = task["kind"], task["sizes"], task["outputs"]
    if kind == "mlp":
        widths = [x.shape[1], *sizes]
        layers = [[nn.Linear(a, b), nn.ReLU()] for a, b in zip(widths, widths[1:])]
        return nn.Sequential(*sum(layers, []), nn.Linear(widths[-1], outputs))
    if kind == "cnn":
        side, channels = x.shape[1], x.shape[3]
        layers = []
        for maps in sizes:
            layers += [nn.Conv2d(channels, maps, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()]
            side, channels = side // 2, maps
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * side * side, outputs))
    layers, width, heads = sizes
    blocks = [Block(width, heads) for _ in range(layers)]
    return nn.Sequential(Places(outputs, x.shape[1], width), *blocks, nn.LayerNorm(width), nn.Linear(width, outputs))


def optimizer_of(task, model):
    """The task's optimizer; weights of one axis don't decay there, either."""
    about, rate = task["optimizer"], task["rate"]
    if about["kind"] != "adam":
        return torch.optim.SGD(model.parameters(), lr=rate, momentum=about.get("momentum", 0))
    weights, others = ([p for p in model.parameters() if (p.dim() > 1) == wide] for wide in (True, False))
    return torch.optim.AdamW(
        [{"params": weights, "weight_decay": about["weightDecay"]}, {"params": others, "weight_decay": 0}],
        lr=rate,
        betas=(about["beta1"], about["beta2"]),
        eps=about["epsilon"],
    )


def train(task, model, optimizer, samples):
    """As many steps as one contributor took, with the optimizer, rate and batch of the task."""
    x, y = samples
    for _ in range(task["steps"]):
        rows = torch.randint(len(x), (task["batch"],))
        optimizer.zero_grad()
        loss_of(task, model(inputs_of(task, x[rows])), y[rows]).backward()
        optimizer.step()


def inputs_of(task, x):
    return x.permute(0, 3, 1, 2) if task["kind"] == "cnn" else x.long() if task["kind"] == "transformer" else x


def loss_of(task, scores, y):
    if task["metric"] == "mean absolute error":
        return F.mse_loss(scores, y.view(scores.shape))
    return F.cross_entropy(scores.flatten(0, -2), y.long().flatten())


def metric_of(task, scores, y):
    if task["metric"] == "accuracy":
        return (scores.argmax(1) == y).float().mean().item()
    if task["metric"] == "perplexity":
        return math.exp(loss_of(task, scores, y).item())
    return (scores.view(y.shape) - y).abs().mean().item() * task["deviation"]


def by_sklearn(task, train, test):
    (x, y), (test_x, test_y) = train, test
    if task["metric"] == "perplexity":
        return None
    flat = [part.flatten(1).numpy() for part in (x, test_x)]
    if task["metric"] == "accuracy":
        model = LogisticRegression(max_iter=1000).fit(flat[0], y.numpy())
        return float((model.predict(flat[1]) == test_y.numpy()).mean())
    model = Ridge().fit(flat[0], y.numpy().ravel())
    return float(np.abs(model.predict(flat[1]) - test_y.numpy().ravel()).mean() * task["deviation"])


def main():
    task = json.loads(sys.argv[1])
    torch.manual_seed(task["seed"])
    torch.set_num_threads(1)
    samples, test = read(task["train"]), read(task["test"])
    model = model_of(task, samples[0])
    optimizer = optimizer_of(task, model)
    found = []
    for _ in range(task["contributors"]):
        train(task, model, optimizer, samples)
        with torch.no_grad():
            found.append(metric_of(task, model(inputs_of(task, test[0])), test[1]))
    versions = {"torch": torch.__version__, "scikit-learn": sklearn.__version__}
    sklearn_found = by_sklearn(task, samples, test)
    figures = {"pytorch": found[-1], "ofOne": found[0], "sklearn": sklearn_found}
    print(json.dumps({**figures, "versions": versions}))


main()
