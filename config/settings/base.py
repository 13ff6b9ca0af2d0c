"""What every installation shares. Nothing here is a secret and nothing here knows a host."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.utils.translation import gettext_lazy as _

from config import env
from triage.intake.slots import cores

from .beat import *  # noqa: F403
from .callus import *  # noqa: F403
from .logs import *  # noqa: F403
from .people import *  # noqa: F403
from .people import PROXIES
from .security import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts.admin_config.CallusAdminConfig",  # django.contrib.admin without a sign-in of its own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_guid",
    "csp",
    "accounts",
    "triage",
]

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "config.middleware.AnswerContention",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.CompressText",  # below WhiteNoise, whose files were compressed beforehand
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.csrf_cookie_once",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.refuse_giant_requests",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.private_by_default",
    "config.middleware.local_time",
    "accounts.middleware.AnswerTooManyTries",
    "config.middleware.arriving_files",
    "config.middleware.whole_requests",  # last: its answer is a page like any other
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "triage.web.context.site_navigation",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------

# The application's role owns nothing: append-only triggers and row rules bind it. Migrations run as
# the owner, `manage.py migrate --database owner`, whose address only the migrating process has.
# A worker that was killed or interrupted in a statement holds its locks until the server looks for it.
_GONE = "-c client_connection_check_interval=1000"
# Connecting takes milliseconds: after 5 s the server is down, and a request says so. A lock is held for
# parts of a second: who waited 10 s for one meets a stuck transaction, and the request is answered with
# 503. A statement takes milliseconds too; 30 s end what would hold a thread of the web server for ever.
# Verifying the audit trail sets a limit of its own (accounts.audit_chain).
_OPTIONS = {
    "connect_timeout": 5,
    "options": f"-c lock_timeout=10000 -c statement_timeout=30000 {_GONE}",
}
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", "postgresql://callus_app@127.0.0.1:5432/callus"),
        conn_max_age=60,  # reused by the next request of the thread; a server that failed over is left soon
        conn_health_checks=True,
    )
}
DATABASES["default"].setdefault("OPTIONS", {}).update(_OPTIONS)
if owner_url := env.text("DATABASE_OWNER_URL", ""):
    DATABASES["owner"] = dj_database_url.parse(owner_url)
    # A migration that waits for a table stops everybody who comes after it. So it gives up, and is run again.
    DATABASES["owner"].setdefault("OPTIONS", {})["options"] = "-c lock_timeout=10000"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")

# Pictures are served by an authorised view only, so media has no URL at all.
MEDIA_ROOT = VAR_DIR / "media"
MODEL_ROOT = VAR_DIR / "models"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "triage.durable_storage.DurableStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "config.static_files.HashedModules"},
}
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# In PostgreSQL, so that a dead Redis can't log anybody out. Wrong passwords have a table of their own
# (accounts/services/tries.py); what is counted here is how often a mail is asked for.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Far more than mails are asked for in an hour: a full cache forgets a third of its rows.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "triage.web.message_storage.SaidOnce"

# --- REST -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "triage.api.schema.ExampleSchema",
    "EXCEPTION_HANDLER": "triage.api.errors.one_shape",
    "NUM_PROXIES": PROXIES,
    "UNICODE_JSON": False,  # a lone surrogate in a request must not break the answer that quotes it
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
REST_KNOX = {
    "TOKEN_TTL": timedelta(
        hours=12
    ),  # one shift, as a session; a gateway's token has an end of its own
    "TOKEN_LIMIT_PER_USER": None,
    "AUTO_REFRESH": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Callus",
    "DESCRIPTION": (
        "Fracture triage: send X-rays as a case, read the model's output, the worklist by "
        "deadline, and sign second opinions. Not a medical device."
    ),
    "VERSION": "v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "GET_LIB_DOC_EXCLUDES": "triage.api.internal_words.doc_excludes",
    # Values that several fields have, or that differ between a case and an image.
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "triage.models.Image.FileFormat",
        "SideEnum": "triage.vocabulary.Side",
        "ProjectionEnum": "triage.vocabulary.Projection",
        "ImageProjectionEnum": "triage.vocabulary.ONE_PROJECTION",
    },
}

# --- Background work --------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT = "config.broker:Transport"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # at least three hard limits
    "socket_timeout": 5,  # a worker whose Redis went silent reconnects
    "socket_connect_timeout": 1,  # an upload waits for it, and the sweep sends the message again anyway
    "max_retries": 0,  # of a connection while publishing; workers reconnect by their own loop
}
CELERY_TASK_PUBLISH_RETRY = False  # what can't be sent is sent again by the sweep
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "triage.intake.tasks.decode_queued": {"queue": "intake"},
    "triage.intake.tasks.heartbeat": {"queue": "intake"},
    "triage.inference.worker.tasks.classify_queued": {"queue": "inference"},
    "triage.inference.worker.tasks.check_release": {"queue": "inference"},
    "triage.inference.tasks.heartbeat": {"queue": "inference"},
}
# A net for a task that names no limits of its own; each of ours does.
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# Processes of a worker whose command doesn't say how many: of the queue ``intake``, where each job keeps a
# core busy. Eight keep up with the disks of one machine, and hold eight connections to the database.
CELERY_WORKER_CONCURRENCY = env.integer("INTAKE_PROCESSES", min(8, cores()), minimum=1)
CELERY_TIMEZONE = "UTC"

# --- Language and time ------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
