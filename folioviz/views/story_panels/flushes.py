"""Flushes: what one operation takes down, batch by batch, where the TLB is flushed, and the comparison that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.machine.costs import COSTS
from folioviz.readout.words import count
from folioviz.stories.parts.batches import Batch, Found, read
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.palette import of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.folio_facts import BUGS
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.work import PerOperation

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

MOST = 160
"""So many batches are drawn."""
DECREMENTED = {"v6.5-rc3+v4", "v6.5-rc3+v3"}
COMPARED = {"v6.5-rc3+v4fix"}
PASSED_ON = {"v6.5-rc3+v4full"}
"""Kernels, by what they look at after a batch."""


def cell(batch: Batch, side: Side, now: Batch | None) -> Markup:
    """Return one batch as a cell with its number of pages."""
    kind = "now" if batch is now else "done" if batch.row < side.row else "todo"
    return html('<i class="fv-{}" style="--c:{}">{}</i>', kind, of_folio(batch.folio), batch.pages)


def strip(found: Found, side: Side, now: Batch | None) -> Markup:
    """Return the batches in order, a mark after each that the TLB is flushed after."""
    marks: dict[int, list[Markup]] = {}
    for flush in found.flushes:
        mark = Markup("<b>✚</b>") if flush.row < side.row else Markup('<b class="fv-todo">+</b>')
        marks.setdefault(flush.after, []).append(mark)
    parts = marks.get(0, [])
    for place, batch in enumerate(found.batches[:MOST], start=1):
        parts.append(html("<span>{}{}</span>", cell(batch, side, now), joined(marks.get(place, []))))
    more = len(found.batches) - MOST
    if more > 0:
        parts.append(html('<small class="fv-dim">and {}</small>', count(more, "more")))
    label = f"{count(len(found.batches), 'run')} of pages, {COSTS['thw'].counted(len(found.flushes))}"
    return html('<div class="fv-batches" role="img" aria-label="{}">{}</div>', label, joined(parts))


def lines(batch: Batch, key: str, *, stops: bool) -> list[str]:
    """Return what zap_pte_range() does after a batch, line by line; ``stops`` says that it stopped for a flush."""
    n, req = batch.pages, batch.asked
    gather = "full" if batch.full else "not full"
    then = "the loop ends: flush" if stops else "on with the next PTE"
    if not req:
        return [f"{count(n, 'page')} one by one", f"mmu_gather: {gather}", then]
    head = [f"nr_pages_req = {req}", f"nr_pages = {n}"]
    if key in DECREMENTED:
        return [
            *head,
            f"nr_pages--  →  {n - 1}, addr += {n - 1}",
            f"if ({n - 1} < {req})  →  {'force_flush = 1' if stops else 'no'}",
            f"addr += 1, {'out of the loop: flush' if stops else then}",
        ]
    if key in COMPARED:
        lost = " (but the mmu_gather was full)" if batch.full and n >= req else ""
        return [*head, f"if ({n} < {req})  →  {then if stops else 'no'}{lost}", f"addr += {n}"]
    if key in PASSED_ON:
        return [*head, f"addr += {n}", f"full = {str(batch.full).lower()}  →  {then}"]
    return [*head, f"mmu_gather: {gather}"]


def box(batch: Batch | None, side: Side, *, stops: bool) -> Markup:
    """Return what follows the batch under the playhead; ``stops`` says whether that is a flush."""
    if side.bugs:
        return joined(html('<p class="fv-note-bad">{}</p>', BUGS.get(name, name)) for name in side.bugs)
    if batch is None:
        return Markup('<p class="fv-dim">Nothing is taken down yet.</p>')
    items = joined(
        html("<li><code>{}</code></li>", text) for text in lines(batch, side.kernel.key, stops=stops)
    )
    return html('<p class="fv-dim">folio {}</p><ol>{}</ol>', batch.folio, items)


class Flushes(Panel):
    """A strip per kernel, and what zap_pte_range() compares after the batch under the playhead."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("flushes", "fv-flushes")
        self.actions = {"flushnext": lambda: self.go(1), "flushback": lambda: self.go(-1)}
        self.found = PerOperation(session, self._read)

    @staticmethod
    def _read(track: Track, index: int) -> Found:
        """Return the batches and flushes of an operation, up to a bug."""
        part, bug = track.parts[index], track.bug(index)
        found = read(track.lab, part.start, part.end)
        if bug is None:
            return found
        return found._replace(
            batches=tuple(one for one in found.batches if one.row < bug),
            flushes=tuple(one for one in found.flushes if one.row < bug),
        )

    def go(self, by: int) -> None:
        """Go to the next flush of A (1), or to the one before (-1), round and round."""
        if self.session.history.ops:
            self.found.go([flush.row for flush in self.found[0].flushes], by)

    def update(self, frame: Frame) -> None:
        """Draw the operation under the playhead."""
        buttons = Markup(
            '<span class="fv-jumps"><button class="fv-btn" data-fv="do:flushback">◀ flush of A</button>'
            '<button class="fv-btn" data-fv="do:flushnext">flush of A ▶</button></span>'
        )
        title = heading(
            "Pages taken, and TLB flushes", "a number: pages of one folio; ✚ a flush, + one to come", "tlb"
        )
        pieces = {"head": html('<div class="fv-head">{}{}</div>', title, buttons)}
        for place, side in enumerate(frame.sides):
            pieces[side.name] = self.side(place, side) if frame.index >= 0 else EMPTY
        self.screen.put("flushes", pieces)

    def side(self, place: int, side: Side) -> Markup:
        """Return one kernel's section."""
        found = self.found[place]
        number = sum(one.row < side.row for one in found.batches)
        now = found.batches[number - 1] if number else None
        stops = any(flush.forced and flush.after == number for flush in found.flushes)
        done = sum(flush.row < side.row for flush in found.flushes)
        name = side_name(side.name, side.kernel.label)
        said = (
            html(
                '<span>{} <strong data-flushes="{}">{}</strong> of {}</span>',
                COSTS["thw"].words,
                side.name,
                done,
                len(found.flushes),
            )
            if found.batches
            else Markup('<span class="fv-dim">this operation clears no PTE</span>')
        )
        return html(
            '<section><div class="fv-side">{}{}</div><div class="fv-both">{}'
            '<div class="fv-compare">{}</div></div></section>',
            name,
            said,
            strip(found, side, now),
            box(now, side, stops=stops),
        )
