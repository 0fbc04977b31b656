"""What the operation under the playhead costs: A, B and the difference, up to here and in total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.kernels import keeps
from folioviz.machine.costs import COSTS
from folioviz.readout.counters import size_name
from folioviz.readout.words import signed
from folioviz.views.page.screen import slot
from folioviz.views.page.text import esc, heading
from folioviz.views.panels.glossary import term
from folioviz.views.panels.panel import Panel
from folioviz.views.session.actions import label

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

ROWS = dict(sorted(((name, row) for name, row in COSTS.items() if row.place), key=lambda item: item[1].place))
"""What is shown, in its order."""
NOT_COUNTED = '<td class="fv-{}" title="not counted under this kernel">–</td>'


def cell(so_far: int, total: int, side: str) -> str:
    """Return a count: up to here, and of how many in total."""
    rest = f"<small>/{total:,}</small>" if so_far != total else ""
    return f'<td class="fv-{side}">{so_far:,}{rest}</td>'


def rows(frame: Frame) -> tuple[str, dict[str, str]]:
    """Return the head of the table, and its rows by the name of the cost."""
    sides = frame.sides
    both = len(sides) == 2
    head = "".join(f'<th scope="col" class="fv-{side.name}">{side.name}</th>' for side in sides)
    head += '<th scope="col">B − A</th>' if both else ""
    found = {}
    kept = [keeps(side.kernel) for side in sides]
    for name, cost in ROWS.items():
        totals = [side.cost[name] for side in sides]
        if not (cost.always or any(totals) or any(map(cost.is_new, kept))):
            continue
        told = [cost.is_known(fields) for fields in kept]
        row = "".join(
            cell(side.so_far[name], side.cost[name], side.name) if known else NOT_COUNTED.format(side.name)
            for side, known in zip(sides, told, strict=True)
        )
        if both and not all(told):
            row += "<td></td>"
        elif both:
            difference = totals[1] - totals[0]
            kind = ("fv-better" if difference < 0 else "fv-worse") if difference and not cost.neutral else ""
            row += f'<td class="{kind}">{signed(difference)}</td>'
        found[name] = f'<tr data-cost="{name}"><th scope="row">{term(name, esc(cost.words))}</th>{row}</tr>'
    return f'<tr><th scope="col">counter</th>{head}</tr>', found


def node(frame: Frame) -> dict[str, str]:
    """Return the node's counters and the statistics of each folio size as rows: those that are not 0 everywhere."""
    found: dict[str, list[int | None]] = {}
    for place, side in enumerate(frame.sides):
        named: dict[str, int] = dict(side.counters)
        for order, stats in side.sizes.items():
            named |= {f"{size_name(order)} {name}": value for name, value in stats.items()}
        for name, value in named.items():
            found.setdefault(name, [None] * len(frame.sides))[place] = value
    out = {}
    for name, values in found.items():
        if not any(values):
            continue
        cells = "".join(
            f'<td class="fv-{side.name}">{"–" if value is None else f"{value:,}"}</td>'
            for side, value in zip(frame.sides, values, strict=True)
        )
        out[name] = f'<tr><th scope="row">{esc(name)}</th>{cells}</tr>'
    return out or {"": '<tr><th scope="row">all are 0</th></tr>'}


NODE = (
    '<details class="fv-node"><summary title="what /proc/vmstat and the directories of folio sizes in sysfs would say '
    'at this step">Counters of the node</summary><table class="fv-costs"><tbody data-slot="noderows"></tbody></table>'
    "</details>"
)
"""Made once, so that it stays open or shut; its rows come and go."""


class Costs(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("costs")

    def update(self, frame: Frame) -> None:
        """Draw the table."""
        if frame.op is None:
            empty = f'<div>{heading("Cost")}<p class="fv-empty">Nothing has been done yet.</p></div>'
            self.screen.put("costs", {"head": empty})
            self.screen.put("costrows", {})
            self.screen.put("noderows", {})
            return
        partial = any(side.so_far != side.cost for side in frame.sides)
        note = "up to here / in all" if partial else ""
        head, found = rows(frame)
        table = f'<table class="fv-costs"><thead>{head}</thead><tbody data-slot="costrows"></tbody></table>'
        self.screen.put(
            "costs",
            {"head": heading(f"What this {label(frame.op)} costs", note), "table": table, "node": NODE},
        )
        self.screen.put("costrows", found)
        self.screen.put("noderows", node(frame))
