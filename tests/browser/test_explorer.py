"""The explorer as a person uses it, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from folioviz import Lab, parse_line
from folioviz.readout.state import folios
from tests.browser.stage import answered
from tools import dashboard

pytestmark = pytest.mark.browser

A, B = "v6.5-rc3+v4.1", "v6.5-rc3+v4"
WORDS = """() => {
    const words = [], note = () => words.push(document.querySelector('.fv-go-play')?.textContent);
    new MutationObserver(note).observe(document.querySelector('.fv-root'), { childList: true, subtree: true });
    return words;
}"""
"""What is on the button that plays, from now on, each time that anything changes."""


def press(page, name):
    """Press an operation's button."""
    page.locator(f".fv-do-{name}").click()


def branch(page):
    """Answer the question whether to act in the past with yes."""
    page.get_by_role("button", name="Branch here").click()


def chips(page):
    """Return the operations shown in the history."""
    return page.locator(".fv-chip")


def select(page, start, pages):
    """Type a selection."""
    field = page.get_by_label("from", exact=True)
    field.fill(start)
    field.press("Enter")
    answered(page)
    field = page.get_by_label("pages", exact=True)
    field.fill(str(pages))
    field.press("Enter")
    answered(page)


def fresh(page):
    """Go to the start of the history and make a process with 64 pages and an order-4 folio."""
    page.locator("body").press("Home")
    expect(page.locator(".fv-lane-head")).to_have_count(0)
    press(page, "mm")
    branch(page)
    expect(page.locator(".fv-lane-head")).to_contain_text("process 1")
    select(page, "0", 64)
    press(page, "mmap")
    expect(chips(page)).to_have_count(2)
    press(page, "fault")
    expect(chips(page)).to_have_count(3)
    expect(page.locator(".fv-columns [data-folio='1']")).to_have_count(2)


def counter(page, side, folio, name):
    """Return a counter of a folio's card as it stands on the page."""
    card = page.locator(".fv-columns > .widget-html").nth(side).locator(f"[data-folio='{folio}']")
    return card.locator(f"[data-counter={name}] b").inner_text()


def step(page):
    """Return where the playhead is, in words."""
    return page.locator(".fv-playhead input").get_attribute("aria-valuetext")


def row(page):
    """Return the row of A's journal up to which the page shows."""
    return int(page.locator(".fv-trace .a[aria-current]").get_attribute("data-fv").split(":")[2]) + 1


def drag(page, first, last):
    """Drag over pages of the first lane, which shows 64."""
    box = page.locator(".fv-lane").first.bounding_box()
    y = box["y"] + 12
    page.mouse.move(box["x"] + box["width"] * (first + 0.5) / 64, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (first + last) / 128, y)
    page.mouse.move(box["x"] + box["width"] * (last - 0.5) / 64, y, steps=3)
    page.mouse.up()


def test_a_drag_and_a_munmap_queue_the_folio_under_one_kernel_only(page):
    """Fault, drag, munmap: A's queue shows the folio on the way, B's never; the counters are the model's."""
    fresh(page)
    drag(page, 0, 16)
    expect(page.locator(".fv-picked")).to_contain_text("16 pages")
    press(page, "munmap")
    expect(chips(page)).to_have_count(4)
    expect(page.locator("[data-side=A] [data-queued]")).to_have_count(0)
    chips(page).nth(2).click()
    expect(page.locator(".fv-chip[aria-current]")).to_contain_text("fault")

    labs = [Lab(A), Lab(B)]
    for lab in labs:
        for op in parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"):
            lab.apply(op)
    queued = False
    for _ in range(40):
        before = step(page)
        page.locator("body").press("ArrowRight")
        expect(page.locator(".fv-playhead input")).not_to_have_attribute("aria-valuetext", before)
        labs[0].seek(row(page))
        folio = folios(labs[0].machine)[0]
        expect(page.locator("[data-side=A] [data-queued]")).to_have_count(int(folio.queue_place > 0))
        expect(page.locator("[data-side=B] [data-queued]")).to_have_count(0)
        assert counter(page, 0, 1, "mapped") == str(folio.nr_pages_mapped)
        assert counter(page, 0, 1, "refcount").split()[0] == str(folio.refcount)
        queued |= folio.queue_place > 0
        if queued:
            break
    assert queued
    expect(page.locator("[data-side=A]")).to_contain_text("spurious")
    table = page.locator(".fv-costs [data-cost=sqlock]")
    expect(table).to_contain_text("−2")
    assert labs[0].costs(labs[0].applied[3].start)["sqlock"] == 2


