"""Whether the engine trains and evaluates as PyTorch does."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim import Optimizer

from .engine import Run
from .noise import FedNoise
from .objective import Objective, graph_target, torch_loss
from .refusal import demand
from .samples import Batch

#: Steps that are replayed.
STEPS = 20
#: Most relative distance (L2) between what the engine and PyTorch compute.
MOST_DISTANCE = 1e-5
#: Most elements that rounding alone decides, as a share of all.
MOST_UNDECIDED = 0.02
#: Trainings from weights that differ in their last bit, to find these elements.
_NUDGES = 3
_LAST_BIT = 2.0**-23


@dataclass(frozen=True)
class Comparison:
    """How far the engine is from PyTorch after the replayed steps."""

    #: ‖engine − torch‖ / ‖torch‖ over all parameters, without undecided elements.
    relative_l2: float
    #: The same over the losses of the steps.
    losses_l2: float
    #: The same over losses and metrics of held-out samples, and over what is predicted for them.
    evaluation_l2: float
    predictions_l2: float
    #: Elements that were left out, because weights which differ in their last bit send them elsewhere, in PyTorch,
    #: too. Adam has some where a gradient is zero but for rounding, since it divides it by its own size.
    undecided: int
    elements: int


@dataclass(frozen=True)
class Training:
    """What a user trains with."""

    module: nn.Module
    optimizer: Optimizer
    objective: Objective
    #: As task.json has it.
    target: dict[str, object]

    def run(self, batches: Sequence[Batch], found: Run, nudge: int = 0) -> tuple[dict[str, Tensor], Tensor]:
        """Parameters after a step a batch, and the steps' losses, by PyTorch's own functions, on copies.

        :param found: has each step's learning rate and random inputs
        :param nudge: seeds a change of each weight by its last bit; 0 for none
        """
        module, optimizer = copy.deepcopy((self.module, self.optimizer))
        optimizer.state.clear()
        if nudge:
            _nudge(module, nudge)
        module.train()
        losses = []
        for step, (batch, rate) in enumerate(zip(batches, found.rates)):
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            with FedNoise(load_file(found.noise[step])) if found.noise else nullcontext():
                output = batch.call(module)
            loss = torch_loss(self.objective, output, batch.y)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return {name: one.detach() for name, one in module.named_parameters()}, torch.stack(losses)

    def evaluate(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Losses and metrics of the batch, [2, rows], and predictions, by the weights that training starts from."""
        module = copy.deepcopy(self.module).eval()
        with torch.no_grad():
            output = batch.call(module)
            y = graph_target(self.target, batch.y)
            evaluation = torch.stack([self.objective.losses(output, y), self.objective.metrics(output, y)])
            return evaluation, self.objective.predictions(output).flatten()


def _nudge(module: nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            signs = torch.randint(0, 2, parameter.shape, generator=generator) * 2 - 1
            parameter.mul_(1 + signs * _LAST_BIT)


def compare(training: Training, batches: Sequence[Batch], measured: Batch, found: Run) -> Comparison:
    """Compares what the engine found with the same steps and the same evaluation in PyTorch.

    :param measured: the held-out samples that the engine evaluated
    :raises Refusal: above the limits
    """
    expected, losses = training.run(batches, found)
    theirs, mine = _joined(expected, expected), _joined(expected, found.state)
    decided = torch.ones_like(theirs, dtype=torch.bool)
    if _distance(mine, theirs) > MOST_DISTANCE:
        nudged = [training.run(batches, found, seed)[0] for seed in range(1, 1 + _NUDGES)]
        decided = _decided(torch.stack([theirs, *(_joined(expected, one) for one in nudged)]))
    evaluation, predictions = training.evaluate(measured)
    comparison = Comparison(
        relative_l2=_distance(mine[decided], theirs[decided]),
        losses_l2=_distance(found.losses, losses),
        evaluation_l2=_distance(found.evaluation, evaluation),
        predictions_l2=_distance(found.predictions, predictions),
        undecided=int((~decided).sum()),
        elements=theirs.numel(),
    )
    _demand_close(comparison, expected, found.state)
    return comparison


def _decided(runs: Tensor) -> Tensor:
    """Which elements rounding leaves where they are, of parameters [runs, elements] after the same steps."""
    spread = runs.amax(0) - runs.amin(0)
    return spread <= MOST_DISTANCE * runs[0].square().mean().sqrt()


def _demand_close(comparison: Comparison, expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    undecided, elements = comparison.undecided, comparison.elements
    demand(
        undecided <= MOST_UNDECIDED * elements,
        f"rounding alone decides {undecided} of {elements} parameters after {STEPS} steps, the limit is "
        f"{MOST_UNDECIDED:.0%}: two machines would not agree on them; lower the learning rate, or raise Adam's eps",
    )
    worst = max(expected, key=lambda name: _distance(state[name], expected[name]))
    demand(
        comparison.relative_l2 <= MOST_DISTANCE,
        f"after {STEPS} steps the engine is {comparison.relative_l2:.1e} from PyTorch (relative L2), the limit is "
        f"{MOST_DISTANCE:.0e}; furthest is {worst}. Lower the learning rate: steps that diverge blow rounding up",
    )
    others = {
        "losses": comparison.losses_l2,
        "evaluation": comparison.evaluation_l2,
        "predictions": comparison.predictions_l2,
    }
    for what, far in others.items():
        demand(
            far <= MOST_DISTANCE,
            f"the engine's {what} are {far:.1e} from PyTorch's (relative L2), the limit is {MOST_DISTANCE:.0e}; "
            "scale the samples to about 1",
        )


def _joined(order: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([tensors[name].double().flatten() for name in order])


def _distance(found: Tensor, expected: Tensor) -> float:
    size = float(expected.double().norm())
    return float((found.double() - expected.double()).norm()) / max(size, 1e-12)
