"""Operators that work element by element."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from ..refusal import Refusal
from .graph import Graph, Operand
from .table import RULES, lowers
from .values import Value

FLOAT = torch.float32


def spread(
    graph: Graph, op: str, operands: Sequence[Operand], shape: Sequence[int], dtype: torch.dtype, **attributes: object
) -> Value:
    """A node whose operands broadcast to the output's shape. Stretched operands go in as they were before."""
    small = [one.stretched_from or one if isinstance(one, Value) else one for one in operands]
    shapes = [one.shape for one in small if isinstance(one, Value)]
    if torch.broadcast_shapes(*shapes) != torch.Size(shape):
        small = list(operands)
    return graph.node(op, small, shape, dtype, **attributes)


def arithmetic(graph: Graph, op: str, out: torch.Tensor, *operands: Operand, **attributes: object) -> Value:
    """A node whose operands first become of the output's type."""
    alike = [graph.cast(one, out.dtype) if isinstance(one, Value) else one for one in operands]
    return spread(graph, op, alike, out.shape, out.dtype, **attributes)


def compared(graph: Graph, op: str, out: torch.Tensor, a: Operand, b: Operand) -> Value:
    """A comparison. Operands first become of the type that PyTorch compares them in."""
    samples = [
        torch.empty(one.shape, dtype=one.dtype, device="meta") if isinstance(one, Value) else one for one in (a, b)
    ]
    dtype = torch.result_type(*samples)
    alike = [graph.cast(one, dtype) if isinstance(one, Value) else _scalar(one, dtype) for one in (a, b)]
    return spread(graph, op, alike, out.shape, torch.bool)


def _scalar(number: int | float | bool, dtype: torch.dtype) -> Value:
    return Value((), dtype, data=torch.tensor(number, dtype=dtype))


for _name, _op in {
    "abs": "Abs", "ceil": "Ceil", "cos": "Cos", "erf": "Erf", "exp": "Exp", "floor": "Floor", "log": "Log",
    "neg": "Neg", "reciprocal": "Reciprocal", "relu": "Relu", "round": "Round", "sigmoid": "Sigmoid",
    "sign": "Sign", "sgn": "Sign", "sin": "Sin", "sqrt": "Sqrt", "tan": "Tan", "tanh": "Tanh",
}.items():  # fmt: skip

    def _unary(graph: Graph, out: torch.Tensor, x: Value, op: str = _op) -> Value:
        return arithmetic(graph, op, out, x)

    RULES[f"{_name}.default"] = _unary

for _name, _op in {"mul": "Mul", "maximum": "Max", "minimum": "Min"}.items():

    def _binary(graph: Graph, out: torch.Tensor, a: Operand, b: Operand, op: str = _op) -> Value:
        return arithmetic(graph, op, out, a, b)

    for _kind in ("Tensor", "Scalar", "default"):
        RULES[f"{_name}.{_kind}"] = _binary

for _name, _op in {"eq": "Equal", "lt": "Less", "le": "LessOrEqual", "gt": "Greater", "ge": "GreaterOrEqual"}.items():

    def _comparison(graph: Graph, out: torch.Tensor, a: Operand, b: Operand, op: str = _op) -> Value:
        return compared(graph, op, out, a, b)

    for _kind in ("Tensor", "Scalar"):
        RULES[f"{_name}.{_kind}"] = _comparison

for _name, _op in {"and": "And", "or": "Or", "xor": "Xor"}.items():

    def _logical(graph: Graph, out: torch.Tensor, a: Value, b: Operand, op: str = _op) -> Value:
        if out.dtype != torch.bool:
            raise Refusal("works on the bits of integers; task graphs have no such operator: use arithmetic")
        operands = [graph.cast(one, torch.bool) if isinstance(one, Value) else bool(one) for one in (a, b)]
        return spread(graph, op, operands, out.shape, torch.bool)

    for _kind in (f"logical_{_name}.default", f"bitwise_{_name}.Tensor", f"bitwise_{_name}.Scalar"):
        RULES[_kind] = _logical


@lowers("ne.Tensor", "ne.Scalar")
def not_equal(graph: Graph, out: torch.Tensor, a: Operand, b: Operand) -> Value:
    return graph.node("Not", [compared(graph, "Equal", out, a, b)], out.shape, torch.bool)


@lowers("logical_not.default", "bitwise_not.default")
def logical_not(graph: Graph, out: torch.Tensor, x: Value) -> Value:
    if out.dtype != torch.bool:
        raise Refusal("works on the bits of integers; task graphs have no such operator: use arithmetic")
    return spread(graph, "Not", [graph.cast(x, torch.bool)], out.shape, torch.bool)


@lowers("add.Tensor", "add.Scalar")
def add(graph: Graph, out: torch.Tensor, a: Operand, b: Operand, alpha: float = 1) -> Value:
    return arithmetic(graph, "Add", out, a, _times(graph, out, b, alpha))


@lowers("sub.Tensor", "sub.Scalar")
def sub(graph: Graph, out: torch.Tensor, a: Operand, b: Operand, alpha: float = 1) -> Value:
    return arithmetic(graph, "Sub", out, a, _times(graph, out, b, alpha))


