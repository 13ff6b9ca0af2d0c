"""``make smoke``: a temporary site, and the way of a case over REST alone."""

import io
import json
import sys
import time
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

from classifier.labels import CLASSES
from demo.drawings import draw
from demo.logins import PASSWORD
from localservices.demo import throwaway_site

CASES = 20
PATIENCE = 180  # seconds for all predictions


class SmokeFailure(Exception):
    """A step failed; the message says which."""


class Client:
    """A REST client of the standard library, signed in as one person."""

    def __init__(self, base: str, email: str) -> None:
        self._base, self._token = f"{base}/api/v1", ""
        self._token = self.post("auth/login", email=email, password=PASSWORD)["token"]

    def get(self, path: str, **query: Any) -> Any:
        return self._send(Request(f"{self._base}/{path}?{urlencode(query)}"))

    def post(self, path: str, **values: Any) -> Any:
        body = json.dumps(values).encode()
        headers = {"Content-Type": "application/json"}
        return self._send(Request(f"{self._base}/{path}", body, headers))

    def upload(self, path: str, files: dict[str, bytes], **fields: str) -> Any:
        boundary = uuid4().hex
        disposition = f"--{boundary}\r\nContent-Disposition: form-data; name="
        parts = [
            f'{disposition}"{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()
        ]
        for name, data in files.items():
            head = f'{disposition}"images"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
            parts.append(head.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._send(Request(f"{self._base}/{path}", body, headers))

    def _send(self, request: Request) -> Any:
        if self._token:
            request.add_header("Authorization", f"Token {self._token}")
        try:
            with urlopen(request, timeout=60) as response:
                return json.load(response)
        except HTTPError as error:
            detail = error.read()[:500].decode(errors="replace")
            raise SmokeFailure(
                f"{request.get_method()} {request.full_url}: {error.code} {detail}"
            ) from None
        except OSError as error:  # refused, cut off, or too slow
            raise SmokeFailure(f"{request.full_url}: {error}") from None


def smoke() -> dict[str, Any]:
    """Sends 20 cases, waits for 20 predictions, reads the worklist, claims and reviews one case."""
    with throwaway_site(demo_cases=False) as base:
        clinician = Client(base, "clinician@demo.callus.test")
        reviewer = Client(base, "reviewer@demo.callus.test")
        pictures = [_picture(number) for number in range(CASES)]
        watch = Watch(clinician)
        sent = []
        for number, picture in enumerate(pictures):
            case = clinician.upload(
                "cases",
                {f"smoke-{number:02d}.png": picture},
                site="demo",
                body_part="LEG",
                accession_number=f"SMOKE-{number:02d}",
            )
            sent.append(case["id"])
            watch.poll(sent)
        while len(watch.predicted) < CASES:
            watch.poll(sent)
        _review_one(reviewer, sent)
        seconds = watch.predicted.values()
        return {
            "cases": len(sent),
            "predicted": len(watch.predicted),
            "seconds_to_first": round(min(seconds), 2),
            "seconds_to_all": round(max(seconds), 2),
        }


class Watch:
    """When each case's prediction first appeared, in seconds from the start of the first upload."""

    def __init__(self, client: Client) -> None:
        self._client, self._started = client, time.monotonic()
        self.predicted: dict[str, float] = {}

    def poll(self, sent: list[str]) -> None:
        """Asks for every case not yet predicted. Raises SmokeFailure if a case fails or time is up."""
        for case in sent:
            if case in self.predicted:
                continue
            state = self._client.get(f"cases/{case}")["state"]
            if state == "predicted":
                self.predicted[case] = time.monotonic() - self._started
            elif state != "received":
                raise SmokeFailure(f"Case {case} became {state} instead of predicted.")
        if time.monotonic() - self._started > PATIENCE:
            missing = len(sent) - len(self.predicted)
            raise SmokeFailure(f"{missing} cases have no prediction after {PATIENCE} s.")


def _picture(number: int) -> bytes:
    buffer = io.BytesIO()
    draw(CLASSES[number % len(CLASSES)], 1000 + number).save(buffer, "PNG")
    return buffer.getvalue()


def _review_one(reviewer: Client, sent: list[str]) -> None:
    listed = [case["id"] for case in reviewer.get("worklist")["results"]]
    if set(listed) != set(sent):
        raise SmokeFailure(f"The worklist shows {len(listed)} cases, not the {len(sent)} sent.")
    case = listed[0]
    reviewer.post(f"cases/{case}/claim")
    answer = reviewer.get(f"cases/{case}")
    opinion: dict[str, Any] = {"opinion": "agree"}
    if answer["finding"] == "doubt":  # nobody can agree with a doubt
        opinion = {"opinion": "other_class", "classes": [answer["predicted_class"]]}
    signed = {**opinion, "prediction": answer["prediction"], "comment": "Smoke test."}
    reviewer.post(f"cases/{case}/reviews", **signed)
    state = reviewer.get(f"cases/{case}")["state"]
    if state != "reviewed":
        raise SmokeFailure(f"The signed case is {state}, not reviewed.")


def main() -> int:
    """Prints one line of JSON last; returns 1 with a sentence if a step failed."""
    try:
        result = smoke()
    except SmokeFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    print(json.dumps(result), flush=True)
    return 0
