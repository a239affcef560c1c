"""Random numbers of a training step: the engine draws them, for the graph and for PyTorch alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.utils._python_dispatch import TorchDispatchMode

from .paths import describe, operator_name
from .refusal import Refusal, demand

#: Kinds of random inputs in task.json, by the operators of PyTorch that draw such numbers.
_KINDS = {
    "aten::bernoulli": "bernoulli",
    "aten::bernoulli_": "bernoulli",
    "aten::rand": "uniform",
    "aten::rand_like": "uniform",
    "aten::randn": "normal",
    "aten::randn_like": "normal",
}
#: How the names of random inputs begin.
NOISE = "noise."
#: Decimals of a chance in task.json.
_DECIMALS = 9


@dataclass(frozen=True)
class Draw:
    """One call that draws random numbers while a step's forward pass runs."""

    kind: str
    #: The chance of a 1 as a decimal text; None unless the kind is bernoulli.
    keep: str | None
    shape: tuple[int, ...]

    @property
    def source(self) -> str:
        """The random input of step.onnx that its numbers are a piece of: one for each kind and chance."""
        return NOISE + (self.kind if self.keep is None else f"keep-{self.keep}")

    @property
    def count(self) -> int:
        """How many numbers it draws."""
        return math.prod(self.shape)


def is_random(node: fx.Node) -> bool:
    """Whether a node's operator draws random numbers."""
    operator = node.target
    return isinstance(operator, torch._ops.OpOverload) and torch.Tag.nondeterministic_seeded in operator.tags


def draws_of(traced: fx.GraphModule, module: nn.Module) -> dict[fx.Node, Draw]:
    """The draws of a training step in their order, each by its node.

    :raises Refusal: for random numbers of another kind, with the part of the model that draws them
    """
    draws = {}
    for node in filter(is_random, traced.graph.nodes):
        out = node.meta["val"]
        try:
            demand(
                node.target._schema.name in _KINDS and isinstance(out, Tensor) and out.dtype == torch.float32,
                "draws random numbers, and those of a step are uniform from 0 to 1, normal, or 0 and 1 with one "
                "chance, in float32: use dropout, torch.rand or torch.randn",
            )
            draws[node] = _draw(node.target, node.args, out)
        except Refusal as refusal:
            raise Refusal(f"{describe(node, module)}: {operator_name(node)} {refusal}") from None
    return draws


def _draw(operator: torch._ops.OpOverload, args: Sequence[Any], out: Tensor) -> Draw:
    kind = _KINDS[operator._schema.name]
    if kind != "bernoulli":
        return Draw(kind, None, tuple(out.shape))
    # PyTorch leaves an argument out where it is the operator's default.
    chance = args[1] if len(args) > 1 else operator._schema.arguments[1].default_value
    return Draw(kind, _decimal(float(chance)), tuple(out.shape))


def _decimal(chance: float) -> str:
    text = f"{chance:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    least = 10.0**-_DECIMALS
    demand(
        0 < float(text) < 1,
        f"keeps a share of {chance}; it must be from {least:.0e} to 1 - {least:.0e}: drop fewer, or none",
    )
    return text


def noise_fields(draws: Sequence[Draw]) -> list[dict[str, object]]:
    """The random inputs in task.json, each as long as its draws together."""
    fields: list[dict[str, object]] = []
    for source, pieces in pieces_of(draws).items():
        one: dict[str, object] = {"name": source, "shape": [sum(piece.count for piece in pieces)]}
        keep = pieces[0].keep
        fields.append({**one, "kind": pieces[0].kind, **({} if keep is None else {"keep": keep})})
    return fields


def pieces_of(draws: Sequence[Draw]) -> dict[str, list[Draw]]:
    """The draws that share a random input, in their order, by its name."""
    sources: dict[str, list[Draw]] = {}
    for draw in draws:
        sources.setdefault(draw.source, []).append(draw)
    return sources


class FedNoise(TorchDispatchMode):
    """While this is open, PyTorch draws the engine's random numbers in the place of its own.

    :param values: the random inputs of one step by name, each [numbers]; all of them have to be drawn
    """

    def __init__(self, values: Mapping[str, Tensor]) -> None:
        super().__init__()
        self._left = dict(values)

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> object:
        out = func(*args, **(kwargs or {}))
        if func._schema.name not in _KINDS:
            return out
        draw = _draw(func, args, out)
        left = self._left.get(draw.source)
        demand(left is not None and len(left) >= draw.count, _OTHERWISE)
        numbers, self._left[draw.source] = left.split([draw.count, len(left) - draw.count])
        return out.copy_(numbers.reshape(draw.shape))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        demand(error is not None or not any(map(len, self._left.values())), _OTHERWISE)


_OTHERWISE = (
    "the model draws other random numbers when it is called than in its training step; let it draw the same kinds and "
    "as many each time, and in its forward pass alone"
)
