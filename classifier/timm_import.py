"""Imports timm beside a CPU build of torch. All other modules import timm from here.

timm imports torchvision, whose wheel is built for CUDA. ``make lint`` refuses ``import timm`` elsewhere.
"""

from classifier.torchvision_shim import import_torchvision

import_torchvision()

import timm  # noqa: E402
from timm.layers import Conv2dSame  # noqa: E402

__all__ = ["Conv2dSame", "timm"]
