"""Refuses models that can't be trained by many, before anything is traced."""

from __future__ import annotations

import re

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.nn.modules.lazy import LazyModuleMixin

from .paths import named
from .refusal import BATCH_NORM, demand

#: Names that a state's tensors may have, as task.json takes them.
_NAME = re.compile(r"[A-Za-z0-9_./:-]{1,80}")


def check_model(module: nn.Module) -> None:
    """Checks each part of a model and each parameter.

    :raises Refusal: that names the part, the reason and the fix
    """
    for path, part in module.named_modules():
        _check_part(named(path, module), part)
    count = 0
    for name, parameter in module.named_parameters():
        count += parameter.numel()
        demand(
            parameter.dtype == torch.float32 and parameter.device.type == "cpu",
            f"{name} is {parameter.dtype} on {parameter.device}; call model.float().cpu() first",
        )
        bad = int((~torch.isfinite(parameter.detach())).sum())
        demand(
            bad == 0,
            f"{name} has {bad} values that are not finite, of {parameter.numel()}; start from finite weights",
        )
        demand(
            _NAME.fullmatch(name) is not None and not name.endswith("_next"),
            f'"{name}" can\'t name a tensor: use 80 letters, digits and _ . / : - at most, and no _next at the end',
        )
    demand(count > 0, "the model has no parameters; there is nothing to train")


def _check_part(label: str, part: nn.Module) -> None:
    demand(not isinstance(part, _BatchNorm), f"{label} {BATCH_NORM}")
    demand(
        not (isinstance(part, _NormBase) and part.track_running_stats),
        f"{label} keeps running statistics, which no average of contributors' is; set track_running_stats=False",
    )
    lazy = isinstance(part, LazyModuleMixin) and part.has_uninitialized_params()
    demand(not lazy, f"{label} has no weights before its first call; call the model once")
