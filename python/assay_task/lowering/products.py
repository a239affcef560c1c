"""Products, convolutions, pools, normalisations and reductions."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..refusal import Refusal
from .elementwise import arithmetic
from .graph import Graph
from .table import RULES, lowers
from .values import Value, axes_of, axis_of

FLOAT = torch.float32
SWAPPED = (1, 0)


@lowers("mm.default")
def mm(graph: Graph, out: torch.Tensor, a: Value, b: Value) -> Value:
    (a, across_a), (b, across_b) = _untransposed(a), _untransposed(b)
    if not across_a and not across_b:
        return graph.node("MatMul", [a, b], out.shape, out.dtype)
    return graph.node("Gemm", [a, b], out.shape, out.dtype, transA=across_a, transB=across_b)


@lowers("addmm.default")
def addmm(
    graph: Graph, out: torch.Tensor, bias: Value, a: Value, b: Value, *, beta: float = 1.0, alpha: float = 1.0
) -> Value:
    (a, across_a), (b, across_b) = _untransposed(a), _untransposed(b)
    attributes = {"transA": across_a, "transB": across_b, "alpha": float(alpha), "beta": float(beta)}
    return graph.node("Gemm", [a, b, bias.stretched_from or bias], out.shape, out.dtype, **attributes)


def _untransposed(value: Value) -> tuple[Value, int]:
    """The matrix that this one is the transpose of, with 1; or itself, with 0."""
    source = value.transposed_from
    return (source[0], 1) if source is not None and source[1] == SWAPPED else (value, 0)


@lowers("bmm.default", "matmul.default", "mv.default", "dot.default")
def matmul(graph: Graph, out: torch.Tensor, a: Value, b: Value) -> Value:
    return graph.node("MatMul", [a, b], out.shape, out.dtype)


@lowers("baddbmm.default")
def baddbmm(
    graph: Graph, out: torch.Tensor, bias: Value, a: Value, b: Value, *, beta: float = 1.0, alpha: float = 1.0
) -> Value:
    product = matmul(graph, out, a, b)
    scaled = product if alpha == 1 else arithmetic(graph, "Mul", out, product, alpha)
    if beta == 0:
        return scaled
    return arithmetic(graph, "Add", out, scaled, bias if beta == 1 else arithmetic(graph, "Mul", out, bias, beta))


@lowers("convolution.default")
def convolution(
    graph: Graph, out: torch.Tensor, x: Value, weight: Value, bias: Value | None, stride: Sequence[int],
    padding: Sequence[int], dilation: Sequence[int], transposed: bool, output_padding: Sequence[int], groups: int,
) -> Value:  # fmt: skip
    rank = len(x.shape) - 2
    lists = {"strides": stride, "dilations": dilation}
    if transposed:
        lists["output_padding"] = output_padding
    attributes = {name: _each(sizes, rank) for name, sizes in lists.items()}
    pads = _each(padding, rank) * 2
    op = "ConvTranspose" if transposed else "Conv"
    return graph.node(op, [x, weight, bias], out.shape, out.dtype, pads=pads, group=groups, **attributes)


def _each(sizes: Sequence[int], rank: int) -> list[int]:
    """One size for each axis; PyTorch gives a single one for all of them."""
    return list(sizes) if len(sizes) == rank else [sizes[0]] * rank


@lowers("max_pool2d_with_indices.default", "max_pool3d_with_indices.default")
def max_pool(
    graph: Graph, out: Sequence[torch.Tensor], x: Value, kernel: Sequence[int], stride: Sequence[int] = (),
    padding: Sequence[int] = (0,), dilation: Sequence[int] = (1,), ceil_mode: bool = False,
) -> tuple[Value, Value]:  # fmt: skip
    rank = len(kernel)
    shape = tuple(out[0].shape)
    source = x if len(x.shape) == rank + 2 else graph.reshape(x, [1, *x.shape])
    attributes = {
        "kernel_shape": list(kernel),
        "strides": _each(stride or kernel, rank),
        "pads": _each(padding, rank) * 2,
        "dilations": _each(dilation, rank),
        "ceil_mode": int(ceil_mode),
    }
    pooled, places = graph.outputs("MaxPool", [source], 2, x.dtype, **attributes)
    # ONNX counts places through the whole tensor, PyTorch within a plane.
    whole = Value((*source.shape[:2], *shape[-rank:]), torch.int64, name=places)
    plane = torch.tensor(source.shape[2:]).prod()
    within = graph.node("Mod", [whole, Value((), torch.int64, data=plane)], whole.shape, torch.int64)
    values = Value(whole.shape, x.dtype, name=pooled)
    return graph.reshape(values, shape), graph.reshape(within, shape)


@lowers("avg_pool1d.default", "avg_pool2d.default", "avg_pool3d.default")
def avg_pool(
    graph: Graph, out: torch.Tensor, x: Value, kernel: Sequence[int], stride: Sequence[int] = (),
    padding: Sequence[int] = (0,), ceil_mode: bool = False, count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Value:  # fmt: skip
    rank = len(kernel)
    if divisor_override is not None or ceil_mode:
        raise Refusal("pools with ceil_mode or divisor_override; leave both out")
    attributes = {"strides": _each(stride or kernel, rank), "pads": _each(padding, rank) * 2}
    source = x if len(x.shape) == rank + 2 else graph.reshape(x, [1, *x.shape])
    shape = [*source.shape[:2], *out.shape[-rank:]]
    made = graph.node(
        "AveragePool", [source], shape, x.dtype, kernel_shape=list(kernel),
        count_include_pad=int(count_include_pad), **attributes,
    )  # fmt: skip
    return graph.reshape(made, out.shape)


@lowers("_softmax.default")
def softmax(graph: Graph, out: torch.Tensor, x: Value, axis: int, _: bool) -> Value:
    return graph.node("Softmax", [x], out.shape, out.dtype, axis=axis_of(axis, len(x.shape)))


@lowers("_log_softmax.default")
def log_softmax(graph: Graph, out: torch.Tensor, x: Value, axis: int, _: bool) -> Value:
    return graph.node("LogSoftmax", [x], out.shape, out.dtype, axis=axis_of(axis, len(x.shape)))


@lowers("native_layer_norm.default")
def layer_norm(
    graph: Graph, out: Sequence[torch.Tensor], x: Value, shape: Sequence[int], weight: Value | None, bias: Value | None,
    epsilon: float,
) -> tuple[Value, ...]:  # fmt: skip
    scale = weight or Value(tuple(shape), FLOAT, data=torch.ones(*shape))
    inputs = [x, scale, bias]
    axis = len(x.shape) - len(shape)
    names = graph.outputs("LayerNormalization", inputs, 3, FLOAT, axis=axis, epsilon=float(epsilon))
    return tuple(Value(tuple(one.shape), FLOAT, name=name) for one, name in zip(out, names))


def _reduced(graph: Graph, op: str, out: torch.Tensor, x: Value, axes: int | Sequence[int] | None = None) -> Value:
    rank = len(x.shape)
    listed = axes_of(axes, rank)
    keepdims = int(out.dim() == rank)
    if rank == 0:
        return x
    return graph.node(op, [x, graph.sizes(listed)], out.shape, out.dtype, keepdims=keepdims)


for _names, _op in {
    ("sum.default", "sum.dim_IntList"): "ReduceSum",
    ("mean.default", "mean.dim"): "ReduceMean",
    ("amax.default", "max.default"): "ReduceMax",
    ("amin.default", "min.default"): "ReduceMin",
    ("prod.default",): "ReduceProd",
}.items():

    def _reduction(
        graph: Graph,
        out: torch.Tensor,
        x: Value,
        axes: int | Sequence[int] | None = None,
        keepdim: bool = False,
        op: str = _op,
        **_: object,
    ) -> Value:
        return _reduced(graph, op, out, graph.cast(x, out.dtype), axes)

    for _name in _names:
        RULES[_name] = _reduction


@lowers("any.dim", "any.dims", "any.default")
def any_of(
    graph: Graph, out: torch.Tensor, x: Value, axes: int | Sequence[int] | None = None, keepdim: bool = False
) -> Value:
    return _whether(graph, "ReduceMax", out, x, axes)


@lowers("all.dim", "all.dims", "all.default")
def all_of(
    graph: Graph, out: torch.Tensor, x: Value, axes: int | Sequence[int] | None = None, keepdim: bool = False
) -> Value:
    return _whether(graph, "ReduceMin", out, x, axes)


def _whether(graph: Graph, op: str, out: torch.Tensor, x: Value, axes: int | Sequence[int] | None) -> Value:
    numbers = graph.cast(graph.cast(x, torch.bool), FLOAT)
    found = _reduced(graph, op, torch.empty(out.shape, dtype=FLOAT, device="meta"), numbers, axes)
    return graph.cast(found, torch.bool)


for _name, _op in {"argmax.default": "ArgMax", "argmin.default": "ArgMin"}.items():

    def _place(
        graph: Graph, out: torch.Tensor, x: Value, axis: int | None = None, keepdim: bool = False, op: str = _op
    ) -> Value:
        source = graph.reshape(x, [torch.Size(x.shape).numel()]) if axis is None else x
        at = 0 if axis is None else axis_of(axis, len(x.shape))
        return graph.node(op, [source], out.shape, torch.int64, axis=at, keepdims=int(keepdim and axis is not None))

    RULES[_name] = _place


for _name, _ops in {"max.dim": ("ReduceMax", "ArgMax"), "min.dim": ("ReduceMin", "ArgMin")}.items():

    def _extreme(
        graph: Graph, out: Sequence[torch.Tensor], x: Value, axis: int, keepdim: bool = False,
        ops: tuple[str, str] = _ops,
    ) -> tuple[Value, Value]:  # fmt: skip
        at = axis_of(axis, len(x.shape))
        places = graph.node(ops[1], [x], out[1].shape, torch.int64, axis=at, keepdims=int(keepdim))
        return _reduced(graph, ops[0], out[0], x, at), places

    RULES[_name] = _extreme


@lowers("cumsum.default")
def cumsum(graph: Graph, out: torch.Tensor, x: Value, axis: int, **_: object) -> Value:
    at = Value((), torch.int64, data=torch.tensor(axis_of(axis, len(x.shape))))
    return graph.node("CumSum", [graph.cast(x, out.dtype), at], out.shape, out.dtype)
