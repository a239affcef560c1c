"""What training makes small, and how a model is measured: one objective for each kind of target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .refusal import Refusal, demand

#: Most classes, labels and words that a task may have.
MOST_CLASSES, MOST_COUNT, MOST_WORDS = 1000, 65_536, 2**24


@dataclass(frozen=True)
class Objective:
    """Loss, metric and target of a task.

    ``losses``, ``metrics`` take the model's output and the target as graphs get it, and return one number a row.
    ``predictions`` takes the output alone.
    """

    kind: str
    loss: str
    metric: dict[str, str]
    #: What the model's output has to be, in words.
    shape: str
    losses: Callable[[Tensor, Tensor], Tensor]
    metrics: Callable[[Tensor, Tensor], Tensor]
    predictions: Callable[[Tensor], Tensor]


def _class_losses(output: Tensor, y: Tensor) -> Tensor:
    return -(y * functional.log_softmax(output, 1)).sum(1)


def _class_hits(output: Tensor, y: Tensor) -> Tensor:
    return (output.argmax(1) == y.argmax(1)).float()


def _token_losses(output: Tensor, y: Tensor) -> Tensor:
    words = torch.arange(output.shape[2], device=output.device)
    hot = (y.unsqueeze(2) == words).float()
    return -(hot * functional.log_softmax(output, 2)).sum(2).mean(1)


def _logit_losses(output: Tensor, y: Tensor) -> Tensor:
    return (functional.softplus(output) - output * y).mean(1)


CROSS_ENTROPY = Objective(
    kind="class",
    loss="cross-entropy",
    metric={"name": "accuracy", "unit": "share", "direction": "higher", "of": "mean"},
    shape="[rows, classes], one number a class",
    losses=_class_losses,
    metrics=_class_hits,
    predictions=lambda output: output.softmax(1),
)
SQUARED_ERROR = Objective(
    kind="values",
    loss="mean squared error",
    metric={"name": "mean absolute error", "unit": "", "direction": "lower", "of": "mean"},
    shape="[rows, values], as the targets",
    losses=lambda output, y: ((output - y) * (output - y)).mean(1),
    metrics=lambda output, y: (output - y).abs().mean(1),
    predictions=lambda output: output,
)
BINARY_CROSS_ENTROPY = Objective(
    kind="labels",
    loss="binary cross-entropy",
    metric={"name": "label accuracy", "unit": "share", "direction": "higher", "of": "mean"},
    shape="[rows, labels], as the targets",
    losses=_logit_losses,
    metrics=lambda output, y: ((output > 0) == (y > 0.5)).float().mean(1),
    predictions=lambda output: output.sigmoid(),
)
NEXT_TOKEN = Objective(
    kind="tokens",
    loss="cross-entropy",
    metric={"name": "perplexity", "unit": "", "direction": "lower", "of": "exp-mean"},
    shape="[rows, length, words], one number a word",
    losses=_token_losses,
    metrics=_token_losses,
    predictions=lambda output: output.softmax(2),
)
OBJECTIVES = {
    "cross-entropy": CROSS_ENTROPY,
    "mse": SQUARED_ERROR,
    "bce-with-logits": BINARY_CROSS_ENTROPY,
    "next-token": NEXT_TOKEN,
}


def objective_of(loss: str | nn.Module) -> Objective:
    """The objective that a name stands for, or a loss of ``torch.nn`` with its defaults.

    :raises Refusal: for any other loss
    """
    names = ", ".join(OBJECTIVES)
    if isinstance(loss, str):
        demand(loss in OBJECTIVES, f'loss is "{loss}"; use one of {names}')
        return OBJECTIVES[loss]
    if isinstance(loss, nn.MSELoss) and loss.reduction == "mean":
        return SQUARED_ERROR
    if isinstance(loss, nn.BCEWithLogitsLoss) and _is_plain(loss, weight=None, pos_weight=None):
        return BINARY_CROSS_ENTROPY
    if isinstance(loss, nn.CrossEntropyLoss) and _is_plain(loss, weight=None, ignore_index=-100, label_smoothing=0.0):
        return CROSS_ENTROPY
    raise Refusal(f"loss is {loss}; use one of {names}, or the loss of torch.nn with its defaults")


def _is_plain(loss: nn.Module, **defaults: object) -> bool:
    return loss.reduction == "mean" and all(
        getattr(loss, name) is value or getattr(loss, name) == value for name, value in defaults.items()
    )


def checked_output(objective: Objective, output: object, y: Tensor) -> Tensor:
    """The model's output, if it fits the target.

    :param y: targets as a data file has them: [rows] classes, [rows, count] values or labels, [rows, length] tokens
    """
    demand(
        isinstance(output, Tensor),
        f"the model returns {type(output).__name__}; wrap it in a module that returns one tensor, {objective.shape}",
    )
    assert isinstance(output, Tensor)
    rank = {"class": 2, "tokens": 3}.get(objective.kind, 2)
    fits = output.dim() == rank and output.shape[0] == y.shape[0]
    if objective.kind in ("values", "labels", "tokens"):
        fits = fits and output.shape[1] == y.shape[1]
    demand(
        fits and output.dtype == torch.float32,
        f"the model returns {output.dtype} of shape {list(output.shape)} for targets of shape {list(y.shape)}; "
        f"{objective.loss} takes float32 of shape {objective.shape}",
    )
    return output


def target_of(objective: Objective, output: Tensor) -> dict[str, object]:
    """The target in task.json, which follows from the output's shape."""
    sizes = list(output.shape[1:])
    if objective.kind == "class":
        demand(2 <= sizes[0] <= MOST_CLASSES, f"the model tells {sizes[0]} classes; a task has 2 to {MOST_CLASSES}")
        return {"kind": "class", "classes": sizes[0]}
    if objective.kind == "tokens":
        length, words = sizes
        demand(2 <= words <= MOST_WORDS, f"the model tells {words} words; a task has 2 to {MOST_WORDS}")
        return {"kind": "tokens", "length": length, "vocabulary": words}
    demand(sizes[0] <= MOST_COUNT, f"targets have {sizes[0]} {objective.kind}; the limit is {MOST_COUNT}")
    return {"kind": objective.kind, "count": sizes[0]}


