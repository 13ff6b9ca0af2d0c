"""What the pictures show: cases in each state, made over REST and the pages' own forms."""

import io
import time
from urllib.request import Request

import numpy as np
from PIL import Image as Picture

from demo.drawings import draw
from localservices.smoke import Client

SITE = "demo"
PATIENCE = 180  # seconds for all predictions
READ = {"body_part": "LEG", "side": "L", "age_band": "18-64", "sex": "F"}
# Name of a case → what is drawn on its pictures. Each is a state of the case page.
CASES = {
    "undecided": ("comminuted", "oblique"),
    "mine": ("oblique", "oblique"),
    "another": ("spiral",),
    "skipped": ("hairline",),
    "drafted": ("impacted",),
    "signed": ("spiral",),
    "corrected": ("longitudinal",),
    "clear": ("intact",),
    "unassessable": ("greenstick",),
    "called-back": ("fracture_dislocation",),
    "reached": ("fracture_dislocation",),
    "withdrawn": ("intact",),
}
BLIND = {
    "blind": ("avulsion",),
    "blind-mine": ("spiral", "spiral"),
    "blind-locked": ("oblique",),
    "third": ("comminuted",),
}
PLACE = {"image": 1, "x": 0.38, "y": 0.42, "width": 0.2, "height": 0.12}
CERTAIN = {"fracture": "certain", "classes": ["spiral"], "displaced": True, "old": False}
LONG = (
    "Fell on the stairs this morning, cannot bear weight, tender over the distal third. "
    "Distal pulses present, no wound. Fracture, and is it displaced?"
)


class Unhurried(Client):
    """Asks for no wait, so that a refused upload becomes a case with a page of its own."""

    def _send(self, request: Request) -> object:
        request.add_header("Prefer", "wait=0")
        return super()._send(request)


