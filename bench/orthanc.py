"""Orthanc with its DICOMweb plugin, as the peer that takes DICOM objects over HTTP and keeps them."""

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from localservices.redis import free_port
from localservices.services import throwaway_folder

_PROGRAM = "Orthanc"  # Debian's package; orthanc-dicomweb adds STOW-RS
_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
_BOUNDARY = "callus-bench"


def is_installed() -> bool:
    return shutil.which(_PROGRAM) is not None and _PLUGIN.exists()


def version() -> str:
    text = subprocess.run(
        [_PROGRAM, "--version"], capture_output=True, text=True, check=True
    ).stdout
    return text.splitlines()[0]


@contextmanager
def orthanc() -> Iterator[int]:
    """Its port. Files and the SQLite index lie in a throwaway folder; each file is synced, as by default."""
    with throwaway_folder() as folder:
        port = free_port()
        configuration = {
            "StorageDirectory": str(folder / "storage"),
            "IndexDirectory": str(folder / "index"),
            "StorageCompression": False,
            "SyncStorageArea": True,
            "HttpPort": port,
            "DicomServerEnabled": False,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "Plugins": [str(_PLUGIN)],
            "DicomWeb": {"Enable": True, "StowMaxInstances": 0, "StowMaxSize": 0},
        }
        file = folder / "orthanc.json"
        file.write_text(json.dumps(configuration))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([_PROGRAM, str(file)], stdout=log, stderr=log)
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/system")
            if line.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError("Orthanc didn't start")


class StowClient:
    """One sender with a connection of its own."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def send(self, data: bytes) -> None:
        """Stores one DICOM object by STOW-RS. Raises RuntimeError if it isn't stored."""
        head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        body = head + data + f"\r\n--{_BOUNDARY}--\r\n".encode()
        kind = f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
        self._line.request(
            "POST",
            "/dicom-web/studies",
            body,
            {"Content-Type": kind, "Accept": "application/dicom+json"},
        )
        answer = self._line.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"Orthanc: {answer.status} {content[:300]!r}")
