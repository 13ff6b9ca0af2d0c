"""A release is loaded by a worker before it can be active, and set aside when it can't be loaded."""

import hashlib
import json
import shutil
from datetime import timedelta

import onnx
import pytest
from billiard.process import current_process
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone
from onnx import numpy_helper

from accounts.models import AuditEntry
from accounts.refusals import Conflict
from classifier.release import default_release_path
from localservices.prepare import register_released_model
from tests.factories import make_case, make_release, usable_release
from tests.releases import cut, release_copy, weights
from triage.inference import checks
from triage.inference.releases import activate_release, register_release, release_folder
from triage.inference.services import sweep_and_send
from triage.inference.worker import loading
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.release_check import check_next
from triage.models import Job, Release, ReleaseLoad
from triage.models.release import CHECKS
from triage.states import Activation, CaseState, JobState, ReleaseState

pytestmark = pytest.mark.usefixtures("db", "storage")


@pytest.fixture(autouse=True)
def nothing_loaded():
    loading.unload_all()
    yield
    loading.unload_all()


def registered(**options):
    return register_release(default_release_path(), **options)


def time_passes(release):
    """The pause or lease is over."""
    past = timezone.now() - timedelta(seconds=1)
    Release.objects.filter(pk=release.pk, check_due_at__isnull=False).update(check_due_at=past)


def seconds_until_check(release):
    release.refresh_from_db()
    return (release.check_due_at - timezone.now()).total_seconds()


def verbs():
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_registered_release_is_not_active_before_its_check(site, people):
    release = registered()
    assert (release.state, release.is_active) == (ReleaseState.CHECKING, False)
    with pytest.raises(Conflict, match=r"is being checked\. Activate it when its check is passed"):
        activate_release(release)
    assert check_next()
    release.refresh_from_db()
    assert (release.state, release.is_active, release.check_due_at) == ("usable", False, None)
    assert activate_release(release).is_active
    assert not check_next()
    assert verbs() == ["release.registered", "release.usable", "release.activated"]


@pytest.mark.parametrize("state", [ReleaseState.CHECKING, ReleaseState.SET_ASIDE])
def test_the_database_itself_refuses_an_active_release_that_is_not_usable(state):
    due = timezone.now() if state == ReleaseState.CHECKING else None
    release = make_release(
        active=False, state=state, check_due_at=due, problem="A file is missing."
    )
    with pytest.raises(IntegrityError, match="release_active_is_usable"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(is_active=True)
    active = make_release()
    with pytest.raises(IntegrityError, match="release_active_is_usable"), transaction.atomic():
        Release.objects.filter(pk=active.pk).update(state=state, check_due_at=due, problem="x")


def test_what_was_set_aside_can_not_be_activated_and_the_sentence_says_why():
    release = make_release(active=False, state=ReleaseState.SET_ASIDE, problem="A file is missing.")
    with pytest.raises(Conflict, match=r"can't be activated: A file is missing\."):
        activate_release(release)


def test_a_broken_release_is_set_aside_after_its_tries_with_growing_pauses():
    release = registered()
    cut(weights(release))
    pauses = []
    for _ in range(CHECKS - 1):
        assert check_next()
        assert not check_next(), "the next try waits"
        pauses.append(seconds_until_check(release))
        assert release.state == ReleaseState.CHECKING
        time_passes(release)
    assert check_next()
    release.refresh_from_db()
    assert release.state == ReleaseState.SET_ASIDE
    assert "model.onnx is not the file that was released" in release.problem_to_show
    assert release.problem == "file_differs"
    assert list(release.problem_params) == ["path"]  # what the sentence names, and no sentence
    assert 5 < pauses[0] < pauses[1] / 3
    assert verbs() == ["release.registered", "release.set_aside"]
    assert not check_next()


def test_a_release_of_format_1_is_not_registered(tmp_path):
    with pytest.raises(CommandError, match="format 1, but this Callus reads formats 2 and 3: use"):
        call_command("register_release", release_copy(tmp_path, "1.0.0", format=1))
    assert not Release.objects.exists()


def test_one_that_was_registered_before_is_set_aside_with_the_reason():
    release = registered()
    path = release_folder(release) / "manifest.json"
    content = json.dumps({**json.loads(path.read_bytes()), "format": 1}).encode()
    path.write_bytes(content)
    Release.objects.update(sha256=hashlib.sha256(content).hexdigest())
    for _ in range(CHECKS):
        assert check_next()
        time_passes(release)
    release.refresh_from_db()
    assert release.state == ReleaseState.SET_ASIDE
    assert "format 1, but this Callus reads formats 2 and 3: use" in release.problem_to_show


def test_a_fault_that_passes_sets_nothing_aside():
    release = registered()
    whole = cut(weights(release))
    check_next()
    weights(release).write_bytes(whole)
    time_passes(release)
    check_next()
    release.refresh_from_db()
    assert (release.state, release.problem, release.checks_left) == ("usable", "", CHECKS)


def graph_of_nan() -> bytes:
    """The released graph, whose first weights are no numbers: it loads, and reads nothing."""
    graph = onnx.load(default_release_path() / "model.onnx")
    first = next(each for each in graph.graph.initializer if numpy_helper.to_array(each).ndim == 4)
    broken = numpy_helper.to_array(first) * float("nan")
    first.CopyFrom(numpy_helper.from_array(broken, first.name))
    return graph.SerializeToString()


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        (lambda: b"no graph", "The engine can't run it. InvalidProtobuf"),
        (graph_of_nan, "It read a picture and gave something that is no number."),
    ],
    ids=["unreadable", "not finite"],
)
def test_whole_files_are_not_enough_it_must_read_a_picture(tmp_path, graph, sentence):
    release = register_release(release_copy(tmp_path, "9.9.9", onnx=graph()))
    check_next()
    release.refresh_from_db()
    assert release.state == ReleaseState.CHECKING
    assert release.problem_to_show.startswith(sentence)


