"""A page reads a rendition with all its greys, and takes no more memory for it than it may."""

import struct
import zlib

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from classifier.rendition_file import write_rendition
from classifier.rendition_header import MAGIC
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Image
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]

RAMP = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
FILM = np.random.default_rng(1).integers(0, 4096, (301, 457), np.uint16) << 4  # 12 bits
EIGHT = np.random.default_rng(2).integers(0, 256, (123, 77), np.uint8)

# Gives the greys of the texture, as the graphics processor has them.
IN_TEXTURE = """async (address) => {
  const { readRendition } = await import("/static/js/rendition.js");
  const { textureOf } = await import("/static/js/viewer/webgl.js");
  const read = await readRendition(await fetch(address));
  const gl = document.createElement("canvas").getContext("webgl2");
  const texture = textureOf(gl, read);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const four = new Uint32Array(4 * read.width * read.height);
  gl.readPixels(0, 0, read.width, read.height, gl.RGBA_INTEGER, gl.UNSIGNED_INT, four);
  return { ...read, pixels: [], error: gl.getError(), greys: [...four.filter((_, at) => at % 4 === 0)] };
}"""
REDUCED = """async ([address, most]) => {
  const { readRendition } = await import("/static/js/rendition.js");
  const { pixels, ...read } = await readRendition(await fetch(address), most);
  return { ...read, greys: [...pixels] };
}"""
READ = """async (address) => {
  const { readRendition } = await import("/static/js/rendition.js");
  return readRendition(await fetch(address)).then(() => "read", (error) => String(error));
}"""


@pytest.fixture
def address(web_site, page):
    """Stores these bytes as the rendition of an image that the person may see; its address."""
    sign_in(page, web_site.url, web_site.people.reviewer.email)

    def store(data: bytes) -> str:
        case = make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED)
        name = default_storage.save("drawn/rendition.cgr", ContentFile(data))
        Image.objects.filter(pk=case.first_image.pk).update(rendition=name)
        return f"/images/{case.first_image.pk}/rendition/"

    return store


@pytest.mark.parametrize("pixels", [RAMP, FILM, EIGHT], ids=["ramp", "12 bits", "8 bits"])
def test_every_grey_reaches_the_texture(address, page, pixels):
    found = page.evaluate(IN_TEXTURE, address(write_rendition(pixels)))
    assert found["error"] == 0
    assert (found["height"], found["width"]) == pixels.shape
    assert found["bits"] == pixels.dtype.itemsize * 8
    assert np.array_equal(np.array(found["greys"]).reshape(pixels.shape), pixels)


def test_the_ramp_has_all_greys():
    assert len(np.unique(RAMP)) == 65_536


@pytest.mark.parametrize(("most", "by"), [({"mostPixels": 9000}, 4), ({"longest": 300}, 2)])
def test_a_picture_that_is_too_large_is_made_smaller_while_it_is_read(address, page, most, by):
    found = page.evaluate(REDUCED, [address(write_rendition(FILM)), most])
    height, width = (side // by for side in FILM.shape)
    assert (found["reduced"], found["height"], found["width"]) == (by, height, width)
    blocks = FILM[: height * by, : width * by].reshape(height, by, width, by)
    greys = np.array(found["greys"]).reshape(height, width)
    assert np.abs(greys - blocks.mean(axis=(1, 3))).max() <= 0.5


def test_no_memory_is_taken_for_a_header_that_is_not_plausible(address, page):
    """Its checksum is right: who took the decoder over writes any size."""
    stream = zlib.compress(bytes(1 << 20))
    for width, height, rows, said in (
        (60_000, 60_000, 1, "damaged header"),
        (4000, 4000, 4000, "damaged header"),
        (16_000, 16_000, 1, "too short"),
    ):
        named = struct.pack(">8s4B3I", MAGIC, 1, 8, 0, 0, width, height, rows)
        data = named + struct.pack(">I", zlib.crc32(named)) + stream
        assert said in page.evaluate(READ, address(data))


def test_what_is_damaged_cut_off_or_old_is_no_picture(address, page):
    """The display picture stays then."""
    whole = write_rendition(FILM)
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1
    header = bytearray(whole)
    header[15] ^= 1
    for data in (
        whole[: len(whole) // 2],
        bytes(damaged),
        bytes(header),
        b"\x89PNG\r\n\x1a\n",
        b"",
    ):
        assert page.evaluate(READ, address(data)) != "read"
    assert page.evaluate(READ, address(whole)) == "read"
    assert "404" in page.evaluate(READ, "/images/00000000-0000-7000-8000-000000000000/rendition/")
