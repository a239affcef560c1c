"""The optimizers of PyTorch whose step a graph can make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from .refusal import Refusal, demand

Tensors = dict[str, Tensor]
#: New parameters and new local tensors from parameters, gradients, local tensors (all by name) and the rate.
Step = Callable[[Mapping[str, Tensor], Mapping[str, Tensor], Mapping[str, Tensor], Tensor], tuple[Tensors, Tensors]]

#: Options of each optimizer that may have any value, and what others must be.
_FREE = {SGD: {"momentum", "nesterov"}, Adam: {"betas", "eps"}, AdamW: {"betas", "eps"}}
_FIXED = {"dampening": 0, "maximize": False, "amsgrad": False, "differentiable": False}
_HOW = {"params", "lr", "weight_decay", "foreach", "fused", "capturable", "decoupled_weight_decay", "initial_lr"}


@dataclass(frozen=True)
class Rule:
    """How an optimizer changes a model."""

    #: What it keeps between steps, as it starts: zeros.
    local: Tensors
    rate: float
    step: Step


def rule_of(optimizer: Optimizer, module: nn.Module) -> Rule:
    """The rule of an SGD, Adam or AdamW over the module's parameters.

    Its groups may differ in weight decay. What it keeps starts from zero, as it does in each round.

    :raises Refusal: for other optimizers and for options that have no graph
    """
    kind = type(optimizer)
    demand(kind in _FREE, f"the optimizer is {kind.__name__}; use SGD, Adam or AdamW of torch.optim")
    names = {parameter: name for name, parameter in module.named_parameters()}
    decays: dict[str, float] = {}
    for group in optimizer.param_groups:
        _check_group(kind, group, optimizer.param_groups[0])
        for parameter in group["params"]:
            demand(
                parameter in names,
                f"the optimizer holds a tensor of shape {list(parameter.shape)} that is no parameter of the model; "
                "make it of model.parameters()",
            )
            if parameter.requires_grad:
                decays[names[parameter]] = float(group["weight_decay"])
    demand(len(decays) > 0, "the optimizer trains no parameter; make it of model.parameters()")
    first = optimizer.param_groups[0]
    shapes = {name: parameter.shape for name, parameter in module.named_parameters() if name in decays}
    make = _sgd if kind is SGD else _adam
    local, step = make(first, shapes, decays, kind is AdamW)
    return Rule(local, float(first["lr"]), step)


def _check_group(kind: type[Optimizer], group: Mapping[str, Any], first: Mapping[str, Any]) -> None:
    for option, value in group.items():
        if option in _FIXED:
            demand(value == _FIXED[option], f"{kind.__name__} has {option}={value}; leave it at {_FIXED[option]}")
        elif option in _FREE[kind] or option == "lr":
            same = float(value) == float(first[option]) if option == "lr" else value == first[option]
            demand(
                same,
                f"groups of {kind.__name__} have {option}={first[option]} and {value}; only weight_decay may differ",
            )
        elif option not in _HOW:
            raise Refusal(f"{kind.__name__} has an option {option} that is not known here; leave it out")


def _sgd(
    options: Mapping[str, Any], shapes: Mapping[str, Sequence[int]], decays: Mapping[str, float], _: bool
) -> tuple[Tensors, Step]:
    momentum, nesterov = float(options["momentum"]), bool(options["nesterov"])
    local = {f"momentum.{name}": torch.zeros(*shape) for name, shape in shapes.items() if momentum}

    def step(
        params: Mapping[str, Tensor], grads: Mapping[str, Tensor], kept: Mapping[str, Tensor], rate: Tensor
    ) -> tuple[Tensors, Tensors]:
        after, moved = {}, dict(kept)
        for name, grad in grads.items():
            slope = grad + decays[name] * params[name] if decays[name] else grad
            if momentum:
                speed = momentum * kept[f"momentum.{name}"] + slope
                moved[f"momentum.{name}"] = speed
                slope = slope + momentum * speed if nesterov else speed
            after[name] = params[name] - rate * slope
        return after, moved

    return local, step


def _adam(
    options: Mapping[str, Any], shapes: Mapping[str, Sequence[int]], decays: Mapping[str, float], is_decoupled: bool
) -> tuple[Tensors, Step]:
    """``adam.mean`` and ``adam.square`` are 1 − βᵗ, kept by c ← βc + (1 − β): no power loses their first digits."""
    (first, second), epsilon = (float(beta) for beta in options["betas"]), float(options["eps"])
    local = {"adam.mean": torch.zeros(()), "adam.square": torch.zeros(())}
    for name, shape in shapes.items():
        local |= {f"mean.{name}": torch.zeros(*shape), f"square.{name}": torch.zeros(*shape)}

    def step(
        params: Mapping[str, Tensor], grads: Mapping[str, Tensor], kept: Mapping[str, Tensor], rate: Tensor
    ) -> tuple[Tensors, Tensors]:
        mean_share = first * kept["adam.mean"] + (1 - first)
        square_share = second * kept["adam.square"] + (1 - second)
        after, moved = {}, {**kept, "adam.mean": mean_share, "adam.square": square_share}
        pace, root = rate / mean_share, square_share.sqrt()
        for name, grad in grads.items():
            param, decay = params[name], decays[name]
            slope = grad + decay * param if decay and not is_decoupled else grad
            mean = first * kept[f"mean.{name}"] + (1 - first) * slope
            square = second * kept[f"square.{name}"] + (1 - second) * (slope * slope)
            moved |= {f"mean.{name}": mean, f"square.{name}": square}
            start = param - (rate * decay) * param if decay and is_decoupled else param
            after[name] = start - pace * (mean / (square.sqrt() / root + epsilon))
        return after, moved

    return local, step