def test_a_release_with_a_detector_passes_its_check(release_with_detector):
    release = register_release(release_with_detector)
    check_next()
    release.refresh_from_db()
    assert (release.state, release.problem) == (ReleaseState.USABLE, "")


@pytest.mark.parametrize("name", ["detector.heat.bias", "detector.extent.bias"])
def test_maps_that_are_no_numbers_are_found_though_no_box_is_given(
    release_with_detector, tmp_path, name
):
    folder = shutil.copytree(release_with_detector, tmp_path / "copy")
    graph = onnx.load(folder / "model.onnx")
    bias = next(each for each in graph.graph.initializer if each.name == name)
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) * float("nan"), name))
    onnx.save(graph, folder / "model.onnx")
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    hashed = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    manifest["files"]["model.onnx"] = hashed
    path.write_text(json.dumps(manifest))
    release = register_release(folder)
    check_next()
    release.refresh_from_db()
    assert release.state == ReleaseState.CHECKING
    assert release.problem_to_show == "It read a picture and gave something that is no number."


def test_a_check_loads_anew_though_the_release_is_loaded_already():
    release = usable_release()
    cut(weights(release))
    checks.request_check(release)
    check_next()
    release.refresh_from_db()
    assert release.is_suspended


def test_a_check_that_kills_its_worker_ends_as_set_aside():
    """Nothing is heard of a worker that is killed or hangs: what counts is that the check was taken."""
    release = registered()
    late = None
    for _ in range(CHECKS):
        taken = checks.claim_check()
        assert taken is not None
        assert checks.claim_check() is None, "no other worker takes it meanwhile"
        late = late or taken
        sweep_and_send()
        release.refresh_from_db()
        assert release.state == ReleaseState.CHECKING
        time_passes(release)
    sweep_and_send()
    release.refresh_from_db()
    assert (release.state, release.problem) == ("set_aside", checks.STOPPED.code)
    assert not checks.pass_check(late)
    release.refresh_from_db()
    assert release.state == ReleaseState.SET_ASIDE


def test_a_try_that_failed_is_over():
    release = registered()
    taken = checks.claim_check()
    assert checks.fail_check(taken, checks.STOPPED)
    assert not checks.pass_check(taken)
    assert not checks.fail_check(taken, checks.STOPPED)
    release.refresh_from_db()
    assert (release.state, release.checks_left) == (ReleaseState.CHECKING, CHECKS - 1)


def test_a_check_of_a_worker_that_is_asked_to_stop_spends_no_try():
    release = registered()
    checks.give_back(checks.claim_check())
    release.refresh_from_db()
    assert release.checks_left == CHECKS
    assert checks.claim_check() is not None


def test_a_release_that_fails_later_is_doubted_then_set_aside_and_comes_back(site, people):
    release = usable_release()
    loading.unload_all()
    whole = cut(weights(release))
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    assert work_until_empty() == 0
    release.refresh_from_db()
    assert release.is_suspended
    assert release.is_active, "one failure is not enough"
    for _ in range(CHECKS - 1):
        time_passes(release)
        assert check_next()
    release.refresh_from_db()
    assert (release.state, release.is_active) == (ReleaseState.SET_ASIDE, False)
    job = Job.objects.get(image__case=case)
    assert (job.state, job.attempts_left, job.attempt) == (JobState.QUEUED, 3, 0)
    assert work_until_empty() == 0

    weights(release).write_bytes(whole)
    checks.request_check(release, actor=people.staff)
    assert check_next()
    release.refresh_from_db()
    assert release.is_active, "nobody chose another one meanwhile"
    assert work_until_empty() == 1
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED


