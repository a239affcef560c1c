"""Records what a function does with tensors as a graph of PyTorch's core operators."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, fx, nn
from torch.func import functionalize
from torch.fx import traceback
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.attention import SDPBackend, sdpa_kernel

from .decompositions import decompositions
from .paths import MODULE


def trace(function: Callable[..., list[Tensor]], examples: Sequence[Tensor], module: nn.Module) -> fx.GraphModule:
    """The graph of a function from tensors to tensors that calls the module.

    Each node of the forward pass knows the path of the innermost module that was being called. Fused attention and the
    fast path of transformer layers are taken apart: neither has a form in ONNX.
    """
    with ExitStack() as stack:
        stack.enter_context(_module_paths(module))
        stack.enter_context(_without_fused_layers())
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        stack.enter_context(traceback.preserve_node_meta())
        traced = make_fx(function, decomposition_table=decompositions())(*examples)
        return _without_mutations(traced, examples)


def _without_mutations(traced: fx.GraphModule, examples: Sequence[Tensor]) -> fx.GraphModule:
    """The same graph with new tensors where it changed some in place, as recurrent layers do."""
    operators = [node.target for node in traced.graph.nodes if isinstance(node.target, torch._ops.OpOverload)]
    if not any(one._schema.is_mutable for one in operators):
        return traced
    pure = functionalize(fx.Interpreter(traced).run, remove="mutations")
    return make_fx(pure, decomposition_table=decompositions())(*examples)


@contextmanager
def _module_paths(module: nn.Module) -> Iterator[None]:
    """While this is open, nodes are marked with the path of the module that is being called."""
    open_marks: list[ExitStack] = []
    handles = []

    def enter(path: str) -> Callable[..., None]:
        def before(*_: object) -> None:
            mark = ExitStack()
            mark.enter_context(traceback.annotate({MODULE: path}))
            open_marks.append(mark)

        return before

    def leave(*_: object) -> None:
        open_marks.pop().close()

    for path, one in module.named_modules():
        handles.append(one.register_forward_pre_hook(enter(path)))
        handles.append(one.register_forward_hook(leave, always_call=True))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _without_fused_layers() -> Iterator[None]:
    was = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with warnings.catch_warnings():
            # oneDNN's switch warns about graphics cards.
            warnings.simplefilter("ignore")
            with torch.backends.mkldnn.flags(enabled=False):
                yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was)
