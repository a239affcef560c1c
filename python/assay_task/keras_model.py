"""Models of Keras 3 on its PyTorch backend."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from .refusal import BATCH_NORM, demand

#: Shares of what layers draw by chance while they train.
_SHARES = ("rate", "stddev", "dropout", "recurrent_dropout")
#: Layers that draw as ``torch.nn.functional.dropout`` does, unless they have a seed or a shape of their own for it.
_PLAIN = ("Dropout", "MultiHeadAttention")


class KerasModule(nn.Module):
    """A Keras model as a module whose parameters are the model's trainable variables, by their paths.

    Keras must run on PyTorch: set ``KERAS_BACKEND=torch`` before it is imported. The Keras model itself isn't changed.
    """

    def __init__(self, model: Any) -> None:
        """
        :param model: a built ``keras.Model`` with one input and one output, as ``forward`` takes and gives them
        :raises Refusal: for layers that keep running statistics, or draw random numbers otherwise than Dropout does
        """
        super().__init__()
        for layer in model._flatten_layers():
            _check_layer(layer)
        # Not as a part of this module: its variables are no attributes that other tensors could stand in for.
        self.__dict__["keras_model"] = model
        for variable in model.trainable_variables:
            demand(
                isinstance(variable.value, nn.Parameter),
                f"{variable.path} is no tensor of PyTorch; set KERAS_BACKEND=torch before Keras is imported",
            )
            self.register_parameter(variable.path.replace(".", "_"), nn.Parameter(variable.value.detach().clone()))

    def forward(self, x: Tensor) -> Tensor:
        """``x`` [rows, …] as the Keras model takes it; returns what it gives."""
        model = self.__dict__["keras_model"]
        fixed = [variable.value for variable in model.non_trainable_variables]
        output, _ = model.stateless_call(list(self.parameters()), fixed, x, training=self.training)
        return output

    def __deepcopy__(self, memo: dict[int, Any]) -> KerasModule:
        twin = KerasModule(self.__dict__["keras_model"])
        memo[id(self)] = twin
        for mine, other in zip(self.parameters(), twin.parameters()):
            other.data.copy_(mine.data)
            other.requires_grad_(mine.requires_grad)
            memo[id(mine)] = other
        return twin.train(self.training)


def _check_layer(layer: Any) -> None:
    label = f"{layer.name} ({type(layer).__name__})"
    demand(type(layer).__name__ != "BatchNormalization", f"{label} {BATCH_NORM}")
    draws = any(getattr(layer, name, None) not in (None, 0) for name in _SHARES)
    is_seeded = any(getattr(layer, name, None) is not None for name in ("seed", "noise_shape"))
    is_plain = type(layer).__name__ in _PLAIN and not is_seeded
    demand(
        is_plain or not draws,
        f"{label} draws random numbers in a way of its own, which no graph repeats: use Dropout without seed and "
        "noise_shape, or none",
    )
