"""PyTorch draws the engine's random numbers while they are compared."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from assay_task import Refusal
from assay_task.noise import Draw, FedNoise, noise_fields

HALF = Draw("bernoulli", "0.5", (2, 3))
REAL = Draw("normal", None, (2,))


def test_draws_of_one_kind_and_chance_share_an_input() -> None:
    tenth = Draw("bernoulli", "0.9", (4, 1))
    assert noise_fields([HALF, tenth, REAL, HALF]) == [
        {"name": "noise.keep-0.5", "shape": [12], "kind": "bernoulli", "keep": "0.5"},
        {"name": "noise.keep-0.9", "shape": [4], "kind": "bernoulli", "keep": "0.9"},
        {"name": "noise.normal", "shape": [2], "kind": "normal"},
    ]


def test_each_draw_takes_its_piece_in_order() -> None:
    ones = torch.tensor([1.0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1])
    values = {"noise.keep-0.5": ones, "noise.normal": torch.tensor([0.25, -3.0])}
    x = torch.arange(1.0, 7.0).reshape(2, 3)
    with FedNoise(values):
        first, noise, second = nn.Dropout(0.5)(x), torch.randn(2), nn.Dropout(0.5)(x.T.contiguous().T)
    assert torch.equal(first, 2 * x * ones[:6].reshape(2, 3))
    assert torch.equal(noise, values["noise.normal"])
    assert torch.equal(second, 2 * x * ones[6:].reshape(2, 3))


@pytest.mark.parametrize("left", [{"noise.keep-0.9": 6}, {"noise.keep-0.5": 5}, {"noise.keep-0.5": 12}])
def test_other_draws_than_the_step_has_are_refused(left: dict[str, int]) -> None:
    values = {name: torch.ones(count) for name, count in left.items()}
    with pytest.raises(Refusal, match="draws other random numbers"), FedNoise(values):
        nn.Dropout(0.5)(torch.ones(2, 3))