def test_undo_and_redo_go_back_and_forth(page):
    """Undo shows the machine before the operation, redo after it."""
    fresh(page)
    assert counter(page, 0, 1, "mapped") == "16"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".fv-columns [data-folio='1']")).to_have_count(0)
    page.get_by_role("button", name="Redo").click()
    expect(page.locator(".fv-columns [data-folio='1']")).to_have_count(2)


def test_stepping_back_is_exact(page):
    """A step back and a step forward lead to the same page."""
    before = page.locator(".fv-columns").inner_html()
    line = page.locator(".fv-trace .a[aria-current]").get_attribute("data-fv")
    page.locator("body").press("ArrowLeft")
    expect(page.locator(f".fv-trace .a[aria-current]:not([data-fv='{line}'])")).to_have_count(1)
    page.locator("body").press("ArrowRight")
    expect(page.locator(f".fv-trace .a[aria-current][data-fv='{line}']")).to_have_count(1)

    assert page.locator(".fv-columns").inner_html() == before


def test_a_bad_address_is_told_beside_its_field_and_changes_nothing(page):
    """Typed addresses that are no pages: a message, and the selection stays; an address that is one ends it."""
    before = page.locator(".fv-picked").inner_text()
    error = page.locator(".fv-says .fv-error")
    field = page.get_by_label("from", exact=True)
    good = field.input_value()
    for typed in ("0x7f0000000001", "<b>x</b>", "-1", "99999999999999999999", ""):
        field.fill(typed)
        field.press("Enter")
        expect(error).to_contain_text("is no page of the address space")
        assert page.locator(".fv-picked").inner_text() == before
        assert page.locator(".fv-error b").count() == 0
        field.fill(good)
        field.press("Enter")
        expect(error).to_have_count(0)


def test_what_was_dropped_can_be_brought_back(page):
    """Acting in the past drops what came later, says so, and brings it back on demand."""
    count = chips(page).count()
    page.locator("body").press("Home")
    expect(page.locator(".fv-lane-head")).to_have_count(0)
    press(page, "mm")
    expect(page.get_by_role("alertdialog")).to_contain_text(f"drops {count} later operations")
    expect(chips(page)).to_have_count(count)
    page.locator("body").press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    press(page, "mm")
    branch(page)
    expect(chips(page)).to_have_count(1)
    page.get_by_role("button", name="Bring back").click()
    expect(chips(page)).to_have_count(count)


def test_a_click_on_a_line_of_the_trace_goes_there(page):
    """The line that was clicked is the line just done."""
    line = page.locator(".fv-trace .wr.a").last
    where = line.get_attribute("data-fv")
    line.click()
    expect(page.locator(f".fv-trace .a[aria-current][data-fv='{where}']")).to_have_count(1)


