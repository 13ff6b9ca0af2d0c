"""Is there room for pictures? A full disk stops PostgreSQL too, where it lies beside them."""

import errno

from django.conf import settings
from django.core.files.storage import default_storage

# A quota, and the limit of one file, are full disks to whoever meets them.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def has_room(more_bytes: int = 0) -> bool:
    """Whether CALLUS_INTAKE["free_bytes"] stay free after ``more_bytes``.

    True where the storage can't say.
    """
    free = getattr(default_storage, "free_bytes", None)
    return free is None or free() - more_bytes >= settings.CALLUS_INTAKE["free_bytes"]


def is_full(error: BaseException | None) -> bool:
    """Whether the error says that the disk is full."""
    return isinstance(error, OSError) and error.errno in _FULL
