"""Studies and series, and what a picture's header says of it.

Locks no table for longer than it takes to note new columns: each is null or has a constant default, so that
no row is written, and what existing rows must fulfil is only noted here. The next migration checks the rows
and fills in what is known of them, while the site may be running.
"""

import accounts.identifiers
import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_sign_in_tries"),
        ("triage", "0024_priority_due_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Study",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("study_instance_uid", models.CharField(blank=True, max_length=64)),
                ("study_date", models.DateField(blank=True, null=True, verbose_name="study date")),
                ("study_time", models.TimeField(blank=True, null=True, verbose_name="study time")),
                ("study_description", models.CharField(blank=True, max_length=64)),
                ("accession_number", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "study",
                "verbose_name_plural": "studies",
                "ordering": ["case_id", "id"],
            },
        ),
        migrations.AddField(
            model_name="image",
            name="acquisition_date",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="acquisition_time",
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="bits_stored",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="content_date",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="content_time",
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="image_laterality",
            field=models.CharField(
                blank=True,
                choices=[("L", "Left"), ("R", "Right"), ("B", "Both"), ("U", "Unpaired")],
                db_default="",
                default="",
                max_length=1,
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="imager_pixel_spacing_column",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="imager_pixel_spacing_row",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="instance_number",
            field=models.IntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="patient_orientation",
            field=models.CharField(blank=True, db_default="", default="", max_length=33),
        ),
        migrations.AddField(
            model_name="image",
            name="photometric_interpretation",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="image",
            name="pixel_spacing_calibration_type",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="image",
            name="pixel_spacing_column",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="pixel_spacing_row",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="projection",
            field=models.CharField(
                blank=True,
                choices=[
                    ("AP", "AP"),
                    ("PA", "PA"),
                    ("LL", "Lateral"),
                    ("OBL", "Oblique"),
                    ("AXIAL", "Axial"),
                    ("SEVERAL", "Several"),
                    ("OTHER", "Other"),
                ],
                db_default="",
                default="",
                max_length=8,
                verbose_name="projection",
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="side",
            field=models.CharField(
                blank=True,
                choices=[("L", "Left"), ("R", "Right"), ("B", "Both"), ("U", "Unpaired")],
                db_default="",
                default="",
                max_length=1,
                verbose_name="side",
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="sop_class_uid",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="image",
            name="sop_instance_uid",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="image",
            name="window_center",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.FloatField(), blank=True, null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="window_center_width_explanation",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64), blank=True, null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="window_width",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.FloatField(), blank=True, null=True, size=None
            ),
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("series_instance_uid", models.CharField(blank=True, max_length=64)),
                ("series_number", models.IntegerField(blank=True, null=True)),
                ("series_description", models.CharField(blank=True, max_length=64)),
                ("modality", models.CharField(blank=True, max_length=16)),
                ("manufacturer", models.CharField(blank=True, max_length=64)),
                ("manufacturer_model_name", models.CharField(blank=True, max_length=64)),
                ("station_name", models.CharField(blank=True, max_length=64)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="series",
                        to="triage.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "series",
                "verbose_name_plural": "series",
                "ordering": ["case_id", "id"],
            },
        ),
        migrations.AddField(
            model_name="image",
            name="series",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="images",
                to="triage.series",
            ),
        ),
        AddConstraintNotValid(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(("projection", "SEVERAL"), _negated=True),
                name="image_has_one_projection",
            ),
        ),
        AddConstraintNotValid(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("pixel_spacing_column", None), ("pixel_spacing_row", None)),
                        models.Q(
                            ("pixel_spacing_column__isnull", False),
                            ("pixel_spacing_row__isnull", False),
                            ("pixel_spacing_column__gt", 0),
                            ("pixel_spacing_row__gt", 0),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(
                            ("imager_pixel_spacing_column", None),
                            ("imager_pixel_spacing_row", None),
                        ),
                        models.Q(
                            ("imager_pixel_spacing_column__isnull", False),
                            ("imager_pixel_spacing_row__isnull", False),
                            ("imager_pixel_spacing_column__gt", 0),
                            ("imager_pixel_spacing_row__gt", 0),
                        ),
                        _connector="OR",
                    ),
                ),
                name="image_spacing_is_a_length",
            ),
        ),
        AddConstraintNotValid(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("window_center", None), ("window_width", None)),
                    models.Q(
                        ("window_center__isnull", False),
                        ("window_width__isnull", False),
                        ("window_center__len", models.F("window_width__len")),
                        models.Q(
                            ("window_center_width_explanation", None),
                            (
                                "window_center__len",
                                models.F("window_center_width_explanation__len"),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="image_windows_are_pairs",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="studies",
                to="triage.case",
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="study",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="series",
                to="triage.study",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(
                condition=models.Q(("study_instance_uid", ""), _negated=True),
                fields=("case", "study_instance_uid"),
                name="study_is_in_a_case_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(fields=("id", "case"), name="study_and_its_case"),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(
                condition=models.Q(("series_instance_uid", ""), _negated=True),
                fields=("study", "series_instance_uid"),
                name="series_is_in_a_study_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(fields=("id", "case"), name="series_and_its_case"),
        ),
        # A series is of one case with its study and its images. Without both columns in the reference, a row
        # could name a series of another patient's case.
        migrations.RunSQL(
            """
            ALTER TABLE triage_series ADD CONSTRAINT series_is_of_its_studys_case
                FOREIGN KEY (study_id, case_id) REFERENCES triage_study (id, case_id);
            ALTER TABLE triage_image ADD CONSTRAINT image_is_of_its_series_case
                FOREIGN KEY (series_id, case_id) REFERENCES triage_series (id, case_id) NOT VALID;
            """,
            """
            ALTER TABLE triage_image DROP CONSTRAINT image_is_of_its_series_case;
            ALTER TABLE triage_series DROP CONSTRAINT series_is_of_its_studys_case;
            """,
        ),
    ]
