"""The table of sizes counts what it says."""

from pathlib import PurePosixPath

import pytest

from lint.package_sizes import as_markdown, package_under_test, table


def test_the_table_counts_files_functions_comments_and_tests():
    sources = {
        PurePosixPath("triage/a.py"): "def one():\n    # why\n    return 1\n",
        PurePosixPath("triage/b.py"): "def two(): ...\n",
        PurePosixPath("tests/web/test_a.py"): "x = 1\ny = 2\n",
        PurePosixPath("tests/e2e/test_a.py"): "x = 1\n",
        PurePosixPath("manage.py"): "x = 1\n",
    }
    triage, ours, with_shared = table(sources)
    assert (triage.package, triage.files, triage.lines, triage.longest_file) == ("triage", 2, 4, 3)
    assert (triage.functions, triage.median, triage.longest, triage.comments) == (2, 2, 3, 0.25)
    assert (ours.test_lines, with_shared.test_lines) == (2, 3)
    assert triage.tests_per_line == 0.5
    assert as_markdown([triage])[-1].startswith(
        "| triage | 2 | 4 | 3 | 2 | 2 | 1 | 3 | 25.0% | 2 |"
    )


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("tests/conftest.py", "shared"),
        ("tests/e2e/test_first_light.py", "shared"),
        ("tests/accounts/test_tries.py", "accounts"),
        ("tests/training/audit/test_twins.py", "training"),
        ("tests/events/test_emit.py", "accounts"),
        ("tests/worklist/test_query.py", "triage"),
    ],
)
def test_a_test_belongs_to_the_package_that_its_folder_names(path, package):
    assert package_under_test(PurePosixPath(path)) == package
