"""The same model in PyTorch, and scikit-learn's: trained in one place on all samples that the task was made of.

    python reference.py '{"kind": "cnn", "train": "train.safetensors", "test": "test.safetensors", ...}'

Prints JSON: the metric of each program on the test samples, and the versions of what ran.
"""

import json
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
    raise SystemExit(f"there is no model {kind} here")


def trained(task, x, y):
    """As many steps as all contributors took together, with the optimizer, rate and batch of the task."""
    model = model_of(task, x)
    optimizer = torch.optim.SGD(model.parameters(), lr=task["rate"], momentum=0.9)
    for _ in range(task["steps"]):
        rows = torch.randint(len(x), (task["batch"],))
        optimizer.zero_grad()
        loss_of(task, model(inputs_of(task, x[rows])), y[rows]).backward()
        optimizer.step()
    return model.eval()


def inputs_of(task, x):
    return x.permute(0, 3, 1, 2) if task["kind"] == "cnn" else x


def loss_of(task, scores, y):
    if task["metric"] == "mean absolute error":
        return F.mse_loss(scores, y.view(scores.shape))
    return F.cross_entropy(scores, y.long())


def metric_of(task, scores, y):
    if task["metric"] == "accuracy":
        return (scores.argmax(1) == y).float().mean().item()
    return (scores.view(y.shape) - y).abs().mean().item() * task["deviation"]


def by_sklearn(task, train, test):
    (x, y), (test_x, test_y) = train, test
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
    train, test = read(task["train"]), read(task["test"])
    model = trained(task, *train)
    with torch.no_grad():
        pytorch = metric_of(task, model(inputs_of(task, test[0])), test[1])
    versions = {"torch": torch.__version__, "scikit-learn": sklearn.__version__}
    print(json.dumps({"pytorch": pytorch, "sklearn": by_sklearn(task, train, test), "versions": versions}))


main()
