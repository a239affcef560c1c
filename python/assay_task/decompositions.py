"""Backward passes in operators that ONNX has, for those that neither PyTorch nor ONNX takes apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch._decomp import core_aten_decompositions, get_decompositions
from torch.nn import functional

from .paths import module_here
from .refusal import BATCH_NORM, Refusal

aten = torch.ops.aten

#: More that PyTorch can take apart than it does for its core set.
_MORE = [aten.elu, aten.gelu, aten.hardtanh, aten.leaky_relu, aten.unfold, aten.var_mean]


def decompositions() -> dict[torch._ops.OpOverload, Callable[..., object]]:
    """What :func:`assay_task.trace.trace` takes apart, and how."""
    own = {
        aten.convolution_backward.default: convolution_backward,
        aten.max_pool2d_with_indices_backward.default: max_pool_backward,
        aten.max_pool3d_with_indices_backward.default: max_pool_backward,
        aten.avg_pool2d_backward.default: avg_pool_backward,
        aten._adaptive_avg_pool2d.default: adaptive_avg_pool,
        aten._adaptive_avg_pool2d_backward.default: adaptive_avg_pool_backward,
        aten.embedding_dense_backward.default: embedding_backward,
        aten.upsample_nearest2d.default: lambda x, size, *_: resized(x, size, "nearest"),
        aten.upsample_nearest2d_backward.default: lambda grad, size, whole, *_: resized_backward(
            grad, whole, "nearest"
        ),
        aten.upsample_bilinear2d.default: lambda x, size, corners, *_: resized(x, size, "bilinear", corners),
        aten.upsample_bilinear2d_backward.default: lambda grad, size, whole, corners, *_: resized_backward(
            grad, whole, "bilinear", corners
        ),
        aten.native_group_norm.default: group_norm,
        aten.native_batch_norm.default: batch_norm,
        aten._native_batch_norm_legit.no_stats: lambda x, weight, bias, training, momentum, eps: batch_norm(
            x, weight, bias, None, None, training, momentum, eps
        ),
        aten.var.default: lambda x, unbiased=True: variance(x, None, correction=int(unbiased)),
        aten.var.dim: lambda x, dim, unbiased=True, keepdim=False: variance(
            x, dim, correction=int(unbiased), keepdim=keepdim
        ),
        aten.var.correction: variance,
    }
    return {**core_aten_decompositions(), **get_decompositions(_MORE), **own}


def convolution_backward(
    grad: Tensor, x: Tensor, weight: Tensor, bias_sizes: Sequence[int] | None, stride: Sequence[int],
    padding: Sequence[int], dilation: Sequence[int], transposed: bool, output_padding: Sequence[int], groups: int,
    output_mask: Sequence[bool],
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:  # fmt: skip
    """Gradients of a convolution by its input [N, C, …], weight [O, C/groups, …] and bias [O].

    The input's is the convolution with the same weight that goes the other way. The weight's is a convolution of the
    input by the gradient, with channels in the place of samples and strides in that of dilations.
    """
    rank = x.dim() - 2
    by_axis = [_each(sizes, rank) for sizes in (stride, padding, dilation)]
    stride, padding, dilation = by_axis
    by_input = by_weight = by_bias = None
    if output_mask[0]:
        more = [
            x.shape[2 + i] - _reached(grad.shape[2 + i], weight.shape[2 + i], stride[i], padding[i], dilation[i])
            for i in range(rank)
        ]
        more = [0] * rank if transposed else more
        by_input = aten.convolution(grad, weight, None, stride, padding, dilation, not transposed, more, groups)
    if output_mask[1]:
        wide, narrow = (grad, x) if transposed else (x, grad)
        by_weight = _weight_gradient(wide, narrow, weight, stride, padding, dilation, groups)
    if output_mask[2]:
        by_bias = grad.sum([0, *range(2, grad.dim())])
    return by_input, by_weight, by_bias


def _reached(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Size of a transposed convolution's output along one axis, before it is padded."""
    return (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1


def _weight_gradient(
    wide: Tensor, narrow: Tensor, weight: Tensor, stride: Sequence[int], padding: Sequence[int],
    dilation: Sequence[int], groups: int,
) -> Tensor:  # fmt: skip
    """Of the convolution from ``wide`` [N, C, …] to ``narrow`` [N, O, …]: [O, C/groups, …]."""
    n, rank = wide.shape[0], wide.dim() - 2
    places = list(range(3, 3 + rank))
    maps, channels = narrow.shape[1] // groups, wide.shape[1] // groups
    inputs = wide.reshape(n, groups, channels, *wide.shape[2:]).permute(2, 1, 0, *places)
    inputs = inputs.reshape(channels, groups * n, *wide.shape[2:])
    kernels = narrow.reshape(n, groups, maps, *narrow.shape[2:]).permute(1, 2, 0, *places)
    kernels = kernels.reshape(groups * maps, n, *narrow.shape[2:])
    none = [0] * rank
    product = aten.convolution(inputs, kernels, None, dilation, padding, stride, False, none, groups)
    for i in range(rank):
        product = product.narrow(2 + i, 0, weight.shape[2 + i])
    return product.transpose(0, 1).contiguous()


def max_pool_backward(
    grad: Tensor, x: Tensor, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int],
    dilation: Sequence[int], ceil_mode: bool, places: Tensor,
) -> Tensor:  # fmt: skip
    """Gradient of max pooling by its input; ``places`` are those of the largest elements within each plane."""
    planes = x.shape[-len(kernel) :]
    flat = grad.new_zeros(math.prod(x.shape[: -len(kernel)]), math.prod(planes))
    rows = flat.shape[0]
    return flat.scatter_add(1, places.reshape(rows, -1), grad.reshape(rows, -1)).reshape(x.shape)


