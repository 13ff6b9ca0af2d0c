"""What stands in each stored text: a code, a person's words, or an operator's text. No sentence of ours.

A sentence in a row can't be translated, compared or counted. So whatever Callus itself says is stored as a
code, with parameters beside it where it has any.
"""

import ast
import re
from pathlib import Path

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.acts import OLD_VALUES, Act
from classifier import reasons, release_errors
from triage.reasons import (
    EXCLUSIONS,
    JOB_ERRORS,
    NOT_ASSESSABLE,
    OTHER,
    RELEASE_PROBLEMS,
    Catalogue,
    JobError,
    ReleaseProblem,
)

REPOSITORY = Path(__file__).resolve().parents[2]
RELEASE_ERRORS = {"ReleaseError", "ReleaseMissing", "ReleaseIncompatible", "ReleaseCorrupt"}
CODE = "a code"
PERSON = "a person's words"  # also those of a sender's header and of a release's maker
OPERATOR = "an operator's text"
NAME = "a name, a hash or an id: no language"

TEXTS = {
    "accounts.user.password": NAME,
    "accounts.user.email": PERSON,
    "accounts.user.name": PERSON,
    "accounts.site.name": PERSON,
    "accounts.site.slug": PERSON,
    "accounts.site.time_zone": CODE,
    "accounts.membership.roles": CODE,
    "accounts.signintry.person": NAME,
    "accounts.signintry.address": NAME,
    "accounts.auditentry.verb": CODE,
    "accounts.auditentry.subject_type": NAME,
    "accounts.auditentry.subject_id": NAME,
    "accounts.auditentry.request_id": NAME,
    "accounts.auditentry.previous_hash": NAME,
    "accounts.auditentry.hash": NAME,
    "triage.case.third_because": CODE,
    "triage.case.source": CODE,
    "triage.case.state": CODE,
    "triage.case.accession_number": PERSON,
    "triage.case.patient_reference": PERSON,
    "triage.case.accession_key": PERSON,
    "triage.case.patient_key": PERSON,
    "triage.case.short_id": NAME,
    "triage.case.age_band": CODE,
    "triage.case.sex": CODE,
    "triage.case.body_part": CODE,
    "triage.case.side": CODE,
    "triage.case.projection": CODE,
    "triage.case.from_header": NAME,
    "triage.case.clinical_question": PERSON,
    "triage.case.unread_code": CODE,
    "triage.case.predicted_class": CODE,
    "triage.case.withdrawn_reason": PERSON,
    "triage.interimopinion.interim_fracture": CODE,
    "triage.interimopinion.treated_as": CODE,
    "triage.reading.ended_reason": PERSON,
    "triage.skip.reason": PERSON,
    "triage.prioritychange.reason": PERSON,
    "triage.interimopinion.note": PERSON,
    "triage.callbackrule.reason": CODE,
    "triage.callbackrule.owner": CODE,
    "triage.callback.reason": CODE,
    "triage.callback.owner_role": CODE,
    "triage.callback.outcome": CODE,
    "triage.callback.words": PERSON,
    "triage.callbackattempt.attempt_outcome": CODE,
    "triage.callbackattempt.words": PERSON,
    "triage.criticalrule.fracture_class": CODE,
    "triage.criticalrule.body_part": CODE,
    "triage.criticalstep.role": CODE,
    "triage.criticalresult.notified_roles": CODE,
    "triage.criticalresult.words": PERSON,
    "triage.notice.state": CODE,
    "triage.notice.error": CODE,
    "triage.idempotencykey.key": NAME,
    "triage.idempotencykey.request": NAME,
    "triage.idempotencykey.content": NAME,
    "triage.image.file_name": PERSON,
    "triage.image.file_name_key": PERSON,
    "triage.image.kind": CODE,
    "triage.image.sha256": NAME,
    "triage.image.modality": PERSON,
    "triage.image.body_part_examined": PERSON,
    "triage.image.view_position": PERSON,
    "triage.image.side": CODE,
    "triage.image.projection": CODE,
    "triage.image.image_laterality": CODE,
    "triage.image.header_contradicts": NAME,
    "triage.image.patient_orientation": PERSON,
    "triage.image.sop_instance_uid": NAME,
    "triage.image.sop_class_uid": NAME,
    "triage.image.pixel_spacing_calibration_type": PERSON,
    "triage.image.window_center_width_explanation": PERSON,
    "triage.image.voi_lut_function": PERSON,
    "triage.image.photometric_interpretation": PERSON,
    "triage.image.presentation_lut_shape": PERSON,
    "triage.image.display_by": CODE,
    "triage.study.study_instance_uid": NAME,
    "triage.study.study_description": PERSON,
    "triage.study.accession_number": PERSON,
    "triage.series.series_instance_uid": NAME,
    "triage.series.series_description": PERSON,
    "triage.series.modality": PERSON,
    "triage.series.manufacturer": PERSON,
    "triage.series.manufacturer_model_name": PERSON,
    "triage.series.station_name": PERSON,
    "triage.image.original": NAME,
    "triage.image.alternatives": NAME,
    "triage.image.rendition": NAME,
    "triage.image.network_input": NAME,
    "triage.image.display": NAME,
    "triage.image.thumbnail": NAME,
    "triage.release.name": PERSON,
    "triage.release.version": PERSON,
    "triage.release.sha256": NAME,
    "triage.release.folder": NAME,
    "triage.release.state": CODE,
    "triage.release.activation": CODE,
    "triage.release.problem": CODE,
    "triage.releaseload.worker": NAME,
    "triage.job.state": CODE,
    "triage.job.holder": NAME,
    "triage.job.error": CODE,
    "triage.job.error_detail": OPERATOR,
    "triage.job.reason": CODE,  # or the words of the release's maker, where its table has its own
    "triage.decodejob.state": CODE,
    "triage.decodejob.holder": NAME,
    "triage.decodejob.error": CODE,
    "triage.decodejob.error_detail": OPERATOR,
    "triage.decodejob.file_name": PERSON,
    "triage.decodejob.sha256": NAME,
    "triage.decodejob.original": NAME,
    "triage.decodejob.side": CODE,
    "triage.decodejob.projection": CODE,
    "triage.decodejob.refusal_code": CODE,
    "triage.reading.ended": CODE,
    "triage.prediction.reason": CODE,
    "triage.prediction.call": CODE,
    "triage.prediction.predicted_class": CODE,
    "triage.prediction.rival_class": CODE,
    "triage.prediction.prediction_set": CODE,
    "triage.prediction.indication": CODE,
    "triage.prediction.not_measured_for": CODE,
    "triage.review.stage": CODE,
    "triage.review.fracture": CODE,
    "triage.review.other_finding": PERSON,
    "triage.review.classes": CODE,
    "triage.review.comment": PERSON,
    "triage.sitepoints.reason": PERSON,
    "triage.waitrule.predicted_class": CODE,
    "triage.heartbeat.queue": NAME,
    "triage.savedview.name": PERSON,
    "triage.savedview.params": NAME,
    "triage.macro.shortcut": PERSON,
    "triage.macro.text": PERSON,
}
CATALOGUES = {
    "triage.decodejob.error": JOB_ERRORS,
    "triage.job.error": JOB_ERRORS,
    "triage.job.reason": EXCLUSIONS,
    "triage.prediction.reason": NOT_ASSESSABLE,
    "triage.release.problem": RELEASE_PROBLEMS,
}


