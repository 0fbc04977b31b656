"""The story of what is partially mapped, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_one_page_more_makes_the_average_notice(tell):
    """B is wrong about the same half; one page more, and it is right; the flag stays on a folio that is whole again."""
    page = tell("partially-mapped")
    page.get_by_role("button", name="not at all").click()
    expect(page.locator(".fv-because")).to_contain_text("Right.")
    a, b = (page.locator(f".fv-mapped-parts [data-side={side}]") for side in "AB")
    expect(a.locator("[data-verdict]")).to_have_attribute("data-verdict", "good")
    expect(b.locator("[data-verdict]")).to_have_attribute("data-verdict", "bad")
    expect(page.locator("[data-anon=A]")).to_have_text("8")
    expect(page.locator("[data-anon=B]")).to_have_text("16")
    page.get_by_label("child drops").select_option("the first half and a page")
    expect(b.locator("[data-verdict]")).to_have_attribute("data-verdict", "good")
    expect(b).to_contain_text("PG_partially_mapped set")
    page.get_by_label("child drops").select_option("there is no child")
    page.get_by_label("parent drops").select_option("nothing")
    page.get_by_label("then").select_option("mapped again: remap")
    for side in (a, b):
        expect(side.locator("[data-verdict]")).to_have_attribute("data-verdict", "bad")
        expect(side).to_contain_text("The folio is not partially mapped; the kernel says yes.")


def test_it_fits_a_phone(tell):
    """At 390 px the page does not scroll sideways, and nothing of the panel is cut."""
    page = tell("partially-mapped")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="not at all").click()
    panel = page.locator(".fv-mapped-parts")
    expect(panel).to_be_visible()

    assert panel.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
