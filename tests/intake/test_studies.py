"""Study, series and the facts of each picture, as a case that comes in leaves them."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from pydicom import DataElement

from tests import pictures
from tests.factories import incoming, make_case, make_image, receive_case
from triage.intake.details import CaseDetails
from triage.intake.incoming import IncomingFile
from triage.intake.side_and_projection import projection_of, side_of
from triage.models import Image, Series, Study
from triage.vocabulary import BodyPart, Projection, Source, SpacingPlane

pytestmark = pytest.mark.usefixtures("storage")
WRIST = CaseDetails(body_part=BodyPart.WRIST)
TAGS = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4"}


def dicom(
    name: str, seed: int, side: str = "", projection: str = "", **tags: object
) -> IncomingFile:
    data = pictures.dicom(pictures.pixels(bits=12, seed=seed), **{**TAGS, **tags})
    return incoming(name, data, side, projection)


def send(people, site, *files, details=WRIST, several=False):
    return receive_case(
        sender=people.clinician,
        site=site,
        files=files,
        details=details,
        source=Source.API,
        several_studies=several,
    ).case


def test_pictures_of_one_series_share_its_rows_and_keep_their_own_facts(site, people):
    case = send(
        people,
        site,
        dicom("pa.dcm", 1, ViewPosition="PA", ImageLaterality="L", AcquisitionDate="20260301"),
        dicom("ll.dcm", 2, ViewPosition="LL", ImageLaterality="R", PixelSpacing=[0.2, 0.3]),
        dicom("other.dcm", 3, SeriesInstanceUID="1.2.3.5", StudyDescription="Not the first"),
        incoming("photo.png"),
    )
    one, two, other, photo = case.images.order_by("position")
    assert one.series == two.series != other.series
    assert one.series.study == other.series.study
    assert (one.series.case, one.series.study.case) == (case, case)
    assert one.series.study.study_date == date(2026, 1, 1)
    assert one.series.study.study_description == ""  # what the first file says stands
    assert (one.side, one.projection, one.acquisition_date) == ("L", "PA", date(2026, 3, 1))
    assert (two.side, two.projection, two.acquisition_date) == ("R", "LL", None)
    assert (two.pixel_spacing_row, two.pixel_spacing_column) == (0.2, 0.3)
    assert (photo.series, photo.sop_instance_uid, photo.window_center) == (None, "", None)


def test_files_without_a_uid_share_nothing(site, people):
    case = send(
        people,
        site,
        dicom("a.dcm", 1, StudyInstanceUID=None, SeriesInstanceUID=None),
        dicom("b.dcm", 2, StudyInstanceUID=None, SeriesInstanceUID=None),
        dicom("c.dcm", 3, SeriesInstanceUID=None),
        dicom("d.dcm", 4, SeriesInstanceUID=DataElement("SeriesInstanceUID", "LO", "no uid")),
    )
    series = {image.series for image in case.images.select_related("series")}
    assert len(series) == 4
    assert Study.objects.filter(case=case).count() == 3


def test_one_study_may_be_sent_twice_and_each_case_keeps_its_own_facts(site, people):
    first = send(people, site, dicom("a.dcm", 1, StudyDescription="Wrist"))
    again = send(people, site, dicom("a.dcm", 1, StudyDescription="Another patient's hand"))
    assert first.studies.get().study_description == "Wrist"
    assert again.studies.get().study_description == "Another patient's hand"


def test_a_case_may_hold_several_studies(site, people):
    files = dicom("a.dcm", 1), dicom("b.dcm", 2, StudyInstanceUID="1.2.9")
    assert send(people, site, *files, several=True).studies.count() == 2


def test_nothing_that_names_the_patient_is_stored(site, people):
    send(
        people, site, dicom("a.dcm", 1, StudyDescription="Nobody, Synthetic", StationName="SECRET")
    )
    with connection.cursor() as cursor:
        for table in ("triage_study", "triage_series", "triage_image", "accounts_auditentry"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} AS t")
            (text,) = cursor.fetchone()
            assert not any(word in text for word in ("Nobody", "SECRET", "1980"))


SIDES = [
    # said of the picture, said of the case, header, what counts
    ("R", "L", "L", "R"),
    ("", "L", "R", "L"),
    ("", "", "R", "R"),
    ("", "B", "R", "R"),
    ("", "B", "", "B"),
    ("", "", "", ""),
]


@pytest.mark.parametrize(("image", "case", "header", "side"), SIDES)
def test_whose_word_counts_for_the_side(image, case, header, side):
    assert side_of(image, CaseDetails(side=case), header) == side


VIEWS = [
    ("PA", "AP", "LL", "PA"),
    ("", "AP", "LL", "AP"),
    ("", "", "LATERAL", "LL"),
    ("", "SEVERAL", "pa", "PA"),
    ("", "SEVERAL", "", ""),
    ("", "OTHER", "pa", "PA"),
    ("", "OTHER", "", "OTHER"),
    ("", "", "Swimmer", ""),
    ("", "", "SEVERAL", ""),
]


@pytest.mark.parametrize(("image", "case", "header", "view"), VIEWS)
def test_whose_word_counts_for_the_view(image, case, header, view):
    assert projection_of(image, CaseDetails(projection=case), header) == view


@pytest.mark.parametrize(
    ("columns", "plane"),
    [
        ({}, None),
        ({"pixel_spacing": (0.1, 0.2)}, SpacingPlane.UNKNOWN),
        ({"imager_pixel_spacing": (0.1, 0.2)}, SpacingPlane.DETECTOR),
        (
            {"pixel_spacing": (0.1, 0.2), "imager_pixel_spacing": (0.1, 0.2)},
            SpacingPlane.DETECTOR,
        ),
        (
            {"pixel_spacing": (0.1, 0.2), "imager_pixel_spacing": (0.12, 0.24)},
            SpacingPlane.UNKNOWN,
        ),
        (
            {"pixel_spacing": (0.1, 0.2), "pixel_spacing_calibration_type": "GEOMETRY"},
            SpacingPlane.PATIENT,
        ),
        (
            {"imager_pixel_spacing": (0.1, 0.2), "pixel_spacing_calibration_type": "GEOMETRY"},
            SpacingPlane.DETECTOR,
        ),
    ],
)
def test_lengths_are_of_the_patient_only_where_they_are_calibrated(columns, plane):
    image = Image()
    for name, value in columns.items():
        if isinstance(value, tuple):
            setattr(image, f"{name}_row", value[0])
            setattr(image, f"{name}_column", value[1])
        else:
            setattr(image, name, value)
    spacing = image.spacing
    assert (spacing and spacing.plane) == plane
    assert spacing is None or (spacing.row, spacing.column) == (0.1, 0.2)


def test_the_database_holds_what_belongs_together(site, people):
    case, other = make_case(site, people.clinician), make_case(site, people.clinician)
    study = Study.objects.create(case=case, study_instance_uid="1.2.3")
    series = Series.objects.create(case=case, study=study, series_instance_uid="1.2.3.4")
    make_image(case, 2, series=series)

    def refused(constraint: str, act) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            act()

    refused(
        "study_is_in_a_case_once",
        lambda: Study.objects.create(case=case, study_instance_uid="1.2.3"),
    )
    refused(
        "series_is_in_a_study_once",
        lambda: Series.objects.create(case=case, study=study, series_instance_uid="1.2.3.4"),
    )
    refused("series_is_of_its_studys_case", lambda: Series.objects.create(case=other, study=study))
    refused("image_is_of_its_series_case", lambda: make_image(other, 2, series=series))
    images = Image.objects.filter(case=case)
    refused("image_has_one_projection", lambda: images.update(projection=Projection.SEVERAL))
    refused("image_spacing_is_a_length", lambda: images.update(pixel_spacing_row=0.1))
    refused(
        "image_spacing_is_a_length",
        lambda: images.update(imager_pixel_spacing_row=0.1, imager_pixel_spacing_column=0),
    )
    refused(
        "image_windows_are_pairs", lambda: images.update(window_center=[1, 2], window_width=[1])
    )
    refused("image_windows_are_pairs", lambda: images.update(window_center=[1]))