def is_text(field):
    if isinstance(field, models.GeneratedField):
        return is_text(field.output_field)
    if isinstance(field, ArrayField):
        return is_text(field.base_field)
    return isinstance(field, models.CharField | models.TextField | models.FileField)


def stored_texts():
    return {
        f"{model._meta.label_lower}.{field.name}": field
        for app in ("accounts", "triage")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if is_text(field)
    }


def test_every_stored_text_says_what_it_is():
    assert set(stored_texts()) == set(TEXTS), "Say in TEXTS what stands in it."


def test_a_code_is_one_of_a_closed_list():
    closed = {
        "accounts.auditentry.verb",
        "accounts.site.time_zone",
    }  # Act, the zones that Python knows
    closed |= {"triage.prediction.prediction_set", "triage.prediction.not_measured_for"}
    closed |= {"triage.decodejob.refusal_code"}  # triage.intake.refusals.FILE_CODES
    closed |= {"triage.prediction.call"}  # a constraint holds these to the release's words
    for name, field in stored_texts().items():
        if TEXTS[name] != CODE or name in closed:
            continue
        base = field.base_field if isinstance(field, ArrayField) else field
        assert base.choices or name in CATALOGUES, name


def test_every_code_has_a_sentence_and_no_code_is_one():
    assert set(JOB_ERRORS.sentences) == set(JobError)
    assert set(RELEASE_PROBLEMS.sentences) == set(ReleaseProblem)
    for catalogue in CATALOGUES.values():
        for code, sentence in catalogue.sentences.items():
            assert re.fullmatch(r"[a-z_]{4,24}", code), code
            assert catalogue.code(code) == code
            assert sentence.endswith(".") or "%(" in sentence
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", word) for word in (*Act.values, *OLD_VALUES))


