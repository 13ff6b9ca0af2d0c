"""An image belongs to the site of its case: the database holds it."""

import pytest
from django.db import IntegrityError, transaction

from tests.factories import make_case, make_image
from triage.models import Case, Image


def test_no_image_is_of_another_site_than_its_case(site, other_site, people, storage):
    case = make_case(site, people.clinician)
    with pytest.raises(IntegrityError, match="image_is_of_its_cases_site"), transaction.atomic():
        Image.objects.filter(case=case).update(site=other_site)
    with pytest.raises(IntegrityError, match="image_is_of_its_cases_site"), transaction.atomic():
        make_image(case, 2, site=other_site)
    with pytest.raises(IntegrityError, match="image_is_of_its_cases_site"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(site=other_site)
    assert make_image(case, 2).site == case.site
