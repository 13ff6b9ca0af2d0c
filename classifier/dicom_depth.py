"""How many bits the samples of a codestream need, whatever the header says."""

from pydicom import uid

from classifier.dicom_header import Header
from classifier.dicom_layout import Layout
from classifier.dicom_overlays import has_embedded


def may_be_deeper(header: Header, syntax: uid.UID, layout: Layout) -> bool:
    """Whether a codestream's samples count whole, also if they need more bits than Bits Stored says.

    A codestream has a depth of its own, which a device or a converter may have left out of the header. DCMTK
    blanks the upper bits: the film becomes stripes. Where they hold an overlay, or a sign, the header counts.
    """
    is_codestream = syntax.is_encapsulated and syntax != uid.RLELossless
    return is_codestream and not (layout.signed or layout.unused or has_embedded(header, layout))
