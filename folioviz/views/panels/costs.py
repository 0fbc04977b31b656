"""What the operation under the playhead costs: A, B and the difference, up to here and in total."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.kernels import keeps
from folioviz.machine.costs import COSTS
from folioviz.readout.counters import kept_stats, size_name
from folioviz.readout.words import signed
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, term
from folioviz.views.panels import all_kernels
from folioviz.views.panels.panel import Panel
from folioviz.views.session.described import label

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

ROWS = dict(sorted(((name, row) for name, row in COSTS.items() if row.place), key=lambda item: item[1].place))
"""What is shown, in its order."""
NOT_COUNTED = Markup('<td class="fv-{}" title="not counted under this kernel">–</td>')


def cell(so_far: int, total: int, side: str) -> Markup:
    """Return a count: up to here, and of how many in total."""
    rest = html("<small>/{}</small>", f"{total:,}") if so_far != total else ""
    return html('<td class="fv-{}">{}{}</td>', side, f"{so_far:,}", rest)


def rows(frame: Frame) -> tuple[Markup, dict[str, Markup]]:
    """Return the head of the table, and its rows by the name of the cost."""
    sides = frame.sides
    both = len(sides) == 2
    head = joined(html('<th scope="col" class="fv-{0}">{0}</th>', side.name) for side in sides)
    head += Markup('<th scope="col">B − A</th>') if both else ""
    found = {}
    kept = [keeps(side.kernel) for side in sides]
    for name, cost in ROWS.items():
        totals = [side.cost[name] for side in sides]
        if not (cost.always or any(totals) or any(map(cost.is_new, kept))):
            continue
        told = [cost.is_known(fields) for fields in kept]
        row = joined(
            cell(side.so_far[name], side.cost[name], side.name) if known else NOT_COUNTED.format(side.name)
            for side, known in zip(sides, told, strict=True)
        )
        if both and not all(told):
            row += Markup("<td></td>")
        elif both:
            difference = totals[1] - totals[0]
            kind = ("fv-better" if difference < 0 else "fv-worse") if difference and not cost.neutral else ""
            row += html('<td class="{}">{}</td>', kind, signed(difference))
        found[name] = html(
            '<tr data-cost="{}"><th scope="row">{}</th>{}</tr>',
            name,
            term(name, cost.words),
            row,
        )
    return html('<tr><th scope="col">counter</th>{}</tr>', head), found


def node(frame: Frame) -> dict[str, Markup]:
    """Return the node's counters and the statistics of each folio size as rows: those that are not 0 everywhere."""
    found: dict[str, list[int | None]] = {}
    orders = sorted({order for side in frame.sides for order in side.sizes})
    for place, side in enumerate(frame.sides):
        named: dict[str, int] = dict(side.counters)
        for order, name in product(orders, kept_stats(keeps(side.kernel))):
            named[f"{size_name(order)} {name}"] = side.sizes.get(order, {}).get(name, 0)
        for name, value in named.items():
            found.setdefault(name, [None] * len(frame.sides))[place] = value
    out = {}
    for name, values in found.items():
        if not any(values):
            continue
        cells = joined(
            html('<td class="fv-{}">{}</td>', side.name, "–" if value is None else f"{value:,}")
            for side, value in zip(frame.sides, values, strict=True)
        )
        out[name] = html('<tr><th scope="row">{}</th>{}</tr>', name, cells)
    return out or {"": Markup('<tr><th scope="row">all are 0</th></tr>')}


NODE = Markup(
    '<details class="fv-node"><summary title="what /proc/vmstat and the directories of folio sizes in sysfs '
    'would say at this step">Counters of the node</summary>'
    '<table class="fv-costs"><tbody data-slot="noderows"></tbody></table></details>'
)
"""Made once, so that it stays open or shut; its rows come and go."""


class Costs(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("costs")
        self.actions = {"every": self.every}
        screen.put("every", all_kernels.WAITING)

    def every(self) -> None:
        """Show what the operations come to under every kernel."""
        self.screen.put("every", all_kernels.table(self.session.frame))
        self.screen.flush()

    def update(self, frame: Frame) -> None:
        """Draw the table."""
        if frame.op is None:
            empty = html(
                '<div>{}<p class="fv-empty">Nothing has been done yet.</p></div>',
                heading("Cost", about="cost"),
            )
            self.screen.put("costs", {"head": empty})
            self.screen.put("costrows", {})
            self.screen.put("noderows", {})
            return
        partial = any(side.so_far != side.cost for side in frame.sides)
        note = "up to here / in all" if partial else ""
        head, found = rows(frame)
        table = html(
            '<table class="fv-costs"><thead>{}</thead><tbody data-slot="costrows"></tbody></table>', head
        )
        self.screen.put(
            "costs",
            {
                "every": all_kernels.button(self.screen.model_id),
                "head": heading(f"What this {label(frame.op)} costs", note, "cost"),
                "table": table,
                "node": NODE,
            },
        )
        self.screen.put("costrows", found)
        self.screen.put("noderows", node(frame))
