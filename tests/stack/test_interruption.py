"""One signal stops everything in order; it never falls between a start and the note that it was started."""

import signal
from collections.abc import Iterator

import pytest

from localservices import interruption
from localservices.interruption import SIGNALS, Interrupted, stop_in_order, undisturbed


@pytest.fixture(autouse=True)
def handlers(monkeypatch) -> Iterator[None]:
    """This process's own handlers come back afterwards."""
    monkeypatch.setattr(interruption, "_interruption", interruption._Interruption())
    before = {number: signal.getsignal(number) for number in SIGNALS}
    stop_in_order()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_and_says_what_a_shell_would_report(number):
    with pytest.raises(Interrupted) as caught:
        signal.raise_signal(number)
    assert caught.value.status == 128 + number


def test_only_the_first_one_interrupts(capsys):
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGINT)
    assert capsys.readouterr().err.count("Stopping …") == 2


def test_what_is_being_started_is_started_first():
    started = []
    with pytest.raises(Interrupted) as caught, undisturbed():
        signal.raise_signal(signal.SIGINT)
        started.append("noted")
    assert started == ["noted"]
    assert caught.value.number == signal.SIGINT


def test_stopping_may_start_programs_too():
    """``pg_ctl stop`` runs undisturbed after the interruption; it must not be interrupted by it again."""
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGINT)
    with undisturbed():
        pass
