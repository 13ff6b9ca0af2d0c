"""Imports torchvision beside a CPU build of torch.

torchvision's wheel is built for CUDA; with a CPU torch its import stops at ``operator torchvision::nms
does not exist``. It is enough to declare the schemas of the two operators that it decorates,
because nothing here calls them. If torchvision can be imported, nothing is declared.
"""

import importlib
from types import ModuleType

import torch

_SCHEMAS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def import_torchvision() -> ModuleType:
    """torchvision, with the missing schemas declared only if the plain import fails for them."""
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    for name, schema in _SCHEMAS.items():
        torch.library.define(f"torchvision::{name}", schema)
    return importlib.import_module("torchvision")
