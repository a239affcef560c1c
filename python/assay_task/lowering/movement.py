"""Operators that make, cut, join and reorder values."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..refusal import Refusal
from .graph import Graph, Operand
from .table import lowers
from .values import Value, axis_of, constant


@lowers(
    "alias.default",
    "clone.default",
    "contiguous.default",
    "detach.default",
    "lift_fresh_copy.default",
    "lift_fresh.default",
)
def same(graph: Graph, out: torch.Tensor, x: Value, **_: object) -> Value:
    return x


@lowers("view.default", "_unsafe_view.default", "reshape.default", "squeeze.default", "squeeze.dim", "squeeze.dims")
def reshape(graph: Graph, out: torch.Tensor, x: Value, *_: object) -> Value:
    return graph.reshape(x, out.shape)


@lowers("unsqueeze.default")
def unsqueeze(graph: Graph, out: torch.Tensor, x: Value, axis: int) -> Value:
    small = x.stretched_from
    if small is not None and x.data is None and axis >= 0 and len(small.shape) == len(x.shape):
        inner = graph.reshape(small, [*small.shape[:axis], 1, *small.shape[axis:]])
        return Value(tuple(out.shape), x.dtype, stretched_from=inner)
    return graph.reshape(x, out.shape)


@lowers("permute.default")
def permute(graph: Graph, out: torch.Tensor, x: Value, order: Sequence[int]) -> Value:
    return graph.transpose(x, [axis_of(axis, len(order)) for axis in order])


@lowers("t.default")
def t(graph: Graph, out: torch.Tensor, x: Value) -> Value:
    return graph.transpose(x, list(range(len(x.shape)))[::-1])


@lowers("transpose.int")
def transpose(graph: Graph, out: torch.Tensor, x: Value, a: int, b: int) -> Value:
    order = list(range(len(x.shape)))
    a, b = axis_of(a, len(order)), axis_of(b, len(order))
    order[a], order[b] = order[b], order[a]
    return graph.transpose(x, order)


@lowers("expand.default")
def expand(graph: Graph, out: torch.Tensor, x: Value, sizes: Sequence[int], **_: object) -> Value:
    return stretched(x, list(out.shape))


@lowers("repeat.default")
def repeat(graph: Graph, out: torch.Tensor, x: Value, repeats: Sequence[int]) -> Value:
    wide = graph.reshape(x, [1] * (len(repeats) - len(x.shape)) + list(x.shape))
    return graph.node("Tile", [wide, graph.sizes(repeats)], out.shape, out.dtype)


@lowers("cat.default")
def cat(graph: Graph, out: torch.Tensor, parts: Sequence[Value], axis: int = 0) -> Value:
    kept = [graph.cast(part, out.dtype) for part in parts if part.shape != (0,)]
    return graph.node("Concat", kept, out.shape, out.dtype, axis=axis_of(axis, out.dim()))


@lowers("split_with_sizes.default", "split.Tensor", "split.sizes", "chunk.default")
def split(graph: Graph, out: Sequence[torch.Tensor], x: Value, _: object, dim: int = 0) -> tuple[Value, ...]:
    axis = axis_of(dim, len(x.shape))
    return split_sizes(graph, x, [part.shape[axis] for part in out], axis)


def split_sizes(graph: Graph, x: Value, sizes: Sequence[int], axis: int) -> tuple[Value, ...]:
    """The value in pieces of these sizes along an axis."""
    if len(sizes) == 1:
        return (x,)
    names = graph.outputs("Split", [x, graph.sizes(sizes)], len(sizes), x.dtype, axis=axis)
    shapes = [(*x.shape[:axis], size, *x.shape[axis + 1 :]) for size in sizes]
    return tuple(Value(shape, x.dtype, name=name) for shape, name in zip(shapes, names))


@lowers("unbind.int")
def unbind(graph: Graph, out: Sequence[torch.Tensor], x: Value, dim: int = 0) -> tuple[Value, ...]:
    return tuple(select(graph, part, x, dim, i) for i, part in enumerate(out))


@lowers("select.int")
def select(graph: Graph, out: torch.Tensor, x: Value, axis: int, index: int) -> Value:
    axis = axis_of(axis, len(x.shape))
    at = Value((), torch.int64, data=torch.tensor(index + x.shape[axis] if index < 0 else index))
    return graph.node("Gather", [x, at], out.shape, out.dtype, axis=axis)


@lowers("slice.Tensor")
def cut(
    graph: Graph,
    out: torch.Tensor,
    x: Value,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Value:
    if tuple(out.shape) == x.shape:
        return x
    axis = axis_of(dim, len(x.shape))
    size = x.shape[axis]
    first = _place(0 if start is None else start, size)
    last = _place(size if end is None else end, size)
    parts = [graph.sizes([one]) for one in (first, last, axis, step)]
    return graph.node("Slice", [x, *parts], out.shape, out.dtype)


def _place(at: int, size: int) -> int:
    return max(0, min(size, at + size if at < 0 else at))


@lowers("slice_scatter.default")
def slice_scatter(
    graph: Graph, out: torch.Tensor, x: Value, part: Value, dim: int = 0, start: int | None = None,
    end: int | None = None, step: int = 1,
) -> Value:  # fmt: skip
    axis = axis_of(dim, len(x.shape))
    size = x.shape[axis]
    first, last = _place(0 if start is None else start, size), _place(size if end is None else end, size)
    if step != 1:
        raise Refusal(f"writes every {step}th element of an axis; write them in a row")
    inner = graph.sizes
    pieces: list[Value] = []
    if first > 0:
        shape = [*x.shape[:axis], first, *x.shape[axis + 1 :]]
        pieces.append(graph.node("Slice", [x, inner([0]), inner([first]), inner([axis])], shape, x.dtype))
    pieces.append(graph.cast(part, out.dtype))
    if last < size:
        shape = [*x.shape[:axis], size - last, *x.shape[axis + 1 :]]
        pieces.append(graph.node("Slice", [x, inner([last]), inner([size]), inner([axis])], shape, x.dtype))
    if len(pieces) == 1:
        return pieces[0]
    return graph.node("Concat", pieces, out.shape, out.dtype, axis=axis)


@lowers("select_scatter.default")
def select_scatter(graph: Graph, out: torch.Tensor, x: Value, part: Value, axis: int, index: int) -> Value:
    axis = axis_of(axis, len(x.shape))
    index = axis_of(index, x.shape[axis])
    row = graph.reshape(part, [*x.shape[:axis], 1, *x.shape[axis + 1 :]])
    return slice_scatter(graph, out, x, row, axis, index, index + 1)


@lowers("flip.default")
def flip(graph: Graph, out: torch.Tensor, x: Value, axes: Sequence[int]) -> Value:
    axes = [axis_of(axis, len(x.shape)) for axis in axes]
    starts, ends = [-1] * len(axes), [-(2**31)] * len(axes)
    parts = [graph.sizes(one) for one in (starts, ends, axes, [-1] * len(axes))]
    return graph.node("Slice", [x, *parts], out.shape, out.dtype)


@lowers("constant_pad_nd.default")
def pad(graph: Graph, out: torch.Tensor, x: Value, pads: Sequence[int], value: float = 0) -> Value:
    rank = len(x.shape)
    before, after = [0] * rank, [0] * rank
    for i in range(len(pads) // 2):
        before[rank - 1 - i], after[rank - 1 - i] = pads[2 * i], pads[2 * i + 1]
    fill = Value((), out.dtype, data=torch.tensor(value, dtype=out.dtype))
    return graph.node("Pad", [x, graph.sizes(before + after), fill], out.shape, out.dtype)


@lowers("full_like.default")
def full_like(graph: Graph, out: torch.Tensor, x: Value, fill: float, **_: object) -> Value:
    return constant(torch.full(tuple(out.shape), fill, dtype=out.dtype))


@lowers("new_full.default")
def new_full(graph: Graph, out: torch.Tensor, x: Value, sizes: Sequence[int], fill: float, **_: object) -> Value:
    return constant(torch.full(tuple(out.shape), fill, dtype=out.dtype))


@lowers("zeros_like.default", "new_zeros.default", "zero.default")
def zeros(graph: Graph, out: torch.Tensor, *_: object, **__: object) -> Value:
    return constant(torch.zeros(tuple(out.shape), dtype=out.dtype))


@lowers("ones_like.default", "new_ones.default")
def ones(graph: Graph, out: torch.Tensor, *_: object, **__: object) -> Value:
    return constant(torch.ones(tuple(out.shape), dtype=out.dtype))


@lowers("tril.default", "triu.default")
def triangle(graph: Graph, out: torch.Tensor, x: Value, diagonal: int = 0) -> Value:
    raise Refusal("cuts a triangle out of data; multiply by a constant mask instead")


@lowers("embedding.default")
def embedding(graph: Graph, out: torch.Tensor, table: Value, places: Value, *_: object) -> Value:
    return graph.node("Gather", [table, places], out.shape, out.dtype, axis=0)


@lowers("index_select.default")
def index_select(graph: Graph, out: torch.Tensor, x: Value, axis: int, places: Value) -> Value:
    return graph.node("Gather", [x, places], out.shape, out.dtype, axis=axis_of(axis, len(x.shape)))


@lowers("gather.default")
def gather(graph: Graph, out: torch.Tensor, x: Value, axis: int, places: Value, **_: object) -> Value:
    wide = graph.cast(places, torch.int64)
    return graph.node("GatherElements", [x, wide], out.shape, out.dtype, axis=axis_of(axis, len(x.shape)))


@lowers("scatter_add.default")
def scatter_add(graph: Graph, out: torch.Tensor, x: Value, axis: int, places: Value, source: Value) -> Value:
    inputs = [x, graph.cast(places, torch.int64), source]
    axis = axis_of(axis, len(x.shape))
    return graph.node("ScatterElements", inputs, out.shape, out.dtype, axis=axis, reduction="add")


@lowers("scatter.src", "scatter.value")
def scatter(graph: Graph, out: torch.Tensor, x: Value, axis: int, places: Value, source: Operand) -> Value:
    if not isinstance(source, Value):
        source = constant(torch.full(places.shape, source, dtype=out.dtype))
    inputs = [x, graph.cast(places, torch.int64), source]
    return graph.node("ScatterElements", inputs, out.shape, out.dtype, axis=axis_of(axis, len(x.shape)))


@lowers("index.Tensor", "_unsafe_index.Tensor")
def index(graph: Graph, out: torch.Tensor, x: Value, indices: Sequence[Value | None]) -> Value:
    axes, places = _indexed(indices)
    if len(axes) == 1:
        return graph.node("Gather", [x, places[0]], out.shape, out.dtype, axis=axes[0])
    rest = [axis for axis in range(len(x.shape)) if axis not in axes]
    rows = _rows_of(graph, places)
    taken = len(rows.shape) - 1
    shape = [*rows.shape[:-1], *(x.shape[axis] for axis in rest)]
    found = graph.node("GatherND", [graph.transpose(x, [*axes, *rest]), rows], shape, out.dtype)
    order = list(range(taken, taken + axes[0])), list(range(taken)), list(range(taken + axes[0], len(shape)))
    return graph.transpose(found, [*order[0], *order[1], *order[2]])


@lowers("index_put.default", "_unsafe_index_put.default")
def index_put(
    graph: Graph, out: torch.Tensor, x: Value, indices: Sequence[Value | None], source: Value, accumulate: bool = False
) -> Value:
    axes, places = _indexed(indices)
    rest = [axis for axis in range(len(x.shape)) if axis not in axes]
    rows = _rows_of(graph, places)
    taken = len(rows.shape) - 1
    lead, after = [x.shape[axis] for axis in rest[: axes[0]]], [x.shape[axis] for axis in rest[axes[0] :]]
    wanted = [*lead, *rows.shape[:-1], *after]
    spread = source if list(source.shape) == wanted else _named(graph, stretched(source, wanted))
    first = len(lead)
    moved = graph.transpose(spread, [*range(first, first + taken), *range(first), *range(first + taken, len(wanted))])
    order = [*axes, *rest]
    shape = [x.shape[axis] for axis in order]
    reduction = {"reduction": "add"} if accumulate else {}
    made = graph.node("ScatterND", [graph.transpose(x, order), rows, moved], shape, out.dtype, **reduction)
    return graph.transpose(made, [order.index(axis) for axis in range(len(order))])


def _indexed(indices: Sequence[Value | None]) -> tuple[list[int], list[Value]]:
    """The axes that are indexed, which must stand side by side, and by what."""
    given = [(axis, one) for axis, one in enumerate(indices) if one is not None]
    axes = [axis for axis, _ in given]
    if any(one.dtype == torch.bool for _, one in given):
        raise Refusal("is indexed by a mask, so its size depends on data; use torch.where")
    if axes != list(range(axes[0], axes[0] + len(axes))):
        raise Refusal(f"is indexed in the axes {axes}, which don't stand side by side; move them together")
    return axes, [one for _, one in given]


def _rows_of(graph: Graph, places: Sequence[Value]) -> Value:
    """The places that indices name together, a row each: [..., number of indices]."""
    shape = list(torch.broadcast_shapes(*(one.shape for one in places)))
    wide = [_named(graph, stretched(graph.cast(one, torch.int64), shape)) for one in places]
    columns = [graph.reshape(one, [*shape, 1]) for one in wide]
    if len(columns) == 1:
        return columns[0]
    return graph.node("Concat", columns, [*shape, len(columns)], torch.int64, axis=len(shape))


def stretched(value: Value, shape: Sequence[int]) -> Value:
    """The value broadcast to a shape."""
    if list(value.shape) == list(shape):
        return value
    if value.data is not None:
        return constant(value.data.expand(*shape))
    return Value(tuple(shape), value.dtype, stretched_from=value.stretched_from or value)


def _named(graph: Graph, value: Value) -> Value:
    """The value as an output of a node, stretched where it is to be."""
    if value.stretched_from is None:
        return value
    return Value(value.shape, value.dtype, name=graph.name_of(value, value.dtype))
