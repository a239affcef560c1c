"""The project's own engine, in a process of Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from .refusal import Refusal, demand

#: Relative to the checkout.
_SCRIPT = "scripts/assemble-package.ts"
#: Where to look for the checkout, if not in the working directory and above it.
CHECKOUT = "ASSAY_CHECKOUT"
#: The first step in a fresh checkout installs what the engine needs.
_LONGEST_SECONDS = 1800


@dataclass(frozen=True)
class Draft:
    """What the engine makes a package of."""

    #: task.json without what follows from the files.
    spec: dict[str, object]
    #: Bytes by name: step.onnx, eval.onnx, predict.onnx, and preprocess.json if there is one.
    files: Mapping[str, bytes]
    #: The state as training starts.
    init: Mapping[str, Tensor]
    #: Held-out samples: inputs, y, stratum if the task has a column of strata.
    pool: Mapping[str, Tensor]
    #: Samples of the steps to replay, a batch after the other: inputs, y.
    replay: Mapping[str, Tensor]
    #: Samples of contributors: inputs, y.
    shards: Sequence[Mapping[str, Tensor]]


@dataclass(frozen=True)
class Run:
    """What the engine made of a draft."""

    spec_hash: str
    #: The state after the replayed steps.
    state: dict[str, Tensor]
    #: Loss and learning rate of each replayed step.
    losses: Tensor
    rates: list[float]
    #: Losses and metrics of the first held-out samples, [2, rows], by the weights that training starts from.
    evaluation: Tensor
    #: What it predicts for them, row after row.
    predictions: Tensor
    #: Files with the random inputs of each replayed step, by name; none if the step takes none.
    noise: list[Path]
    units_per_step: int
    memory_mib: float


def find_checkout(given: str | os.PathLike[str] | None) -> Path:
    """The folder of Assay's checkout: the one given, that of ``ASSAY_CHECKOUT``, or the one around this directory.

    :raises Refusal: when there is none, with what to set
    """
    named = given or os.environ.get(CHECKOUT)
    candidates = [Path(named)] if named else [Path.cwd(), *Path.cwd().parents]
    for folder in candidates:
        if (folder / _SCRIPT).is_file():
            return folder.resolve()
    raise Refusal(
        f"{'the folder ' + str(named) if named else 'the working directory'} is in no checkout of Assay, whose engine "
        f"verifies packages; give checkout=, set {CHECKOUT}, or run this in the checkout"
    )


def assemble(checkout: Path, draft: Draft, folder: Path, work: Path) -> Run:
    """Writes the package and its pool to ``folder``, and replays the draft's steps from the package.

    :param work: a new folder for what goes between the two processes
    :raises Refusal: with the engine's own words when it refuses the package
    """
    node = shutil.which("node")
    demand(node is not None, "node is not on PATH: install Node 18 or newer, which runs Assay's engine")
    work.mkdir()
    (work / "spec.json").write_text(json.dumps(draft.spec))
    for name, content in draft.files.items():
        (work / name).write_bytes(content)
    shards = {f"shard-{i + 1}": shard for i, shard in enumerate(draft.shards)}
    for name, tensors in {"init": draft.init, "pool": draft.pool, "replay": draft.replay, **shards}.items():
        save_file({key: one.contiguous() for key, one in tensors.items()}, work / f"{name}.safetensors")
    command = [str(node), "tools/dev.mjs", "run", "node", _SCRIPT, str(work), str(folder)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False)
    if done.returncode != 0:
        words = done.stderr.strip()[-2000:] or f"it ended with exit code {done.returncode}"
        raise Refusal(f"the engine refuses the package: {words}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    result = load_file(work / "result.safetensors")
    return Run(
        spec_hash=answer["specHash"],
        state={name: result[f"state/{name}"] for name in draft.init},
        losses=result["losses"],
        rates=answer["rates"],
        evaluation=result["evaluation"],
        predictions=result["predictions"],
        noise=sorted(work.glob("noise-*.safetensors")),
        units_per_step=answer["unitsPerStep"],
        memory_mib=answer["memoryMiB"],
    )
