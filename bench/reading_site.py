"""The site that ``bench.reading`` reads on: cases, static files as in production, and what it used."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

SIZE = (1600, 2000)  # of a display: a wrist on a flat panel


def fill(number: int) -> Sequence[str]:
    """Cases that wait, each with a picture of its own. Returns the addresses of two readers."""
    call_command("migrate", database="owner", verbosity=0)
    from tests.factories import PASSWORD, make_case, make_people, make_site
    from triage.models import Case, Image

    if Case.objects.exists():
        raise SystemExit("This database holds cases already.")
    site, other = make_site("North Clinic", "north"), make_site("South Clinic", "south")
    people = make_people(site, other)
    for at in range(number):
        case = make_case(site, people.clinician, due_at=timezone.now() + timedelta(minutes=at + 1))
        image = case.images.get()
        picture = _jpeg(at)
        name = default_storage.save(f"bench/{image.pk}", ContentFile(picture))
        width, height = SIZE
        Image.objects.filter(pk=image.pk).update(display=name, width=width, height=height)
    readers = people.reviewer, people.clinician2
    for reader in readers:
        reader.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
        reader.save()
    return [reader.email for reader in readers]


def _jpeg(seed: int) -> bytes:
    import io

    import numpy as np
    from PIL import Image as Picture

    noise = np.random.default_rng(seed).normal(0, 6, SIZE[::-1])
    shade = np.linspace(20, 220, SIZE[0])[None, :]
    grey = np.clip(shade + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Picture.fromarray(grey).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def as_in_production(port: int, tree: Path) -> dict[str, str]:
    """The environment of a web process whose static files are hashed and compressed; gathers them."""
    folder = Path(default_storage.path("")).parent
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "WEB_WORKERS": "1",
    }
    gather = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
    subprocess.run(gather, cwd=tree, env={**os.environ, **environment}, check=True)
    from triage.models import Image

    first, second = Image.objects.order_by("pk")[:2]
    bare = folder / "static" / "bare"
    bare.mkdir()
    for here, there, image in (("one", "two", first), ("two", "one", second)):
        shown = reverse("image", args=[image.pk, "display"])
        html = f'<!doctype html><img class="bare" src="{shown}"><a href="{there}.html">Next</a>'
        (bare / f"{here}.html").write_text(html)
    return environment


def cpu_ms(web: Any) -> float:
    """Processor time of the web processes so far."""
    parent = psutil.Process(web.popen.pid)
    used = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
    return 1000 * sum(times.user + times.system for times in used)


def requests(web: Any) -> int:
    """How many the web processes have answered so far: a line of their log each."""
    return len(re.findall(r'" \d{3} ', web.output))
