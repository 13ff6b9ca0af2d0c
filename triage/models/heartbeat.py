"""Proof that messages travel through the queue and a worker answers."""

from django.db import models


class Heartbeat(models.Model):
    """One row per queue. ``beat_at``: when a worker of that queue last ran its heartbeat task."""

    queue = models.CharField(primary_key=True, max_length=32)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.queue
