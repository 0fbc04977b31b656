"""Address spaces: a lane per process, drawn by the browser from runs of pages; it reports drags, keys and zooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
import numpy as np
from markupsafe import Markup

from folioviz.machine.memory import VM_START
from folioviz.readout.words import count
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import address, term
from folioviz.views.panels.lane_runs import NO_PAGES, overview, runs
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button
from folioviz.views.session.selection import LEAST_VIEW

if TYPE_CHECKING:
    from folioviz.readout.state import Process
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session


class AddressSpaces(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = alike(w.VBox, [slot("zoom", "fv-zoom"), slot("lanes", "fv-lanes"), slot("lanenote")])
        self._drawn: dict[tuple[int, str], tuple[Any, ...]] = {}

    def update(self, frame: Frame) -> None:
        """Draw the processes that live in A or in B."""
        ids = sorted({process.id for side in frame.sides for process in side.processes})
        self.screen.put("lanes", {str(mm): box(mm, frame) for mm in ids})
        self.screen.put("zoom", zoom(frame))
        names = set()
        for mm in ids:
            found = [side.process(mm) for side in frame.sides]
            self.screen.put(f"lanehead:{mm}", heading(frame, mm, found))
            for side, process in zip(frame.sides, found, strict=True):
                names.add(f"lane:{mm}:{side.name}")
                self._draw(frame, side, mm, process)
            if frame.view != frame.whole:
                names.add(f"over:{mm}")
        for name in [*self.screen.taken("lane:"), *self.screen.taken("over:")]:
            if name not in names:
                self.screen.give(name, None)
                self._drawn = {
                    key: kept for key, kept in self._drawn.items() if f"lane:{key[0]}:{key[1]}" in names
                }
        view = {
            "view": list(frame.view),
            "whole": list(frame.whole),
            "breaks": [list(one) for one in frame.breaks],
            "mm": frame.mm,
            "lo": frame.lo,
            "hi": frame.hi,
            "sides": [side.name for side in frame.sides],
            "base": VM_START,
            "marked": marked(frame),
        }
        self.screen.give("view", view)
        none = Markup('<p class="fv-empty">No process lives here. Press “New process” to make one.</p>')
        self.screen.put("lanenote", EMPTY if ids else none)

    def _draw(self, frame: Frame, side: Side, mm: int, process: Process | None) -> None:
        """Draw one kernel's strip of a lane, if what it shows is not what was drawn last."""
        key = (mm, side.name)
        kept = self._drawn.get(key)
        ranges = (frame.view, frame.whole)
        marks = tuple(found.get(mm, NO_PAGES) for found in (side.zeros, side.guards, side.swapped))
        same = kept is not None and kept[0] is process and kept[1] == ranges
        if kept and same and all(map(np.array_equal, kept[2:], (side.owners, *marks))):
            return
        self._drawn[key] = (process, ranges, side.owners, *marks)
        found = runs(process, side.owners, *frame.view, *marks)
        self.screen.give(f"lane:{mm}:{side.name}", found.tobytes())
        if side is frame.sides[0]:
            far = frame.view != frame.whole
            bins = overview(runs(process, side.owners, *frame.whole), *frame.whole) if far else None
            self.screen.give(f"over:{mm}", bins)


def marked(frame: Frame) -> tuple[int, int, int] | None:
    """Return the pages [lo, hi) that are highlighted, behind their process; None if none are."""
    mark = frame.noted.mark
    return (mark.of, *mark.pages) if mark and mark.kind == "pages" else None


def box(mm: int, frame: Frame) -> Markup:
    """Return the place of a lane; a slider for those who use keys: its value is the page that the tooltip tells."""
    lo, hi = frame.whole
    return html(
        '<div class="fv-lane-box"><div data-slot="lanehead:{0}"></div>'
        '<div class="fv-lane" data-lane="{0}" tabindex="0" role="slider" aria-valuemin="{1}" '
        'aria-valuemax="{2}" aria-valuenow="{1}" aria-valuetext="page {1}" '
        'aria-label="pages of process {0}: arrow keys look at a page, Shift and arrow keys select, '
        'Enter selects one page"><canvas></canvas></div>{3}</div>',
        mm,
        lo,
        hi - 1,
        strips(frame),
    )


def strips(frame: Frame) -> Markup:
    """Return the names of a lane's strips, one below the other; a single one needs none."""
    if len(frame.sides) == 1:
        return EMPTY
    names = joined(html('<b class="fv-{0}">{0}</b>', side.name) for side in frame.sides)
    return html('<span class="fv-strips" aria-hidden="true">{}</span>', names)


def heading(frame: Frame, mm: int, found: list[Process | None]) -> Markup:
    """Return the line above a lane."""
    rss = [process.rss if process else 0 for process in found]
    shown = count(rss[0], "page") if len(set(rss)) == 1 else f"{rss[0]} in A, {rss[1]} in B"
    text = html("<b>process {}</b> <span>{} {}</span>", mm, term("rss", "RSS"), shown)
    cgroups = [side.cgroups.members.get(mm, 0) for side in frame.sides]
    if any(cgroups):
        text += html(
            "<span>{} {}</span>", term("cgroup", "cgroup"), " / ".join(map(str, dict.fromkeys(cgroups)))
        )
    if frame.mm == mm:
        text += html(
            '<span class="fv-picked">{} – {} · {}</span>',
            address(frame.lo),
            address(frame.hi),
            count(frame.hi - frame.lo, "page"),
        )
    return html('<div class="fv-lane-head">{}</div>', text)


def zoom(frame: Frame) -> dict[str, Markup]:
    """Return the buttons that zoom the lanes."""
    far = frame.view == frame.whole
    near = frame.view[1] - frame.view[0] <= LEAST_VIEW
    return {
        "": Markup('<span class="fv-dim">zoom</span>'),
        "in": button("zoomin", "+", "zoom the lanes in (+)", off=near),
        "out": button("zoomout", "−", "zoom the lanes out (-)", off=far),
        "sel": button("zoomsel", "selection", "show only the selected pages in the lanes"),
        "all": button("zoomall", "all", "show all pages in the lanes (0)", off=far),
    }
