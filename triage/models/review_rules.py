"""What a signed opinion always fulfils, as constraints of the database."""

from django.db import models
from django.db.models import Q
from django.db.models.lookups import Exact

from triage.models.prediction import finds, json_type
from triage.vocabulary import FRACTURED, FractureCertainty, FractureClass, Stage

LONGEST_OTHER_FINDING = 500  # characters: a sentence or two
MOST_PLACES = 20  # on all pictures of a case together

# JSON paths of PostgreSQL that find what is no place on a picture. A missing key compares false. Without
# "strict" a list would stand for each of its items.
NO_OBJECTS = 'strict $ ? (exists(@[*] ? (@.type() != "object")))'
PLACE_OUTSIDE = (
    '$[*] ? (!(@.image.type() == "number") ||'
    ' !(@.x.type() == "number") || !(@.y.type() == "number") || !(@.width.type() == "number") ||'
    ' !(@.height.type() == "number") || !(@.image >= 1 && @.x >= 0 && @.y >= 0 && @.width >= 0 &&'
    " @.height >= 0 && @.x + @.width <= 1 && @.y + @.height <= 1) ||"
    " @.image.floor() != @.image || (@.width == 0 && @.height > 0) || (@.width > 0 && @.height == 0))"
)
TOO_MANY_PLACES = f"strict $ ? (@.size() > {MOST_PLACES})"
IS_FRACTURED = Q(fracture__in=FRACTURED)


CONSTRAINTS = [
    # A correction is a further row, which names the review that it supersedes.
    models.UniqueConstraint(
        fields=["case", "stage"],
        condition=Q(supersedes=None) & ~Q(stage=Stage.FIRST),
        name="review_is_one_per_stage_but_the_first",
    ),
    # A claim may run out after the first reading: whoever takes the case over reads it blind as well.
    models.UniqueConstraint(
        fields=["case", "reader"],
        condition=Q(stage=Stage.FIRST),
        name="review_first_is_one_per_reader",
    ),
    models.CheckConstraint(
        condition=~Q(stage=Stage.FIRST) | Q(prediction=None, supersedes=None, switched=None),
        name="review_first_is_blind_and_stays",
    ),
    models.CheckConstraint(
        condition=Q(fracture__in=FractureCertainty.values),
        name="review_says_whether_there_is_a_fracture",
    ),
    models.CheckConstraint(
        condition=Q(classes__len=0) | IS_FRACTURED & Q(classes__contained_by=FractureClass.values),
        name="review_names_types_of_a_fracture",
    ),
    models.CheckConstraint(
        condition=Q(displaced=None) | IS_FRACTURED, name="review_says_displaced_of_a_fracture"
    ),
    models.CheckConstraint(
        condition=Q(old=None) | IS_FRACTURED, name="review_says_old_of_a_fracture"
    ),
    models.CheckConstraint(
        condition=Q(places=[]) | IS_FRACTURED, name="review_places_are_of_a_fracture"
    ),
    models.CheckConstraint(
        condition=Q(Exact(json_type("places"), "array"))
        & ~Q(finds("places", NO_OBJECTS))
        & ~Q(finds("places", PLACE_OUTSIDE)),
        name="review_places_lie_on_a_picture",
    ),
    models.CheckConstraint(
        condition=~Q(finds("places", TOO_MANY_PLACES)),
        name="review_places_are_few",
    ),
    models.CheckConstraint(
        condition=Q(agrees=False)
        | Q(prediction__isnull=False, classes__len__lte=1)
        & ~Q(fracture=FractureCertainty.POSSIBLE),
        name="review_agrees_with_what_a_model_says",
    ),
]
