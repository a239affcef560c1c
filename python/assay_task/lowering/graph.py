"""An ONNX graph under construction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from ..refusal import demand
from .values import NUMPY_TYPES, Value, constant

#: All reductions take their axes as an input from operator set 18 on.
OPSET = 18
IR_VERSION = 8
ONNX_TYPES = {
    torch.float32: TensorProto.FLOAT,
    torch.int32: TensorProto.INT32,
    torch.int64: TensorProto.INT64,
    torch.bool: TensorProto.BOOL,
}
Operand = Value | int | float | bool


class Graph:
    """Collects nodes and constants. Nodes that do the same are made once."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        #: Name of the module whose node is being lowered, for the nodes' names.
        self.module = ""
        self._constants: dict[tuple, onnx.TensorProto] = {}
        self._made: dict[tuple, list[str]] = {}

    def node(
        self,
        op: str,
        inputs: Sequence[Operand | None],
        shape: Sequence[int],
        dtype: torch.dtype = torch.float32,
        **attributes: object,
    ) -> Value:
        """Adds a node with one output. Inputs: values, numbers (of the output's type), None for one left out."""
        [name] = self.outputs(op, inputs, 1, dtype, **attributes)
        return Value(tuple(shape), dtype, name=name)

    def outputs(
        self, op: str, inputs: Sequence[Operand | None], count: int, dtype: torch.dtype, **attributes: object
    ) -> list[str]:
        """Adds a node, and returns the names of its outputs."""
        names = [self.name_of(one, dtype) for one in inputs]
        key = (op, *names, count, repr(sorted(attributes.items())))
        if key not in self._made:
            label = f"n{len(self.nodes)}" + (f"/{self.module}" if self.module else "")
            outs = [label if i == 0 else f"{label}.{i}" for i in range(count)]
            self.nodes.append(helper.make_node(op, names, outs, name=label, **attributes))
            self._made[key] = outs
        return self._made[key]

    def name_of(self, operand: Operand | None, dtype: torch.dtype) -> str:
        """Name under which a node takes an operand; what has none yet is added to the graph."""
        if operand is None:
            return ""
        if not isinstance(operand, Value):
            return self._constant(torch.tensor(operand, dtype=dtype))
        if operand.name is not None:
            return operand.name
        if operand.stretched_from is not None:
            sizes = self.sizes(operand.shape)
            made = self.node("Expand", [operand.stretched_from, sizes], operand.shape, operand.dtype)
            return str(made.name)
        assert operand.data is not None
        return self._constant(operand.data)

    def sizes(self, sizes: Sequence[int]) -> Value:
        """A list of int64 as a constant: a shape, axes, pads."""
        return Value((len(sizes),), torch.int64, data=torch.tensor(list(sizes), dtype=torch.int64))

    def cast(self, value: Value, dtype: torch.dtype) -> Value:
        """The value in another type."""
        if value.dtype == dtype:
            return value
        if value.data is not None:
            return constant(value.data.to(dtype))
        if value.stretched_from is not None:
            return Value(value.shape, dtype, stretched_from=self.cast(value.stretched_from, dtype))
        demand(dtype in ONNX_TYPES, f"a value of type {dtype}: task graphs hold float32, int32, int64 and bool")
        return self.node("Cast", [value], value.shape, dtype, to=ONNX_TYPES[dtype])

    def reshape(self, value: Value, shape: Sequence[int]) -> Value:
        """The value's elements in another shape."""
        if tuple(shape) == value.shape:
            return value
        if value.data is not None:
            return constant(value.data.reshape(tuple(shape)))
        return self.node("Reshape", [value, self.sizes(shape)], shape, value.dtype)

    def transpose(self, value: Value, order: Sequence[int]) -> Value:
        """The value with its axes in another order. Transposes of transposes are one, or none."""
        if value.data is not None:
            return constant(value.data.permute(*order))
        source, earlier = value.transposed_from or (value, tuple(range(len(value.shape))))
        together = tuple(earlier[axis] for axis in order)
        if together == tuple(range(len(together))):
            return source
        shape = tuple(source.shape[axis] for axis in together)
        made = self.node("Transpose", [source], shape, value.dtype, perm=list(together))
        return Value(shape, value.dtype, name=made.name, transposed_from=(source, together))

    def _constant(self, data: torch.Tensor) -> str:
        demand(
            data.dtype in NUMPY_TYPES,
            f"a constant of type {data.dtype}: task graphs hold float32, int32, int64 and bool; convert it",
        )
        array = numpy.ascontiguousarray(data.detach().cpu().numpy(), dtype=NUMPY_TYPES[data.dtype])
        array = array.reshape(tuple(data.shape))
        key = (data.dtype, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = numpy_helper.from_array(array, f"c{len(self._constants)}")
        return self._constants[key].name

    def encode(
        self,
        name: str,
        inputs: Sequence[tuple[str, Sequence[int], torch.dtype]],
        outputs: Sequence[tuple[str, Value]],
    ) -> bytes:
        """The graph's file, without nodes that no output needs. The same graph gives the same bytes."""
        for port, value in outputs:
            source = self.name_of(value, value.dtype)
            self.nodes.append(helper.make_node("Identity", [source], [port], name=port))
        _rename_outputs(self.nodes, {port for port, _ in outputs})
        nodes = _needed(self.nodes, {port for port, _ in outputs})
        used = {one for node in nodes for one in node.input}
        constants = [one for one in self._constants.values() if one.name in used]
        graph = helper.make_graph(
            nodes,
            name,
            [helper.make_tensor_value_info(port, ONNX_TYPES[dtype], shape) for port, shape, dtype in inputs],
            [helper.make_tensor_value_info(port, ONNX_TYPES[v.dtype], v.shape) for port, v in outputs],
            initializer=constants,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="assay-task", ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)


def _rename_outputs(nodes: list[onnx.NodeProto], ports: set[str]) -> None:
    """Lets a node give an output itself where nothing else is called for: most Identity nodes go."""
    makers = {out: node for node in nodes for out in node.output}
    renamed: dict[str, str] = {}
    for node in nodes:
        [source] = node.input[:1] or [""]
        is_free = source in makers and source not in renamed and source not in ports
        if node.op_type == "Identity" and node.output[0] in ports and is_free:
            renamed[source] = node.output[0]
    ends = [node for node in nodes if node.op_type == "Identity" and node.input[0] in renamed]
    for node in ends:
        if renamed[node.input[0]] == node.output[0]:
            nodes.remove(node)
    for node in nodes:
        node.input[:] = [renamed.get(one, one) for one in node.input]
        node.output[:] = [renamed.get(one, one) for one in node.output]


def _needed(nodes: list[onnx.NodeProto], ports: set[str]) -> list[onnx.NodeProto]:
    wanted = set(ports)
    kept = []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]
