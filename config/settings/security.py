"""What a browser may load, and how much a request may carry."""

from csp.constants import NONE, SELF

from .callus import CALLUS_INTAKE

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Django counts files before any view does: the same number, or a case with the most images would be refused.
DATA_UPLOAD_MAX_NUMBER_FILES = CALLUS_INTAKE["max_images"]
# Form fields and JSON; files have their own limit. The longest form, a review and its comment, has 20 kB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Larger files go to a temporary file: eight threads with twenty of 40 MB each would fill the memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
CSRF_FAILURE_VIEW = "triage.web.errors.csrf_failed"
