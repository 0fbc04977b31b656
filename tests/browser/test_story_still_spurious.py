"""The story of what is still queued for nothing, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.still_spurious import cell, text_for, visit

pytestmark = pytest.mark.browser


def test_a_guess_an_edge_and_the_numbers(tell):
    """The answer waits for a guess; at the folio's end the edge cuts nothing, and v7.3 queues nothing."""
    page = tell("still-spurious")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="none: all of it goes").click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    page.get_by_role("button", name="order: 4").click()
    expect(page.locator("[data-visit]").first).to_have_attribute("data-visit", "bad")
    expect(page.locator(".fv-visit-bars").first.locator("i")).to_have_count(3)
    row = page.locator(".fv-table").first.locator("tbody tr").nth(13)
    expect(row.locator("td").nth(1)).to_have_text(cell("vma", 4, "half", "v7.3").value)
    page.get_by_label("the edge", exact=True).select_option("after its last page")
    expect(page.locator("[data-visit]").first).to_have_attribute("data-visit", "good")
    expect(page.locator(".fv-visit-bars").first.locator("i")).to_have_count(2)
    expect(row.locator("td").nth(1)).to_have_text("0 / 0")


def test_a_link_brings_back_a_second_migration(tell):
    """A healthy folio, split only because it is flagged; v6.5-rc3 has no migration here and says so."""
    page = tell("still-spurious", "?case=again&order=4&edge=half&a=v7.3&b=v6.5-rc3")

    expect(page.get_by_label("what happens")).to_have_value("second migration")
    expect(page.locator("[data-visit=bad]")).to_contain_text("A healthy folio is split")
    expect(page.locator(".fv-visit section").nth(1)).to_contain_text("v6.5-rc3 has no migrate")
    found = visit(text_for("again", 4, "half", "v7.3"), "v7.3")
    cells = page.locator(".fv-table").first.locator("tbody tr").nth(13).locator("td")
    expect(cells.nth(6)).to_have_text(f"{found.locks} / {found.events}, split")
