"""The story of fork, copy-on-write and exit, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories import find
from folioviz.stories.parts.pieces import V4
from folioviz.stories.who_keeps_it import ops, outcome

pytestmark = pytest.mark.browser


def test_a_guess_a_choice_and_the_numbers(tell):
    """The answer waits for a guess; with different halves the queue is empty; the table is the model's."""
    page = tell("who-keeps-it")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="in both cases").click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    expect(page.locator("[data-queued='1']")).to_have_count(1)
    row = page.locator(".fv-table").nth(0).locator("tbody tr").nth(3).locator("td")
    expect(row.nth(0)).to_have_text("the child")
    page.get_by_label("child, process 2").select_option("drops the second half")
    expect(page.locator("[data-queued='1']")).to_have_count(0)
    found = outcome(ops(find("who-keeps-it").values | {"child": "second"}), V4)
    expect(row.nth(0)).to_have_text("nobody")
    expect(row.nth(2)).to_have_text(str(found.mapped))


def test_a_link_brings_back_what_was_chosen(tell):
    """Choices are in the link; copies are counted."""
    page = tell("who-keeps-it", "?parent=every&child=exit&begins=child&order=2&b=none")

    expect(page.get_by_label("first comes")).to_have_value("the child")
    row = page.locator(".fv-table").nth(0).locator("tbody tr").nth(3).locator("td")
    expect(row.nth(3)).to_have_text("3")
    expect(row.nth(4)).to_have_text("1")
