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


@pytest.mark.parametrize(
    ("probability", "written"),
    [
        (0.4, "40 %"),
        (0.4026, "40.3 %"),
        (0.9876, "98.8 %"),
        (0.00042, "0.04 %"),
        (0.005, "0.5 %"),
        (0.9996, "99.96 %"),
        (0.0, "0 %"),
        (0.01, "1 %"),
    ],
)
def test_what_is_set_has_the_decimals_that_say_something(probability, written):
    page = Template("{% load formats %}{{ p|exact_percent }}").render(Context({"p": probability}))
    assert page == written
