"""A laptop: loopback only, plain HTTP, a secret made on first start and kept in VAR_DIR."""

import secrets
from pathlib import Path

from config import env

from .base import *  # noqa: F403
from .base import INSTALLED_APPS, VAR_DIR


def _kept_secret(path: Path) -> str:
    """The installation's own secret, so that a restart logs nobody out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        beside = path.with_suffix(f".{secrets.token_hex(4)}")
        beside.touch(mode=0o600)
        beside.write_text(secrets.token_urlsafe(64))
        beside.replace(path)
    return path.read_text()


DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]  # its command seed_demo; production has neither
SECRET_KEY = _kept_secret(VAR_DIR / "secret_key")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
# Where links in mails lead. `make run` says its own port.
PUBLIC_URL = env.origin("PUBLIC_URL", f"http://127.0.0.1:{env.integer('PORT', 8000)}")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
