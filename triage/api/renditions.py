"""The pixels of an image without loss, for programs."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from triage.api.images import ImageFile
from triage.api.schema import described


class Rendition(ImageFile):
    which = "rendition"

    @described(
        "image_rendition",
        "The image's pixels without loss, 8 or 16 bit",
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        errors=(401, 404),
    )
    def get(self, request: Request, image_id: UUID) -> HttpResponseBase:
        """Grey, bright bone whatever the header's photometric interpretation is, over the full range: with
        `bits` of 9 to 16, a stored number is `pixel >> (16 - bits)`. Rows and columns are those of the file;
        `pixel_aspect_ratio` says whether they are square. Nothing is drawn over it.

        The header has 28 bytes: the magic `89 43 47 52 0D 0A 1A 0A`, then a byte each for the version (1),
        the bits of a pixel (8 or 16), the lowest bits that are left out, and 0, then four big-endian integers
        of 4 bytes: width, height, rows of a strip, and the CRC-32 of the 24 bytes before. One zlib stream of
        strips follows. Each pixel is written less its left and upper neighbours plus the one between them, 0
        outside of the strip. A difference d of 16 bits is 2d, or -2d - 1 below 0: first the high bytes of the
        strip, then the low ones. Images that were stored by early versions are PNG. In Python, with numpy:

        ```python
        def pixels_of(data):
            bits, shift, _, width, height, rows, _ = struct.unpack_from(">9x3B4I", data)
            stream, strips = zlib.decompress(data[28:]), []
            for top in range(0, height, rows):
                size = (count := min(rows, height - top) * width) * bits // 8
                strip, stream = np.frombuffer(stream[:size], np.uint8), stream[size:]
                if bits == 16:
                    strip = (strip[:count].astype(np.uint16) << 8) | strip[count:]
                    strip = (strip >> 1) ^ -(strip & 1)
                strips.append(strip.reshape(-1, width).cumsum(0, strip.dtype).cumsum(1, strip.dtype) << shift)
            return np.concatenate(strips)
        ```

        Send `If-None-Match`: 304 if you have it already.
        """
        return self.send(image_id)
