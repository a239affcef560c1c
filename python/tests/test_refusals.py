"""What can't be exported is refused in words, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from models import CLASSES, CLASSIFIERS, ROWS, Words, _whole, classes
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import SGD, Adam, RMSprop
from torch.utils.checkpoint import checkpoint

from assay_task import KerasModule, Refusal, export_task
from assay_task.samples import Samples


def mlp() -> nn.Module:
    return CLASSIFIERS["mlp"].made()


def picture(*layers: nn.Module, values: int = 128) -> nn.Module:
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(values, CLASSES))


def features(rows: int, width: int = 20) -> Samples:
    return torch.randn(rows, width), classes(rows)


def pictures(rows: int) -> Samples:
    return torch.randn(rows, 2, 8, 8), classes(rows)


class Bent(nn.Module):
    """Does something to its input that has no graph."""

    def __init__(self, bend: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.bend, self.out = bend, nn.Linear(20, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.bend(x))


class Recomputed(nn.Module):
    """Computes a layer's output once more in the backward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Sequential(nn.Linear(20, 8), nn.Dropout(0.5), nn.Tanh())
        self.out = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(checkpoint(self.layer, x, use_reentrant=False))


class Warped(nn.Module):
    """Warps a picture by a grid that it learns."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = nn.Parameter(torch.rand(1, 8, 8, 2))

    def forward(self, x: Tensor) -> Tensor:
        return functional.grid_sample(x, self.grid.expand(x.shape[0], -1, -1, -1), align_corners=False)


def refusal(module: nn.Module, tmp_path: Path, **changed: object) -> str:
    arguments = {
        "loss": "cross-entropy",
        "optimizer": SGD(module.parameters(), lr=0.1),
        "example_batch": features(ROWS),
        "holdout": features(24),
        "out": tmp_path / "task",
        **changed,
    }
    with pytest.raises(Refusal) as refused:
        export_task(module, **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "task").exists()
    return str(refused.value)


PICTURES = {"example_batch": pictures(ROWS), "holdout": pictures(24)}


def test_batch_norm_by_its_path_with_the_reason_and_the_fix(tmp_path: Path) -> None:
    features = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU())
    module = nn.Sequential()
    module.add_module("features", features)
    module.add_module("head", picture())
    message = refusal(module, tmp_path, **PICTURES)
    assert message.startswith("features.1 (BatchNorm2d) normalises by statistics of the whole batch")
    assert "replace it with GroupNorm or LayerNorm" in message


def test_batch_norm_that_is_called_as_a_function(tmp_path: Path) -> None:
    mean, variance = torch.zeros(20), torch.ones(20)
    module = Bent(lambda x: functional.batch_norm(x, mean, variance, training=True))
    assert (message := refusal(module, tmp_path)).startswith("the model normalises by")
    assert "replace it with GroupNorm or LayerNorm" in message


def test_running_statistics_of_instance_norm(tmp_path: Path) -> None:
    module = picture(nn.InstanceNorm2d(2, track_running_stats=True))
    assert refusal(module, tmp_path, **PICTURES).startswith("0 (InstanceNorm2d) keeps running statistics")


def test_random_numbers_that_no_random_input_gives(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(20, 20), nn.RReLU(), nn.Linear(20, CLASSES))
    message = refusal(module, tmp_path)
    assert message.startswith("1 (RReLU): rrelu_with_noise") and "use dropout, torch.rand or torch.randn" in message
    assert "it must be from 1e-09 to 1 - 1e-09: drop fewer, or none" in refusal(
        Bent(lambda x: functional.dropout(x, 1 - 1e-12)), tmp_path
    )


def test_random_numbers_where_a_model_is_evaluated(tmp_path: Path) -> None:
    message = refusal(Bent(lambda x: functional.dropout(x, 0.5)), tmp_path)
    assert message.startswith("the model (Bent): bernoulli.p draws random numbers where the model is evaluated")


def test_random_numbers_that_are_drawn_in_the_backward_pass_too(tmp_path: Path) -> None:
    assert "let it draw the same kinds and as many each time, and in its forward pass alone" in refusal(
        Recomputed(), tmp_path
    )


def test_operators_without_a_form_by_the_module_that_calls_them(tmp_path: Path) -> None:
    module = picture(nn.Conv2d(2, 2, 3, padding=1), Warped())
    message = refusal(module, tmp_path, **PICTURES)
    assert message.startswith("1 (Warped): grid_sampler_2d") and "has no form" in message
    assert "is indexed by a mask" in refusal(Bent(lambda x: x[x > -9].reshape(x.shape)), tmp_path)


def test_samples_of_another_shape(tmp_path: Path) -> None:
    message = refusal(mlp(), tmp_path, holdout=features(24, 19))
    assert (
        "a sample of holdout is torch.float32 of shape [19], one of example_batch is torch.float32 of shape [20]"
        in (message)
    )
    assert "the model fails on example_batch" in refusal(
        mlp(), tmp_path, example_batch=features(8, 19), holdout=features(24, 19)
    )


def test_samples_that_are_not_finite(tmp_path: Path) -> None:
    x, y = features(ROWS)
    x[3, 4] = torch.nan
    assert "input x of example_batch has 1 values that are not finite" in refusal(mlp(), tmp_path, example_batch=(x, y))


def test_samples_of_another_type(tmp_path: Path) -> None:
    x, y = features(ROWS)
    assert "input x of holdout is torch.float64" in refusal(mlp(), tmp_path, holdout=(x.double(), y))
    assert "targets of holdout are torch.float32 of shape [8]" in refusal(mlp(), tmp_path, holdout=(x, y.float()))
    assert "there are 7 targets" in refusal(mlp(), tmp_path, holdout=(x, y[1:]))


def test_targets_that_the_model_does_not_tell(tmp_path: Path) -> None:
    x, _ = features(ROWS)
    far = torch.full((ROWS,), CLASSES)
    assert f"a target is {CLASSES}; the model tells 0 to {CLASSES - 1}" in refusal(mlp(), tmp_path, holdout=(x, far))


def test_weights_that_are_not_finite(tmp_path: Path) -> None:
    module = mlp()
    with torch.no_grad():
        module[0].weight[1, 2] = torch.inf
    assert refusal(module, tmp_path).startswith("0.weight has 1 values that are not finite, of 320")


def test_weights_in_double_precision(tmp_path: Path) -> None:
    assert refusal(mlp().double(), tmp_path).startswith("0.weight is torch.float64 on cpu")


def test_whole_numbers_without_a_bound(tmp_path: Path) -> None:
    words = {"example_batch": (_whole(5)(ROWS), classes(ROWS)), "holdout": (_whole(5)(24), classes(24))}
    assert "the model fails for x below 12" in refusal(Words(), tmp_path, below={"x": 12}, **words)
    assert "it goes from 0 to 1, which below says" in refusal(Words(), tmp_path, below={"x": 2}, **words)


def test_other_losses_and_optimizers(tmp_path: Path) -> None:
    module = mlp()
    assert 'loss is "hinge"; use one of cross-entropy' in refusal(module, tmp_path, loss="hinge")
    smooth = nn.CrossEntropyLoss(label_smoothing=0.1)
    assert "with its defaults" in refusal(module, tmp_path, loss=smooth)
    assert refusal(module, tmp_path, optimizer=RMSprop(module.parameters())).startswith("the optimizer is RMSprop")
    foreign = SGD(nn.Linear(2, 2).parameters(), lr=0.1)
    assert "that is no parameter of the model" in refusal(module, tmp_path, optimizer=foreign)
    assert "amsgrad=True" in refusal(module, tmp_path, optimizer=Adam(module.parameters(), amsgrad=True))
    groups = [{"params": [module[0].weight], "lr": 1.0}, {"params": [module[2].weight], "lr": 2.0}]
    assert "only weight_decay may differ" in refusal(module, tmp_path, optimizer=SGD(groups, lr=1.0))


def test_what_diverges(tmp_path: Path) -> None:
    module = mlp()
    message = refusal(module, tmp_path, optimizer=SGD(module.parameters(), lr=1e5))
    assert "not finite" in message or "ower the learning rate" in message


def test_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    message = refusal(mlp(), tmp_path, out=tmp_path)
    assert message.endswith("is not empty (it has notes.txt); name a new folder")


def test_a_checkout_that_is_none(tmp_path: Path) -> None:
    assert "is in no checkout of Assay" in refusal(mlp(), tmp_path, checkout=tmp_path)


def test_layers_of_keras(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    for layer in (layers.BatchNormalization(), layers.Dropout(0.5, seed=1), layers.GaussianNoise(0.1)):
        with pytest.raises(Refusal, match=rf"^{layer.name} \({type(layer).__name__}\)"):
            KerasModule(keras.Sequential([layers.Input((4,)), layer, layers.Dense(3)]))
