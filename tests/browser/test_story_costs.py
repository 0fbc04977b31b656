"""The story of costs, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.costs import KERNELS, cost, ops
from folioviz.stories.parts.pieces import FIRST

pytestmark = pytest.mark.browser


def test_the_sweep_counts_and_links(tell):
    """All orders are counted at once; the numbers are the model's; a cell opens the explorer."""
    page = tell("costs")
    page.get_by_role("button", name="reference puts").click()
    rows = page.locator("[data-slot=sweeptable] tbody tr")
    expect(rows).to_have_count(10)
    page.get_by_label("counter").select_option("atomics on _nr_pages_mapped")
    column = KERNELS.index(FIRST)
    found = cost(ops({"order": 6, "range": "whole", "who": "one"}), FIRST)["nrpm"]
    cell = rows.nth(6).locator("td").nth(column)
    expect(cell).to_have_text(str(found))
    link = cell.locator("a").get_attribute("href")
    explorer, _, query = link.partition("?")

    assert explorer == "explorer.ipynb"
    expect(tell("explorer", query).get_by_label("A", exact=True)).to_have_value(FIRST)
