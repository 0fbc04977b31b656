"""The story of the spurious visit, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.parts.pieces import FIRST
from folioviz.stories.spurious_visit import unmapped

pytestmark = pytest.mark.browser


def test_a_guess_the_visit_and_the_numbers(tell):
    """The answer waits for a guess; A shows the visit, B none; the tables say what the model computes."""
    page = tell("spurious-visit")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="16", exact=True).click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    expect(page.locator(".fv-panel-folios .fv-badge.fv-bad")).to_have_text("queued #1 · spurious")
    first = page.locator(".fv-table").nth(0).locator("tbody tr").nth(1).locator("td")
    expect(first.nth(0)).to_have_text("15 of 16 pages")
    expect(first.nth(1)).to_have_text(str(unmapped(4, FIRST)[0]["sqlock"]))
    page.get_by_label("order").select_option("9 · 2 MiB")
    expect(first.nth(0)).to_have_text("511 of 512 pages")
    page.get_by_label("A", exact=True).select_option("v6.5-rc3")
    expect(page.locator(".fv-panel-folios .fv-badge.fv-bad")).to_have_text("queued #1 · spurious")


def test_a_link_brings_back_what_was_chosen(tell):
    """Choices and the playhead are in the link; the answer is not held back from who follows one."""
    page = tell("spurious-visit", "?a=v6.5-rc3&b=none&order=2&at=12")

    expect(page.get_by_label("order")).to_have_value("2 · 16 KiB")
    expect(page.get_by_label("B", exact=True)).to_have_value("none")
    expect(page.locator(".fv-answer")).to_be_visible()
