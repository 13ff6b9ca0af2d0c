"""An index for the log of a site's people, which read the site's whole trail before."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_audit_format")]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                fields=["site", "-id"],
                condition=Q(
                    ("verb__startswith", "membership."),
                    ("verb__startswith", "client."),
                    ("verb__startswith", "token."),
                    _connector="OR",
                ),
                name="audit_about_people",
            ),
        ),
    ]
