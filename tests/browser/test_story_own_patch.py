"""The story of one's own patch, as a reader without JupyterLab uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_patch_is_tried_and_read(tell):
    """Choose one, read it, cancel, try it on everything: the overrun of the naive repair is found."""
    page = tell("own-patch")
    page.get_by_role("button", name="every law still holds").click()
    expect(page.locator(".fv-because")).to_contain_text("Right.")
    page.get_by_label("patch", exact=True).select_option("compare before the decrement")
    source = page.locator("[data-slot=trialsource]")
    expect(source).to_contain_text("def zap_pte_range")
    expect(source.locator(".fv-added, .fv-taken").first).to_be_in_viewport()
    page.get_by_role("button", name="Try it on").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Try it on").click()
    row = page.locator("[data-slot=trial] tbody tr").filter(has_text="naive-repair")
    expect(row).to_contain_text("vm_bug:batch->nr > batch->max")
    expect(page.get_by_role("button", name="Try it on")).to_be_visible()


def test_solutions_are_hidden_until_asked_for(tell):
    """Four exercises beside the story, one with a hint; a click opens a solution."""
    page = tell("own-patch", "?patch=full")
    solutions = page.locator(".fv-panel-words details")

    expect(solutions).to_have_count(5)
    expect(solutions.nth(0).get_by_text("as v1 did")).to_be_hidden()
    solutions.nth(0).locator("summary").click()
    expect(solutions.nth(0).get_by_text("as v1 did")).to_be_visible()
