"""The pixels of an image over REST, read by what its documentation says."""

import re
import struct
import zlib

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from classifier.rendition_file import write_rendition
from tests.pictures import pixels
from triage.models import Image


@pytest.fixture
def example(client, db):
    """The function of the documentation, as a reader of it has it."""
    document = client.get(reverse("api_schema"), headers={"Accept": "application/json"}).json()
    described = document["paths"]["/api/v1/images/{image_id}/rendition"]["get"]["description"]
    (source,) = re.findall(r"```python\n(.*?)```", described, re.DOTALL)
    assert source.count("\n") <= 11  # its def and ten lines
    names = {"struct": struct, "zlib": zlib, "np": np}
    exec(source, names)
    return names["pixels_of"]


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_ten_lines_of_python_read_every_pixel(people, signed_in, case, example, bits):
    """Several strips of the most rows, and a last one of fewer."""
    grey = pixels(801, 500, bits=bits)
    grey <<= grey.dtype.type(grey.dtype.itemsize * 8 - bits)
    name = default_storage.save("drawn/rendition.cgr", ContentFile(write_rendition(grey)))
    Image.objects.filter(case=case).update(rendition=name)
    image = Image.objects.get(case=case)
    answer = signed_in(people.service).get(reverse("api_image_rendition", args=[image.pk]))
    assert np.array_equal(example(b"".join(answer)), grey)
