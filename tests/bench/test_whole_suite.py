"""The row that ``make test-all`` writes down, of a real run of two small files."""

from bench import whole_suite
from bench.whole_suite import RESULTS, Counts

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.chaos.test_releases" name="a"/>
<testcase classname="tests.web.test_times" name="b"><skipped/></testcase>
<testcase classname="tests.web.test_times" name="c"><failure/></testcase>
<testcase classname="tests.web.test_times" name="d"><error/></testcase>
</testsuite></testsuites>"""


def test_what_was_skipped_has_not_run_and_an_error_is_a_failure(tmp_path):
    (tmp_path / "junit.xml").write_text(JUNIT)
    assert Counts.read(tmp_path / "junit.xml") == Counts(3, 1, 1, 2, 1)


def test_a_row_is_appended_that_fits_the_table(tmp_path):
    results = tmp_path / "RESULTS.md"
    results.write_text(RESULTS.read_text())
    before = results.read_text().splitlines()
    arguments = ["--results", str(results), "--no-mutants", "--", "-n0", "tests/lint/test_sizes.py"]
    assert whole_suite.main(arguments) == 0
    head = [line for line in before if line.startswith("| date")][-1]  # its table is the last one
    *kept, row = results.read_text().splitlines()
    assert kept == before
    assert row.count("|") == head.count("|")
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    run, passed, skipped, failed, kills, mutants = cells[3:9]
    assert run == passed != "0"
    assert (skipped, failed, kills, mutants) == ("0", "0", "0", "–")


def test_what_fails_is_written_down_and_is_the_exit_status(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it():\n    raise AssertionError\n")
    results = tmp_path / "RESULTS.md"
    found = ["-p", "tests.whole", "-p", "no:django", "-c", "/dev/null", str(tmp_path)]
    assert whole_suite.main(["--results", str(results), "--no-mutants", "--", *found]) == 1
    assert results.read_text().split("|")[4:8] == [" 1 ", " 0 ", " 0 ", " 1 "]
