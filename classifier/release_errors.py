"""Why a release can't be used."""


class ReleaseError(Exception):
    """A release that can't be used. The message is one sentence for the person who asked."""


class ReleaseMissing(ReleaseError):
    """There is no release in the folder."""


class ReleaseIncompatible(ReleaseError):
    """The release was made for another version of Callus."""


class ReleaseCorrupt(ReleaseError):
    """A file of the release is missing or not what the manifest says."""
