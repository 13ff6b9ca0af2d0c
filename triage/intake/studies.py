"""Makes the studies and series of a case from the headers of its files."""

from collections.abc import Sequence
from dataclasses import asdict

from classifier.facts import DicomFacts, SeriesFacts
from triage.models import Case, Series, Study


def series_of_files(case: Case, facts_of_files: Sequence[DicomFacts | None]) -> list[Series | None]:
    """Saves each study and series of a saved case once.

    Returns the series of each file, None for a file without facts.

    The first file of a study or a series gives its data. Files without a UID share nothing.
    """
    studies: dict[str, Study] = {}
    series: dict[tuple[str, str], Series] = {}
    found = [
        None if facts is None else _series(case, facts, studies, series) for facts in facts_of_files
    ]
    unique = list({row.pk: row for row in found if row is not None}.values())
    Study.objects.bulk_create({row.study_id: row.study for row in unique}.values())
    Series.objects.bulk_create(unique)
    return found


def _series(
    case: Case,
    facts: DicomFacts,
    studies: dict[str, Study],
    series: dict[tuple[str, str], Series],
) -> Series:
    study_uid, uid = facts.study.study_instance_uid, facts.series.series_instance_uid
    study = studies.get(study_uid) or Study(case=case, **asdict(facts.study))
    if not study_uid:
        return _new_series(case, study, facts.series)
    studies[study_uid] = study
    found = series.get((study_uid, uid)) or _new_series(case, study, facts.series)
    if uid:
        series[study_uid, uid] = found
    return found


def _new_series(case: Case, study: Study, facts: SeriesFacts) -> Series:
    return Series(case=case, study=study, **asdict(facts))
