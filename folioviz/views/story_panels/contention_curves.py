"""Curves of contention: pages per second and the share of time that is waited, over the number of CPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bqplot as bq
import ipywidgets as w
import numpy as np
from markupsafe import Markup

from folioviz.contention.output import printed
from folioviz.stories.contention import (
    DRAWN,
    RANGE,
    at_cpus,
    chosen,
    drawn,
    points,
    simulated,
    verdict,
)
from folioviz.stories.parts.hardware import CPUS, hardware, loop_of
from folioviz.stories.parts.pieces import label
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import colour
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading
from folioviz.views.panels.chart_room import ticks
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import table
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from folioviz.contention import Contention
    from folioviz.contention.curves import Band
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

LOOKS = (
    ("a-line", "solid", "square", "■"),
    ("b-line", "dashed", "diamond", "◆"),
    ("dim", "solid", "circle", "●"),
    ("d-line", "dashed", "triangle-up", "▲"),
    ("e-line", "dotted", "cross", "✚"),
)
"""(colour, line, marker, the marker in words) of A, B and the others: they differ without colour, too."""
AT = np.round(100 * np.log2(np.array(CPUS)))
"""Places of the numbers of CPUs: whole ones, as ticks find their labels by them."""
CEILINGS = (1, 2, 4, 8)
"""What a scale of speed ends with, times a power of ten: few, so that it stays while a slider moves."""
FILE = "contention.csv"
NONE = np.array([], np.float32)
WORKING, CANCELLED = "Simulating …", "Cancelled: nothing is simulated yet."
TABLE = Markup(
    '<details class="fv-curves-more"><summary><h2>In numbers</h2> <span>every kernel, with its range, and what it '
    'waits for most</span></summary><div data-slot="curvestable"></div></details>'
)


def ceiling(most: float) -> int:
    """Return where a scale ends that has room for a number."""
    tops = (one * size for size in (1, 10, 100, 1_000, 10_000) for one in CEILINGS)
    return next(top for top in tops if top >= most)


class Chart:
    """Lines over the number of CPUs, and A's band."""

    def __init__(self, title: str, top: int) -> None:
        """Draw nothing yet; the scale ends at ``top``."""
        self.scale = bq.LinearScale(min=0, max=top)
        x = bq.LinearScale(min=-15, max=float(AT[-1]) + 15)
        across = bq.Axis(
            scale=x,
            tick_values=AT,
            tick_labels={str(int(at)): str(n) for at, n in zip(AT, CPUS, strict=True)},
            tick_format="d",
            label="CPUs",
            grid_lines="none",
        )
        self.up = bq.Axis(scale=self.scale, side="left", tick_format="d", tick_values=np.array(ticks(0, top)))
        scales = {"x": x, "y": self.scale}
        self.band = bq.Lines(
            scales=scales,
            x=[],
            y=[],
            colors=[colour(LOOKS[0][0])],
            opacities=[0.0],
            fill="between",
            fill_colors=[colour(LOOKS[0][0])],
            fill_opacities=[0.16],
        )
        self.lines = [
            bq.Lines(
                scales=scales,
                x=[],
                y=[],
                colors=[colour(name)],
                line_style=style,
                marker=marker,
                marker_size=36,
            )
            for name, style, marker, _ in LOOKS
        ]
        self.figure = bq.Figure(
            marks=[self.band, *reversed(self.lines)],
            axes=[across, self.up],
            fig_margin={"top": 10, "bottom": 36, "left": 40, "right": 10},
            padding_y=0,
        )
        self.figure.display_toolbar = False
        self.figure.layout.height = "216px"
        self.figure.layout.width = "100%"
        self.widget = alike(w.VBox, [filled(html("<h3>{}</h3>", title)), self.figure])
        self.widget.add_class("fv-curve")

    def show(self, band: Band, looks: list[int | None], scale: float) -> None:
        """Draw a line per kernel with the look that it has, in units of ``scale``."""
        for line in self.lines:
            line.x = line.y = NONE
        self.band.x = self.band.y = NONE
        for row, look in enumerate(looks):
            if look is None:
                continue
            line = self.lines[look]
            with line.hold_sync():
                line.x, line.y = AT.astype(np.float32), (band.middle[row] / scale).astype(np.float32)
            if look == 0:
                with self.band.hold_sync():
                    self.band.x = AT.astype(np.float32)
                    self.band.y = (np.array([band.low[row], band.high[row]]) / scale).astype(np.float32)

    def end(self, top: int) -> None:
        """Let the scale end elsewhere, if it does not end there."""
        if self.scale.max != top:
            self.scale.max = top
            self.up.tick_values = np.array(ticks(0, top))


