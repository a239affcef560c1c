"""Training for a contributor: requests in, answers out, in processes of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from models import CLASSIFIERS, ROWS, Writer, classes
from safetensors.numpy import load, load_file, save
from torch import nn
from torch.optim import SGD, AdamW

from assay_task import Terms, export_task
from assay_task.engine import find_checkout

SMALL = Terms(steps=8, commit_every=4, eval_batch_size=16, root_steps=4)
STEPS = 4
#: Of the whole state's change, for the same step in two runtimes.
NEAR = 1e-3

SCRIPT = """
import torch, sys
sys.path.insert(0, "{tests}")
from models import CLASSIFIERS, Writer
from torch.optim import SGD, AdamW
from assay_task import serve_training
torch.manual_seed(99)  # other weights than the package's
module = {made}
module.register_forward_hook(lambda *_: print("a step"))
serve_training(module, "{loss}", {optimizer})
"""


def sent(request: dict[str, np.ndarray]) -> bytes:
    message = save(request)
    return len(message).to_bytes(8, "little") + message


def answers(command: list[str], *requests: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    run = subprocess.run(command, input=b"".join(map(sent, requests)), capture_output=True, timeout=600)
    assert run.returncode == 0, run.stderr.decode()
    found, rest = [], run.stdout
    while rest:
        length = int.from_bytes(rest[:8], "little")
        found.append(load(rest[8 : 8 + length]))
        rest = rest[8 + length :]
    return found


def exported(name: str, tmp_path: Path) -> tuple[Path, dict[str, np.ndarray], str]:
    """A package, a request of some steps from its first state, and a script that trains its model in PyTorch."""
    if name == "writer":
        module, loss = Writer(), "next-token"
        tokens = torch.randint(0, 11, (24, 7))
        data = tokens[:, :-1], tokens[:, 1:]
        made, optimizer = "Writer()", "SGD(module.parameters(), lr=0.1, momentum=0.9)"
        own = SGD(module.parameters(), lr=0.1, momentum=0.9)
    else:
        module, loss = CLASSIFIERS[name].made(), "cross-entropy"
        data = CLASSIFIERS[name].x(24), classes(24)
        made, optimizer = f'CLASSIFIERS["{name}"].made()', "AdamW(module.parameters(), lr=1e-3)"
        own = AdamW(module.parameters(), lr=1e-3)
    x, y = data
    task = export_task(module, loss, own, (x[:ROWS], y[:ROWS]), (x, y), out=tmp_path / "task", terms=SMALL)
    request = {f"state/{key}": one for key, one in load_file(task.package / "init.safetensors").items()}
    noise = json.loads((task.package / "task.json").read_text())["noise"]
    for step in range(STEPS):
        for one in noise:
            request[f"{step}/{one['name']}"] = torch.bernoulli(torch.full(one["shape"], float(one["keep"]))).numpy()
        at = torch.arange(ROWS) + step
        request[f"{step}/x"] = as_sent(x[at])
        target = nn.functional.one_hot(y[at], 3).float() if y.ndim == 1 else y[at]
        request[f"{step}/y"] = as_sent(target)
        request[f"{step}/lr"] = np.array(0.01 * (step + 1), np.float32)
    script = SCRIPT.format(tests=Path(__file__).parent, made=made, loss=loss, optimizer=optimizer)
    return task.package, request, script


def as_sent(tensor: torch.Tensor) -> np.ndarray:
    return tensor.numpy() if tensor.dtype == torch.float32 else tensor.to(torch.int32).numpy()


@pytest.mark.parametrize("name", ["layer norm and gelu", "embedding", "dropout", "writer"])
def test_pytorch_and_onnxruntime_answer_alike(name: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    package, request, script = exported(name, tmp_path)
    graph, again = answers([sys.executable, "-m", "assay_task.train", str(package), "--threads", "1"], request, request)
    [torches] = answers([sys.executable, "-c", script], request)
    assert set(graph) == set(torches) == {*(key for key in request if key.startswith("state/")), "losses"}
    for key, value in graph.items():
        assert np.array_equal(value, again[key])
        assert value.dtype == np.float32 and value.shape == torches[key].shape
    assert graph["losses"].shape == (STEPS,)
    assert np.allclose(graph["losses"], torches["losses"], rtol=1e-4)
    change = distance(graph, request)
    assert change > 0 and distance(graph, torches) < NEAR * change


def distance(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    names = [key for key in one if key.startswith("state/")]
    return float(np.sqrt(sum(np.square(one[key].astype(float) - other[key]).sum() for key in names)))


def test_a_state_of_another_model_is_refused(tmp_path: Path) -> None:
    _, request, script = exported("embedding", tmp_path)
    wrong = {key.replace("table", "tables"): value for key, value in request.items()}
    run = subprocess.run([sys.executable, "-c", script], input=sent(wrong), capture_output=True, timeout=600)
    assert run.returncode == 1 and run.stdout == b""
    assert b"the task's state has" in run.stderr and b"tables.weight" in run.stderr


def test_random_numbers_that_the_model_does_not_draw_are_refused(tmp_path: Path) -> None:
    _, request, script = exported("embedding", tmp_path)
    drawn = {**request, "0/noise.keep-0.9": np.ones(3, np.float32)}
    run = subprocess.run([sys.executable, "-c", script], input=sent(drawn), capture_output=True, timeout=600)
    assert run.returncode == 1 and b"the model draws other random numbers" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "holds no step.onnx"),
        (["nowhere", "--provider", "AbacusExecutionProvider"], "onnxruntime has no AbacusExecutionProvider here"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(arguments: list[str], said: str) -> None:
    pytest.importorskip("onnxruntime")
    command = [sys.executable, "-m", "assay_task.train", *arguments]
    run = subprocess.run(command, input=b"", capture_output=True, timeout=600)
    assert run.returncode == 1 and said in run.stderr.decode() and "Traceback" not in run.stderr.decode()


def test_contributors_who_train_in_python_are_paid_for_compute(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    module = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    y = torch.arange(240).remainder(3)
    # Points around three centres, so far apart that validators take the pool whatever numbers this torch draws.
    x = torch.randn(240, 4) + 3 * nn.functional.one_hot(y, 4)
    optimizer = SGD(module.parameters(), lr=0.1, momentum=0.9)
    shards = [(x[120 + i :: 2], y[120 + i :: 2]) for i in range(2)]
    samples = (x[:ROWS], y[:ROWS]), (x[:120], y[:120])
    task = export_task(module, "cross-entropy", optimizer, *samples, out=tmp_path / "task", terms=SMALL, shards=shards)
    checkout = find_checkout(None)

    def npm(*words: str) -> str:
        run = subprocess.run(["npm", "run", "--silent", *words], cwd=checkout, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stdout

    npm("assay", "--", "package", "mode", str(task.package), "tolerant")
    trainer = f"{sys.executable} -m assay_task.train {task.package} --threads 1"
    folders = [str(tmp_path / "task"), "--out", str(tmp_path / "trained")]
    told = json.loads(npm("federate", "--", *folders, "--rounds", "1", "--trainer", trainer, "--json"))
    earned = [re.search(r"earned ([\d.]+) ASSAY for compute", one["text"]) for one in told["paid"]]
    assert len(earned) == 2 and all(one is not None and float(one[1]) > 0 for one in earned)
