"""Logs: one line an event, with the request's id, and never a patient's data."""

from django_guid.integrations.celery import CeleryIntegration

DJANGO_GUID = {
    "GUID_HEADER_NAME": "X-Request-ID",
    "VALIDATE_GUID": True,
    "RETURN_HEADER": True,
    "EXPOSE_HEADER": False,
    "INTEGRATIONS": [CeleryIntegration(use_django_logging=True, log_parent=False)],
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "django_guid.log_filters.CorrelationId"},
        "no_health_checks": {"()": "config.logs.NoHealthChecks"},
    },
    "formatters": {
        "line": {
            "()": "config.logs.WithoutRows",
            "format": "{asctime} {levelname} {name} [{correlation_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django_guid": {"level": "WARNING"},
        "django.request": {"filters": ["no_health_checks"]},
        "pydicom": {"level": "ERROR"},  # its warnings quote the values of tags
        "PIL": {"level": "WARNING"},
    },
}