IN_SIGHT = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const now = [...document.querySelectorAll(':is(.fv-trace, .fv-code) .now')];
    done(now.length > 0 && now.every(e => {
        const box = e.closest('.fv-panel-trace').getBoundingClientRect(), me = e.getBoundingClientRect();
        return me.height > 0 && me.top >= box.top && me.bottom <= box.bottom + 1;
    }));
})))"""


def test_traces_stand_side_by_side_and_what_is_done_stays_in_sight(page):
    """Both lines just done can be seen at any step, large or not; narrow, one kernel at a time, under its name."""
    page.set_viewport_size({"width": 1280, "height": 720})
    chips(page).last.click()
    answered(page)
    for key in ("Shift+ArrowLeft", *(["ArrowRight"] * 3), "x", *(["ArrowRight"] * 3), "Escape"):
        before = step(page)
        page.locator("body").press(key)
        if "Arrow" in key:
            expect(page.locator(".fv-playhead input")).not_to_have_attribute("aria-valuetext", before)
        answered(page)
        assert page.evaluate(IN_SIGHT)
    both = page.locator(".fv-step:has(.fn.a):has(.fn.b)")
    names = [one.locator(".fn span").all_inner_texts() for one in both.all()]
    assert names
    assert all(a == b for a, b in names)
    page.locator("body").press("c")
    marked = page.locator(".fv-code .now")
    expect(marked).to_have_count(1)
    for key in ("ArrowRight", "ArrowRight", "t"):
        before = marked.get_attribute("data-line")
        page.locator("body").press(key)
        expect(page.locator(f".fv-code .now:not([data-line='{before}'])")).to_have_count(1)
        assert page.evaluate(IN_SIGHT)
    page.locator("body").press("t")
    page.get_by_role("button", name="Trace", exact=True).click()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".fv-trace .now.b")).to_be_hidden()
    page.locator("body").press("t")
    expect(page.locator(".fv-trace .now.b")).to_be_visible()
    expect(page.locator(".fv-trace .now.a")).to_be_hidden()


def test_one_kernel_alone(page):
    """Kernel B "none" leaves one column and one line; the kernel can be changed under the same operations."""
    count = chips(page).count()
    page.get_by_label("B", exact=True).select_option("none")
    expect(page.locator(".fv-costs thead th")).to_have_count(2)
    page.get_by_label("A", exact=True).select_option("v6.5-rc3")
    expect(page.locator(".fv-side")).to_have_text(["A · v6.5-rc3"])
    assert chips(page).count() == count


def test_a_page_under_the_pointer_is_told(page):
    """In a lane and on a card, by pointer and by keys."""
    lane = page.locator(".fv-lane").first
    box = lane.bounding_box()
    lane.hover(position={"x": box["width"] * 20.5 / 64, "y": 10})
    tip = page.locator(".fv-tip")
    expect(tip).to_contain_text("folio 2, page 4 of 16")
    expect(tip).to_contain_text("mapped by process 1 at 0x7f0000014000")
    page.locator(".fv-cells[data-kernel=B] i").nth(3).hover()
    expect(tip).to_contain_text("folio 1, page 3 of 16")
    lane.press("End")
    expect(lane).to_have_attribute("aria-valuetext", re.compile("page 63 of process 1"))
    cells = page.locator(".fv-cells[data-kernel=A]").first
    cells.press("ArrowRight")
    expect(cells).to_have_attribute("aria-valuetext", re.compile("folio 1, page 1 of 16"))


def test_keys_select_pages(page):
    """Shift and arrows in a lane."""
    lane = page.locator(".fv-lane").first
    lane.press("Home")
    lane.press("Shift+ArrowRight")
    lane.press("Shift+ArrowRight")
    expect(page.locator(".fv-picked")).to_contain_text("0x7f0000000000 – 0x7f0000003000 · 3 pages")


def test_the_playhead_is_dragged_in_the_chart(page):
    """To the end of the operation, and back to its first step, but not out of it."""
    box = page.locator(".fv-plot").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, y, steps=4)
    page.mouse.move(box["x"] + box["width"] + 9, y, steps=4)
    page.mouse.up()
    expect(page.locator(".fv-playhead input")).to_have_attribute("aria-valuetext", "step 159 of 159")
    page.mouse.click(box["x"], y)
    expect(page.locator(".fv-playhead input")).to_have_attribute("aria-valuetext", "step 1 of 159")


def test_a_counters_name_opens_what_it_is(page):
    """Two sentences and a place in the kernel; Escape closes them."""
    page.locator(".fv-costs [data-term=sqlock]").click()
    expect(page.locator(".fv-tip")).to_contain_text("mm/huge_memory.c")
    page.locator("body").press("Escape")
    expect(page.locator(".fv-tip")).to_be_hidden()


def test_steps_by_function(page):
    """Forward by key, back by button."""
    before = step(page)
    page.locator("body").press(".")
    expect(page.locator(".fv-playhead input")).not_to_have_attribute("aria-valuetext", before)
    page.get_by_title("previous kernel function").click()
    answered(page)
    back = step(page)
    for key, there in ((".", False), (",", True)):
        page.locator("body").press(key)
        answered(page)
        assert (step(page) == back) == there


def test_zoom_shows_an_overview(page):
    """The lane grows by the overview, and its keys still look at pages of the whole."""
    lane = page.locator(".fv-lane canvas").first
    before = lane.bounding_box()["height"]
    page.get_by_title("zoom the lanes in").click()
    expect(page.get_by_title("show all pages in the lanes")).to_be_enabled()
    dashboard.holds(page, "h => document.querySelector('.fv-lane canvas').clientHeight > h", arg=before)
    page.locator("body").press("0")
    dashboard.holds(page, "h => document.querySelector('.fv-lane canvas').clientHeight === h", arg=before)


def test_a_filter_hides_other_folios(page):
    """Queued: folio 1 of A alone."""
    page.get_by_role("button", name="queued").first.click()
    expect(page.locator(".fv-columns [data-folio]")).to_have_count(1)
    expect(page.locator(".fv-columns")).to_contain_text("None is queued.")


def test_it_plays_to_the_end_and_stops(page):
    """Space plays; at the end, the button offers to play again."""
    page.locator("body").press("End")
    expect(page.locator(".fv-playhead input")).to_have_attribute("aria-valuetext", "step 159 of 159")
    for _ in range(4):
        before = step(page)
        page.locator("body").press("ArrowLeft")
        expect(page.locator(".fv-playhead input")).not_to_have_attribute("aria-valuetext", before)
    page.locator(".fv-bar select").select_option(label="fast")
    said = page.evaluate_handle(WORDS)
    page.locator("body").press(" ")
    expect(page.locator(".fv-playhead input")).to_have_attribute("aria-valuetext", "step 159 of 159")
    expect(page.locator(".fv-go-play")).to_have_text("Play")
    assert "Stop" in said.json_value()


def test_the_timeline_is_seen_at_first_look(page):
    """At 1440 x 900, without scrolling."""
    page.set_viewport_size({"width": 1440, "height": 900})
    dashboard.holds(
        page, "() => document.querySelector('.fv-panel-timeline').getBoundingClientRect().bottom <= 900"
    )


def test_every_process_has_a_lane(page):
    """Two forks: three lanes, each painted at its own height, none as tall as an empty canvas."""
    page.locator("body").press("End")
    for lanes in (2, 3):
        answered(page)
        press(page, "fork")
        expect(page.locator(".fv-lane")).to_have_count(lanes)
    dashboard.holds(page, "[...document.querySelectorAll('.fv-lane canvas')].every(c => c.style.height)")


def test_the_timeline_draws_another_counter(page):
    """The menu in its heading; the focus stays on it."""
    menu = page.get_by_label("drawn counter")
    menu.focus()
    menu.select_option("split queue length")

    expect(menu).to_have_value("queue")
    expect(page.locator(".fv-panel-timeline h2").first).not_to_contain_text("of folio")
    expect(menu).to_be_focused()


def test_a_kernel_is_picked_from_its_group(page):
    """By keyboard or pointer, the browser's own menu; below it stands what the kernel is; the focus stays on it."""
    menu = page.get_by_label("A", exact=True)
    menu.focus()
    menu.select_option("v6.12")

    expect(page.locator(".fv-side").first).to_have_text("A · v6.12")
    expect(menu).to_have_value("v6.12")
    expect(menu).to_be_focused()
    expect(page.locator(".fv-knote").first).to_contain_text("vectors and recordings")
    assert menu.locator("optgroup").count() == 5


