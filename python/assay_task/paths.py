"""Which part of a model an operator comes from."""

from __future__ import annotations

from torch import fx, nn
from torch.fx import traceback

#: Where a node keeps the path of the module that it comes from.
MODULE = "assay_module"


def module_of(node: fx.Node) -> str | None:
    """The path of the module that a node comes from; None for loss, optimizer and backward pass."""
    return (node.meta.get("custom") or {}).get(MODULE)


def module_here() -> str:
    """The module that is being called while a model is traced, in words."""
    path = (traceback.get_current_meta().get("custom") or {}).get(MODULE)
    return path or "the model"


def named(path: str | None, module: nn.Module) -> str:
    """A module's path with its class; the whole model has no path."""
    kind = type(module.get_submodule(path or "")).__name__
    return f"{path} ({kind})" if path else f"the model ({kind})"


def operator_name(node: fx.Node) -> str:
    """The operator as the table names it, such as ``add.Tensor``."""
    return str(node.target).removeprefix("aten.").removeprefix("prims.")


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
