"""One step of each graph in onnxruntime is that of PyTorch."""

from __future__ import annotations

import copy

import numpy
import onnx
import onnxruntime
import pytest
import torch
from models import CLASSIFIERS, ROWS, Model, Writer, _whole, angle, classes
from torch import nn

from assay_task.graphs import Recipe, eval_graph, predict_graph, step_graph
from assay_task.noise import Draw, FedNoise, noise_fields
from assay_task.objective import OBJECTIVES, checked_output, graph_target, target_of, torch_loss
from assay_task.optimizers import rule_of
from assay_task.samples import Batch

SGD = {"sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1)}
OPTIMIZERS = {
    **SGD,
    "decayed momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.01, weight_decay=0.01),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=0.01, betas=(0.8, 0.95)),
}


def run(graph: bytes, feeds: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {one.name: feeds[one.name].numpy() for one in session.get_inputs()})
    return {one.name: torch.from_numpy(numpy.array(value)) for one, value in zip(session.get_outputs(), outputs)}


def distance(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).norm() / max(float(expected.norm()), 1e-6))


def drawn(draws: list[Draw]) -> dict[str, torch.Tensor]:
    """Random inputs of a step."""
    made = {
        "uniform": lambda shape, _: torch.rand(shape),
        "normal": lambda shape, _: torch.randn(shape),
        "bernoulli": lambda shape, keep: torch.bernoulli(torch.full(shape, float(keep))),
    }
    return {one["name"]: made[one["kind"]](one["shape"], one.get("keep")) for one in noise_fields(draws)}


def recipe_of(module: nn.Module, kind: str, optimizer: torch.optim.Optimizer, batch: Batch) -> Recipe:
    objective = OBJECTIVES[kind]
    output = checked_output(objective, batch.call(module), batch.y)
    return Recipe(module, objective, rule_of(optimizer, module), target_of(objective, output))


def check(module: nn.Module, kind: str, make: object, batch: Batch, steps: int = 3) -> None:
    """Some steps in onnxruntime end where PyTorch's own end, and evaluation and prediction are its own."""
    plain, objective = copy.deepcopy(module), OBJECTIVES[kind]
    recipe = recipe_of(module, kind, make(module.parameters()), batch)  # type: ignore[operator]
    step, optimizer = step_graph(recipe, batch), make(plain.parameters())  # type: ignore[operator]
    state = {**recipe.model, **recipe.rule.local}
    feeds = {**batch.inputs, "y": graph_target(recipe.target, batch.y)}
    for _ in range(steps):
        noise = drawn(step.draws)
        found = run(step.file, {**state, **feeds, **noise, "lr": torch.tensor(recipe.rule.rate)})
        optimizer.zero_grad()
        with FedNoise(noise):
            output = plain(*batch.inputs.values())
        loss = torch_loss(objective, output, batch.y)
        loss.backward()
        optimizer.step()
        assert distance(found["loss"], loss.detach()) < 1e-5
        state = {name: found[f"{name}_next"] for name in state}
    for name, expected in plain.named_parameters():
        assert distance(state[name], expected.detach()) < 2e-5, name
    output = plain.eval()(*batch.inputs.values()).detach()
    losses = run(eval_graph(recipe, batch), {**state, **feeds})["losses"]
    assert distance(losses.mean(), torch_loss(objective, output, batch.y)) < 1e-4
    predictions = run(predict_graph(recipe, batch), {**state, **feeds})["predictions"]
    assert distance(predictions, objective.predictions(output)) < 1e-4


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_models_step_as_pytorch_does(name: str) -> None:
    model: Model = CLASSIFIERS[name]
    check(model.made(), "cross-entropy", SGD["sgd"], Batch({"x": model.x(ROWS)}, classes(ROWS)))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_step_as_pytorch_does(name: str) -> None:
    model = CLASSIFIERS["mlp"]
    check(model.made(), "cross-entropy", OPTIMIZERS[name], Batch({"x": model.x(ROWS)}, classes(ROWS)), steps=6)


def test_values_are_learned_by_their_squared_error() -> None:
    x, y = angle(ROWS)
    check(nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2)), "mse", SGD["sgd"], Batch({"x": x}, y))


def test_labels_are_learned_from_logits_that_start_at_zero() -> None:
    module = nn.Linear(3, 4)
    nn.init.zeros_(module.weight)
    nn.init.zeros_(module.bias)
    batch = Batch({"x": torch.randn(ROWS, 3)}, (torch.rand(ROWS, 4) > 0.5).float())
    check(module, "bce-with-logits", SGD["sgd"], batch)


def test_a_text_is_learned_token_by_token() -> None:
    tokens = _whole(7)(ROWS)
    check(Writer(), "next-token", SGD["sgd"], Batch({"tokens": tokens[:, :-1]}, tokens[:, 1:]))


def test_frozen_parameters_stay_as_they_are() -> None:
    model = CLASSIFIERS["mlp"]
    module = model.made()
    module[0].requires_grad_(False)
    check(module, "cross-entropy", OPTIMIZERS["adamw"], Batch({"x": model.x(ROWS)}, classes(ROWS)))


def test_the_same_model_gives_the_same_bytes() -> None:
    model = CLASSIFIERS["transformer"]
    batch = Batch({"x": model.x(ROWS)}, classes(ROWS))

    def made() -> bytes:
        module = model.made()
        return step_graph(recipe_of(module, "cross-entropy", SGD["sgd"](module.parameters()), batch), batch).file

    assert made() == made()


def test_transposed_matrices_go_into_products_as_they_are() -> None:
    model = CLASSIFIERS["mlp"]
    batch, module = Batch({"x": model.x(ROWS)}, classes(ROWS)), model.made()
    graph = step_graph(recipe_of(module, "cross-entropy", SGD["sgd"](module.parameters()), batch), batch)
    operators = [node.op_type for node in onnx.load_from_string(graph.file).graph.node]
    assert "Transpose" not in operators and operators.count("Gemm") == 4
