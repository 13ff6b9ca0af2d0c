"""Reads ``classifier.facts`` from a DICOM header, without the patient's identity.

Descriptions and station names are free text, and some devices write the patient's name there. If a text
contains a part of the patient's name, the identifier or the birth date, the complete text is left out.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import TYPE_CHECKING

from classifier.dicom_dates import day_of
from classifier.dicom_tags import side_of
from classifier.facts import (
    LARGEST_INTEGER,
    LONGEST_TEXT,
    MOST_WINDOWS,
    DicomFacts,
    InstanceFacts,
    Pair,
    SeriesFacts,
    StudyFacts,
)

if TYPE_CHECKING:
    from classifier.dicom_header import Header

_UID = re.compile(r"[0-9.]{1,64}")
_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?", re.ASCII)
_EARLIEST_YEAR = 1895  # no radiograph is older
_CALIBRATION_TYPES = ("GEOMETRY", "FIDUCIAL")  # PS3.3 10.7.1.3
_VOI_LUT_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")  # PS3.3 C.11.2.1.3
_PRESENTATION_LUT_SHAPES = ("IDENTITY", "INVERSE")  # PS3.3 C.8.11.3.1.2
_NAMES = (
    *("PatientName", "OtherPatientNames", "PatientBirthName", "PatientMotherBirthName"),
    *("PatientID", "OtherPatientIDs", "ResponsiblePerson"),
)
# A name of at least three letters is searched inside words: two letters occur in most descriptions by chance.
# A single letter does not count as a name: "L" and "R" are sides.
_SHORTEST_PART = 3
_SHORTEST_NUMBER = 4  # digits of an identifier; shorter ones are counts, sizes and years' ends
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


def read_facts(header: "Header") -> DicomFacts:
    """A value that can't be read, or has another type than the standard says, is left empty. Never raises."""
    texts = _Texts(header)
    return DicomFacts(_study(header, texts), _series(header, texts), _instance(header, texts))


def free_texts(header: "Header") -> Callable[[str], str]:
    """A function that gives a free text of this header, shortened, or "" if it names the patient."""
    texts = _Texts(header)
    return lambda text: texts.without_patient(text.strip())[:LONGEST_TEXT]


def _study(header: "Header", texts: "_Texts") -> StudyFacts:
    return StudyFacts(
        study_instance_uid=_uid(header, "StudyInstanceUID"),
        study_date=_date(header.line("StudyDate")),
        study_time=_time(header.line("StudyTime")),
        study_description=texts.free("StudyDescription"),
        accession_number=texts.plain("AccessionNumber"),
    )


def _series(header: "Header", texts: "_Texts") -> SeriesFacts:
    return SeriesFacts(
        series_instance_uid=_uid(header, "SeriesInstanceUID"),
        series_number=_integer(header, "SeriesNumber"),
        series_description=texts.free("SeriesDescription"),
        modality=texts.plain("Modality").upper()[:16],
        manufacturer=texts.free("Manufacturer"),
        manufacturer_model_name=texts.free("ManufacturerModelName"),
        station_name=texts.free("StationName"),
    )


def _instance(header: "Header", texts: "_Texts") -> InstanceFacts:
    acquired = _date_time(header.line("AcquisitionDateTime"))
    calibration = header.line("PixelSpacingCalibrationType").upper()
    function = header.line("VOILUTFunction").upper()
    shape = header.line("PresentationLUTShape").upper()
    windows = list(_windows(header, texts))
    explanations = tuple(explanation for _, _, explanation in windows)
    return InstanceFacts(
        sop_instance_uid=_uid(header, "SOPInstanceUID"),
        sop_class_uid=_uid(header, "SOPClassUID"),
        instance_number=_integer(header, "InstanceNumber"),
        acquisition_date=_date(header.line("AcquisitionDate")) or acquired[0],
        acquisition_time=_time(header.line("AcquisitionTime")) or acquired[1],
        content_date=_date(header.line("ContentDate")),
        content_time=_time(header.line("ContentTime")),
        pixel_spacing=_pair(header, "PixelSpacing"),
        imager_pixel_spacing=_pair(header, "ImagerPixelSpacing"),
        pixel_spacing_calibration_type=calibration if calibration in _CALIBRATION_TYPES else "",
        window_center=tuple(center for center, _, _ in windows),
        window_width=tuple(width for _, width, _ in windows),
        window_center_width_explanation=explanations if any(explanations) else (),
        rescale_slope=header.number("RescaleSlope"),
        rescale_intercept=header.number("RescaleIntercept"),
        voi_lut_function=function if function in _VOI_LUT_FUNCTIONS else "",
        presentation_lut_shape=shape if shape in _PRESENTATION_LUT_SHAPES else "",
        photometric_interpretation=texts.plain("PhotometricInterpretation")[:16],
        bits_stored=header.integer("BitsStored"),
        image_laterality=side_of(header),
        # Two code strings of 16 characters and a backslash.
        patient_orientation=texts.plain("PatientOrientation").upper()[:33],
    )


