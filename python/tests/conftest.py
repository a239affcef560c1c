"""What all tests need."""

import os

import pytest
import torch

os.environ.setdefault("KERAS_BACKEND", "torch")


@pytest.fixture(autouse=True)
def same_numbers() -> None:
    """Each test draws the same numbers, whichever ran before."""
    torch.set_num_threads(1)
    torch.manual_seed(7)
