"""Packages: written, verified by the engine, and read back by it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import onnx
import pytest
import torch
from models import CLASSIFIERS, ROWS, WORDS, Writer, _whole, angle, classes
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from assay_task import ExportedTask, KerasModule, Terms, export_task
from assay_task.engine import find_checkout
from assay_task.samples import Samples
from assay_task.verify import MOST_DISTANCE

SMALL = Terms(steps=8, commit_every=4, eval_batch_size=16, root_steps=4)
HELD_OUT = 24


def spec_of(task: ExportedTask) -> dict:
    return json.loads((task.package / "task.json").read_text())


def classified(name: str, rows: int) -> Samples:
    return CLASSIFIERS[name].x(rows), classes(rows)


def exported(module: nn.Module, loss: str, optimizer: Optimizer, samples: tuple[Samples, Samples], out: Path, **more):
    task = export_task(module, loss, optimizer, *samples, out=out / "task", terms=SMALL, **more)
    assert task.comparison.relative_l2 <= MOST_DISTANCE
    assert sorted(one.name for one in (out / "task").iterdir()) == ["package", "pool.safetensors"]
    return task


@pytest.mark.parametrize("name", ["cnn", "attention", "embedding", "layer norm and gelu"])
def test_a_model_trains_in_the_engine_as_in_pytorch(name: str, tmp_path: Path) -> None:
    module = CLASSIFIERS[name].made()
    samples = classified(name, ROWS), classified(name, HELD_OUT)
    task = exported(module, "cross-entropy", AdamW(module.parameters(), lr=1e-3), samples, tmp_path)
    spec = spec_of(task)
    assert [one["name"] for one in spec["state"] if one["role"] == "model"] == [n for n, _ in module.named_parameters()]
    assert spec["target"] == {"classes": 3, "kind": "class"} and spec["batchSize"] == ROWS
    assert "predict.onnx" in spec["files"]


@pytest.mark.parametrize("name", ["dropout", "attention with dropout"])
def test_the_engine_drops_what_pytorch_drops(name: str, tmp_path: Path) -> None:
    module = CLASSIFIERS[name].made()
    samples = classified(name, ROWS), classified(name, HELD_OUT)
    task = exported(module, "cross-entropy", SGD(module.parameters(), lr=0.1, momentum=0.9), samples, tmp_path)
    noise = spec_of(task)["noise"]
    assert {one["kind"] for one in noise} == {"bernoulli"} and noise[0]["keep"] == "0.9"
    for name, is_drawn in (("step", True), ("eval", False), ("predict", False)):
        taken = {one.name for one in onnx.load(task.package / f"{name}.onnx").graph.input}
        assert (noise[0]["name"] in taken) == is_drawn, name


def test_rounding_alone_decides_some_elements_of_a_transformer_under_adam(tmp_path: Path) -> None:
    module = CLASSIFIERS["transformer"].made()
    samples = classified("transformer", ROWS), classified("transformer", HELD_OUT)
    task = exported(module, "cross-entropy", Adam(module.parameters(), lr=1e-3), samples, tmp_path)
    assert 0 < task.comparison.undecided <= 20, "the bias of keys, and hardly more"


def test_values_have_quarters_as_strata_and_a_schedule(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
    schedule = {"kind": "step", "rate": "0.1", "every": 5, "factor": "0.5"}
    optimizer = SGD(module.parameters(), lr=0.1, momentum=0.9)
    samples = angle(ROWS), angle(HELD_OUT)
    spec = spec_of(exported(module, "mse", optimizer, samples, tmp_path, schedule=schedule, name="angles"))
    assert spec["pool"]["strataCounts"] == [6, 6, 6, 6] and spec["schedule"] == schedule
    assert spec["metric"]["name"] == "mean absolute error" and spec["name"] == "angles"


def test_labels_take_strata_of_their_own(tmp_path: Path) -> None:
    module = nn.Linear(3, 4)

    def samples(rows: int) -> Samples:
        return torch.randn(rows, 3), (torch.rand(rows, 4) > 0.5).float()

    sites = ["here", "there"], torch.arange(HELD_OUT) % 2
    pair = samples(ROWS), samples(HELD_OUT)
    spec = spec_of(exported(module, "bce-with-logits", SGD(module.parameters(), lr=0.1), pair, tmp_path, strata=sites))
    assert spec["strata"] == {"by": "column", "names": ["here", "there"]}


def test_a_text_model_takes_tokens_by_name(tmp_path: Path) -> None:
    module = Writer()

    def samples(rows: int) -> Samples:
        tokens = _whole(7)(rows)
        return {"tokens": tokens[:, :-1]}, tokens[:, 1:]

    pair = samples(ROWS), samples(HELD_OUT)
    spec = spec_of(exported(module, "next-token", SGD(module.parameters(), lr=0.1), pair, tmp_path))
    assert spec["inputs"] == [{"below": WORDS, "dtype": "int64", "name": "tokens", "shape": [6]}]
    assert spec["metric"]["of"] == "exp-mean"


def test_a_keras_model_trains_in_the_engine_as_in_pytorch(tmp_path: Path) -> None:
    assert os.environ["KERAS_BACKEND"] == "torch"
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((8, 8, 2)), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2),
            layers.Flatten(), layers.LayerNormalization(), layers.Dropout(0.3), layers.Dense(3),
        ]
    )  # fmt: skip
    module = KerasModule(model)

    def samples(rows: int) -> Samples:
        return torch.randn(rows, 8, 8, 2), classes(rows)

    pair = samples(ROWS), samples(HELD_OUT)
    spec = spec_of(exported(module, "cross-entropy", SGD(module.parameters(), lr=0.1), pair, tmp_path))
    assert [one["name"] for one in spec["state"]] == [one.path for one in model.trainable_variables]


def test_the_model_and_the_optimizer_stay_as_they_are(tmp_path: Path) -> None:
    module = CLASSIFIERS["mlp"].made().eval()
    optimizer = SGD(module.parameters(), lr=0.1, momentum=0.9)
    before = {name: one.clone() for name, one in module.state_dict().items()}
    exported(module, "cross-entropy", optimizer, (classified("mlp", ROWS), classified("mlp", HELD_OUT)), tmp_path)
    assert all(torch.equal(before[name], one) for name, one in module.state_dict().items())
    assert not module.training and not optimizer.state


def test_lowering_emits_only_operators_that_task_graphs_may_use() -> None:
    text = (find_checkout(None) / "engine/package/operators.ts").read_text()
    allowed = set(re.findall(r"^  '(\w+)',$", text, re.MULTILINE))
    sources = Path(__file__).parent.parent / "assay_task/lowering"
    words = {word for file in sources.glob("*.py") for word in re.findall(r'"([A-Z]\w+)"', file.read_text())}
    emitted = {word for word in words if onnx.defs.has(word)}
    assert len(allowed) > 90 and len(emitted) > 50
    assert emitted <= allowed
