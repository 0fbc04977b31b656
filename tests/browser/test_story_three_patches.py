"""The story of the three patches, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.parts.pieces import FIRST
from folioviz.stories.three_patches import total

pytestmark = pytest.mark.browser


def test_a_guess_the_functions_and_the_numbers(tell):
    """The answer waits for a guess; the source of each patch can be read; the condition is filled in."""
    page = tell("three-patches")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="in none of them").click()
    expect(page.locator(".fv-because")).to_contain_text("Right. In 0 of ")
    page.get_by_role("button", name="patch: 1/3").click()
    source = page.locator(".fv-patches pre")
    expect(source).to_contain_text("def page_remove_rmap(")
    expect(source.locator(".fv-added")).to_have_count(1)
    expect(source.locator(".fv-taken")).to_contain_text("HPAGE_PMD_ORDER")
    row = page.locator(".fv-condition .fv-rules tbody tr").nth(1)
    expect(row.locator(".fv-badge")).to_have_text(["no", "queue", "queue", "no"])
    first = page.locator(".fv-table").nth(0).locator("tbody tr").nth(1).locator("td").nth(0)
    expect(first).to_have_text(str(total("whole-folio", FIRST).costs["sqlock"]))
    page.get_by_label("patch", exact=True).select_option("3/3 zap in batches")
    page.get_by_role("button", name="try_zap_anon_pte_range()").click()
    expect(source).to_contain_text("folio_put(m, folio)")
    page.get_by_label("scenario", exact=True).select_option("The front of a folio goes")
    expect(first).to_have_text(str(total("front", FIRST).costs["sqlock"]))


def test_a_link_brings_back_what_was_chosen(tell):
    """Choices are in the link; the answer is not held back from who follows one."""
    page = tell("three-patches", "?patch=2&case=fork-one-side")

    expect(page.get_by_label("patch", exact=True)).to_have_value("2/3 rmap removal of a range")
    expect(page.locator(".fv-answer")).to_be_visible()
    expect(page.locator(".fv-patches .fv-functions button")).to_have_count(3)
