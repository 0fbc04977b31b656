"""The story of recordings and model, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.evidence.recordings import replayed
from folioviz.stories.truth import KERNELS, NAMES

pytestmark = pytest.mark.browser


def test_steps_cells_and_links(tell):
    """Both sides are what was recorded; a step, a cell and the explorer show what they are asked for."""
    page = tell("truth")
    page.get_by_role("button", name="512 times, and never").click()
    done = replayed("6.1.192", "d9_pte_munmap").steps[4]
    line = page.locator(".fv-rec-grid tr", has_text="deferred_split_folio()")
    expect(line.locator("td").first).to_have_text(str(done.kernel.calls["deferred_split"]))
    expect(line.locator("td").last).to_have_text(str(done.model.calls["deferred_split"]))
    page.get_by_role("button", name="◀ step", exact=True).click()
    expect(page.locator(".fv-rec-steps [aria-current]")).to_contain_text("P mprotect a 0 1 rw")
    page.locator(".fv-rec-steps button", has_text="P touch a 0 512").click()
    expect(page.locator(".fv-rec-line h3")).to_contain_text("Step 2")

    page.get_by_label("running kernel").select_option("6.18.15 · model v7.3")
    page.locator(f"[data-fv='do:cell{KERNELS.index('6.18.15')}x{NAMES.index('j9_split_shared')}']").click()
    expect(page.locator(".fv-rec-said")).to_contain_text("not equal, and why is known")
    failed = page.locator(".fv-rec-grid tr", has_text="thp_split_page_failed")
    expect(failed.locator("td")).to_have_text(["+1", "≈", "0"])

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="open this step in the explorer").click()
    opened.value.wait_for_selector(".fv-trace button.now")
    expect(opened.value.get_by_label("A", exact=True)).to_have_value("v7.3")
    expect(opened.value.locator(".fv-chip[aria-current]")).to_contain_text("split")


def test_the_proof_is_verified_where_it_is_read(tell):
    """Before the guess, too: sets are compared in the page's process, which goes on to react; nothing moves."""
    page = tell("truth")
    row = page.locator(".fv-proof tr", has_text="a running 6.1.192")
    tall = page.locator(".fv-panel-proof").bounding_box()["height"]
    page.get_by_role("button", name="Verify all").click()
    expect(page.locator(".fv-panel-proof progress")).to_be_visible()
    page.locator(".fv-proof button", has_text="a running 6.18.15").click()
    expect(page.locator(".fv-proof-said")).to_contain_text("v6.19 tries once")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Verify all")).to_be_visible()
    row.get_by_role("button", name="verify v6.1 (stable) with 6.1.192").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("= equal")

    assert page.locator(".fv-panel-proof").bounding_box()["height"] == tall


def test_the_table_of_verdicts_is_one_stop(tell):
    """Tab comes to the chosen cell and goes on behind it; arrow keys go about, Enter chooses; all is seen."""
    page = tell("truth", "?kernel=7.3.4&recording=b4_onebyone")
    row = NAMES.index("b4_onebyone")
    cells = page.locator(".fv-verdicts button")
    page.locator(".fv-go-verdicts").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".fv-verdicts [aria-current]")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    above = cells.nth((row - 1) * len(KERNELS))
    expect(above).to_be_focused()
    page.keyboard.press("Enter")
    expect(above).to_be_focused()
    expect(above).to_have_attribute("aria-current", "true")
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+Home")
    first = cells.first
    expect(first).to_be_focused()
    head, found = (one.bounding_box() for one in (page.locator(".fv-verdicts thead"), first))
    page.keyboard.press("Tab")

    assert found["y"] >= head["y"] + head["height"]
    assert page.evaluate("document.activeElement.closest('.fv-verdicts')") is None


def test_all_verdicts(tell):
    """They are computed when asked for; the page goes on to react, and nothing differs without a reason."""
    page = tell("truth", "?kernel=7.3.4&recording=b4_onebyone")
    page.locator(".fv-go-verdicts").click()
    page.get_by_role("button", name="step ▶", exact=True).click()
    expect(page.locator(".fv-verdict-sum")).not_to_contain_text("not compared yet")

    expect(page.locator(".fv-verdict-sum")).to_contain_text("0 differ without a reason")
    expect(page.locator(".fv-verdicts tbody tr")).to_have_count(len(NAMES))
    expect(page.get_by_role("button", name="b4_onebyone on 7.3.4:", exact=False)).to_contain_text(
        "steps equal"
    )
