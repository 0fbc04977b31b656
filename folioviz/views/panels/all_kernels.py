"""All kernels: the operations on the screen under each, what they come to, and the first that differs from A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz import kernels
from folioviz.compare.every_kernel import every_kernel
from folioviz.machine.costs import COSTS
from folioviz.views.page.markup import html, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.compare.every_kernel import Row
    from folioviz.views.session.frame import Frame

WAITING = Markup('<p class="fv-dim">The operations are done under every kernel …</p>')


ONE_KERNEL = Markup(
    '<p class="fv-dim">A schedule is one kernel’s: which step comes when depends on the kernel text. The menu of '
    "kernel A plays the same steps under another one, if it can do them.</p>"
)


def button(key: str) -> Markup:
    """Return what opens the table."""
    return html(
        '<div class="fv-every"><button class="fv-btn" popovertarget="fv-every-{0}" aria-haspopup="dialog" '
        'title="do the same operations under every kernel: what each comes to, and the first that differs from A">'
        'All kernels</button><div popover id="fv-every-{0}" class="fv-pop" data-pop="every" '
        'data-asks="do:every" role="dialog" aria-label="All kernels"><h2>The same operations under every kernel</h2>'
        '<div data-slot="every"></div></div></div>',
        key,
    )


def table(frame: Frame) -> Markup:
    """Run the operations under every kernel, and return a row for each; O(kernels x rows of the journal)."""
    if frame.race:
        return ONE_KERNEL
    first = frame.sides[0].kernel.key
    rows = list(every_kernel(frame.ops, first, frame.mmu_gather))
    later = [row.key for row in rows]
    after = later[later.index(first) + 1 :]
    found = next((row for row in rows if row.key in after and row.differs), None)
    name = kernels.find(first).label
    told = f"No later kernel of the list differs from {name} in this."
    if found:
        other = kernels.find(found.key).label
        told = f"The first kernel after {name} that differs is {other}, at operation {found.differs}."
    names = [cost for cost in COSTS if len({row.costs.get(cost, 0) for row in rows}) > 1][:6]
    head = joined(html('<th scope="col">{}</th>', COSTS[cost].words) for cost in names)
    body = joined(line(row, names, first=row.key == first, frame=frame) for row in rows)
    return html(
        '<p><b>{}</b></p><div class="fv-every-rows" tabindex="0" role="group" aria-label="kernels"><table '
        'class="fv-costs"><thead><tr><th scope="col">kernel</th><th scope="col">differs from A</th>{}'
        '<th scope="col">what it does</th></tr></thead><tbody>{}</tbody></table></div>',
        told,
        head,
        body,
    )


def line(row: Row, names: Sequence[str], *, first: bool, frame: Frame) -> Markup:
    """Return one kernel's row; its name shows it as B."""
    label = kernels.find(row.key).label
    name = html("<b class='fv-A'>{}</b>", label)
    if not first:
        name = html('<button class="fv-link" data-b="{}" title="show it as B">{}</button>', row.key, label)
    at = "A" if first else "no"
    if row.differs:
        at = html('<span title="{}">at {}</span>', frame.ops[row.differs - 1].short(), row.differs)
    known = kernels.keeps(kernels.find(row.key))
    cells = joined(
        html("<td>{}</td>", f"{row.costs.get(cost, 0):,}" if COSTS[cost].is_known(known) else "–")
        for cost in names
    )
    refused = f"refuses operation {row.refused}; " if row.refused else ""
    return html(
        '<tr data-kernel="{}"><th scope="row">{}</th><td>{}</td>{}<td class="fv-left">{}{}</td></tr>',
        row.key,
        name,
        at,
        cells,
        refused,
        row.told,
    )
