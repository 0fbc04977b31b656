"""The story of v4's flushes, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.flushes import FIX, ops
from folioviz.stories.parts.pieces import V4
from folioviz.stories.parts.tally import tally

pytestmark = pytest.mark.browser


def test_a_guess_a_flush_and_the_numbers(tell):
    """The answer waits for a guess; the flushes counted on the page are the model's; a step shows the comparison."""
    page = tell("flushes")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="65").click()
    expect(page.locator(".fv-because")).to_contain_text("Right.")
    flushes = tally(ops(64, 4), V4).costs["thw"]
    expect(page.locator("[data-flushes=A]")).to_have_text(str(flushes))
    expect(page.locator(".fv-table").first.locator("tbody tr").nth(4).locator("td").first).to_have_text(
        str(flushes)
    )
    page.get_by_role("button", name="flush of A ▶").click()
    expect(page.locator("[data-flushes=A]")).to_have_text("1")
    expect(page.locator(".fv-compare").first).to_contain_text("if (15 < 16)")
    page.get_by_label("operation", exact=True).select_option("MADV_DONTNEED")
    expect(page.locator("[data-flushes=A]")).to_have_text(str(tally(ops(64, 4, "dontneed"), V4).costs["thw"]))


def test_a_link_brings_back_the_overrun(tell):
    """The naive repair without gather memory hits its assertion, and the page says so."""
    page = tell("flushes", "?a=v6.5-rc3%2Bv4&b=v6.5-rc3%2Bv4fix&folios=8&order=3&call=munmap&memory=none")

    assert tally(ops(8, 3, "munmap", "none"), FIX).bugs
    expect(page.get_by_label("folios", exact=True)).to_have_value("8")
    expect(page.locator(".fv-compare").nth(1)).to_contain_text("VM_BUG")
    expect(page.locator(".fv-table").first).to_contain_text("VM_BUG_ON(batch->nr > batch->max)")
