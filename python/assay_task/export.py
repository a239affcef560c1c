"""From a PyTorch model to a task package."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from . import verify
from .engine import Draft, assemble, find_checkout
from .graphs import Recipe, StepGraph, eval_graph, predict_graph, step_graph
from .model_check import check_model
from .noise import noise_fields
from .objective import Objective, check_targets, checked_output, objective_of, target_of
from .optimizers import rule_of
from .refusal import Refusal, demand
from .samples import Batch, Samples, check_bounds, describe_inputs, joined, read_samples, same_form
from .task_spec import Schedule, Terms, constant_rate, strata_of


@dataclass(frozen=True)
class ExportedTask:
    """A package on disk."""

    #: What a task owner publishes.
    package: Path
    #: The held-out pool, for validators alone.
    pool: Path
    #: Names the task on chain.
    spec_hash: str
    #: How far the engine is from PyTorch.
    comparison: verify.Comparison
    #: Memory of one training step in the engine, in MiB.
    memory_mib: float
    #: Compute units of one training step.
    units_per_step: int


def export_task(
    module: nn.Module,
    loss: str | nn.Module,
    optimizer: Optimizer,
    example_batch: Samples,
    holdout: Samples,
    *,
    out: str | os.PathLike[str],
    name: str = "",
    schedule: Schedule | None = None,
    shards: Sequence[Samples] = (),
    strata: tuple[Sequence[str], Tensor] | None = None,
    below: Mapping[str, int] | None = None,
    terms: Terms | None = None,
    preprocess: str | os.PathLike[str] | None = None,
    checkout: str | os.PathLike[str] | None = None,
) -> ExportedTask:
    """Makes a task package that trains a model as PyTorch does, and proves it before anything is written.

    The training step (forward pass, gradient, optimizer) becomes one ONNX graph. Assay's engine replays 20 steps of it,
    and its parameters must be within a relative distance (L2) of 1e-5 of PyTorch's. Model and optimizer stay as they
    are.

    :param module: takes the inputs, returns one float32 tensor: [rows, classes], [rows, values], [rows, labels] or
        [rows, length, words], by the loss; float32 parameters on the CPU, which training starts from
    :param loss: ``"cross-entropy"`` (a class), ``"mse"`` (values), ``"bce-with-logits"`` (labels) or ``"next-token"``;
        or the loss of ``torch.nn`` with its defaults
    :param optimizer: SGD, Adam or AdamW of ``torch.optim`` over the module's parameters
    :param example_batch: inputs and targets of one training step; its number of rows is the task's batch size. Inputs
        are a tensor [rows, …], or a dict of some by the names of ``forward``'s arguments; targets are int64 [rows],
        float32 [rows, values], float32 [rows, labels] of 0 and 1, or int64 [rows, length]
    :param holdout: inputs and targets of the held-out pool, which contributors must not have; rows of the same form
    :param out: a new or empty folder; gets ``package/``, ``pool.safetensors`` and ``shards/`` if there are some
    :param name: of the task; by default the module's class
    :param schedule: of the learning rate, as in task.json; by default the optimizer's rate throughout
    :param shards: samples of contributors to try the task with, each a data file in ``shards/``; none of them may be
        held out
    :param strata: names of the pool's parts, and the part of each held-out sample, int64 [rows of holdout]; by default
        its classes, or quarters
    :param below: for inputs of whole numbers, what they are below: the rows of the table that they look up
    :param terms: lengths of a round and its checks
    :param preprocess: a file that says how raw data becomes the inputs, as ``preprocess.json`` of packages; by default
        arrays by the inputs' names, as they are, if the target is a class and strata are the classes
    :param checkout: Assay's checkout, whose engine verifies the package; by default that of ``ASSAY_CHECKOUT``, or the
        one around the working directory
    :raises Refusal: with what can't be exported, where, and the fix; nothing is written then
    """
    objective, folder, root, terms = objective_of(loss), _empty_folder(out), find_checkout(checkout), terms or Terms()
    check_model(module)
    example = read_samples(example_batch, objective, "example_batch")
    pool = read_samples(holdout, objective, "holdout")
    same_form(example, pool, "holdout")
    trying = [_shard(one, objective, example, f"shard {i + 1}") for i, one in enumerate(shards)]
    recipe = _recipe(module, objective, optimizer, example, [pool, *trying])
    parts, column = strata_of(objective, pool, strata)
    fields = {
        "name": name or type(module).__name__,
        "inputs": _inputs(recipe, [example, pool, *trying], below or {}),
        "strata": parts,
        "schedule": schedule or constant_rate(recipe.rule.rate),
    }
    measured = pool.take(torch.arange(terms.eval_batch_size) % pool.rows)
    batches, step = _replayed(example, pool), step_graph(recipe, example)
    draft = Draft(
        spec={**fields, **_fields(recipe, step), "batchSize": example.rows, **terms.fields(pool.rows)},
        files={**_graphs(recipe, step, measured), **_preprocess(preprocess, fields, recipe)},
        init={**recipe.model, **recipe.rule.local},
        pool=pool.tensors(column),
        replay=joined(batches).tensors(),
        shards=[one.tensors() for one in trying],
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".assay-") as work:
        run = assemble(root, draft, Path(work) / "task", Path(work) / "draft")
        training = verify.Training(module, optimizer, objective, recipe.target)
        comparison = verify.compare(training, batches, measured, run)
        _move(Path(work) / "task", folder)
    return ExportedTask(
        package=folder / "package",
        pool=folder / "pool.safetensors",
        spec_hash=run.spec_hash,
        comparison=comparison,
        memory_mib=run.memory_mib,
        units_per_step=run.units_per_step,
    )


def _recipe(
    module: nn.Module, objective: Objective, optimizer: Optimizer, example: Batch, others: list[Batch]
) -> Recipe:
    rule, own = rule_of(optimizer, module), copy.deepcopy(module)
    try:
        with torch.no_grad():
            output = checked_output(objective, example.call(own), example.y)
    except (RuntimeError, TypeError, IndexError) as error:
        raise Refusal(f"the model fails on example_batch: {error}; give a batch that it takes") from None
    target = target_of(objective, output)
    for batch in (example, *others):
        check_targets(target, batch.y)
    return Recipe(own, objective, rule, target)


def _shard(samples: Samples, objective: Objective, example: Batch, what: str) -> Batch:
    shard = read_samples(samples, objective, what)
    same_form(example, shard, what)
    return shard


def _inputs(recipe: Recipe, batches: list[Batch], below: Mapping[str, int]) -> list[dict[str, object]]:
    """Tokens that are to be told are those that go in, unless ``below`` says otherwise."""
    words = recipe.target.get("vocabulary")
    known = {name: int(str(words)) for name in batches[0].inputs if words is not None}
    inputs = describe_inputs(batches, recipe.module, {**known, **below})
    check_bounds(inputs, batches[0], recipe.module)
    return inputs


def _fields(recipe: Recipe, step: StepGraph) -> dict[str, object]:
    """What of task.json follows from the model and the loss."""
    model = [{"name": name, "shape": list(one.shape), "role": "model"} for name, one in recipe.model.items()]
    local = [{"name": name, "shape": list(one.shape), "role": "local"} for name, one in recipe.rule.local.items()]
    return {
        "target": recipe.target,
        "loss": {"name": recipe.objective.loss},
        "metric": recipe.objective.metric,
        "state": model + local,
        "noise": noise_fields(step.draws),
    }


def _graphs(recipe: Recipe, step: StepGraph, measured: Batch) -> dict[str, bytes]:
    return {
        "step.onnx": step.file,
        "eval.onnx": eval_graph(recipe, measured),
        "predict.onnx": predict_graph(recipe, measured),
    }


def _preprocess(given: str | os.PathLike[str] | None, fields: Mapping[str, Any], recipe: Recipe) -> dict[str, bytes]:
    if given is not None:
        demand(Path(given).is_file(), f"preprocess is {given}, which is no file")
        return {"preprocess.json": Path(given).read_bytes()}
    if recipe.target["kind"] != "class" or fields["strata"] != {"by": "class"}:
        return {}
    inputs = [{"array": one["name"], "name": one["name"], **_array(one)} for one in fields["inputs"]]
    target = {"kind": "class", "array": "y", "classes": list(range(int(str(recipe.target["classes"]))))}
    whole = {"format": "assay-preprocess-1", "kind": "arrays", "inputs": inputs, "target": target}
    return {"preprocess.json": json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()}


def _array(given: Mapping[str, Any]) -> dict[str, object]:
    """The rows of an input's array, taken as they are."""
    if given["dtype"] == "float32":
        return {"shape": given["shape"], "values": {"dtype": "float32", "mean": "0", "deviation": "1"}}
    return {"shape": given["shape"], "values": {"dtype": given["dtype"], "below": given["below"]}}


def _replayed(example: Batch, pool: Batch) -> list[Batch]:
    """Batches of the steps that are replayed: the example first, then samples drawn from all that were given."""
    everything = joined([example, pool])
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randint(0, everything.rows, (verify.STEPS - 1, example.rows), generator=generator)
    return [example, *(everything.take(places) for places in drawn)]


def _empty_folder(out: str | os.PathLike[str]) -> Path:
    folder = Path(out).absolute()
    demand(not folder.exists() or folder.is_dir(), f"{out} is a file; name a new folder")
    first = next(folder.iterdir(), None) if folder.exists() else None
    demand(first is None, f"{out} is not empty (it has {first and first.name}); name a new folder")
    return folder


def _move(task: Path, folder: Path) -> None:
    """The folder appears with everything in it, or not at all."""
    if folder.exists():
        folder.rmdir()
    task.rename(folder)
