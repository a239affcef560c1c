"""What a user hands over as samples, in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .objective import Objective
from .refusal import Refusal, demand

Inputs = Tensor | Mapping[str, Tensor]
#: Inputs, and targets.
Samples = tuple[Inputs, Tensor]

_TYPES = {torch.float32: "float32", torch.int32: "int32", torch.int64: "int64"}
#: What targets of each kind are, and their rank.
_TARGETS = {"class": (False, 1), "values": (True, 2), "labels": (True, 2), "tokens": (False, 2)}


@dataclass(frozen=True)
class Batch:
    """Inputs by name, each [rows, …], and targets as data files have them."""

    inputs: dict[str, Tensor]
    y: Tensor

    @property
    def rows(self) -> int:
        return self.y.shape[0]

    def take(self, places: Tensor) -> Batch:
        """The rows at ``places`` [n]."""
        return Batch({name: one[places] for name, one in self.inputs.items()}, self.y[places])

    def tensors(self, stratum: Tensor | None = None) -> dict[str, Tensor]:
        """As a data file has them: whole numbers as int32, and the column of strata if there is one."""
        columns = {**self.inputs, "y": self.y, **({} if stratum is None else {"stratum": stratum})}
        return {name: one if one.dtype == torch.float32 else one.to(torch.int32) for name, one in columns.items()}

    def call(self, module: nn.Module) -> object:
        """What the module makes of the inputs: a single one named x goes in by place, others by name."""
        if set(self.inputs) == {"x"}:
            return module(self.inputs["x"])
        return module(**self.inputs)


def joined(batches: Sequence[Batch]) -> Batch:
    """The rows of all batches, one after the other."""
    names = batches[0].inputs
    return Batch(
        {name: torch.cat([one.inputs[name] for one in batches]) for name in names},
        torch.cat([one.y for one in batches]),
    )


def read_samples(samples: Samples, objective: Objective, what: str) -> Batch:
    """Checks samples: a tuple of inputs and targets.

    :param samples: inputs are one tensor [rows, …], which the task calls ``x``, or a dict of tensors, which go to the
        model by name; targets are [rows] classes, [rows, count] values or labels, or [rows, length] tokens
    :param what: the argument's name, for messages
    """
    demand(isinstance(samples, tuple) and len(samples) == 2, f"{what} must be a tuple of inputs and targets")
    given, y = samples
    inputs = {"x": given} if isinstance(given, Tensor) else dict(given)
    demand(1 <= len(inputs) <= 8, f"{what} has {len(inputs)} inputs; a task has 1 to 8")
    for name, tensor in [*inputs.items(), ("targets", y)]:
        demand(isinstance(tensor, Tensor), f"{name} of {what} is {type(tensor).__name__}; use a torch.Tensor")
    is_real, rank = _TARGETS[objective.kind]
    kinds = "float32" if is_real else "int64 or int32"
    fits = y.dtype == torch.float32 if is_real else y.dtype in (torch.int32, torch.int64)
    demand(
        fits and y.dim() == rank,
        f"targets of {what} are {y.dtype} of shape {list(y.shape)}; {objective.loss} takes {kinds} of rank {rank}",
    )
    demand(y.shape[0] > 0, f"{what} has no samples")
    for name, tensor in inputs.items():
        _check_input(f"input {name} of {what}", tensor, y.shape[0])
    if is_real:
        _check_finite(f"targets of {what}", y)
    return Batch({name: tensor.detach() for name, tensor in inputs.items()}, y.detach())


def _check_input(label: str, tensor: Tensor, rows: int) -> None:
    demand(
        tensor.dtype in _TYPES and tensor.device.type == "cpu",
        f"{label} is {tensor.dtype} on {tensor.device}; use float32, int32 or int64 on the CPU",
    )
    demand(
        tensor.dim() >= 2 and tensor.shape[0] == rows,
        f"{label} has shape {list(tensor.shape)}, and there are {rows} targets; it must be [rows, …], a row a target",
    )
    if tensor.dtype == torch.float32:
        _check_finite(label, tensor)


def _check_finite(label: str, tensor: Tensor) -> None:
    bad = int((~torch.isfinite(tensor)).sum())
    demand(bad == 0, f"{label} has {bad} values that are not finite; replace or leave out those samples")


def same_form(batch: Batch, other: Batch, what: str) -> None:
    """Checks that the samples ``other``, which are called ``what``, are like those of the example batch."""
    demand(
        list(batch.inputs) == list(other.inputs),
        f"{what} has the inputs {', '.join(other.inputs)}, example_batch has {', '.join(batch.inputs)}",
    )
    pairs = [(name, batch.inputs[name], other.inputs[name]) for name in batch.inputs]
    for name, mine, theirs in [*pairs, ("targets", batch.y, other.y)]:
        demand(
            mine.shape[1:] == theirs.shape[1:] and mine.dtype == theirs.dtype,
            f"{name}: a sample of {what} is {theirs.dtype} of shape {list(theirs.shape[1:])}, one of example_batch "
            f"is {mine.dtype} of shape {list(mine.shape[1:])}; make them alike",
        )


def describe_inputs(batches: Sequence[Batch], module: nn.Module, below: Mapping[str, int]) -> list[dict[str, object]]:
    """The inputs in task.json. Whole numbers need to know below what they are."""
    described: list[dict[str, object]] = []
    for name, tensor in batches[0].inputs.items():
        one: dict[str, object] = {"name": name, "dtype": _TYPES[tensor.dtype], "shape": list(tensor.shape[1:])}
        if tensor.dtype != torch.float32:
            one["below"] = _bound(name, module, below)
            _check_range(name, int(str(one["below"])), [each.inputs[name] for each in batches])
        elif tensor.dim() == 4 and any(isinstance(part, nn.Conv2d) for part in module.modules()):
            channels, height, width = tensor.shape[1:]
            if height * width > 1:
                sides = {"channels": channels, "height": height, "width": width}
                one["grid"] = {**sides, "order": "channels-first"}
        described.append(one)
    return described


def _bound(name: str, module: nn.Module, below: Mapping[str, int]) -> int:
    tables = {part.num_embeddings for part in module.modules() if isinstance(part, nn.Embedding)}
    demand(
        name in below or len(tables) == 1,
        f"input {name} holds whole numbers, and nothing says how large they may be; give below={{'{name}': …}}, "
        "the number of rows of the table that they look up",
    )
    return below[name] if name in below else tables.pop()


def _check_range(name: str, below: int, tensors: list[Tensor]) -> None:
    for tensor in tensors:
        least, most = int(tensor.min()), int(tensor.max())
        demand(
            least >= 0 and most < below,
            f"input {name} holds {least if least < 0 else most}; it goes from 0 to {below - 1}, which below says",
        )


def check_bounds(inputs: Sequence[Mapping[str, object]], batch: Batch, module: nn.Module) -> None:
    """Calls the model with the largest whole numbers that anybody may send."""
    whole = {str(one["name"]): int(str(one["below"])) for one in inputs if "below" in one}
    if not whole:
        return
    largest = {name: torch.full_like(batch.inputs[name], below - 1) for name, below in whole.items()}
    try:
        with torch.no_grad():
            Batch({**batch.inputs, **largest}, batch.y).call(module)
    except (IndexError, RuntimeError) as error:
        told = ", ".join(f"{name} below {below}" for name, below in whole.items())
        raise Refusal(f"the model fails for {told}: {error}. Give below=, the rows of the table they look up") from None
