"""TensorFlow's "same" padding for networks of timm, fixed when the network is built.

timm computes it from each input's size. A graph then has no fixed shapes, although the result is always the
same for our sizes.
"""

import torch
from torch import nn
from torch.nn import functional

from classifier.timm_import import Conv2dSame


def pad_alike(network: nn.Module, side: int | None = None) -> None:
    """Fixes the padding of every convolution with a stride, in place.

    ``side``: side of the picture in pixels, for a network whose convolutions with a stride follow each other.
    None: the stride of each of them divides the side of its input. At stride 2 the padding is then one pixel
    larger at the right and bottom than at the left and top.
    """
    for name, module in list(network.named_modules()):
        if isinstance(module, Conv2dSame):
            parent, _, child = name.rpartition(".")
            stride = module.stride[0]
            fixed = _fixed(module, stride if side is None else side)
            network.get_submodule(parent).register_module(child, fixed)
            side = None if side is None else -(-side // stride)


class _PaddedConv2d(nn.Conv2d):
    """A convolution that pads by ``more`` at the right and bottom and by ``less`` at the left and top."""

    less = more = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # With an explicit value ONNX Runtime fuses the padding into the convolution, which saves 4 ms a
        # picture.
        padded = functional.pad(x, (self.less, self.more, self.less, self.more), value=0.0)
        return functional.conv2d(
            padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )


def _fixed(module: nn.Conv2d, side: int) -> nn.Conv2d:
    """The same convolution for an input of ``side``, or of any other side that leaves the same remainder."""
    (kernel, *_), (stride, *_), (dilation, *_) = module.kernel_size, module.stride, module.dilation
    reach = dilation * (kernel - 1) + 1
    total = max(0, reach - (side % stride or stride))
    less, more = total // 2, total - total // 2
    # The convolution itself can pad all sides equally, without a copy.
    found = (nn.Conv2d if less == more else _PaddedConv2d)(
        module.in_channels,
        module.out_channels,
        module.kernel_size,  # type: ignore[arg-type]
        module.stride,  # type: ignore[arg-type]
        padding=less if less == more else 0,
        dilation=module.dilation,  # type: ignore[arg-type]
        groups=module.groups,
        bias=module.bias is not None,
    )
    if isinstance(found, _PaddedConv2d):
        found.less, found.more = less, more
    found.weight, found.bias = module.weight, module.bias
    return found
