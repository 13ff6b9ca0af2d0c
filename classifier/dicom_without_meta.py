"""DICOM as it was written before Part 10 of the standard: a data set without preamble and file meta.

Whole archives of some hospitals are like that. It is little endian, the default of PS3.5.
"""

_MAGIC = slice(128, 132)
_IMPLICIT, _EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
_MOST = 1024  # bytes of the first value: a date, a UID, a character set
_REPRESENTATIONS = {
    *(b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"LT", b"PN", b"SH", b"ST", b"TM"),
    *(b"UI", b"UL", b"US", b"OB", b"UN"),
}


def has_preamble(data: bytes) -> bool:
    return data[_MAGIC] == b"DICM"


def is_bare(data: bytes) -> bool:
    """Whether it begins with an element of group 0002 or 0008, as a data set alone does."""
    group, element = data[:2], int.from_bytes(data[2:4], "little")
    if len(data) < _MAGIC.stop or group not in {b"\x02\0", b"\x08\0"} or element > 0x0070:
        return False
    return data[4:6] in _REPRESENTATIONS or int.from_bytes(data[4:8], "little") <= _MOST


def syntax_without_meta(data: bytes) -> str:
    """The UID of a transfer syntax that the file doesn't name: the one that its first element is written in.

    "" if there is a preamble: such a file must name its syntax, and may be packed in any.
    """
    if has_preamble(data):
        return ""
    explicit = data[4:6] in _REPRESENTATIONS
    return _EXPLICIT if explicit else _IMPLICIT
