"""The graphs of a task: a training step, an evaluation, a prediction."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .lowering.lower import lower
from .noise import Draw, draws_of
from .objective import Objective, graph_target
from .optimizers import Rule
from .samples import Batch
from .trace import trace


@dataclass(frozen=True)
class Recipe:
    """What the graphs of a task are made of."""

    module: nn.Module
    objective: Objective
    rule: Rule
    #: As task.json has it.
    target: dict[str, object]

    @property
    def model(self) -> dict[str, Tensor]:
        """Parameters by name: what contributors' updates change."""
        return {name: parameter.detach() for name, parameter in self.module.named_parameters()}

    def output(self, params: dict[str, Tensor], inputs: dict[str, Tensor]) -> Tensor:
        """The module's output with these parameters in the place of its own."""
        if set(inputs) == {"x"}:
            return functional_call(self.module, params, (inputs["x"],))
        return functional_call(self.module, params, (), inputs)


@dataclass(frozen=True)
class StepGraph:
    """step.onnx, and what it takes as random inputs."""

    file: bytes
    #: Calls that draw random numbers, in their order.
    draws: list[Draw]


def step_graph(recipe: Recipe, batch: Batch) -> StepGraph:
    """step.onnx: state, inputs, y, lr, random inputs → each tensor of the state as ``<name>_next``, loss."""
    module, rule, model = recipe.module, recipe.rule, recipe.model
    local = list(rule.local)
    trained = [name for name, parameter in module.named_parameters() if parameter.requires_grad]

    def step(*tensors: Tensor) -> list[Tensor]:
        left = iter(tensors)
        params = {name: next(left).detach() for name in model}
        kept = {name: next(left) for name in local}
        inputs = {name: next(left) for name in batch.inputs}
        y, rate = next(left), next(left)
        leaves = {name: params[name].requires_grad_() for name in trained}
        loss = recipe.objective.losses(recipe.output(params, inputs), y).mean()
        slopes = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
        grads = {name: slope for name, slope in zip(leaves, slopes) if slope is not None}
        with torch.no_grad():
            after, moved = rule.step({**params, **leaves}, grads, kept, rate)
        return [*({**params, **after}[name] for name in model), *(moved[name] for name in local), loss]

    module.train()
    y = graph_target(recipe.target, batch.y)
    examples = [*model.values(), *rule.local.values(), *batch.inputs.values(), y, torch.tensor(recipe.rule.rate)]
    state = [*model, *local]
    inputs = [*state, *batch.inputs, "y", "lr"]
    outputs = [*(f"{name}_next" for name in state), "loss"]
    traced = trace(step, examples, module)
    draws = draws_of(traced, module)
    return StepGraph(lower("step", traced, inputs, outputs, module, draws), list(draws.values()))


def eval_graph(recipe: Recipe, batch: Batch) -> bytes:
    """eval.onnx: parameters, inputs, y → losses and metrics, one a row."""
    model = recipe.model

    def evaluate(*tensors: Tensor) -> list[Tensor]:
        left = iter(tensors)
        params = {name: next(left) for name in model}
        inputs = {name: next(left) for name in batch.inputs}
        y = next(left)
        output = recipe.output(params, inputs)
        return [recipe.objective.losses(output, y), recipe.objective.metrics(output, y)]

    recipe.module.eval()
    y = graph_target(recipe.target, batch.y)
    examples = [*model.values(), *batch.inputs.values(), y]
    inputs = [*model, *batch.inputs, "y"]
    with torch.no_grad():
        return lower("eval", trace(evaluate, examples, recipe.module), inputs, ["losses", "metrics"], recipe.module)


def predict_graph(recipe: Recipe, batch: Batch) -> bytes:
    """predict.onnx: parameters, inputs → predictions: shares of classes or words, chances of labels, or values."""
    model = recipe.model

    def predict(*tensors: Tensor) -> list[Tensor]:
        left = iter(tensors)
        params = {name: next(left) for name in model}
        inputs = {name: next(left) for name in batch.inputs}
        return [recipe.objective.predictions(recipe.output(params, inputs))]

    recipe.module.eval()
    examples = [*model.values(), *batch.inputs.values()]
    with torch.no_grad():
        traced = trace(predict, examples, recipe.module)
        return lower("predict", traced, [*model, *batch.inputs], ["predictions"], recipe.module)
