"""Lanes of CPUs: for some microseconds, who works, who waits and who holds a lock or a line, under A and under B."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from folioviz.contention import lanes
from folioviz.stories.contention import chosen, refusal
from folioviz.stories.parts.hardware import hardware, loop_of, nanoseconds
from folioviz.stories.parts.pieces import label
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from folioviz.contention import Lanes
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

NS = 12_000.0
LONG_NS = 400_000.0
"""What the lanes show, at least and at most."""
TICKS = 4
MOST = 16
"""So many lanes are drawn."""
GAP, THIN = 0.12, 0.38
"""Parts of a lane that are left free above and below a turn, and the line of a CPU that works."""
KEY = Markup(
    '<p class="fv-turns-key"><span class="fv-turns-works">works, or waits for memory</span>'
    '<span class="fv-turns-waits">waits for another CPU</span>'
    '<span class="fv-turns-holds">holds a lock or a line</span></p>'
)


def span(user_ns: float) -> float:
    """Return how many nanoseconds are shown of CPUs that are in their program for so many between two loops."""
    return min(max(NS, user_ns / TICKS), LONG_NS)


def boxes(cpu: np.ndarray, first: np.ndarray, last: np.ndarray) -> str:
    """Return the path of boxes, one per turn, in nanoseconds and lanes; what takes no time has none."""
    return "".join(
        f"M{begin:.0f} {lane + GAP:.2f}h{end - begin:.0f}v{1 - 2 * GAP:.2f}h-{end - begin:.0f}z"
        for lane, begin, end in zip(cpu.tolist(), first.tolist(), last.tolist(), strict=True)
        if end - begin >= 1
    )


def shares(found: Lanes) -> tuple[float, float]:
    """Return the shares of the time that the CPUs wait and hold, 0 to 1."""
    whole = found.ns * found.cpus
    waits, holds = (found.got - found.arrived).sum(), (found.left - found.got).sum()
    return float(waits) / whole, float(holds) / whole


def busiest(found: Lanes) -> np.ndarray:
    """Return the CPUs that are drawn, ascending: of more than have room, those that wait and hold longest."""
    longest = np.bincount(found.cpu.astype(np.intp), found.left - found.arrived, minlength=found.cpus)
    return np.sort(np.argsort(-longest, kind="stable")[:MOST])


def picture(found: Lanes) -> Markup:
    """Return one kernel's lanes, with what they come to in words."""
    shown = busiest(found)
    there = np.isin(found.cpu, shown)
    cpu, arrived, got, left = (one[there] for one in (found.cpu, found.arrived, found.got, found.left))
    lane = np.searchsorted(shown, cpu)
    free = "".join(
        f"M0 {lane + THIN:.2f}h{found.ns:.0f}v{1 - 2 * THIN:.2f}h-{found.ns:.0f}z"
        for lane in range(len(shown))
    )
    waits, holds = shares(found)
    said = f"all {found.cpus} in this time: waiting {100 * waits:.0f} %, holding {100 * holds:.0f} %"
    numbers = joined(html("<i>{}</i>", one) for one in shown.tolist())
    return html(
        '<div class="fv-turns-rows"><div aria-hidden="true">{}</div><svg viewBox="0 0 {} {}" '
        'preserveAspectRatio="none" role="img" aria-label="{} CPUs: {}"><path class="fv-turns-works" d="{}"/>'
        '<path class="fv-turns-waits" d="{}"/><path class="fv-turns-holds" d="{}"/></svg></div>'
        '<p class="fv-dim">{}</p>',
        numbers,
        round(found.ns),
        len(shown),
        len(shown),
        said,
        free,
        boxes(lane, arrived, got),
        boxes(lane, got, left),
        said,
    )


class ContentionLanes(Panel):
    """A's lanes beside B's."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("turns", "fv-turns")
        self.work = Work(self.redraw)
        self.found: dict[str, Lanes] = {}
        self.refused: dict[str, str] = {}
        self.wanted = True

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what is chosen; the lanes of before stand until the new ones are there."""
        if dict(values) != dict(self.values):
            self.work.stop()
            self.wanted = True
        super().choose(values)

    def simulate(self) -> Iterator[None]:
        """Simulate A and B."""
        self.wanted = False
        found, refused, values = {}, {}, self.values
        one, asked = loop_of(values), hardware(values)
        for key in chosen(values):
            refused[key] = refusal(key, one)
            yield
            if not refused[key]:
                found[key] = lanes(key, values["cpus"], one, asked, span(asked.user_ns))
            yield
        self.found, self.refused = found, refused

    def update(self, _frame: Frame) -> None:
        """Begin if nobody has yet; show the lanes."""
        if self.wanted and self.work.able:
            self.work.start(self.simulate())
        cpus = self.values["cpus"]
        some = f"the {MOST} of {cpus} CPUs that wait longest" if cpus > MOST else "every CPU"
        long = nanoseconds(round(span(hardware(self.values).user_ns)))
        note = f"{long} of {some}, after they have run for a while"
        busy = " fv-working" if self.work.task else ""
        pieces = {"head": html("<div>{}{}</div>", heading("Lanes", note, "contention"), KEY)}
        for side, key in zip("AB", chosen(self.values), strict=False):
            pieces[side] = html(
                '<div class="fv-turns-side{}"><p>{}</p>{}</div>',
                busy,
                side_name(side, label(key)),
                self.inside(key),
            )
        self.screen.put("turns", pieces)

    def inside(self, key: str) -> Markup:
        """Return a kernel's lanes, or why there are none."""
        if why := self.refused.get(key):
            return html('<p class="fv-nothing">{}</p>', why)
        if key not in self.found:
            return Markup('<p class="fv-nothing">Simulating …</p>')
        found = self.found[key]
        ends = (nanoseconds(round(found.ns * n / TICKS)) if n else "0" for n in range(TICKS + 1))
        marks = joined(html("<i>{}</i>", end) for end in ends)
        return html('{}<div class="fv-turns-time" aria-hidden="true">{}</div>', picture(found), marks)
