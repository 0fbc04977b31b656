"""The kernel's files in the explorer, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tools import dashboard

pytestmark = pytest.mark.browser

SIZES = ((1280, 720), (390, 844))
CONTROLS = """() => [...document.querySelectorAll('.fv-root :is(button, select, input)')]
    .filter(e => !e.closest('.fv-panel-trace'))
    .map(e => { const box = e.getBoundingClientRect(); return [box.x, box.y + scrollY]; })"""
CLICK = "button => button.click()"
"""A pointer would scroll there first, and everything with it."""
WIDER = "() => [...document.querySelectorAll('.fv-proc code')].filter(e => e.scrollWidth > e.clientWidth + 1).length"


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_files_move_nothing_and_begin_at_their_top(page, size):
    """No control is moved by what is read; no line is wider than its half; another file is read from its top."""
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.locator(".fv-trace .fv-step").first.wait_for()
    before = page.evaluate(CONTROLS)
    page.get_by_role("button", name="/proc", exact=True).evaluate(CLICK)
    expect(page.locator(".fv-proc code").first).to_be_visible()

    assert page.evaluate(CONTROLS) == before
    assert page.evaluate(WIDER) == 0

    panel = page.locator(".fv-panel-trace")
    panel.evaluate("e => { e.scrollTop = 60; }")
    page.get_by_role("button", name="vmstat", exact=True).evaluate(CLICK)
    expect(page.locator(".fv-proc[data-file=vmstat] code").first).to_contain_text("nr_anon_pages")
    dashboard.holds(page, "() => document.querySelector('.fv-panel-trace').scrollTop === 0")
    assert page.evaluate(CONTROLS) == before
