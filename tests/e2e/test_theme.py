"""The theme: the system's, unless a person chose."""

import pytest

from tests.e2e.test_first_light import sign_in

pytestmark = [pytest.mark.e2e]
GROUND = "getComputedStyle(document.body).backgroundColor"
DARK, LIGHT = "rgb(11, 12, 14)", "rgb(243, 244, 246)"


def test_the_system_s_theme_is_followed_unless_a_person_chose(web_site, page):
    page.emulate_media(color_scheme="light")
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    assert page.evaluate(GROUND) == LIGHT
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(GROUND) == DARK
    page.locator(".bar .menu summary").click()
    for said, ground in (("dark", DARK), ("light", LIGHT)):
        page.get_by_role("button", name="Theme").click()
        assert said in page.get_by_role("button", name="Theme").inner_text()
        assert page.evaluate(GROUND) == ground
    page.reload()
    assert page.evaluate(GROUND) == LIGHT  # it is remembered
    page.locator(".bar .menu summary").click()
    page.get_by_role("button", name="Theme").click()
    assert "as the system" in page.get_by_role("button", name="Theme").inner_text()
    assert page.evaluate(GROUND) == DARK
    page.reload()
    assert page.evaluate(GROUND) == DARK
