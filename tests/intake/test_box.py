"""The box has every layer that this machine offers: tests of ways out are skipped where one is missing."""

from pathlib import Path

import pytest

from classifier.box import Box

STATUS = Path("/proc/self/status")
MODULES = Path("/sys/kernel/security/lsm")  # not mounted in most containers


def text_of(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


@pytest.mark.skipif("\nSeccomp:" not in text_of(STATUS), reason="this kernel has no seccomp")
def test_seccomp_is_used_where_it_is_there():
    try:
        import pyseccomp  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        pytest.skip("libseccomp is not installed")
    assert Box.found().filter


@pytest.mark.skipif("landlock" not in text_of(MODULES), reason="this kernel has no Landlock")
def test_landlock_is_used_where_it_is_there():
    assert Box.found().landlock > 0