def avg_pool_backward(
    grad: Tensor, x: Tensor, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int], ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Tensor:  # fmt: skip
    """Gradient of average pooling by its input: a transposed convolution with a kernel of ones, plane by plane."""
    rank = len(kernel)
    stride, padding = _each(stride or kernel, rank), _each(padding, rank)
    planes = x.shape[-rank:]
    ones = torch.ones(1, 1, *kernel)
    shares = grad / math.prod(kernel)
    if not count_include_pad and any(padding):
        inside = torch.ones(1, 1, *planes)
        counts = aten.convolution(inside, ones, None, stride, padding, [1] * rank, False, [0] * rank, 1)
        shares = grad / counts.reshape(grad.shape[-rank:])
    alone = shares.reshape(math.prod(grad.shape[:-rank]), 1, *grad.shape[-rank:])
    more = [planes[i] - _reached(alone.shape[2 + i], kernel[i], stride[i], padding[i], 1) for i in range(rank)]
    back = aten.convolution(alone, ones, None, stride, padding, [1] * rank, True, more, 1)
    return back.reshape(x.shape)


def adaptive_avg_pool(x: Tensor, output_size: Sequence[int]) -> Tensor:
    """Each output is a mean of a part of the plane [H, W], so all of them are a product from both sides."""
    rows, columns = (_means(size, out) for size, out in zip(x.shape[-2:], output_size))
    return rows @ x @ columns.T


def adaptive_avg_pool_backward(grad: Tensor, x: Tensor) -> Tensor:
    """The product's gradient by its input."""
    rows, columns = (_means(size, out) for size, out in zip(x.shape[-2:], grad.shape[-2:]))
    return rows.T @ grad @ columns


def _means(size: int, outputs: int) -> Tensor:
    """The matrix [outputs, size] that takes the means."""
    means = torch.zeros(outputs, size)
    for i in range(outputs):
        first, last = i * size // outputs, -(-(i + 1) * size // outputs)
        means[i, first:last] = 1 / (last - first)
    return means


def resized(x: Tensor, size: Sequence[int], mode: str, corners: bool | None = None) -> Tensor:
    """A picture [N, C, H, W] in another size. Each output mixes a few rows and columns: a product from both sides."""
    rows, columns = (_mixing(old, new, mode, corners) for old, new in zip(x.shape[-2:], size))
    return rows @ x @ columns.T


def resized_backward(grad: Tensor, whole: Sequence[int], mode: str, corners: bool | None = None) -> Tensor:
    """The product's gradient by its input, of shape ``whole``."""
    rows, columns = (_mixing(old, new, mode, corners) for old, new in zip(whole[-2:], grad.shape[-2:]))
    return rows.T @ grad @ columns


def _mixing(old: int, new: int, mode: str, corners: bool | None) -> Tensor:
    """The matrix [new, old] that resizes a column: what becomes of each unit column."""
    units = torch.eye(old).reshape(1, old, old, 1)
    return functional.interpolate(units, size=(new, 1), mode=mode, align_corners=corners).reshape(old, new).T


def embedding_backward(grad: Tensor, places: Tensor, rows: int, padding_idx: int, scale_grad_by_freq: bool) -> Tensor:
    """Gradient of a table [rows, width]: gradients [..., width] summed up where they were looked up."""
    if scale_grad_by_freq:
        raise Refusal("an embedding scales its gradient by how often a word is there; leave scale_grad_by_freq out")
    width = grad.shape[-1]
    flat, lines = places.reshape(-1), grad.reshape(-1, width)
    if padding_idx >= 0:
        lines = torch.where((flat == padding_idx).unsqueeze(1), 0.0, lines)
    return aten.index_put(grad.new_zeros(rows, width), [flat], lines, True)


def group_norm(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, n: int, channels: int, places: int, groups: int, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalises [n, channels, …] by groups of channels; also gives means and inverse deviations, [n, groups]."""
    rows = x.reshape(n, groups, channels // groups * places)
    normal, mean, inverse = _normalised(rows, [2], eps)
    return _scaled(normal.reshape(x.shape), weight, bias), mean.reshape(n, groups), inverse.reshape(n, groups)


def batch_norm(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None,
    training: bool, momentum: float, eps: float,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """What instance normalisation is made of: normalises [n, channels, …] by channel, without running statistics."""
    if running_mean is not None or running_var is not None or not training:
        raise Refusal(f"{module_here()} {BATCH_NORM}")
    normal, mean, inverse = _normalised(x, [0, *range(2, x.dim())], eps)
    return _scaled(normal, weight, bias), mean.reshape(-1), inverse.reshape(-1)


def _normalised(x: Tensor, axes: Sequence[int], eps: float) -> tuple[Tensor, Tensor, Tensor]:
    apart = x - (mean := x.mean(axes, keepdim=True))
    inverse = ((apart * apart).mean(axes, keepdim=True) + eps).rsqrt()
    return apart * inverse, mean, inverse


def _scaled(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    across = [1, -1, *[1] * (x.dim() - 2)]
    wide = x if weight is None else x * weight.reshape(across)
    return wide if bias is None else wide + bias.reshape(across)


def variance(
    x: Tensor, dim: Sequence[int] | None = None, *, correction: float | None = None, keepdim: bool = False
) -> Tensor:
    """Mean square of the distance from the mean, over ``dim`` or everything."""
    dim = list(dim) if dim else list(range(x.dim()))
    count = math.prod(x.shape[axis] for axis in dim)
    apart = x - x.mean(dim, keepdim=True)
    return (apart * apart).sum(dim, keepdim=keepdim) / max(0, count - (1 if correction is None else correction))


def _each(sizes: Sequence[int], rank: int) -> list[int]:
    return list(sizes) if len(sizes) == rank else [sizes[0]] * rank
