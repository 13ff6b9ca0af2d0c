"""What stands on the screen of the viewer, as greys."""

import io
from typing import Any

import numpy as np
from PIL import Image as Picture

from classifier.radiograph import Radiograph, read_radiograph
from tests.e2e.test_first_light import sign_in
from tests.factories import incoming, receive_case
from triage.intake.details import CaseDetails
from triage.models import Case
from triage.vocabulary import BodyPart, Source

# The page has a rendition on the screen, drawn as the last act wants it.
DRAWN = """() => {
  const { pane } = document.getElementById("viewer");
  const isWhole = Boolean(pane?.loaded && !pane.loaded.isDisplay && pane.look);
  return isWhole && !pane.canvas.hidden && !pane.isAwaited;
}"""
# Without a rendition: a window over the display.
DISPLAY_DRAWN = DRAWN.replace("!pane.loaded.isDisplay", "pane.loaded.isDisplay")
# How the viewer draws → what makes the browser do so: it has no graphics processor here, so WebGL2 must be
# allowed where it is slow, and must not be known to be.
SCREENS = {
    "webgl2": """
  const before = HTMLCanvasElement.prototype.getContext;
  const extension = WebGL2RenderingContext.prototype.getExtension;
  WebGL2RenderingContext.prototype.getExtension = function (name) {
    return name === "WEBGL_debug_renderer_info" ? null : extension.call(this, name);
  };
  HTMLCanvasElement.prototype.getContext = function (kind, asked) {
    return before.call(this, kind, { ...asked, failIfMajorPerformanceCaveat: false });
  };""",
    "canvas": """
  const before = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    return kind === "webgl2" ? null : before.call(this, kind, ...more);
  };""",
}
# One pixel of the picture on one of the screen.
ACTUAL = 'document.querySelector("[data-do=actual]").click()'
HIDE_NUMBERS = 'id => document.querySelector(`#${id} .view-numbers`).style.visibility = "hidden"'
CORNER = "id => document.getElementById(id).pane.matrix.slice(4)"


def open_picture(web_site: Any, page: Any, *files: bytes, **details: Any) -> Case:
    """The page of a case with these files, taken in as a sender's are; it waits for the first rendition."""
    case = receive_case(
        sender=web_site.people.clinician,
        site=web_site.site,
        files=[incoming(f"{number}.dcm", data) for number, data in enumerate(files, 1)],
        details=CaseDetails(body_part=BodyPart.WRIST, **details),
        source=Source.WEB,
    ).case
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/?image=1")
    page.wait_for_function(DRAWN)
    return case


def on_screen(page: Any, drawn: str = DRAWN, viewer: str = "viewer") -> np.ndarray:
    """(H, W) int: the greys of the whole viewer, as a person sees them, once ``drawn`` is true."""
    page.evaluate(HIDE_NUMBERS, viewer)
    page.wait_for_function(drawn)
    # The pixels stand on whole ones of the screen, which the viewer needn't. A browser that is asked for a
    # part of the page scales it, so the part is cut out here.
    pixels = page.locator(f"#{viewer} .pixels").bounding_box()
    box = pixels or page.locator(f"#{viewer}").bounding_box()
    left, top = round(box["x"]), round(box["y"])
    shot = np.asarray(Picture.open(io.BytesIO(page.screenshot())).convert("RGB"))[..., 0]
    return shot[top : top + round(box["height"]), left : left + round(box["width"])].astype(int)


def picture_on_screen(
    page: Any, shape: tuple[int, int], viewer: str = "viewer", drawn: str = DRAWN
) -> np.ndarray:
    """The same of the picture alone, 1:1; ``shape`` is its own. -1 where it lies outside of the viewer."""
    page.evaluate(ACTUAL)
    greys = on_screen(page, drawn, viewer)
    left, top = (int(side) for side in page.evaluate(CORNER, viewer))
    rows = slice(max(0, -top), min(shape[0], greys.shape[0] - top))
    columns = slice(max(0, -left), min(shape[1], greys.shape[1] - left))
    found = np.full(shape, -1)
    found[rows, columns] = greys[
        rows.start + top : rows.stop + top, columns.start + left : columns.stop + left
    ]
    return found


def difference(found: np.ndarray, expected: np.ndarray) -> int:
    """The most greys between them, of what is seen: at least a tenth of the picture."""
    seen = found >= 0
    assert seen.mean() > 0.1
    return int(np.abs(found - expected)[seen].max())


def read(data: bytes) -> Radiograph:
    return read_radiograph(data, "film.dcm")
