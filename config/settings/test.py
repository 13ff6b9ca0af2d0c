"""Tests: real PostgreSQL and Redis, cheap password hashes, files in a folder the test run makes."""

import tempfile
from pathlib import Path

from config import env

from .base import *  # noqa: F403
from .base import CALLUS_INTAKE, INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]  # as on one machine
SECRET_KEY = "only-for-tests-" + "x" * 50
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PUBLIC_URL = env.origin("PUBLIC_URL", "http://testserver")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# Processes that a test starts share these folders through VAR_DIR.
VAR_DIR = Path(env.text("VAR_DIR", "") or tempfile.mkdtemp(prefix="callus-test-"))
MEDIA_ROOT = VAR_DIR / "media"
MODEL_ROOT = VAR_DIR / "models"
STATIC_ROOT = VAR_DIR / "static"
# Runs on one machine don't wait for each other.
CALLUS_INTAKE["slots_folder"] = str(VAR_DIR / "decoding")
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns where there is none
STORAGES["default"]["OPTIONS"] = {"location": MEDIA_ROOT, "base_url": None}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
CALLUS_CLAIM_SECONDS = 15 * 60
