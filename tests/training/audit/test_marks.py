"""What is noticed of what somebody drew on a picture, and what is left alone."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.training.audit.pictures import draw
from training.audit.marks import find_marks


@pytest.fixture
def picture() -> np.ndarray:
    return (draw(7, (500, 400)) * 0.7).astype(np.uint8)


def marks(pixels: np.ndarray) -> list[str]:
    """Of a picture that went through JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    grey = np.asarray(Image.open(file).convert("L"))
    return find_marks(grey, file.getvalue())


def test_a_plain_radiograph_bears_none(picture):
    assert marks(picture) == []


def arrow(degrees: float) -> np.ndarray:
    """The corners (7, 2) of an arrow of 80 pixels about the middle of the picture."""
    corners = np.array([[-40, -4], [10, -4], [10, -16], [40, 0], [10, 16], [10, 4], [-40, 4]])
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (corners @ turn.T + (200, 250)).round().astype(np.int32)


@pytest.mark.parametrize("shade", [255, 0])
@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 200, 290])
def test_an_arrow_is_noticed(picture, shade, degrees):
    ground = picture if shade else np.maximum(picture, 110)
    cv2.fillPoly(ground, [arrow(degrees)], shade)
    assert "arrow" in marks(ground)


def test_a_row_of_letters_is_noticed(picture):
    cv2.putText(picture, "FRACTURE", (60, 420), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 4)
    assert "text" in marks(picture)


def test_a_single_letter_of_lead_is_no_text(picture):
    cv2.putText(picture, "L", (60, 80), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 4)
    assert "text" not in marks(picture)


def test_a_coloured_arrow_is_noticed_and_a_tint_is_not(picture):
    colour = np.stack([picture] * 3, 2)
    tinted = (colour * np.array([1.0, 0.95, 0.8])).astype(np.uint8)
    assert marks(tinted) == []
    cv2.arrowedLine(colour, (100, 100), (200, 200), (255, 0, 0), 8)
    assert "colour" in marks(colour)


def test_bone_as_white_as_can_be_is_no_mark(picture):
    """A bright spot that shades off."""
    y, x = np.mgrid[:500, :400]
    spot = 400 * np.exp(-((y - 200) ** 2 + (x - 200) ** 2) / 900)
    assert marks((picture + spot).clip(0, 255).astype(np.uint8)) == []


def test_sixteen_bits_are_looked_at_too(picture):
    assert find_marks(picture.astype(np.uint16) << 8, b"no file that Pillow reads") == []
