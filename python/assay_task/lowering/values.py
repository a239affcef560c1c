"""What is known of a value while a graph is lowered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import torch

#: Element types that task graphs may hold, as numpy has them.
NUMPY_TYPES = {
    torch.float32: numpy.float32,
    torch.int32: numpy.int32,
    torch.int64: numpy.int64,
    torch.bool: numpy.bool_,
}


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of the graph: an input, a node's output, or a constant that has no name before a node uses it."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    #: Name in the ONNX graph; None for a constant and a stretched value.
    name: str | None = None
    #: Contents, where they follow from constants alone.
    data: torch.Tensor | None = None
    #: A smaller value that broadcasts to this one.
    stretched_from: Value | None = None
    #: The value that this one is a transpose of, and in which order of axes.
    transposed_from: tuple[Value, tuple[int, ...]] | None = None


def constant(data: torch.Tensor) -> Value:
    """A constant. One whose elements are all alike is a stretched scalar."""
    shape = tuple(data.shape)
    scalar = data.reshape(-1)[0] if data.numel() > 1 else None
    if scalar is not None and bool((data == scalar).all()):
        return Value(shape, data.dtype, data=data, stretched_from=Value((), data.dtype, data=scalar))
    return Value(shape, data.dtype, data=data)


def axis_of(axis: int, rank: int) -> int:
    """An axis counted from the front."""
    return axis + rank if axis < 0 else axis


def axes_of(axes: int | Sequence[int] | None, rank: int) -> list[int]:
    """Axes counted from the front; None and an empty list are all of them."""
    if isinstance(axes, int):
        axes = [axes]
    if not axes:
        return list(range(rank))
    return sorted(axis_of(axis, rank) for axis in axes)
