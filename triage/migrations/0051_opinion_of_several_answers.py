"""An opinion of several answers. A trigger translates between it and that of the version before.

Rows of before are filled by the next migration, which also holds them to the new constraints.
"""

import django.contrib.postgres.fields
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

# ``opinion`` stays a column until the next release, because the version before reads and writes it while this
# one starts. Each version writes its own columns, and the trigger fills in the other's.
TRANSLATE = """
CREATE FUNCTION triage_review_of_both_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.fracture = '' THEN
        NEW.agrees := NEW.opinion = 'agree';
        NEW.fracture := CASE
            WHEN cardinality(NEW.classes) > 0 THEN 'certain'
            WHEN NEW.opinion = 'no_fracture' THEN 'none'
            WHEN NEW.opinion = 'not_assessable' THEN 'not_assessable'
            WHEN NEW.opinion = 'agree' THEN (
                SELECT CASE WHEN assessable THEN 'none' ELSE 'not_assessable' END
                FROM triage_prediction WHERE id = NEW.prediction_id)
            ELSE '' END;
    ELSE
        NEW.opinion := CASE
            WHEN NEW.agrees THEN 'agree'
            WHEN NEW.fracture IN ('certain', 'possible') THEN 'other_class'
            WHEN NEW.fracture = 'none' THEN 'no_fracture'
            ELSE 'not_assessable' END;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER triage_review_of_both_versions BEFORE INSERT
    ON triage_review FOR EACH ROW EXECUTE FUNCTION triage_review_of_both_versions();
"""
UNTRANSLATE = """
DROP TRIGGER triage_review_of_both_versions ON triage_review;
DROP FUNCTION triage_review_of_both_versions();
"""
OLD_RULES = ("review_names_classes_when_it_must", "review_agrees_with_something")
IS_FRACTURED = Q(fracture__in=("certain", "possible"))
TYPES = (
    *("avulsion", "comminuted", "fracture_dislocation", "greenstick", "hairline"),
    *("impacted", "longitudinal", "oblique", "pathological", "spiral"),
)
NO_OBJECTS = 'strict $ ? (exists(@[*] ? (@.type() != "object")))'
PLACE_OUTSIDE = (
    '$[*] ? (!(@.image.type() == "number") ||'
    ' !(@.x.type() == "number") || !(@.y.type() == "number") || !(@.width.type() == "number") ||'
    ' !(@.height.type() == "number") || !(@.image >= 1 && @.x >= 0 && @.y >= 0 && @.width >= 0 &&'
    " @.height >= 0 && @.x + @.width <= 1 && @.y + @.height <= 1) ||"
    " @.image.floor() != @.image || (@.width == 0 && @.height > 0) || (@.width > 0 && @.height == 0))"
)


def finds(path: str) -> Func:
    return Func(
        F("places"),
        template=f"jsonb_path_exists(%(expressions)s, '{path}')",
        output_field=models.BooleanField(),
    )


PLACES_TYPE = Func(F("places"), function="jsonb_typeof", output_field=models.CharField())
RULES = {
    "review_says_whether_there_is_a_fracture": Q(
        fracture__in=["certain", "possible", "none", "not_assessable"]
    ),
    "review_names_types_of_a_fracture": Q(classes__len=0)
    | IS_FRACTURED & Q(classes__contained_by=list(TYPES)),
    "review_says_displaced_of_a_fracture": Q(displaced=None) | IS_FRACTURED,
    "review_says_old_of_a_fracture": Q(old=None) | IS_FRACTURED,
    "review_places_are_of_a_fracture": Q(places=[]) | IS_FRACTURED,
    "review_places_lie_on_a_picture": Q(Exact(PLACES_TYPE, "array"))
    & ~Q(finds(NO_OBJECTS))
    & ~Q(finds(PLACE_OUTSIDE)),
    "review_places_are_few": ~Q(finds("strict $ ? (@.size() > 20)")),
    "review_agrees_with_what_a_model_says": Q(agrees=False)
    | Q(prediction__isnull=False, classes__len__lte=1) & ~Q(fracture="possible"),
}
FIELDS = {
    "fracture": models.CharField(
        choices=[
            ("certain", "Fracture"),
            ("possible", "Possible fracture"),
            ("none", "No fracture"),
            ("not_assessable", "Not assessable"),
        ],
        db_default="",
        max_length=16,
        verbose_name="fracture",
    ),
    "displaced": models.BooleanField(null=True, verbose_name="displaced"),
    "old": models.BooleanField(null=True, verbose_name="old"),
    "places": models.JSONField(blank=True, db_default=[], default=list, verbose_name="places"),
    "other_finding": models.CharField(
        blank=True, db_default="", max_length=500, verbose_name="other finding"
    ),
    "agrees": models.BooleanField(
        db_default=False, default=False, verbose_name="agrees with the model"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("triage", "0050_call_backs")]

    operations = [
        *(migrations.RemoveConstraint(model_name="review", name=name) for name in OLD_RULES),
        *(
            migrations.AddField(model_name="review", name=name, field=field)
            for name, field in FIELDS.items()
        ),
        migrations.AlterField(
            model_name="review",
            name="classes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[(name, name.replace("_", " ").capitalize()) for name in TYPES],
                    max_length=24,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="types",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="review", name="opinion")]
        ),
        migrations.RunSQL(TRANSLATE, UNTRANSLATE),
        *(
            AddConstraintNotValid(
                model_name="review", constraint=models.CheckConstraint(condition=rule, name=name)
            )
            for name, rule in RULES.items()
        ),
    ]
