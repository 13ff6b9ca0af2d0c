"""The Celery application. Tasks are doorbells: the work itself is rows in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("callus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["triage.inference", "triage.worklist"])
