"""Which change was put back is a number, told in each reader's language. Earlier rows keep their sentence."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0021_from_header")]

    operations = [
        migrations.AddField(
            model_name="sitepoints",
            name="put_back",
            field=models.PositiveIntegerField(null=True, verbose_name="put back"),
        ),
        migrations.AlterField(
            model_name="sitepoints",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="why"),
        ),
        migrations.RemoveConstraint(model_name="sitepoints", name="site_points_say_why"),
        migrations.AddConstraint(
            model_name="sitepoints",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("put_back", None), models.Q(("reason", ""), _negated=True)),
                    models.Q(("put_back__isnull", False), ("reason", "")),
                    _connector="OR",
                ),
                name="site_points_say_why",
            ),
        ),
    ]
