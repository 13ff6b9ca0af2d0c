"""Modules are named by the hash of what they and their imports hold, and a page names each of them."""

import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings

from config.joining import JOINED
from triage.templatetags.modules import imported_by, module

IMPORTED = re.compile(r'(?:from|import) ?"(\.{1,2}/[^"]+)"')
WORKER = re.compile(r'new URL\("(\./[^"]+)"')
PAGES = ["js/case.js", "js/worklist.js", "js/upload/page.js", "js/site.js"]


@pytest.fixture
def gathered(settings, tmp_path):
    """The folder of static files as production has it."""
    options = {"location": tmp_path, "base_url": "/static/"}
    hashed = {"BACKEND": "config.static_files.HashedModules", "OPTIONS": options}
    with override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": hashed},
        STATIC_ROOT=tmp_path,
        WHITENOISE_AUTOREFRESH=False,
        WHITENOISE_USE_FINDERS=False,
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield tmp_path.resolve()


def named_in(folder, name, pattern):
    """The files that a module names, relative to the folder."""
    found = pattern.findall((folder / name).read_text())
    beside = (folder / name).parent
    return [(beside / relative).resolve().relative_to(folder).as_posix() for relative in found]


@pytest.mark.parametrize("pattern", [IMPORTED, WORKER], ids=["imports", "workers"])
def test_a_module_names_the_hashed_files(gathered, pattern):
    files = staticfiles_storage.hashed_files
    modules = [name for name in files if name.startswith("js/")]
    checked = 0
    for name in modules:
        wanted = [files[found] for found in named_in(gathered, name, pattern)]
        assert named_in(gathered, files[name], pattern) == wanted
        checked += len(wanted)
    assert checked > 0


def test_a_page_names_all_that_its_script_imports(gathered):
    files = staticfiles_storage.hashed_files
    for page in PAGES:
        names = [*imported_by(page), page]
        for name in names:
            assert set(named_in(gathered, name, IMPORTED)) <= set(names)
        addresses = re.findall(r'(?:href|src)="/static/([^"]+)"', module(page))
        assert addresses == [files[name] for name in names]


def test_the_viewer_is_served_in_two_files_of_25_kb(gathered):
    """As a browser fetches them. Each is joined anew, whatever lies there of the version before."""
    parts = [f"js/viewer/{name}.js" for name in ("pane", "windowing", "part")]
    for page in PAGES:
        assert not set(parts) & set(imported_by(page))
    assert "js/viewer/viewer.js" in imported_by("js/case.js")
    call_command("collectstatic", interactive=False, verbosity=0)
    served = [gathered / staticfiles_storage.hashed_files[name] for name in JOINED]
    assert [path.read_text().count("(() => {") > 3 for path in served] == [True, True]
    assert sum(path.with_name(f"{path.name}.gz").stat().st_size for path in served) <= 25_000


@pytest.mark.parametrize("name", ["js/viewer/reader.js", "js/keys.js", "css/case.css"])
def test_a_browser_keeps_a_hashed_file_for_good(gathered, client, name):
    kept = client.head(f"/static/{staticfiles_storage.hashed_files[name]}")
    assert "immutable" in kept["Cache-Control"]
    assert "immutable" not in client.head(f"/static/{name}")["Cache-Control"]
