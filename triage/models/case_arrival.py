"""What a case has from its arrival until its decision, and afterwards if it was refused."""

from django.db import models


class CaseArrival(models.Model):
    """Columns of ``Case``. Only ``triage.intake`` writes them.

    ``several_studies``: the sender said that files of several studies are one case. ``refusal``: why the case
    was refused, {"code": …, "params": {…}}; ``triage.intake.refusals`` makes sentences of it and of the
    codes of its files. ``dismissed_at``: when its sender had seen that. ``interim_given``: the interim
    opinion that was sent along, as ``triage.review.interim`` keeps one. The decision takes it from here: a
    trigger refuses one that leaves it behind.
    """

    several_studies = models.BooleanField(default=False, db_default=False)
    refusal = models.JSONField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    interim_given = models.JSONField(null=True)

    class Meta:
        abstract = True
