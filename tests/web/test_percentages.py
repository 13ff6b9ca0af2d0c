"""How sure a model is, as a page writes it."""

import pytest
from django.template import Context, Template


@pytest.mark.parametrize(
    ("probability", "written"),
    [
        (0.834, "83 %"),
        (0.29, "29 %"),  # 0.29 * 100 is 28.999999999999996
        (0.839, "84 %"),
        (0.01, "1 %"),
        (0.0099, "&lt; 1 %"),
        (0.0, "&lt; 1 %"),
        (0.99, "99 %"),
        (0.998, "&gt; 99 %"),
    ],
)
def test_nothing_is_written_as_certain(probability, written):
    page = Template("{% load formats %}{{ p|percent }}").render(Context({"p": probability}))
    assert page == written
