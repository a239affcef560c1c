"""What all tests need."""

import pytest
import torch


@pytest.fixture(autouse=True)
def same_numbers() -> None:
    """Each test draws the same numbers, whichever ran before."""
    torch.manual_seed(7)
