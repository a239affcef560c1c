"""From a graph of PyTorch's core operators to an ONNX file."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence

import torch
from torch import fx, nn

from ..noise import Draw, is_random, pieces_of
from ..paths import describe, module_of, operator_name
from ..refusal import Refusal
from . import elementwise, products  # noqa: F401  (each fills the table)
from .graph import Graph
from .movement import split_sizes
from .table import RULES
from .values import Value, constant

Port = tuple[str, Sequence[int], torch.dtype]


def lower(
    name: str, traced: fx.GraphModule, inputs: Sequence[str], outputs: Sequence[str], module: nn.Module,
    draws: Mapping[fx.Node, Draw] | None = None,
) -> bytes:  # fmt: skip
    """The ONNX file of a traced function.

    :param inputs: names of the function's tensors, in their order
    :param outputs: names of its results, in their order
    :param module: whose parts messages name
    :param draws: nodes whose random numbers are inputs of the graph; no other node may draw any
    :raises Refusal: for an operator without a form among the allowed ones, with the module that needs it
    """
    graph = Graph()
    noise, values = _noise(graph, draws or {})
    ports: list[Port] = []
    for node in traced.graph.nodes:
        if node.op == "placeholder":
            ports.append(_port(node, inputs[len(ports)]))
            port, shape, dtype = ports[-1]
            values[node] = Value(tuple(shape), dtype, name=port)
        elif node.op == "get_attr":
            values[node] = constant(getattr(traced, node.target))
        elif node.op == "call_function" and node not in values:
            graph.module = module_of(node) or ""
            values[node] = _called(graph, node, values, module)
        elif node.op == "output":
            results = [_result(one, values) for one in node.args[0]]
            return graph.encode(name, [*ports, *noise], list(zip(outputs, results)))
    raise AssertionError("a traced graph ends in its output")


def _noise(graph: Graph, draws: Mapping[fx.Node, Draw]) -> tuple[list[Port], dict[fx.Node, object]]:
    """The graph's random inputs, and the piece of them that each node draws."""
    ports: list[Port] = []
    pieces: dict[str, list[Value]] = {}
    for source, own in pieces_of(list(draws.values())).items():
        counts = [one.count for one in own]
        whole = Value((sum(counts),), torch.float32, name=source)
        ports.append((source, whole.shape, torch.float32))
        pieces[source] = list(split_sizes(graph, whole, counts, 0))
    return ports, {node: graph.reshape(pieces[one.source].pop(0), one.shape) for node, one in draws.items()}


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
        if is_random(node):
            raise Refusal("draws random numbers where the model is evaluated; let it draw only while it trains")
        if rule is None:
            raise Refusal("has no form in the operators that task graphs may use; replace it, or write it with others")
        return rule(graph, node.meta["val"], *args, **kwargs)
    except Refusal as refusal:
        raise Refusal(f"{describe(node, module)}: {operator_name(node)} {refusal}") from None


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
    if any(value.data is None for value in found) or is_random(node):
        return None

    def held(argument: object) -> object:
        if isinstance(argument, Value):
            return argument.data
        if isinstance(argument, (list, tuple)):
            return type(argument)(held(one) for one in argument)
        return argument

    result = node.target(*(held(one) for one in args), **{key: held(one) for key, one in kwargs.items()})
    return tuple(map(constant, result)) if isinstance(result, (list, tuple)) else constant(result)
