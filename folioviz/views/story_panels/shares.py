"""Order by share: what one munmap of a part of a folio comes to, a heat map per kernel; a cell opens its scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bqplot as bq
import ipywidgets as w
import numpy as np

from folioviz.stories.parts.pieces import cost_name, label
from folioviz.sweep.cell import run
from folioviz.sweep.plan import plan
from folioviz.sweep.source import STANDARD
from folioviz.sweep.table import Sweep
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import colour, mixed
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import into
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from folioviz.sweep.cell import Row
    from folioviz.sweep.plan import Plan
    from folioviz.sweep.table import Heat
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

ORDERS, SHARES = tuple(range(2, 10)), (1, 25, 50, 75, 99, 100)
"""Of 1 % at least a page is unmapped; of 99 % at least a page is left."""
COUNTED = ("sqlock", "mapc", "nrpm", "rput", "tflush", "thw")
VALUES = {**{cost_name(name): name for name in COUNTED}, "folios on the queue afterwards": "queue_length"}
"""What may be shown, and its column of the sweep; the first at first."""
MARGINS = {"top": 8, "bottom": 36, "left": 48, "right": 8}
"""Around the cells, in pixels; story_shares.css lays the numbers over them."""


class Map:
    """The heat map of one kernel."""

    def __init__(self) -> None:
        """Draw nothing yet."""
        x = bq.OrdinalScale(domain=list(map(str, ORDERS)))
        y = bq.OrdinalScale(domain=[f"{share} %" for share in SHARES])
        self.shades = bq.ColorScale(colors=[mixed("heat-none"), mixed("heat-most")], min=0.0, max=1.0)
        self.grid = bq.GridHeatMap(
            color=np.full((len(SHARES), len(ORDERS)), np.nan),
            row=list(y.domain),
            column=list(x.domain),
            scales={"row": y, "column": x, "color": self.shades},
            stroke=colour("line"),
            null_color="transparent",
        )
        axes = [
            bq.Axis(scale=x, label="order", grid_lines="none"),
            bq.Axis(scale=y, side="left", grid_lines="none"),
        ]
        self.figure = bq.Figure(marks=[self.grid], axes=axes, fig_margin=MARGINS, padding_x=0, padding_y=0)
        self.figure.display_toolbar = False
        self.figure.layout.height = "230px"
        self.figure.layout.width = "100%"

    def draw(self, heat: Heat | None, most: int) -> None:
        """Show a kernel's numbers as shades; what has none stays empty, and so does a map without any."""
        values = heat.values if heat else ((None,) * len(ORDERS),) * len(SHARES)
        self.shades.max = float(max(1, most))
        self.grid.visible = any(one is not None for row in values for one in row)  # else it would be black
        self.grid.color = np.array([[np.nan if one is None else one for one in row] for row in values], float)


class Shares(Panel):
    """Sweeps over orders and shares under the story's two kernels."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.rows: list[Row] = []
        self.plan: Plan | None = None
        self.work = Work(self.redraw)
        self.actions = {"shares": self.start, "sharesstop": self.work.stop}
        self.value = alike(w.Dropdown, options=[*VALUES], description="show", tooltip="what the cells say")
        self.value.add_class("fv-field")
        self.value.observe(lambda _: self.redraw(), "value")
        self.maps = [Map() for _ in range(2)]
        self.resent = [one.figure for one in self.maps]
        bar = alike(w.HBox, [slot("sharesgo", "fv-buttons"), self.value])
        bar.add_class("fv-bar")
        sides = [alike(w.VBox, [slot(f"shares{place}"), one.figure]) for place, one in enumerate(self.maps)]
        pair = alike(w.HBox, sides)
        pair.add_class("fv-heat")
        head = filled(heading("Every part of every order", "one munmap from the folio’s front", "order"))
        self.widget = alike(w.VBox, [head, bar, pair, slot("sharesnote")])

    @property
    def kernels(self) -> tuple[str, ...]:
        """Return the story's kernels."""
        return tuple(dict.fromkeys(key for key in (self.values["a"], self.values["b"]) if key != "none"))

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what the story's choices say; what was counted of others is no longer shown."""
        if any(self.values.get(name) != values[name] for name in ("a", "b", "who")):
            self.work.stop()
            self.rows, self.plan = [], None
        super().choose(values)

    def start(self) -> None:
        """Begin to count."""
        if self.work.task is None:
            self.rows = []
            processes = 2 if self.values["who"] == "two" else 1
            given = {"order": ORDERS, "share": SHARES, "processes": processes}
            self.plan = plan(STANDARD, self.kernels, parameters=given)
            self.work.start(self._count(self.plan))

    def _count(self, made: Plan) -> Iterator[None]:
        """Do one cell after the other."""
        for one in made.cells:
            self.rows.append(run(one))
            yield

    @property
    def found(self) -> Sweep | None:
        """Return the sweep, once all of it is there."""
        if self.plan is None or len(self.rows) < len(self.plan.cells):
            return None
        return Sweep(self.plan.columns, self.rows)

    def update(self, _frame: Frame) -> None:
        """Begin if nobody has yet; show the progress, and the maps once all is counted."""
        if self.plan is None and self.work.able:
            self.start()
        go = button("shares", "Count again", "this munmap for orders 2 to 9 and six shares")
        total = len(self.plan.cells) if self.plan else 0
        self.screen.put("sharesgo", self.work.pieces(go, "sharesstop", len(self.rows), total))
        found = self.found
        heats = found.pivot(VALUES[self.value.value]) if found else {}
        most = max((one or 0 for heat in heats.values() for row in heat.values for one in row), default=0)
        for place, one in enumerate(self.maps):
            key = self.kernels[place] if place < len(self.kernels) else ""
            heat = heats.get(key)
            one.draw(heat, most)
            numbers = self._numbers(found, heat, key) if found and heat else ""
            self.screen.put(
                f"shares{place}", {"": html("<div><h3>{}</h3>{}</div>", self._name(key), numbers)}
            )
        note = (
            "Computed by the model, now. A number opens what it counts. –: no such folio under this kernel."
        )
        self.screen.put("sharesnote", {"": html('<p class="fv-dim">{}</p>', note)})

    @staticmethod
    def _name(key: str) -> str:
        """Return what stands above a map."""
        return label(key) if key else "no second kernel"

    def _numbers(self, found: Sweep, heat: Heat, key: str) -> Markup:
        """Return the numbers that lie over the cells of a map: the largest share is the first row."""
        lines = joined(
            html(
                '<tr aria-label="{}">{}</tr>',
                f"{SHARES[line]} %",
                joined(self._number(found, heat, line, column) for column in range(len(ORDERS))),
            )
            for line in reversed(range(len(SHARES)))
        )
        name = f"{self.value.value}, {label(key)}"
        return html('<table role="grid" class="fv-heat-numbers" aria-label="{}">{}</table>', name, lines)

    def _number(self, found: Sweep, heat: Heat, line: int, column: int) -> Markup:
        """Return one number, which opens its scenario; what has none says why."""
        place, number = heat.places[line][column], heat.values[line][column]
        row = found.rows[place] if place is not None else {}
        said = f"order {ORDERS[column]}, {SHARES[line]} %: {row.get('verdict') or row.get('error')}"
        shown = "–" if number is None else f"{number:,}"
        if place is None or (number is None and not row["bugs"]):
            return html('<td title="{}">{}</td>', said, shown)
        link = into(found.link(place), "BUG" if number is None else shown, said, self.come_from)
        return html('<td title="{}">{}</td>', said, link)
