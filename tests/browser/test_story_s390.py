"""The story of v3 on s390, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories import find
from folioviz.stories.s390 import ops, window

pytestmark = pytest.mark.browser


def test_a_guess_a_gather_and_the_numbers(tell):
    """The answer waits for a guess; with a gather, A is well; the table says what the model computes."""
    page = tell("s390")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="after the mapcounts are down").click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    verdicts = page.locator("[data-verdict]")
    expect(verdicts.nth(0)).to_have_attribute("data-verdict", "bad")
    expect(page.locator("[data-meter]").nth(0)).to_have_text("0")
    expect(page.locator("[data-meter]").nth(1)).to_have_text("16")
    table = page.locator(".fv-table tbody tr")
    text = ops(find("s390").values)
    told = "{} of {}".format(*window(text, "v6.5-rc3+v4", "none"))
    expect(table.nth(2).locator("td").nth(3)).to_have_text(told)
    page.get_by_label("mmu_gather").select_option("batched (x86-64)")
    expect(page.locator("[data-verdict=bad]")).to_have_count(0)


def test_a_link_brings_back_what_was_chosen(tell):
    """Choices are in the link; the answer is not held back from who follows one."""
    page = tell("s390", "?a=v6.5-rc3%2Bv3&b=none&gather=none&order=0&held=nobody&at=20")

    expect(page.get_by_label("order")).to_have_value("0 · 4 KiB")
    expect(page.get_by_label("B", exact=True)).to_have_value("none")
    expect(page.locator(".fv-answer")).to_be_visible()
