"""A picture that a site had before is taken, and the answer says so: docs/decisions/0004-duplicates.md."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.conftest import png
from tests.api.test_cases import send
from tests.pictures import dicom, pixels

pytestmark = pytest.mark.usefixtures("storage")


def test_bytes_seen_before_are_taken_and_said(site, people, signed_in):
    client = signed_in(people.clinician)
    first = send(client, site, png(), accession_number="ACC-1").json()
    again = send(client, site, png("copy.png")).json()
    said = {"file": "copy.png", "earlier_case": first["id"], "earlier_accession_number": "ACC-1"}
    assert again["duplicates"] == [{**said, "same": "file", "outcome": "noted"}]


def test_the_same_instance_in_other_bytes_is_taken_and_said(site, people, signed_in):
    client = signed_in(people.clinician)
    one, other, none = (
        SimpleUploadedFile(f"{n}.dcm", dicom(pixels(bits=12, seed=n), SOPInstanceUID=uid))
        for n, uid in enumerate(("1.2.3", "1.2.3", None))
    )
    first = send(client, site, one, accession_number="ACC-1").json()
    again = send(client, site, none, other, accession_number="ACC-1").json()
    said = {"file": "1.dcm", "earlier_case": first["id"], "earlier_accession_number": "ACC-1"}
    assert again["duplicates"] == [{**said, "same": "instance", "outcome": "replaced"}]
    # Without an instance nothing is the same, and the bytes count first.
    one.seek(0), none.seek(0)
    third = send(client, site, none, one).json()
    assert [(row["file"], row["same"]) for row in third["duplicates"]] == [
        ("2.dcm", "file"),
        ("0.dcm", "file"),
    ]