class _Texts:
    """Texts of one header, without those that name its patient."""

    def __init__(self, header: "Header") -> None:
        self._header = header
        said = [header.text(keyword) for keyword in _NAMES]
        said += [item.text("PatientID") for item in header.items("OtherPatientIDsSequence")]
        self._patient = {
            word for text in said for spelt in _spellings(text) for word in _words(spelt)
        }
        numbers = (re.sub(r"\D", "", text) for text in said)
        self._numbers = {number for number in numbers if len(number) >= _SHORTEST_NUMBER}
        self._birth = day_of(header.line("PatientBirthDate"))

    def plain(self, keyword: str) -> str:
        """A text of a code or a number; "" if it is longer than 64 characters: a part says another one."""
        line = self._header.line(keyword)
        return line if len(line) <= LONGEST_TEXT else ""

    def free(self, keyword: str) -> str:
        """A free text; "" if it names the patient."""
        return self.without_patient(self._header.line(keyword))[:LONGEST_TEXT]

    def without_patient(self, text: str) -> str:
        """``text``, or "" if it may name the patient. A missing description is better than a name."""
        digits = re.sub(r"\D", "", text)
        born = set(_writings(self._birth))
        named = (
            any(self._is_named_in(spelt) for spelt in _spellings(text))
            or any(number in digits for number in self._numbers | born)
            or _holds_date(text, self._birth)
        )
        return "" if named else text

    def _is_named_in(self, text: str) -> bool:
        """Whether a name is a word of the text, or, if it is long enough, a part of one ("JaneDoe")."""
        words = _words(text)
        joined = "".join(words)
        return any(
            name in joined if _counts_inside_words(name) else name in words and len(name) > 1
            for name in self._patient
        )


def _counts_inside_words(name: str) -> bool:
    """Three letters. In other scripts one character can be a family name, and no spaces separate words."""
    return len(name) >= _SHORTEST_PART or not name.isascii()


def _spellings(text: str) -> tuple[str, str]:
    """In small letters: without accents, and with the two letters that replace German and Nordic ones."""
    small = unicodedata.normalize("NFKC", text).casefold()
    plain = unicodedata.normalize("NFKD", small)
    return (
        "".join(sign for sign in plain if not unicodedata.combining(sign)),
        small.translate(_TWO_LETTERS),
    )


def _words(text: str) -> list[str]:
    """Runs of letters and digits."""
    return re.findall(r"[^\W_]+", text)


def _writings(born: date | None) -> Iterator[str]:
    """A birth date as people write it, without separators."""
    if born is not None:
        forms = ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%d%m%y", "%m%d%y", "%y%m%d")
        yield from (born.strftime(form) for form in forms)


def _holds_date(text: str, born: date | None) -> bool:
    """Whether three consecutive numbers are the date in any order, also without leading zeros."""
    if born is None:
        return False
    numbers = [int(number) for number in re.findall(r"[0-9]{1,4}", text)]
    dates = [sorted((born.day, born.month, year)) for year in (born.year, born.year % 100)]
    return any(sorted(numbers[at : at + 3]) in dates for at in range(len(numbers) - 2))


def _windows(header: "Header", texts: "_Texts") -> Iterator[tuple[float, float, str]]:
    """(centre, width, explanation) of each valid window."""
    explanations = header.line("WindowCenterWidthExplanation").split("\\")
    for index in range(MOST_WINDOWS):
        center, width = header.number("WindowCenter", index), header.number("WindowWidth", index)
        if center is not None and width is not None and width > 0:
            explanation = explanations[index] if index < len(explanations) else ""
            yield center, width, texts.without_patient(explanation.strip())[:LONGEST_TEXT]


def _uid(header: "Header", keyword: str) -> str:
    value = header.line(keyword)
    return value if _UID.fullmatch(value) else ""


def _integer(header: "Header", keyword: str) -> int | None:
    """IS is stored as text. Some devices pad it, or write "1.0"."""
    found = header.number(keyword)
    return (
        int(found)
        if found is not None and found == int(found) and abs(found) <= LARGEST_INTEGER
        else None
    )


def _pair(header: "Header", keyword: str) -> Pair | None:
    rows, columns = header.number(keyword, 0), header.number(keyword, 1)
    if rows is None or columns is None or min(rows, columns) <= 0:
        return None
    return rows, columns


def _date(text: str) -> date | None:
    """A day on which there were radiographs."""
    found = day_of(text)
    return found if found and found.year >= _EARLIEST_YEAR else None


def _time(text: str) -> time | None:
    """TM, also without minutes or seconds, or with the colons of ACR-NEMA."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    try:
        return time(
            int(hours), int(minutes or 0), int(seconds or 0), int((fraction or "").ljust(6, "0"))
        )
    except ValueError:  # 9999; a leap second, which Python's time doesn't know
        return None


def _date_time(text: str) -> tuple[date | None, time | None]:
    """DT without its time zone: the local time of the device, like the other dates and times."""
    plain = re.sub(r"[+-]\d{4}$", "", text)
    day = _date(plain[:8])
    return (day, _time(plain[8:])) if day else (None, None)
