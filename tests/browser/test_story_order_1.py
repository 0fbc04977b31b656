"""The story of order-1 folios, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.order_1 import ops, outcome
from folioviz.stories.parts.pieces import V4

pytestmark = pytest.mark.browser


def test_a_guess_the_struct_pages_and_the_numbers(tell):
    """The third struct page is another folio's at order 1; at order 2 it holds the link of the queue."""
    page = tell("order-1")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="it is queued like any other").click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    third = page.locator("[data-struct='2']")
    expect(third.first).to_have_attribute("data-owner", "2")
    expect(page.locator("[data-verdict=bad]").first).to_contain_text("assertion")
    expect(page.locator("[data-field=_nr_pages_mapped]").first).to_have_text("1")
    cells = page.locator(".fv-table").nth(0).locator("tbody tr").nth(3).locator("td")
    expect(cells.nth(1)).to_have_text(outcome(ops({"order": 1, "part": "page"}), V4)[0])
    page.get_by_label("order").select_option("2 · 16 KiB")
    expect(third.first).to_have_attribute("data-owner", "1")
    expect(third.first.locator("[data-field=_deferred_list]")).to_have_text("on the queue, #1")
    expect(page.locator("[data-verdict=bad]")).to_have_count(0)


def test_a_link_brings_back_what_was_chosen(tell):
    """Choices are in the link."""
    page = tell("order-1", "?a=v6.5-rc3&b=none&order=3&part=half")

    expect(page.get_by_label("order")).to_have_value("3 · 32 KiB")
    expect(page.get_by_label("MADV_DONTNEED of")).to_have_value("the first half")
    expect(page.locator("[data-field=_nr_pages_mapped]")).to_have_text("4")
