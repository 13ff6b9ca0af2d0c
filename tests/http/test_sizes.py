"""How large a file is, as pages and REST write it."""

import pytest

from triage.http.sizes import KB, MB, size_of


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (40 * MB, "40 MB"),
        (int(41.5 * MB), "41.5 MB"),
        (40 * MB + 1, "40 MB"),
        (1023 * MB, "1023 MB"),
        (2048 * MB, "2 GB"),
        (2458 * MB, "2.4 GB"),
        (100_000, "0.1 MB"),
        (88 * KB, "88 kB"),
        (1, "1 kB"),
        (0, "0 kB"),
    ],
)
def test_a_decimal_stands_only_where_it_says_something(size, written):
    assert size_of(size) == written


def test_the_upload_page_says_how_large_a_file_may_be(client, people, settings):
    settings.CALLUS_INTAKE = settings.CALLUS_INTAKE | {"max_bytes": 40 * MB}
    client.force_login(people.clinician)
    page = client.get("/cases/new/").content.decode()
    assert "up to 40 MB each" in page and "larger than 40 MB" in " ".join(page.split())