def simulation_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choices that are simulated: on how many CPUs one looks makes no difference."""
    return {name: value for name, value in values.items() if name != "cpus"}


class ContentionCurves(Panel):
    """Simulates what is chosen, a point at a time, and draws a line per kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.work = Work(self.redraw)
        self.found: Contention | None = None
        self.of: Mapping[str, Any] = {}
        self.wanted, self.done = True, 0
        self.actions = {"savecurves": self.save, "curvesstop": self.work.stop, "simulate": self.start}
        self.speed = Chart("million pages a second, all CPUs together", 80)
        self.waits = Chart("% of the CPUs’ time: waiting for each other", 100)
        head = filled(
            heading(
                "Simulated",
                f"the loop above with folios of the chosen order, on {CPUS[0]} to {CPUS[-1]} CPUs; "
                f"the area is A’s range for {RANGE}",
                "simulated",
            )
        )
        self.charts = alike(w.HBox, [self.speed.widget, self.waits.widget])
        self.charts.add_class("fv-curves")
        self.resent = (self.speed.figure, self.waits.figure, self.charts)
        legend = alike(w.HBox, [slot("curveslegend"), slot("curvesgo", "fv-buttons")])
        legend.add_class("fv-curves-foot")
        self.widget = alike(w.VBox, [head, slot("curvessaid"), self.charts, legend, filled(TABLE)])

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what is chosen; the curves of before stand until the new ones are there."""
        if simulation_of(self.values) != simulation_of(values):
            self.work.stop()
            self.wanted = True
        super().choose(values)

    def start(self) -> None:
        """Begin once more, where somebody cancelled."""
        self.wanted = True
        self.redraw()

    def simulate(self) -> Iterator[None]:
        """Simulate every point, then take all of them."""
        self.wanted, self.done = False, 0
        values = self.values
        one, asked = loop_of(values), hardware(values)
        for _ in points(drawn(values), CPUS, one, asked):
            self.done += 1
            yield
        self.found, self.of = simulated(values), values
        self.draw()

    def save(self) -> None:
        """Send the curves to the browser, which saves them with all that they assume."""
        if self.found:
            self.screen.send({"file": FILE}, [printed(self.found, "csv").encode()])

    def draw(self) -> None:
        """Draw what was found: A has the first look, B the second."""
        if self.found is None:
            return
        keys, pair = list(self.found.kernels), chosen(self.of)
        others = iter(range(2, DRAWN))
        looks = [pair.index(key) if key in pair else next(others, None) for key in keys]
        speed = self.found.pages_per_second
        self.speed.end(ceiling(float(speed.high.max()) / 1e6))
        self.speed.show(speed, looks, 1e6)
        self.waits.show(self.found.waiting, looks, 0.01)
        signs = joined(
            html('<span><b style="color:{}">{}</b> {}{}</span>', colour(name), sign, side, label(key))
            for key, look in zip(keys, looks, strict=True)
            if look is not None
            for name, _, _, sign in [LOOKS[look]]
            for side in ["AB"[look] + " · " if look < len("AB") else ""]
        )
        self.screen.put("curveslegend", {"": html('<div class="fv-legend">{}</div>', signs)})

    def update(self, _frame: Frame) -> None:
        """Begin if nobody has yet; show how far it is, the sentence and the table."""
        if self.wanted and self.work.able:
            self.work.start(self.simulate())
        stale = self.found is None or simulation_of(self.of) != simulation_of(self.values)
        again = "simulate what is chosen; what stands here was chosen before"
        go = button("savecurves", "CSV", "save every point, with its range and what it assumes")
        go = button("simulate", "Simulate", again) if stale else go
        total = (3 * len(CPUS) + 1) * len(drawn(self.values))
        self.screen.put("curvesgo", self.work.pieces(go, "curvesstop", self.done, total))
        (self.charts.add_class if stale else self.charts.remove_class)("fv-working")
        nothing = WORKING if self.wanted or self.work.task else CANCELLED
        said = verdict(self.found, {**self.of, "cpus": self.values["cpus"]}) if self.found else nothing
        told = html('<p class="fv-curves-said{}" role="status">{}</p>', " fv-working" if stale else "", said)
        self.screen.put("curvessaid", told)
        if self.found:
            shown = table(at_cpus(self.found, self.values["cpus"]), self.come_from)
            self.screen.put("curvestable", {"": html("<div>{}</div>", shown)})
