"""A run of PTEs: what one operation takes down, in the batches in which the kernel takes it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from folioviz.readout import state
from folioviz.readout.words import count
from folioviz.stories import batch_end
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.palette import of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.work import PerOperation

if TYPE_CHECKING:
    from folioviz.lab import Lab
    from folioviz.stories.parts.batches import Batch
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

MOST = 64
"""So many PTEs of one batch are drawn, and so many batches."""
FEW = 4
"""So many empty PTEs are drawn one by one."""


class Before(NamedTuple):
    """An operation, and what was there when it began.

    Attributes:
        run: its batches.
        edges: (process, page) pairs at which a VMA begins.
        offsets: per (process, virtual page) the page's place in its folio.
    """

    run: batch_end.Run
    edges: frozenset[tuple[int, int]]
    offsets: dict[tuple[int, int], int]


def before(lab: Lab, start: int, end: int) -> Before:
    """Read an operation that has the rows ``[start, end)``, and what it found."""
    found, back = batch_end.run(lab, start, end), lab.cursor
    lab.seek(start)
    mms = {batch.mm for batch in found.found.batches}
    edges = {(mm, vma.start) for mm in mms for vma in state.vmas(lab.machine, mm)}
    offsets = {
        (mm, vpn): page - int(lab.machine.page_folio[page])
        for mm in mms
        for vpn, page, *_ in state.mappings(lab.machine, mm).tolist()
    }
    lab.seek(back)
    return Before(found, frozenset(edges), offsets)


def cells(batch: Batch, was: Before, here: set[tuple[int, int]]) -> Markup:
    """Return the PTEs of a batch; those that are cleared by now are dashed."""
    out = []
    for vpn in range(batch.vpn, batch.vpn + min(batch.pages, MOST)):
        kind = "" if (batch.mm, vpn) in here else Markup(' class="fv-gone"')
        out.append(html("<i{}>{}</i>", kind, was.offsets.get((batch.mm, vpn), "")))
    more = html("<small>+{}</small>", batch.pages - MOST) if batch.pages > MOST else ""
    return html('<span style="--c:{}">{}{}</span>', of_folio(batch.folio), joined(out), more)


def group(number: int, batch: Batch, why: str, was: Before, side: Side, here: set[tuple[int, int]]) -> Markup:
    """Return one batch: its PTEs, a bracket below them, and why it ends there."""
    now = max((one for one in was.run.found.batches if one.row < side.row), default=None) == batch
    marks = joined(
        html('<b class="fv-{}">✚ flush</b>', "flushed" if one.row < side.row else "todo")
        for one in was.run.found.flushes
        if one.after == number
    )
    if batch.queued:
        marks = html('<b class="fv-{}">queued</b>{}', "queued" if batch.row < side.row else "todo", marks)
    kind = "fv-batch" if batch.asked else "fv-batch fv-single"
    name = f"batch {number}" if batch.asked else f"folio {batch.folio}"
    text = html("<em>{}: {}</em><small>{}</small>", name, count(batch.pages, "page"), why)
    return html(
        '<div class="{}{}" data-batch="{}{}">{}<p>{}</p>{}</div>',
        kind,
        " fv-now" if now else "",
        side.name,
        number,
        cells(batch, was, here),
        text,
        html("<p>{}</p>", marks) if marks else "",
    )


def between(one: Batch, other: Batch, was: Before) -> Markup:
    """Return what lies between two batches: empty PTEs, an edge of a VMA or of a page table."""
    last = one.vpn + one.pages
    if one.mm != other.mm:
        return EMPTY
    gap = other.vpn - last
    holes = Markup("<i></i>") * gap if gap <= FEW else html("<small>{}</small>", count(gap, "empty PTE"))
    parts = [html('<span class="fv-holes" title="empty">{}</span>', holes)] if gap else []
    if last // 512 != other.vpn // 512 or (not gap and other.vpn % 512 == 0):
        parts.append(Markup('<strong class="fv-edge">page table</strong>'))
    if any((one.mm, vpn) in was.edges for vpn in range(last, other.vpn + 1)):
        parts.append(Markup('<strong class="fv-edge">VMA</strong>'))
    return html('<div class="fv-between">{}</div>', joined(parts)) if parts else EMPTY


class Run(Panel):
    """The PTEs of the operation under the playhead, for every kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("run", "fv-run")
        self.actions = {"batchnext": lambda: self.go(1), "batchback": lambda: self.go(-1)}
        self.found = PerOperation(session, self._read)

    @staticmethod
    def _read(track: Track, index: int) -> Before:
        """Return an operation as a kernel does it."""
        part = track.parts[index]
        return before(track.lab, part.start, part.end)

    def go(self, by: int) -> None:
        """Go to where the next batch of A begins (1), or the one before (-1), round and round."""
        if self.session.history.ops:
            self.found.go([one.row for one in self.found[0].run.found.batches], by)

    def update(self, frame: Frame) -> None:
        """Draw the operation under the playhead."""
        buttons = Markup(
            '<span class="fv-jumps"><button class="fv-btn" data-fv="do:batchback">◀ batch of A</button>'
            '<button class="fv-btn" data-fv="do:batchnext">batch of A ▶</button></span>'
        )
        title = heading("The PTEs, and how they are taken", "a number: which page of its folio", "batch")
        pieces = {"head": html('<div class="fv-head">{}{}</div>', title, buttons)}
        for place, side in enumerate(frame.sides):
            pieces[side.name] = self.side(frame, place, side)
        self.screen.put("run", pieces)

    def side(self, frame: Frame, place: int, side: Side) -> Markup:
        """Return one kernel's section."""
        name = side_name(side.name, side.kernel.label)
        was = self.found[place] if frame.index >= 0 else None
        if was is None or not was.run.found.batches:
            nothing = Markup('<p class="fv-dim">This operation clears no PTE.</p>')
            return html('<section><div class="fv-side">{}</div>{}</section>', name, nothing)
        here = {(process.slot, int(vpn)) for process in side.processes for vpn in process.maps[:, 0].tolist()}
        batches = was.run.found.batches[:MOST]
        groups = [
            group(number, batch, why, was, side, here)
            for number, (batch, why) in enumerate(zip(batches, was.run.endings, strict=False), start=1)
        ]
        parts = [groups[0]]
        for (one, other), piece in zip(pairwise(batches), groups[1:], strict=True):
            parts += [between(one, other, was), piece]
        more = len(was.run.found.batches) - len(batches)
        if more > 0:
            parts.append(html('<small class="fv-dim">and {}</small>', count(more, "more")))
        return html(
            '<section><div class="fv-side">{}</div><div class="fv-ptes">{}</div></section>',
            name,
            joined(parts),
        )
