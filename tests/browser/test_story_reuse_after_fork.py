"""The story of reuse after fork, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories import find
from folioviz.stories.reuse_after_fork import ops, outcome

pytestmark = pytest.mark.browser


def test_a_guess_a_third_process_and_the_numbers(tell):
    """The answer waits for a guess; the grandchild stands without a slot, and copies."""
    page = tell("reuse-after-fork")
    expect(page.locator(".fv-answer")).to_be_hidden()
    page.get_by_role("button", name="v6.12: 15, v7.3: 0").click()
    expect(page.locator(".fv-because")).to_contain_text("Not so.")
    row = page.locator(".fv-table").first.locator("tbody tr").nth(13)
    expect(row.locator("td").first).to_have_text("in place")
    page.get_by_role("button", name="what: ").click()
    page.get_by_label("processes").select_option("3")
    page.get_by_label("writes").select_option("the youngest")
    values = find("reuse-after-fork").values | {"processes": 3, "writer": "youngest"}
    found = outcome(ops(values), "v7.3")
    expect(row.locator("td").first).to_have_text(found.first)
    expect(row.locator("td").nth(3)).to_have_text(str(found.allocated))
    expect(page.locator("[data-standing='3']")).to_have_count(1)
    expect(page.locator("[data-shared='1']")).to_contain_text("only one process maps it")


def test_a_link_brings_back_a_slot_that_counts_too_little(tell):
    """512 mappings, of which the slot knows 511; then a page is written, and copied."""
    query = "?kind=late&processes=3&writer=youngest&writes=first&exits=all&a=v7.3&b=none"
    page = tell("reuse-after-fork", query)

    expect(page.get_by_label("shared")).to_have_value("2 MiB, PMD split late")
    past = page.locator(".fv-owner-past tbody tr")
    expect(past.nth(4)).to_contain_text("P3 ×511")
    expect(past.nth(5)).to_contain_text("P3 ×510")
    expect(page.locator(".fv-wrong")).to_contain_text("really")
