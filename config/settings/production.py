"""Production: no default for any secret, HTTPS only, and no start on a weak key."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from config import env

from .base import *  # noqa: F403

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
    raise ImproperlyConfigured(
        "SECRET_KEY is too weak. Make one of at least 50 random characters: "
        "python -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )
env.text("DATABASE_URL")
env.text("REDIS_URL")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", "")
# Where links in mails lead: never to the Host of a request, which whoever sends it chooses.
PUBLIC_URL = env.origin("PUBLIC_URL")
_public = urlsplit(PUBLIC_URL)
if _public.scheme != "https" or not validate_host(_public.hostname or "", ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        f"PUBLIC_URL must begin with https:// and name one of ALLOWED_HOSTS, not {PUBLIC_URL!r}."
    )

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_SSL_HOST = _public.netloc
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]  # a health check speaks plain HTTP inside the network
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, minimum=1)
EMAIL_TIMEOUT = (
    10  # s; a mail server that is silent must not hold a task, or a request that invites
)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "callus@localhost")
