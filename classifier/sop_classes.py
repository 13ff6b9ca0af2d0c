"""What a DICOM object is, by its SOP class (PS3.4, annex B.5) and then by its modality."""

from classifier.header_terms import MODALITIES, RADIOGRAPHY

_STORAGE = "1.2.840.10008.5.1.4.1.1"
_DX_FOR_PROCESSING = f"{_STORAGE}.1.1.1"
# Radiographs by their class, whatever a vendor writes as modality (DR, XR, RX, ...).
_CLASS_MODALITIES = {
    f"{_STORAGE}.1": "CR",
    f"{_STORAGE}.1.1": "DX",
    _DX_FOR_PROCESSING: "DX",
}
# Classes that never hold a radiograph → a key of ``refused_file.FOUND``. A class and all below it; the first
# that fits counts.
_NO_PICTURES = {
    "1.2.840.10008.1.3.10": "index",
    f"{_STORAGE}.88.59": "key_images",
    f"{_STORAGE}.88": "report",
    f"{_STORAGE}.11": "presentation",
    f"{_STORAGE}.104": "document",
    f"{_STORAGE}.77.1.1.1": "clip",
    f"{_STORAGE}.77.1.2.1": "clip",
    f"{_STORAGE}.77.1.4.1": "clip",
    f"{_STORAGE}.9": "waveform",
}


def no_picture(sop_class: str) -> str:
    """A key of ``refused_file.FOUND`` for an object that holds no radiograph by its class, or ""."""
    return next(
        (
            found
            for known, found in _NO_PICTURES.items()
            if sop_class == known or sop_class.startswith(f"{known}.")
        ),
        "",
    )


def is_for_processing(sop_class: str, intent: str) -> bool:
    """Whether it holds the detector's raw values, which nobody reads on."""
    return sop_class == _DX_FOR_PROCESSING or intent == "FOR PROCESSING"


def modality_by_class(modality: str, sop_class: str) -> str:
    """The modality in capitals. The class decides if the header's term isn't the code of any modality."""
    if modality in RADIOGRAPHY or modality in MODALITIES:
        return modality
    return _CLASS_MODALITIES.get(sop_class, modality)