@lowers("rsub.Tensor", "rsub.Scalar")
def rsub(graph: Graph, out: torch.Tensor, a: Operand, b: Operand, alpha: float = 1) -> Value:
    return arithmetic(graph, "Sub", out, b, _times(graph, out, a, alpha))


def _times(graph: Graph, out: torch.Tensor, operand: Operand, alpha: float) -> Operand:
    if alpha == 1:
        return operand
    if not isinstance(operand, Value):
        return operand * alpha
    return spread(graph, "Mul", [graph.cast(operand, out.dtype), alpha], operand.shape, out.dtype)


@lowers("div.Tensor", "div.Scalar", "div.Tensor_mode", "div.Scalar_mode")
def div(graph: Graph, out: torch.Tensor, a: Operand, b: Operand, rounding_mode: str | None = None) -> Value:
    quotient = arithmetic(graph, "Div", out, a, b)
    if rounding_mode is None or (rounding_mode == "trunc" and not out.dtype.is_floating_point):
        return quotient
    if rounding_mode == "floor" and out.dtype.is_floating_point:
        return graph.node("Floor", [quotient], out.shape, out.dtype)
    raise Refusal(f"divides with rounding_mode {rounding_mode} in {out.dtype}; round the quotient yourself")


@lowers("remainder.Tensor", "remainder.Scalar")
def remainder(graph: Graph, out: torch.Tensor, a: Operand, b: Operand) -> Value:
    if not out.dtype.is_floating_point:
        return arithmetic(graph, "Mod", out, a, b)
    quotient = graph.node("Floor", [arithmetic(graph, "Div", out, a, b)], out.shape, out.dtype)
    return arithmetic(graph, "Sub", out, a, arithmetic(graph, "Mul", out, quotient, b))


@lowers("rsqrt.default")
def rsqrt(graph: Graph, out: torch.Tensor, x: Value) -> Value:
    return graph.node("Reciprocal", [arithmetic(graph, "Sqrt", out, x)], out.shape, out.dtype)


@lowers("log1p.default")
def log1p(graph: Graph, out: torch.Tensor, x: Value) -> Value:
    return graph.node("Log", [arithmetic(graph, "Add", out, x, 1)], out.shape, out.dtype)


@lowers("expm1.default")
def expm1(graph: Graph, out: torch.Tensor, x: Value) -> Value:
    return arithmetic(graph, "Sub", out, arithmetic(graph, "Exp", out, x), 1)


@lowers("log2.default")
def log2(graph: Graph, out: torch.Tensor, x: Value) -> Value:
    return arithmetic(graph, "Mul", out, arithmetic(graph, "Log", out, x), 1 / math.log(2))


@lowers("log10.default")
def log10(graph: Graph, out: torch.Tensor, x: Value) -> Value:
    return arithmetic(graph, "Mul", out, arithmetic(graph, "Log", out, x), 1 / math.log(10))


@lowers("pow.Tensor_Scalar")
def power(graph: Graph, out: torch.Tensor, x: Value, exponent: float) -> Value:
    if exponent in (2, 3):
        square = arithmetic(graph, "Mul", out, x, x)
        return square if exponent == 2 else arithmetic(graph, "Mul", out, square, x)
    if exponent in (0.5, -0.5):
        root = arithmetic(graph, "Sqrt", out, x)
        return root if exponent == 0.5 else graph.node("Reciprocal", [root], out.shape, out.dtype)
    return arithmetic(graph, "Pow", out, x, exponent)


@lowers("pow.Tensor_Tensor", "pow.Scalar")
def power_of(graph: Graph, out: torch.Tensor, x: Operand, exponent: Value) -> Value:
    return arithmetic(graph, "Pow", out, x, exponent)


@lowers("clamp.default", "clamp.Tensor")
def clamp(graph: Graph, out: torch.Tensor, x: Value, min: Operand | None = None, max: Operand | None = None) -> Value:
    # PyTorch raises to the least first: where the bounds cross, the largest holds.
    raised = x if min is None else arithmetic(graph, "Max", out, x, min)
    return raised if max is None else arithmetic(graph, "Min", out, raised, max)


@lowers("clamp_min.default", "clamp_min.Tensor")
def clamp_min(graph: Graph, out: torch.Tensor, x: Value, min: Operand) -> Value:
    return clamp(graph, out, x, min=min)


@lowers("clamp_max.default", "clamp_max.Tensor")
def clamp_max(graph: Graph, out: torch.Tensor, x: Value, max: Operand) -> Value:
    return clamp(graph, out, x, max=max)


@lowers("where.self", "where.ScalarOther", "where.ScalarSelf", "where.Scalar")
def where(graph: Graph, out: torch.Tensor, condition: Value, a: Operand, b: Operand) -> Value:
    choices = [graph.cast(one, out.dtype) if isinstance(one, Value) else _scalar(one, out.dtype) for one in (a, b)]
    return spread(graph, "Where", [graph.cast(condition, torch.bool), *choices], out.shape, out.dtype)


@lowers("_to_copy.default", "convert_element_type.default")
def to_copy(graph: Graph, out: torch.Tensor, x: Value, *_: object, **__: object) -> Value:
    return graph.cast(x, out.dtype)
