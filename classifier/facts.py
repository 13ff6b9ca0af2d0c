"""Values of a DICOM header about a picture, its series and its study, without the patient's identity.

Names are the keywords of PS3.6 in snake case. A missing or unreadable value is "" for a text, else None. This
module loads no image library: the web process checks the decoder's answer with ``DicomFacts.from_json``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, time
from typing import Any, Self, get_type_hints

LONGEST_TEXT = 64  # characters: the value representations LO and UI, and the columns that keep them
MOST_WINDOWS = 16  # a choice, more than a viewer offers; a longer list is a mistake or an attack
MOST_CURVES = 8  # windows and tables that are offered. A choice: more than a reader compares
# Greys of one table that a viewer gets, each with the code where it begins. A table that never falls has
# at most 256. Eight tables fit into the header of an answer.
MOST_RUNS = 400
LARGEST_INTEGER = 2**31 - 1  # the value representation IS, and PostgreSQL's integer

Pair = tuple[float, float]


@dataclass(frozen=True)
class StudyFacts:
    """General Study module. Dates and times are those of the device's own clock, without a time zone."""

    study_instance_uid: str = ""
    study_date: date | None = None
    study_time: time | None = None
    study_description: str = ""
    accession_number: str = ""


@dataclass(frozen=True)
class SeriesFacts:
    """General Series and General Equipment modules."""

    series_instance_uid: str = ""
    series_number: int | None = None
    series_description: str = ""
    modality: str = ""
    manufacturer: str = ""
    manufacturer_model_name: str = ""
    station_name: str = ""


@dataclass(frozen=True)
class InstanceFacts:
    """Values of one picture.

    ``pixel_spacing`` and ``imager_pixel_spacing``: (between rows, between columns) in mm, both above 0.
    ``pixel_spacing_calibration_type``: "GEOMETRY", "FIDUCIAL" or "". ``window_center`` and ``window_width``:
    equally many, in the header's order, in values after the rescale; a width is above 0.
    ``window_center_width_explanation``: one for each window, or empty. ``image_laterality``: L, R, B, U or
    "". ``rescale_slope`` and ``rescale_intercept``: value = slope × stored value + intercept; None if the
    header has none, which means 1 and 0. ``voi_lut_function``: how a window turns values into grey,
    "LINEAR", "LINEAR_EXACT" or "SIGMOID" (PS3.3 C.11.2.1.3); "": the header has none of them, so LINEAR.
    ``presentation_lut_shape``: "IDENTITY", "INVERSE" or "".
    """

    sop_instance_uid: str = ""
    sop_class_uid: str = ""
    instance_number: int | None = None
    acquisition_date: date | None = None
    acquisition_time: time | None = None
    content_date: date | None = None
    content_time: time | None = None
    pixel_spacing: Pair | None = None
    imager_pixel_spacing: Pair | None = None
    pixel_spacing_calibration_type: str = ""
    window_center: tuple[float, ...] = ()
    window_width: tuple[float, ...] = ()
    window_center_width_explanation: tuple[str, ...] = ()
    photometric_interpretation: str = ""
    bits_stored: int | None = None
    image_laterality: str = ""
    patient_orientation: str = ""
    rescale_slope: float | None = None
    rescale_intercept: float | None = None
    voi_lut_function: str = ""
    presentation_lut_shape: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError if there are not equally many centres, widths and explanations."""
        names = len(self.window_center_width_explanation) or len(self.window_center)
        if not len(self.window_center) == len(self.window_width) == names:
            raise ValueError("windows without a centre, a width or a name")


@dataclass(frozen=True)
class DicomFacts:
    """The facts of one file."""

    study: StudyFacts = field(default_factory=StudyFacts)
    series: SeriesFacts = field(default_factory=SeriesFacts)
    instance: InstanceFacts = field(default_factory=InstanceFacts)

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Values that ``json.dumps`` takes; dates and times in ISO 8601."""
        return {
            part: {name: _as_json(value) for name, value in values.items()}
            for part, values in asdict(self).items()
        }

    @classmethod
    def from_json(cls, answer: object) -> Self:
        """The inverse of ``as_json``. The answer is checked: its process has read a stranger's file.

        Raises:
            ValueError: a key is missing or unknown, or a value has another type or is too long.
        """
        study, series, instance = (
            _values(answer, part, kind)
            for part, kind in (
                ("study", StudyFacts),
                ("series", SeriesFacts),
                ("instance", InstanceFacts),
            )
        )
        return cls(StudyFacts(**study), SeriesFacts(**series), InstanceFacts(**instance))


def _as_json(value: object) -> object:
    if isinstance(value, date | time):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _values(answer: object, part: str, kind: type) -> dict[str, Any]:
    values = answer.get(part) if isinstance(answer, Mapping) else None
    if not isinstance(values, Mapping) or set(values) != {known.name for known in fields(kind)}:
        raise ValueError("other facts than expected")
    types = get_type_hints(kind)
    return {name: _READERS[types[name]](value) for name, value in values.items()}


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
        raise ValueError("not a short text")
    return value


def _date(value: object) -> date | None:
    return None if value is None else date.fromisoformat(_text(value))


def _time(value: object) -> time | None:
    found = None if value is None else time.fromisoformat(_text(value))
    if found is not None and found.tzinfo is not None:
        raise ValueError("a time with a zone")
    return found


def _integer(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or abs(value) > LARGEST_INTEGER:
        raise ValueError("not an integer")
    return value


def _number(value: object) -> float | None:
    return None if value is None else _numbers([value])[0]


def _numbers(value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) > MOST_WINDOWS:
        raise ValueError("not a short list")
    if not all(type(number) is float and math.isfinite(number) for number in value):
        raise ValueError("not numbers")
    return tuple(value)


def _pair(value: object) -> Pair | None:
    if value is None:
        return None
    first, second = _numbers(value)  # ValueError where there are more or fewer
    if min(first, second) <= 0:
        raise ValueError("a spacing that is not above 0")
    return first, second


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_WINDOWS:
        raise ValueError("not a short list")
    return tuple(_text(text) for text in value)


_READERS: Mapping[Any, Callable[[object], Any]] = {
    str: _text,
    date | None: _date,
    time | None: _time,
    int | None: _integer,
    float | None: _number,
    Pair | None: _pair,
    tuple[float, ...]: _numbers,
    tuple[str, ...]: _texts,
}
