"""Trains for a contributor of a tolerant task, in the place of Assay's engine.

``assay contribute --trainer COMMAND`` starts a program, sends it requests on its standard input and reads the answers
from its standard output, one after the other. Each message is its length in bytes (8, little-endian) and a safetensors
file: ``state/<tensor>``, and ``<step>/<input>`` for each step, as step.onnx takes them, whole numbers as int32. The
answer is ``state/<tensor>`` after the last step, and ``losses``, one a step.

Two programs: one that runs step.onnx of a package in onnxruntime, on the CPU or a GPU::

    assay contribute 1 … --trainer "python -m assay_task.train PACKAGE --provider CUDAExecutionProvider"

and a script of yours that trains the model in PyTorch, where you have its code::

    assay_task.serve_training(model, "cross-entropy", optimizer, device="cuda")
"""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load, save
from torch import Tensor, nn
from torch.optim import Optimizer

from .graphs import Recipe
from .noise import NOISE, FedNoise
from .objective import objective_of
from .optimizers import rule_of
from .refusal import Refusal, demand

Array = NDArray[Any]
#: State and what one step takes, by name, to the next state and the loss.
Step = Callable[[dict[str, Array], dict[str, Array]], tuple[dict[str, Array], float]]

_LENGTH_BYTES = 8
_STATE = "state/"


def serve_training(
    module: nn.Module, loss: str | nn.Module, optimizer: Optimizer, *, device: str | torch.device = "cpu"
) -> None:
    """Trains a task's model in PyTorch, with the arguments that its package was exported with, until the input ends.

    :param module: as in :func:`export_task`; its weights don't matter, each request brings those to start from
    :param loss: as in :func:`export_task`
    :param optimizer: as in :func:`export_task`; its rate doesn't matter, each step brings its own
    :param device: where to train, such as ``"cuda"``
    :raises Refusal: for what can't be exported, and when a request is of another model
    """
    rule = rule_of(optimizer, module)
    own = copy.deepcopy(module).to(device).train()
    recipe = Recipe(own, objective_of(loss), rule, {})
    trained = [name for name, parameter in own.named_parameters() if parameter.requires_grad]

    def step(state: dict[str, Array], values: dict[str, Array]) -> tuple[dict[str, Array], float]:
        whole = {name: _on(one, device) for name, one in state.items()}
        demand(
            set(whole) == {*recipe.model, *rule.local},
            f"the task's state has {', '.join(sorted(whole))}; "
            f"this model and its optimizer have {', '.join(sorted({*recipe.model, *rule.local}))}",
        )
        params = {name: whole[name] for name in recipe.model}
        kept = {name: whole[name] for name in rule.local}
        leaves = {name: params[name].requires_grad_() for name in trained}
        fed = {name: _on(one, device) for name, one in values.items()}
        y, rate = fed.pop("y"), fed.pop("lr")
        noise = {name: fed.pop(name) for name in list(fed) if name.startswith(NOISE)}
        with FedNoise(noise) if noise else nullcontext():
            output = recipe.output(params, fed)
        losses = recipe.objective.losses(output, y).mean()
        slopes = torch.autograd.grad(losses, list(leaves.values()), allow_unused=True)
        grads = {name: slope for name, slope in zip(leaves, slopes) if slope is not None}
        with torch.no_grad():
            after, moved = rule.step({**params, **leaves}, grads, kept, rate)
        return {name: _off(one) for name, one in {**params, **after, **moved}.items()}, float(losses)

    _serve(step)


def serve_graph(package: str | os.PathLike[str], *, provider: str = "CPUExecutionProvider", threads: int = 0) -> None:
    """Trains a task by the graph of its package in onnxruntime, until the input ends.

    :param package: folder of the task package
    :param provider: where onnxruntime computes, such as ``"CUDAExecutionProvider"``
    :param threads: of one operator; 0 for one a core
    :raises Refusal: without onnxruntime, the provider or the package
    """
    try:
        import onnxruntime
    except ImportError:
        raise Refusal("onnxruntime is not installed; pip install onnxruntime, or onnxruntime-gpu for a GPU") from None
    known = onnxruntime.get_available_providers()
    demand(provider in known, f"onnxruntime has no {provider} here; it has {', '.join(known)}")
    graph = Path(package) / "step.onnx"
    demand(graph.is_file(), f"{package} holds no step.onnx; give the folder of a task package")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # What is beyond it ends the process with a segmentation fault for some graphs with LayerNorm and GELU.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(graph.read_bytes(), options, providers=[provider])
    used = session.get_providers()
    demand(provider in used, f"onnxruntime can't use {provider} here, only {', '.join(used)}; install what it needs")
    whole = {one.name for one in session.get_inputs() if one.type == "tensor(int64)"}
    names = [one.name for one in session.get_outputs()]

    def step(state: dict[str, Array], values: dict[str, Array]) -> tuple[dict[str, Array], float]:
        feeds = {name: one.astype(np.int64) if name in whole else one for name, one in {**state, **values}.items()}
        results = dict(zip(names, session.run(names, feeds)))
        return {name: results[f"{name}_next"] for name in state}, float(results["loss"])

    _serve(step)


def _serve(step: Step) -> None:
    """Answers requests until there are none. What a library prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for request in _messages(sys.stdin.buffer):
        tensors = load(request)
        state = {name.removeprefix(_STATE): one for name, one in tensors.items() if name.startswith(_STATE)}
        losses = []
        for values in _steps(tensors):
            state, loss = step(state, values)
            losses.append(loss)
        answer = {f"{_STATE}{name}": np.ascontiguousarray(one, np.float32) for name, one in state.items()}
        message = save({**answer, "losses": np.array(losses, np.float32)})
        answers.write(len(message).to_bytes(_LENGTH_BYTES, "little") + message)
        answers.flush()


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    while len(head := stream.read(_LENGTH_BYTES)) == _LENGTH_BYTES:
        length = int.from_bytes(head, "little")
        if len(message := stream.read(length)) < length:
            return
        yield message


def _steps(tensors: dict[str, Array]) -> Iterator[dict[str, Array]]:
    """What each step takes beside the state, in the steps' order."""
    count = sum(name.endswith("/lr") and not name.startswith(_STATE) for name in tensors)
    for place in range(count):
        start = f"{place}/"
        yield {name.removeprefix(start): one for name, one in tensors.items() if name.startswith(start)}


def _on(array: Array, device: str | torch.device) -> Tensor:
    tensor = torch.from_numpy(array.copy()).to(device)
    return tensor if tensor.dtype == torch.float32 else tensor.long()


def _off(tensor: Tensor) -> Array:
    array: Array = tensor.detach().cpu().numpy()
    return array
