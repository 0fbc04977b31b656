"""The story of every kernel's munmap, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories.from_3n_to_2 import KERNELS
from folioviz.stories.parts.unmapping import text, unmapped
from tools import dashboard

pytestmark = pytest.mark.browser


def test_the_bars_follow_the_choice_and_link(tell):
    """A bar per kernel; its number is the model's and opens the explorer; kernels without such a folio say so."""
    page = tell("from-3n-to-2")
    page.get_by_role("button", name="v6.9").click()
    expect(page.locator(".fv-because")).to_contain_text("v6.10 takes it 0 times")
    page.get_by_role("button", name="order: 9").click()
    rows = page.locator(".fv-bars tr[data-kernel]")
    expect(rows).to_have_count(len(KERNELS))
    for key in KERNELS:
        row = page.locator(f'.fv-bars tr[data-kernel="{key}"]')
        expect(row.locator(".fv-sum a")).to_have_text(f"{unmapped(text(9, 512), key).atomics:,}")
    expect(page.locator('.fv-bars tr[data-kernel="v6.9"]')).to_contain_text("queued for nothing")
    page.get_by_label("order").select_option("4 · 64 KiB")
    expect(page.locator('.fv-bars tr[data-kernel="v6.1"]')).to_contain_text("no such folio")
    today = page.locator('.fv-bars tr[data-kernel="v7.3"]')
    expect(today.locator(".fv-sum")).to_have_text("19 n + 3")
    expect(today).to_contain_text("not queued")
    explorer, _, query = today.locator(".fv-sum a").get_attribute("href").partition("?")

    assert explorer == "explorer.ipynb"
    expect(tell("explorer", query).get_by_label("A", exact=True)).to_have_value("v7.3")


def test_all_orders_are_counted(tell):
    """At once: a column per order; order 4 is queued for nothing by four kernels; the count can be changed."""
    page = tell("from-3n-to-2")
    page.get_by_role("button", name="v6.10").click()
    rows = page.locator("[data-slot=orderstable] tbody tr")
    expect(page.locator("[data-slot=orderstable] thead th")).to_have_count(10)
    expect(rows).to_have_count(len(KERNELS))
    red = rows.filter(has=page.locator("td:nth-child(5).fv-bad-cell"))
    expect(red).to_have_count(4)
    page.get_by_label("count", exact=True).select_option("atomics")
    expect(rows.last.locator("td").last).to_have_text("2")


OVER = """() => JSON.stringify([...document.querySelectorAll('.fv-heat > *')].map(side => {
    const numbers = [...side.querySelectorAll('.fv-heat-numbers td')].map(one => one.getBoundingClientRect());
    const cells = [...side.querySelectorAll('.heatmapcell')].map(one => one.getBoundingClientRect());
    const inside = one => cells.some(cell => Math.abs(cell.x - one.x) < 2 && Math.abs(cell.y - one.y) < 2);
    return [numbers.length, cells.length, numbers.every(inside)];
})) === '[[48,48,true],[48,48,true]]'"""


@pytest.mark.parametrize("width", [1440, 390])
def test_the_numbers_lie_over_the_heat_map(tell, width):
    """Each over its cell; one stop of Tab, arrow keys go on; a number opens its scenario."""
    page = tell("from-3n-to-2", "?b=v6.9")
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("button", name="show me").or_(page.locator(".fv-because")).first.click()
    first = page.get_by_role("grid", name="split_queue_lock taken, v6.5-rc3").get_by_role("link").first
    expect(first).to_have_text("0")
    first.focus()
    page.keyboard.press("End")

    expect(page.locator(":focus")).to_have_text("2")
    dashboard.holds(page, OVER)
    assert "order+9%2C+100+" in page.locator(":focus").get_attribute("href")


def test_it_fits_a_phone(tell):
    """At 390 px no row is wider than its panel, and the page does not scroll sideways."""
    page = tell("from-3n-to-2")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="v6.10").click()
    expect(page.locator(".fv-bars tr[data-kernel]").first).to_be_visible()
    over = page.evaluate("""() => [...document.querySelectorAll('.fv-bars tr[data-kernel]')].filter(
        row => row.scrollWidth > row.clientWidth + 1).map(row => row.dataset.kernel)""")

    assert over == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
