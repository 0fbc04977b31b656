"""The story of who makes a huge page whole again, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_stages_of_a_folio_that_never_heals(tell):
    """Each operation has its strip; what khugepaged leaves keeps pages to the end."""
    page = tell("made-whole", "?size=4&who=khugepaged")
    rows = page.locator(".fv-stage")
    expect(rows.last).to_contain_text("part of 64 KiB + 8 small, 8 pages kept")
    expect(rows.last.locator(".fv-stage-kept")).to_have_count(1)
    page.get_by_label("who comes then", exact=True).select_option("shrinker, khugepaged")
    expect(rows.last).to_contain_text("1 × 64 KiB")
    expect(rows.last.locator(".fv-stage-kept")).to_have_count(0)
    rows.first.get_by_role("button").click()
    expect(rows.first).to_have_attribute("data-stage", "now")
    expect(rows.last).to_have_attribute("data-stage", "later")