def check_targets(target: Mapping[str, object], y: Tensor) -> None:
    """Checks targets, as data files have them, against the target in task.json."""
    below = target.get("classes", target.get("vocabulary"))
    if below is not None:
        least, most = int(y.min()), int(y.max())
        wrong = least if least < 0 else most
        demand(0 <= wrong < int(str(below)), f"a target is {wrong}; the model tells 0 to {int(str(below)) - 1}")
    elif target["kind"] == "labels":
        other = y[(y != 0) & (y != 1)]
        demand(
            other.numel() == 0, f"{other.numel()} labels are neither 0 nor 1, such as {other.flatten()[:1].tolist()}"
        )


def graph_target(target: dict[str, object], y: Tensor) -> Tensor:
    """Targets as graphs get them: classes as one-hot rows [rows, classes], others as they are."""
    if target["kind"] == "class":
        return functional.one_hot(y.long(), int(str(target["classes"]))).float()
    return y.long() if target["kind"] == "tokens" else y


def torch_loss(objective: Objective, output: Tensor, y: Tensor) -> Tensor:
    """The same loss by PyTorch's own function, to compare with; ``y`` as data files have it."""
    if objective.kind == "class":
        return functional.cross_entropy(output, y.long())
    if objective.kind == "tokens":
        return functional.cross_entropy(output.flatten(0, 1), y.long().flatten())
    if objective.kind == "labels":
        return functional.binary_cross_entropy_with_logits(output, y)
    return functional.mse_loss(output, y)
