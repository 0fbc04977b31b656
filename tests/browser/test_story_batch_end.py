"""The story of where batches end, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.batch_end import gather, last, ops
from folioviz.stories.parts.pieces import V4

pytestmark = pytest.mark.browser


def test_a_guess_a_hole_and_the_numbers(tell):
    """The answer waits for a guess; the batches on the page are the model's."""
    page = tell("batch-end")
    expect(page.locator(".fv-answer")).to_be_hidden()
    expect(page.get_by_role("button", name="not at all")).to_be_visible()
    page.get_by_role("button", name="page 15", exact=True).click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    expect(page.locator(".fv-page.fv-wrong")).to_have_text("15")
    expect(page.locator(".fv-page.fv-right")).to_have_text("7")
    expect(page.locator("[data-batch^=A]")).to_have_count(2)
    expect(page.locator(".fv-edge").first).to_have_text("page table")
    page.get_by_label("in the way").select_option("a hole")
    found = last(ops("hole", 4), V4)
    first = page.locator("[data-batch=A1]")
    expect(first).to_contain_text(f"{found.found.batches[0].pages} pages")
    expect(first).to_contain_text(found.endings[0])
    cell = page.locator(".fv-table tbody tr").nth(3).locator("td").first
    expect(cell).to_have_text(" + ".join(str(one.pages) for one in found.found.batches))
    page.get_by_role("button", name="batch of A ▶").click()
    expect(page.locator("[data-batch=A1].fv-now")).to_have_count(1)


def test_a_link_brings_back_a_full_gather(tell):
    """The choices are in the link; the table of the whole gather is there."""
    page = tell("batch-end", "?a=v6.5-rc3%2Bv4&b=none&way=memory&order=4")

    expect(page.get_by_label("in the way")).to_have_value("a full gather")
    expect(page.locator("[data-batch=A1]")).to_contain_text("the gather is full")
    table = page.locator(".fv-table").nth(1).locator("tbody tr").first
    expect(table.locator("td").first).to_have_text(gather().rows[0][1])
