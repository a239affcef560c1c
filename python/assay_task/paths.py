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
