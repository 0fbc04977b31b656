"""The story of refcount and mapcount, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.parts.pieces import V4
from folioviz.stories.refcount_order import broken, ops, seen

pytestmark = pytest.mark.browser


def test_a_guess_a_reader_and_the_numbers(tell):
    """The answer waits for a guess; a reader is fooled where the model says so, and nowhere with a gather."""
    page = tell("refcount-order")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="no, the gather keeps the references").click()
    expect(page.locator(".fv-because")).to_contain_text("Right.")
    expect(page.locator("[data-reader=bad]")).to_have_count(0)
    page.get_by_role("button", name="mmu_gather: none").click()
    expect(page.locator("[data-reader=bad]")).to_have_count(1)
    found = seen(ops("whole", pin=True), V4, "none")[0]
    fooled = sum(any(one.fooled) for one in found)
    button = page.locator("[data-fv='do:fooledA']").first
    expect(button).to_contain_text(f"{fooled} writes")
    bad, of, _ = broken("whole", V4, "none", pin=True)
    expect(page.locator(".fv-table").first.locator("tbody tr").nth(2).locator("td").nth(5)).to_have_text(
        f"{bad} of {of}"
    )
    told = page.locator(".fv-reader section").first
    for _ in range(fooled):  # each click is awaited: one too many would pass by the write that fools both
        before = told.inner_text()
        button.click()
        expect(told).not_to_have_text(before, use_inner_text=True)
        if page.locator("[data-reader=bad]").count() == 2:
            break
    expect(page.locator("[data-reader=bad]")).to_have_count(2)
    page.get_by_label("mmu_gather").select_option("batched (x86-64)")
    expect(page.locator("[data-reader=bad]")).to_have_count(0)


def test_a_link_brings_back_what_was_chosen(tell):
    """Choices are in the link."""
    page = tell("refcount-order", "?a=v6.5-rc3%2Bv3&b=none&gather=none&call=half&pin=no")

    expect(page.get_by_label("operation", exact=True)).to_have_value("munmap, half of it")
    expect(page.get_by_label("B", exact=True)).to_have_value("none")
    expect(page.locator("[data-reader=bad]")).to_have_count(0)
    expect(page.locator(".fv-answer")).to_be_visible()