def test_the_jobs_of_a_broken_release_block_no_others(site, people, tmp_path):
    broken = usable_release()
    stuck = make_case(site, people.clinician, CaseState.RECEIVED, priority=0)
    good = usable_release(release_copy(tmp_path, "9.9.9"))
    Job.objects.filter(image__case=stuck).update(release=broken)
    cut(weights(broken))
    loading.unload_all()
    case = make_case(site, people.clinician, CaseState.RECEIVED, priority=2)
    assert work_until_empty() == 1
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED
    assert case.deciding_prediction.release == good


def test_a_worker_that_was_killed_while_it_loaded_blames_the_release_and_no_picture(site, people):
    """The message comes again at once; the next process finds the trace of the last one."""
    release = usable_release()
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    loading.unload_all()
    ReleaseLoad.objects.create(
        release=release, worker=loading.this_worker(), leased_until=timezone.now()
    )
    assert work_until_empty() == 0
    release.refresh_from_db()
    assert (release.is_suspended, release.problem) == (True, checks.STOPPED.code)
    assert Job.objects.get(image__case=case).attempt == 0


def test_another_process_of_the_pool_that_loads_the_release_now_is_no_lost_one(
    site, people, monkeypatch
):
    """A worker of several processes: one message each, and all begin with the same release."""
    release = usable_release()
    make_case(site, people.clinician, CaseState.RECEIVED)
    loading.unload_all()
    monkeypatch.setattr(current_process(), "index", 0, raising=False)
    ReleaseLoad.objects.create(
        release=release,
        worker=loading.this_worker(),
        leased_until=timezone.now() + timedelta(seconds=60),
    )
    monkeypatch.setattr(current_process(), "index", 1)
    assert work_until_empty() == 1
    release.refresh_from_db()
    assert not release.is_suspended
    assert ReleaseLoad.objects.count() == 1


def test_a_worker_that_never_came_back_from_loading_is_found_by_the_sweep():
    release = make_release()
    other = {"release": release, "worker": "elsewhere 1"}
    ReleaseLoad.objects.create(**other, leased_until=timezone.now() + timedelta(seconds=60))
    sweep_and_send()
    release.refresh_from_db()
    assert not release.is_suspended
    ReleaseLoad.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    sweep_and_send()
    release.refresh_from_db()
    assert (release.is_suspended, release.problem) == (True, checks.STOPPED.code)
    assert not ReleaseLoad.objects.exists()


def test_a_start_activates_only_where_nothing_is_active(tmp_path, people):
    register_released_model()
    check_next()
    shipped = Release.objects.get()
    assert shipped.is_active
    chosen = register_release(release_copy(tmp_path, "9.9.9"))
    check_next()
    activate_release(chosen, actor=people.staff)
    register_released_model()
    assert not check_next()
    chosen.refresh_from_db()
    assert chosen.is_active


def test_an_upgrade_registers_its_release_and_leaves_the_choice(tmp_path):
    active = usable_release()
    newer = str(release_copy(tmp_path, "9.9.9"))
    call_command("register_release", newer, "--activate-if-none", verbosity=0)
    check_next()
    newer = Release.objects.get(version="9.9.9")
    assert (newer.state, newer.is_active) == (ReleaseState.USABLE, False)
    active.refresh_from_db()
    assert active.is_active
    assert newer.activation == Activation.BY_HAND, "the wish was for that moment"


def test_an_operators_wish_is_granted_after_the_check_and_a_later_choice_wins(tmp_path):
    first = usable_release()
    wished = register_release(release_copy(tmp_path, "9.9.9"))
    checks.check_and_activate(wished, Activation.ALWAYS)
    first.refresh_from_db()
    assert first.is_active
    check_next()
    wished.refresh_from_db()
    assert wished.is_active
    activate_release(first)

    other = register_release(release_copy(tmp_path, "9.9.10"))
    checks.check_and_activate(other, Activation.ALWAYS)
    activate_release(wished)
    check_next()
    other.refresh_from_db()
    assert (other.state, other.is_active) == (ReleaseState.USABLE, False)


def test_registering_again_repairs_a_damaged_copy(site, people):
    release = usable_release()
    cut(weights(release))
    Release.objects.update(is_active=False, state=ReleaseState.SET_ASIDE, problem="Damaged.")
    register_released_model()
    assert check_next()
    release.refresh_from_db()
    assert release.is_active
    folders = list(weights(release).parents[1].iterdir())
    assert folders == [weights(release).parent], "nothing is left beside it"


def test_one_version_is_one_manifest(tmp_path):
    registered()
    other = release_copy(tmp_path, Release.objects.get().version, temperature=2.0)
    with pytest.raises(CommandError, match="registered with another manifest"):
        call_command("register_release", str(other))
