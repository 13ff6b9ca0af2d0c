"""What a request says about being sent twice: its Idempotency-Key, and a digest of its content."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from triage.intake.arrived import ArrivedUpload

LONGEST_KEY = 255
# The page's form carries its key as a field. The CSRF token is another one each time.
KEY_FIELD = "idempotency_key"
NO_CONTENT = (KEY_FIELD, "csrfmiddlewaretoken")


def given_key(request: HttpRequest) -> str:
    """The request's Idempotency-Key; "" if it has none.

    Quoted, as draft-ietf-httpapi-idempotency-key-header says, or bare, as most clients send it.

    Raises:
        Refused: it is empty, longer than 255 characters, or has others than printable ASCII.
    """
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return ""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return checked_key(text)


def checked_key(text: str) -> str:
    """The key. Raises Refused if it isn't one."""
    if not (0 < len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()):
        message = _("Idempotency-Key must have 1 to %(most)d printable ASCII characters.")
        raise Refused("idempotency_key_invalid", message % {"most": LONGEST_KEY})
    return text


def method_and_path(request: HttpRequest) -> str:
    return f"{request.method} {request.path.rstrip('/')}"


def content_of(data: Any, without: Collection[str] = NO_CONTENT) -> str:
    """SHA-256 of a request's fields and its files' digests, in hexadecimal.

    Not of the raw bytes: a client that sends a form again separates its parts by another boundary. A file is
    its bytes, under whatever name.
    """
    if isinstance(data, MultiValueDict):
        data = {
            name: [_digest(value) for value in values]
            for name, values in data.lists()
            if name not in without
        }
    text = json.dumps(data, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(value: Any) -> Any:
    if isinstance(value, ArrivedUpload):
        return {"sha256": value.sha256, "size": value.size}
    if isinstance(value, UploadedFile):
        raise TypeError(f"{type(value).__name__} was not hashed while it arrived")
    return value