def test_rare_controls_open_and_act(page):
    """Under a kernel that has them: a size is switched on, a touch makes folios of it; a search is done by keys."""
    page.get_by_label("B", exact=True).select_option("none")
    expect(page.locator(".fv-costs thead th")).to_have_count(2)
    page.get_by_label("A", exact=True).select_option("v7.3")
    page.locator("body").press("End")
    answered(page)
    place = page.locator(".fv-panel-lanes").bounding_box()
    page.locator("body").press("/")
    expect(page.locator("[data-find]")).to_be_focused()
    assert page.locator(".fv-panel-lanes").bounding_box() == place
    press(page, "size3")
    expect(page.locator(".fv-do-size3")).to_have_attribute("aria-pressed", "true")
    select(page, "40", 16)
    press(page, "touch")
    expect(page.locator(".fv-chip[aria-current]")).to_contain_text("touch pages 40–55")
    expect(page.locator(".fv-columns")).to_contain_text("order 3")
    page.locator("[data-find]").fill("guard")
    page.locator("[data-find]").press("Enter")
    expect(page.locator(".fv-chip[aria-current]")).to_contain_text("guard pages 40–55")
    expect(page.locator(".fv-do-unguard")).to_be_enabled()
    page.locator("[data-find]").press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".fv-chip[aria-current]")).to_contain_text("unguard pages 40–55")
    page.keyboard.press("Escape")
    expect(page.locator("[data-find]")).to_be_hidden()
    expect(page.locator(".fv-do-more")).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1024, 768), (844, 390)])
def test_what_opens_stays_on_a_small_screen(page, width, height):
    """The search ends above the dock, and its last button can be scrolled to; so it is with every menu."""
    page.set_viewport_size({"width": width, "height": height})
    dock, below = page.locator(".fv-dock"), page.locator(".fv-below")
    page.locator(".fv-do-more").click()
    last = page.locator("[data-slot^='under:']").last.locator("button").last
    expect(last).to_be_visible()
    answered(page)
    last.scroll_into_view_if_needed()
    bottom, end = dock.bounding_box()["y"], last.bounding_box()
    place = below.bounding_box()

    assert place["y"] >= 0
    assert end["y"] + end["height"] <= place["y"] + place["height"] <= bottom
    page.locator(".fv-do-more").click()
    expect(below).to_be_hidden()
    for menu in page.locator("[popover]").all():
        name = menu.get_attribute("data-pop")
        page.locator(f"[popovertarget='{menu.get_attribute('id')}']").click()
        expect(menu).to_be_visible()
        answered(page)
        place = menu.bounding_box()
        within = place["x"] >= 0 and place["y"] >= 0, place["x"] + place["width"] <= width
        assert (name, *within, place["y"] + place["height"] <= height) == (name, True, True, True)
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
