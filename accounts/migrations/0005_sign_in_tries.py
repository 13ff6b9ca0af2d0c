"""A table of wrong passwords; an API client is never staff.

An API client that somebody made staff in the admin loses that: nobody signs in as one, so nothing works less.
"""

from django.db import migrations, models
from django.db.models.functions import Now

NO_STAFF = """
UPDATE accounts_user SET is_staff = false, is_superuser = false
WHERE is_service AND (is_staff OR is_superuser)
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_audit_about_people")]

    operations = [
        migrations.CreateModel(
            name="SignInTry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=Now())),
                ("person", models.CharField(max_length=64)),
                ("address", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-at"], name="try_by_person"),
                    models.Index(fields=["address", "-at"], name="try_by_address"),
                    models.Index(fields=["at"], name="try_by_age"),
                ],
            },
        ),
        migrations.RunSQL(NO_STAFF, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_service", False),
                    models.Q(("is_staff", False), ("is_superuser", False)),
                    _connector="OR",
                ),
                name="user_api_client_is_no_staff",
            ),
        ),
    ]
