"""Intake finds an earlier image of the same SOP Instance UID."""

from django.db import migrations, models
from django.db.models import Q

from accounts.index_operations import AddIndexRepeatably


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("triage", "0043_arrival_indexes")]

    operations = [
        AddIndexRepeatably(
            model_name="image",
            index=models.Index(
                fields=["site", "sop_instance_uid"],
                condition=~Q(sop_instance_uid=""),
                name="image_by_instance",
            ),
        ),
    ]
