"""From a graph of PyTorch's core operators to an ONNX file."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import torch
from torch import fx, nn

from ..paths import module_of, named
from ..refusal import Refusal
from . import elementwise, movement, products  # noqa: F401  (each fills the table)
from .graph import Graph
from .table import RULES
from .values import Value, constant

Port = tuple[str, Sequence[int], torch.dtype]


def lower(name: str, traced: fx.GraphModule, inputs: Sequence[str], outputs: Sequence[str], module: nn.Module) -> bytes:
    """The ONNX file of a traced function.

    :param inputs: names of the function's tensors, in their order
    :param outputs: names of its results, in their order
    :param module: whose parts messages name
    :raises Refusal: for an operator without a form among the allowed ones, with the module that needs it
    """
    graph = Graph()
    values: dict[fx.Node, object] = {}
    ports: list[Port] = []
    for node in traced.graph.nodes:
        if node.op == "placeholder":
            ports.append(_port(node, inputs[len(ports)]))
            port, shape, dtype = ports[-1]
            values[node] = Value(tuple(shape), dtype, name=port)
        elif node.op == "get_attr":
            values[node] = constant(getattr(traced, node.target))
        elif node.op == "call_function":
            graph.module = module_of(node) or ""
            values[node] = _called(graph, node, values, module)
        else:
            results = [_result(one, values) for one in node.args[0]]
            return graph.encode(name, ports, list(zip(outputs, results)))
    raise AssertionError("a traced graph ends in its output")


def _port(node: fx.Node, name: str) -> Port:
    meta = node.meta["val"]
    return name, tuple(meta.shape), meta.dtype


def _result(node: fx.Node, values: dict[fx.Node, object]) -> Value:
    value = values[node]
    assert isinstance(value, Value)
    return value


def _called(graph: Graph, node: fx.Node, values: dict[fx.Node, object], module: nn.Module) -> object:
    def valued(argument: object) -> object:
        return values[argument] if isinstance(argument, fx.Node) else argument

    args, kwargs = fx.map_arg(node.args, valued), fx.map_arg(node.kwargs, valued)
    if node.target is operator.getitem:
        return args[0][args[1]]
    folded = _folded(node, args, kwargs)
    if folded is not None:
        return folded
    rule = RULES.get(operator_name(node))
    try:
        if torch.Tag.nondeterministic_seeded in node.target.tags:
            raise Refusal("draws random numbers, and a task's graph draws none; leave it out, or set its share to 0")
        if rule is None:
            raise Refusal("has no form in the operators that task graphs may use; replace it, or write it with others")
        return rule(graph, node.meta["val"], *args, **kwargs)
    except Refusal as refusal:
        raise Refusal(f"{describe(node, module)}: {operator_name(node)} {refusal}") from None


def operator_name(node: fx.Node) -> str:
    """The operator as the table names it, such as ``add.Tensor``."""
    return str(node.target).removeprefix("aten.").removeprefix("prims.")


def _folded(node: fx.Node, args: Sequence[object], kwargs: dict[str, object]) -> object:
    """The result as constants, where all tensors that it is made from are; else None."""
    found: list[Value] = []

    def collected(argument: object) -> None:
        if isinstance(argument, Value):
            found.append(argument)
        elif isinstance(argument, (list, tuple)):
            for one in argument:
                collected(one)

    collected([*args, *kwargs.values()])
    if any(value.data is None for value in found) or torch.Tag.nondeterministic_seeded in node.target.tags:
        return None

    def held(argument: object) -> object:
        if isinstance(argument, Value):
            return argument.data
        if isinstance(argument, (list, tuple)):
            return type(argument)(held(one) for one in argument)
        return argument

    result = node.target(*(held(one) for one in args), **{key: held(one) for key, one in kwargs.items()})
    return tuple(map(constant, result)) if isinstance(result, (list, tuple)) else constant(result)


def describe(node: fx.Node, module: nn.Module) -> str:
    """Where a node comes from, such as ``features.1 (BatchNorm2d)``.

    PyTorch doesn't say which module a node of the backward pass belongs to. It is the one whose forward pass has the
    operator of that name, or the one that the node's tensors come from.
    """
    path = module_of(node)
    if path is not None:
        return named(path, module)
    stem = operator_name(node).split(".")[0].split("_backward")[0]
    for other in node.graph.nodes:
        if other.op == "call_function" and operator_name(other).split(".")[0] == stem and module_of(other) is not None:
            return f"the backward pass of {named(module_of(other), module)}"
    for one in node.all_input_nodes:
        if module_of(one) is not None:
            return f"the backward pass of {named(module_of(one), module)}"
    return "the training step"
