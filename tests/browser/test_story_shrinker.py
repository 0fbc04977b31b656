"""The story of the shrinker, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories import find
from folioviz.stories.parts.pieces import FIRST
from folioviz.stories.shrinker import ops, runs_of

pytestmark = pytest.mark.browser


def test_a_guess_the_memory_and_the_numbers(tell):
    """The answer waits for a guess; unpinned, folio 2 is split, too; the table says what the model computes."""
    page = tell("shrinker")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="the eight that were dropped").click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    expect(page.locator("[data-memory=stuck]").first).to_have_text("0")
    page.get_by_role("button", name="folio 2: half").click()
    [run] = runs_of(ops(find("shrinker").values), FIRST)
    expect(page.locator("[data-memory=given]").first).to_have_text(str(run.freed))
    expect(page.locator("[data-memory=stuck]").first).to_have_text("24")
    row = page.locator(".fv-table").nth(0).locator("tbody tr").nth(1).locator("td")
    expect(row.nth(3)).to_have_text(str(run.freed))
    page.locator("[data-queued='2'] button").first.click()
    page.get_by_role("button", name="Put", exact=True).click()
    page.locator(".fv-acts").get_by_role("button", name="Run shrinker").click()
    expect(page.locator("[data-memory=stuck]").first).to_have_text("16")
    expect(page.locator("[data-memory=stuck]").nth(1)).to_have_text("0")


def test_a_choice_makes_the_numbers_anew(tell):
    """With all three folios half unmapped, all are split."""
    page = tell("shrinker", "?a=v6.5-rc3%2Bv4&b=none&two=half&three=half")

    expect(page.locator(".fv-answer")).to_be_visible()
    expect(page.locator("[data-memory=held]")).to_have_text("24")
    page.get_by_label("folio 1", exact=True).select_option("untouched")
    expect(page.locator("[data-memory=held]")).to_have_text("32")
