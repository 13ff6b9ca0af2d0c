"""No two images share the file that was sent. Images of before share it within a site, by its hash."""

from django.db import migrations, models

# Not AddConstraint, which locks the table while it reads it. First what a failed try left: it isn't valid.
INDEX = [
    "DROP INDEX CONCURRENTLY IF EXISTS image_original_is_its_own;",
    "CREATE UNIQUE INDEX CONCURRENTLY image_original_is_its_own ON triage_image (original) "
    "WHERE original::text LIKE 'arrived/%';",
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("triage", "0034_leased_job"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    INDEX, "DROP INDEX CONCURRENTLY IF EXISTS image_original_is_its_own;"
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="image",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("original__startswith", "arrived/")),
                        fields=("original",),
                        name="image_original_is_its_own",
                    ),
                ),
            ],
        ),
    ]
