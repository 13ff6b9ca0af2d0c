"""Find compares keys that PostgreSQL makes of what was stored; it fills those of old rows itself."""

import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_chain"),
        ("triage", "0007_redating"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_accession",
        ),
        migrations.AddField(
            model_name="case",
            name="accession_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Left(
                    django.db.models.functions.text.Lower(
                        django.db.models.functions.text.Trim(
                            models.Func(
                                models.F("accession_number"),
                                output_field=models.TextField(),
                                template="normalize(%(expressions)s, NFKC)",
                            )
                        )
                    ),
                    120,
                ),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="patient_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Left(
                    django.db.models.functions.text.Lower(
                        django.db.models.functions.text.Trim(
                            models.Func(
                                models.F("patient_reference"),
                                output_field=models.TextField(),
                                template="normalize(%(expressions)s, NFKC)",
                            )
                        )
                    ),
                    120,
                ),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="short_id",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Right(
                    django.db.models.functions.comparison.Cast("id", models.TextField()), 8
                ),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="file_name_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Left(
                    django.db.models.functions.text.Lower(
                        django.db.models.functions.text.Trim(
                            models.Func(
                                models.F("file_name"),
                                output_field=models.TextField(),
                                template="normalize(%(expressions)s, NFKC)",
                            )
                        )
                    ),
                    120,
                ),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["site", "accession_key", "-id"], name="case_by_accession"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["site", "patient_key", "-id"], name="case_by_patient"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["site", "short_id", "-id"], name="case_by_short_id"),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                fields=["site", "file_name_key", "-case"], name="image_by_file_name"
            ),
        ),
    ]