class World:
    """The cases by name, and one client for each person of the demonstration."""

    def __init__(self, base: str) -> None:
        self.base = base
        people = ("clinician", "reviewer", "admin")
        self.rest = {who: Client(base, f"{who}@demo.callus.test") for who in people}
        self.cases: dict[str, str] = {}
        self.others: dict[str, str] = {}  # ids of call-backs and critical results

    def case(self, name: str) -> str:
        return f"/cases/{self.cases[name]}/"

    def send(self, drawn: dict[str, tuple[str, ...]]) -> None:
        for name, labels in drawn.items():
            number = len(self.cases) + 1
            files = {
                f"{name} {view}.png": drawing(label, 100 * number + view)
                for view, label in enumerate(labels, 1)
            }
            sent = self.rest["clinician"].upload(
                "cases",
                files,
                site=SITE,
                accession_number=f"A-{4700 + number}",
                patient_reference="P-0815" if name in ("undecided", "signed") else f"P-{number}",
                clinical_question=LONG if name == "undecided" else "Fell. Fracture?",
                priority="stat" if name == "undecided" else "routine",
                projection="SEVERAL" if len(labels) > 1 else "AP",
                **READ,
            )
            self.cases[name] = sent["id"]

    def send_what_fails(self) -> None:
        """A picture that is no radiograph, and a file that is cut off."""
        noise = np.random.default_rng(1).integers(0, 255, (600, 800, 3), np.uint8)
        sent = self.rest["clinician"].upload(
            "cases", {"IMG_2034.png": _png(Picture.fromarray(noise))}, site=SITE, body_part="HAND"
        )
        self.cases["no-radiograph"] = sent["id"]
        slow = Unhurried(self.base, "clinician@demo.callus.test")
        cut = drawing("spiral", 7)[:9000]
        sent = slow.upload("cases", {"wrist PA.png": cut}, site=SITE, body_part="WRIST")
        self.cases["refused"] = sent["id"]

    def wait(self) -> None:
        """Until the model has read all that it can read."""
        ends = time.monotonic() + PATIENCE
        while working := [
            name for name in self.cases if self._state(name) in ("arriving", "received")
        ]:
            if time.monotonic() > ends:
                raise SystemExit(f"Not read after {PATIENCE} s: {', '.join(working)}")
            time.sleep(0.5)

        # One of the demonstration's own.
        failed = self.rest["reviewer"].get("worklist", state="failed")["results"]
        self.cases["failed"] = failed[0]["id"]

    def _state(self, name: str) -> str:
        return str(self.rest["clinician"].get(f"cases/{self.cases[name]}")["state"])

    def act(self, who: str, name: str, act: str, **values: object) -> dict:
        return self.rest[who].post(f"cases/{self.cases[name]}/{act}", **values)

    def sign(self, name: str, *, who: str = "reviewer", **given: object) -> str:
        shown = self.rest[who].get(f"cases/{self.cases[name]}")
        if shown.get("prediction"):
            given = {"prediction": shown["prediction"], **given}
        return str(self.act(who, name, "reviews", **given)["id"])

    def read(self) -> None:
        """What readers do to the cases that aren't blind."""
        reviewer = self.rest["reviewer"]
        for name in ("mine", "drafted"):
            self.act("reviewer", name, "claim")
        self.act("admin", "another", "claim")
        self.act("reviewer", "skipped", "skip", reason="An earlier film is on its way")
        self.sign("signed", **CERTAIN, places=[PLACE], comment="Undisplaced fibula beside it.")
        first = self.sign("corrected", fracture="none", comment="Clear.")
        right = {
            "fracture": "possible",
            "classes": ["longitudinal"],
            "comment": "A line, seen late.",
        }
        reviewer.post(f"reviews/{first}/corrections", **right)
        self.sign("clear", fracture="none", other_finding="Soft tissue swelling.")
        self.sign("unassessable", fracture="not_assessable", comment="Cast; please repeat.")
        for name in ("called-back", "reached"):
            opinion = {
                "interim_fracture": "none",
                "treated_as": "soft_tissue",
                "note": "Sent home.",
            }
            self.act("clinician", name, "interim-opinions", **opinion)
            self.sign(name, fracture="certain", classes=["fracture_dislocation"])
        self.act("clinician", "withdrawn", "withdraw", reason="Sent twice")
        self.end_loops()
        for shortcut, text in (
            ("/nf", "No fracture, no dislocation."),
            ("/rep", "Please repeat in two views; the joint above is missing."),
        ):
            reviewer.post("macros", shortcut=shortcut, text=text)
        reviewer.post("views", name="Late and suspected", params="late=1&call=positive")
        reviewer.post("views", name="Stat", params="priority=stat")

    def end_loops(self) -> None:
        """One call-back and one critical result are closed, the others wait."""
        clinician = self.rest["clinician"]
        for found in clinician.get("call-backs")["results"]:
            if found["case"] != self.cases["reached"]:
                self.others["call-back"] = found["id"]
                clinician.post(f"call-backs/{found['id']}/attempts", outcome="not_reached")
                continue
            self.others["call-back-closed"] = found["id"]
            clinician.post(
                f"call-backs/{found['id']}/attempts", outcome="reached", words="At home."
            )
            seen = {"review": found["review"]}
            clinician.post(f"call-backs/{found['id']}/closing", outcome="comes_back", **seen)
        for found in clinician.get("critical-results")["results"]:
            done = found["case"] == self.cases["reached"]
            self.others["critical-noted" if done else "critical"] = found["id"]
            if done:
                words = "Theatre is informed."
                noted = {"words": words, "review": found["review"]}
                clinician.post(f"critical-results/{found['id']}/acknowledgement", **noted)

    def read_blind(self) -> None:
        self.act("reviewer", "blind-mine", "claim")
        for name in ("blind-locked", "third"):
            self.act("reviewer", name, "first-reading", fracture="none", comment="Clear.")
        self.sign("third", **CERTAIN, comment="Seen with the model's box.")


def drawing(label: str, seed: int) -> bytes:
    return _png(draw(label, seed, side="L", body_part=None))


def _png(picture: Picture.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
