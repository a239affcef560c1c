"""The fields of task.json that don't follow from the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .objective import Objective
from .refusal import demand
from .samples import Batch

#: As in task.json: ``{"kind": "constant", "rate": "0.1"}``, and kinds step, cosine and table. Rates are decimal texts.
Schedule = Mapping[str, object]

_QUARTERS = ["first quarter", "second quarter", "third quarter", "last quarter"]


@dataclass(frozen=True)
class Terms:
    """Lengths of a round and of its checks."""

    #: Training steps of one round.
    steps: int = 100
    #: A state is committed every so many steps; divides ``steps``.
    commit_every: int = 10
    #: Most windows of that length that an audit replays.
    replay_windows: int = 6
    #: Rows of one evaluation.
    eval_batch_size: int = 64
    #: Held-out samples that each validator draws for each update; by default half of them, 1024 at most.
    personal_samples: int | None = None
    #: Steps of a validator's own reference update.
    root_steps: int = 80
    #: Compute units of one step; by default a thousand multiply-adds each.
    units_per_step: int | None = None

    def fields(self, held_out: int) -> dict[str, object]:
        """As task.json has them, for a pool of so many samples."""
        fields: dict[str, object] = {
            "steps": self.steps,
            "commitEvery": self.commit_every,
            "replayWindows": self.replay_windows,
            "evalBatchSize": self.eval_batch_size,
            "personalSamples": self.personal_samples or max(1, min(1024, held_out // 2)),
            "rootSteps": self.root_steps,
        }
        return fields if self.units_per_step is None else {**fields, "unitsPerStep": self.units_per_step}


def constant_rate(rate: float) -> Schedule:
    """The schedule of a rate that stays. task.json has rates with nine decimals."""
    text = f"{rate:.9f}".rstrip("0").rstrip(".")
    demand(
        0 < rate < 1e6 and abs(float(text) - rate) <= 1e-6 * rate,
        f"the learning rate is {rate}; a task's is above 0 and below 1,000,000, with nine decimals at most",
    )
    return {"kind": "constant", "rate": text}


def strata_of(
    objective: Objective, pool: Batch, given: tuple[Sequence[str], Tensor] | None
) -> tuple[dict[str, object], Tensor | None]:
    """The pool's parts in task.json, and the part of each sample, int32 [rows]; None where they are the classes.

    By default the classes, or for other targets the quarters of the pool in its order.
    """
    if given is None and objective.kind == "class":
        return {"by": "class"}, None
    if given is None:
        demand(pool.rows >= len(_QUARTERS), f"holdout has {pool.rows} samples; its quarters need {len(_QUARTERS)}")
        given = _QUARTERS, torch.arange(pool.rows) * len(_QUARTERS) // pool.rows
    names, column = list(given[0]), given[1]
    demand(
        column.shape == (pool.rows,) and column.dtype in (torch.int32, torch.int64),
        f"strata has a column of {column.dtype} of shape {list(column.shape)}; it must be int64 [{pool.rows}]",
    )
    least, most = int(column.min()), int(column.max())
    demand(
        least >= 0 and most < len(names),
        f"strata names {len(names)} parts, and a sample is of part {most if least >= 0 else least}; number them from 0",
    )
    return {"by": "column", "names": names}, column.to(torch.int32)
