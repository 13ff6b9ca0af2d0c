"""The displays by the other curves that a header offers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0040_network_input")]

    operations = [
        # A constant default writes no row: pictures of before offer none.
        migrations.AddField(
            model_name="image",
            name="alternatives",
            field=models.FileField(
                blank=True, db_default="", default="", max_length=200, upload_to=""
            ),
        ),
    ]
