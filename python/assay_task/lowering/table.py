"""Which function lowers which operator of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

#: Takes the graph, what PyTorch says of the output (shape and type; a tuple of them for several), and the
#: operator's arguments, with values in place of tensors. Returns the output's value, or a tuple of them.
Rule = Callable[..., object]

RULES: dict[str, Rule] = {}
Lowering = TypeVar("Lowering", bound=Rule)


def lowers(*operators: str) -> Callable[[Lowering], Lowering]:
    """Registers a rule for operators by their names, such as ``add.Tensor``."""

    def register(rule: Lowering) -> Lowering:
        for operator in operators:
            RULES[operator] = rule
        return rule

    return register
