"""The story of three programs that lose memory, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_program_is_gone_through_line_by_line(tell):
    """The answer, then the saver's lines; the allocator's last line grows with its operations; nothing before them."""
    page = tell("three-programs")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="36 MiB").click()
    expect(page.locator(".fv-because")).to_contain_text("Right. 36 MiB, for 32 MiB that are mapped.")

    page.get_by_label("program", exact=True).select_option("allocator.py")
    page.get_by_label("B", exact=True).select_option("none")
    rows = page.locator(".fv-prog-line")
    expect(rows).to_have_count(2)
    expect(rows.last.locator(".fv-prog-sums")).to_have_count(1)
    expect(rows.last.locator(".fv-prog-sums")).to_have_text(
        "Rss 128 KiB · held 2 MiB · mapped by nobody 1.875 MiB · queued 1"
    )
    expect(rows.last.locator(".fv-prog-calls")).to_contain_text("deferred_split_folio()")
    expect(rows.last.locator(".fv-stage-kept")).to_have_count(32)

    page.get_by_role("button", name="arena.write()").click()
    expect(rows.last.locator(".fv-prog-sums")).to_have_count(0)
    expect(rows.last).to_have_attribute("data-stage", "later")

    page.get_by_label("program", exact=True).select_option("stacks.py")
    captured = page.locator(".fv-captured")
    expect(captured).to_contain_text("an example capture of stacks.py")
    expect(captured).to_contain_text("equal to what was read on every page")
    page.get_by_label("advice", exact=True).select_option("another")
    page.get_by_label("A", exact=True).select_option("v6.12")
    rows.get_by_role("button", name="MADV_GUARD_INSTALL").click()  # the story's words have such a button, too
    expect(rows.nth(1)).to_contain_text("Not done: ")
