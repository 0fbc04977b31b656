"""The story of the counters, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.counters import folio_after, ops

pytestmark = pytest.mark.browser


def test_a_guess_the_decoder_and_the_numbers(tell):
    """The answer waits for a guess; the decoder reads the raw counters; another way of mapping changes them."""
    page = tell("counters")
    expect(page.locator(".fv-answer")).to_be_hidden()
    field = page.locator(".fv-draw").bounding_box()
    page.mouse.move(field["x"] + field["width"] * 0.3, field["y"] + field["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(field["x"] + field["width"] * 0.99, field["y"] + field["height"] * 0.86, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="That is my curve").click()
    expect(page.locator(".fv-guess [role=status]").first).to_contain_text("and it is 16")
    expect(page.locator(".fv-true")).to_have_count(1)
    expect(page.locator(".fv-because")).to_contain_text("It is 16 at first and 16 at last")
    mapped = page.locator("[data-decoded=mapped] td")
    expect(mapped.nth(0)).to_have_text("16")
    page.get_by_role("button", name="by a PMD, and by PTEs of a child").first.click()
    folio = folio_after(ops({"how": "both", "order": 4}))
    expect(mapped.nth(0)).to_have_text(f"{folio.nr_pages_mapped:#x}")
    expect(mapped.nth(1)).to_contain_text("bit 23: a PMD maps all of it; the rest: 512 pages with a PTE")
    expect(page.locator("[data-decoded=total] td").nth(0)).to_have_text(str(folio.total_mapcount))
    page.get_by_label("mapped", exact=True).select_option("by PTEs of two processes")
    expect(mapped.nth(0)).to_have_text("16")
    expect(page.locator("[data-decoded=mapcount0] td").nth(1)).to_have_text("1 + 1: 2 PTEs each")
    page.locator(".fv-acts").get_by_role("button", name="exit").click()
    expect(page.locator("[data-decoded=mapcount0] td").nth(1)).to_have_text("0 + 1: 1 PTE each")


def test_a_link_brings_back_what_was_chosen(tell):
    """Choices are in the link; the answer is not held back from who follows one."""
    page = tell("counters", "?how=halves&order=2")

    expect(page.get_by_label("mapped", exact=True)).to_have_value("by PTEs of two processes, half by each")
    expect(page.locator(".fv-answer")).to_be_visible()
    expect(page.locator("[data-decoded=mapped] td").nth(0)).to_have_text("4")
