"""Why a release can't be used."""


class ReleaseError(Exception):
    """A release that can't be used. The message is a sentence for the person who tried to use it."""


class ReleaseMissing(ReleaseError):
    """There is no release in the folder."""


class ReleaseIncompatible(ReleaseError):
    """The release was made for another version of Callus."""


class ReleaseCorrupt(ReleaseError):
    """A file of the release is missing, or differs from the manifest."""