def test_a_release_that_is_refused_gives_a_code_and_names_what_its_sentence_names():
    """Read from the sources: each place that raises, with its code and the names of its parameters."""
    raised = set()
    for path in [
        *(REPOSITORY / "classifier").rglob("*.py"),
        *(REPOSITORY / "triage").rglob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RELEASE_ERRORS:
                (code,) = [ast.literal_eval(given) for given in node.args]
                named = set(re.findall(r"%\((\w+)\)s", release_errors.SENTENCES[code]))
                assert {given.arg for given in node.keywords} == named, (path, node.lineno)
                raised.add(code)
    assert raised == set(release_errors.SENTENCES)


def test_an_old_sentence_is_shown_and_has_its_code():
    """As the versions up to 3.1 stored them, each a literal: the catalogue must not lose one."""
    old = [
        (JOB_ERRORS, "The worker stopped while it read this picture.", "worker_lost"),
        (JOB_ERRORS, "The stored picture could not be read.", "unreadable"),
        (JOB_ERRORS, "The model could not read this picture.", "not_classified"),
        (JOB_ERRORS, "The model took too long over this picture.", "too_slow"),
        (JOB_ERRORS, "The worker had too little memory for this picture.", "no_memory"),
        (JOB_ERRORS, "The stored picture could not be reached.", "not_reached"),
        (JOB_ERRORS, "What the model said could not be stored.", "not_stored"),
        (RELEASE_PROBLEMS, "The worker stopped while it loaded this release.", "worker_lost"),
        (RELEASE_PROBLEMS, "Loading it took longer than a worker may take.", "too_slow"),
        (RELEASE_PROBLEMS, "The worker had too little memory to load it.", "no_memory"),
        (RELEASE_PROBLEMS, "The engine can't run it. ValueError: 7 % of it", OTHER),
        (NOT_ASSESSABLE, "There is no picture in this: it is blank or noise.", "blank"),
        (EXCLUSIONS, reasons.EXCLUDED["skull"], "skull"),
        (EXCLUSIONS, "Not for wrists.", reasons.BY_RELEASE),
    ]
    for catalogue, text, code in old:
        assert (catalogue.text(text), catalogue.text(text, {"said": "x"})) == (text, text)
        assert catalogue.code(text) == code
    assert (JOB_ERRORS.text(""), JOB_ERRORS.code("")) == ("", "")


def test_a_code_is_shown_in_the_readers_language_with_its_parameters(monkeypatch):
    text = RELEASE_PROBLEMS.text("not_read", {"said": "Permission denied"})
    assert text == "Its files can't be read. Permission denied."
    monkeypatch.setattr("triage.reasons.gettext", lambda text: f"«{text}»")
    assert JOB_ERRORS.text("no_memory") == "«The worker had too little memory for this picture.»"
    assert Catalogue({"x": "%(n)s left"}).text("x", {"n": "7"}) == "«7 left»"
