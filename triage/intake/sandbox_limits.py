"""What one file may cost."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings

from classifier.decode_message import Request
from classifier.refused_file import Limits

# Beside the lossless picture, which packing may make a little larger than its pixels: two JPEGs, the header.
_BESIDE_PIXELS = 32 * 1024 * 1024


@dataclass(frozen=True)
class SandboxLimits:
    """What one file may cost. ``settings.CALLUS_INTAKE`` overrides by these names.

    ``cpu_seconds``: of processor time; ``seconds``: on the clock, for a machine that others use too.
    ``memory_bytes``: what a child may hold. A picture of 47 million pixels takes 150 to 360 MB, by its
    format; 50 MB of it are libraries.
    ``wait_seconds``: until one of the machine's places is free.
    """

    max_bytes: int = Limits.bytes
    max_pixels: int = Limits.pixels
    seconds: float = 20
    cpu_seconds: int = 10
    memory_bytes: int = 512 * 1024**2
    wait_seconds: float = 60

    @classmethod
    def from_settings(cls) -> Self:
        chosen = getattr(settings, "CALLUS_INTAKE", {})
        return cls(**{key: chosen[key] for key in cls.__dataclass_fields__ if key in chosen})

    @property
    def of_a_file(self) -> Limits:
        return Limits(self.max_bytes, self.max_pixels)

    @property
    def request(self) -> Request:
        most = 3 * self.max_pixels + _BESIDE_PIXELS
        return Request(self.seconds, self.cpu_seconds, self.memory_bytes, most)
