"""Memory: pages that folios hold against pages that are mapped, and who could give the difference back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.ops.ops import Shrink, Split
from folioviz.readout.words import count
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel
from folioviz.views.session.queue_prospect import Outlook, held, outlook

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.asking import Asking
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

PAGE_KIB = 4
KINDS = {
    "mapped": "mapped: in use",
    "free": "unmapped, the shrinker can free them",
    "stuck": "unmapped, queued, would not be split now",
    "lost": "unmapped and not queued",
}
"""Kind of pages -> what a reader sees."""


class Held(NamedTuple):
    """Pages of one kernel: what folios hold, by kind."""

    mapped: int
    free: int
    stuck: int
    lost: int

    @property
    def held(self) -> int:
        """Return all pages that folios hold."""
        return sum(self)


def kind(asking: Asking, folio: Folio, seen: Outlook, *, splitting: bool, moving: bool) -> str:
    """Return which kind a folio's unmapped pages are: the kernel is asked what the shrinker would do.

    ``splitting`` says that folios are being split now, ``moving`` that migration entries stand for pages of this one.
    """
    if splitting and (moving or not folio.refcount or (not folio.order and folio.other_refs)):
        return "free"
    if folio.scanned or (splitting and folio.other_refs):
        return "stuck" if held(asking, folio) else "free"
    if folio.queue_place:
        prospect = seen.prospects.get(folio.id)
        return "free" if prospect and prospect.splits else "stuck"
    return "lost"


def pages_of(side: Side, *, migrating: bool) -> np.ndarray:
    """Return which pages entries of page tables stand for, bool of shape (pages,); or migration entries alone."""
    found = np.zeros(side.owners.size, bool)
    for one in side.processes:
        found[one.maps[one.maps[:, 4] >= migrating, 1]] = True
    return found


def measure(side: Side, asking: Asking, *, splitting: bool = False) -> Held:
    """Count the pages of a kernel's folios.

    In the middle of a split, when some tails are folios already, each page is counted for one; a page that only an
    entry of a page table stands for, be it a migration entry, is mapped, as for RSS.
    """
    found, seen = dict.fromkeys(KINDS, 0), outlook(asking, side.queue)
    entered, moved = pages_of(side, migrating=False), pages_of(side, migrating=True)
    for folio in side.folios:
        pages = slice(folio.head, folio.head + folio.mapcount.size)
        own = (side.owners[pages] == folio.id) | (side.owners[pages] == 0)  # 0: a tail just becoming a folio
        counted = (folio.mapcount >= 0) | (folio.entire_mapcount >= 0) | entered[pages]
        mapped = int(np.count_nonzero(own & counted))
        found["mapped"] += mapped
        if unmapped := int(np.count_nonzero(own)) - mapped:
            moving = bool((own & moved[pages]).any())
            found[kind(asking, folio, seen, splitting=splitting, moving=moving)] += unmapped
    return Held(**found)


def is_splitting(frame: Frame, side: Side) -> bool:
    """Tell whether a kernel is in the middle of an operation that splits folios."""
    return (
        frame.index >= 0
        and isinstance(frame.ops[frame.index], (Shrink, Split))
        and 0 < side.step < side.steps
    )


def size(pages: int) -> str:
    """Return a number of pages and what they are in KiB."""
    return f"{count(pages, 'page')}, {pages * PAGE_KIB:,} KiB"


def piece(side: Side, memory: Held, most: int) -> Markup:
    """Return the bar of one kernel, as long as ``most`` pages, and its numbers."""
    before = memory.held + side.so_far["pfree"] - side.so_far["palloc"]
    parts = [(name, pages) for name, pages in memory._asdict().items() if pages]
    given = max(before - memory.held, 0)
    bar = joined(
        html('<i class="fv-mem-{}" style="width:{}%"></i>', name, f"{100 * pages / most:.2f}")
        for name, pages in [*parts, ("given", given)]
    )
    rows = joined(
        html('<li><i class="fv-mem-{0}"></i><b data-memory="{0}">{1}</b> {2}</li>', name, pages, KINDS[name])
        for name, pages in memory._asdict().items()
    )
    if given:
        rows += html(
            '<li><i class="fv-mem-given"></i><b data-memory="given">{}</b> given back by this operation</li>',
            given,
        )
    change = (
        html('{} → <b data-memory="held">{}</b>', before, memory.held)
        if before != memory.held
        else (html('<b data-memory="held">{}</b>', memory.held))
    )
    name = side_name(side.name, side.kernel.label)
    said = f"held {size(memory.held)}; mapped {size(memory.mapped)}"
    return html(
        '<section><div class="fv-side">{} <small>folios hold {} {}, {} KiB</small></div>'
        '<div class="fv-mem-bar" role="img" aria-label="{}">{}</div><ul>{}</ul></section>',
        name,
        change,
        "page" if memory.held == 1 else "pages",
        f"{memory.held * PAGE_KIB:,}",
        said,
        bar,
        rows,
    )


class Memory(Panel):
    """The memory of every kernel, side by side."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("memory", "fv-memory")

    def update(self, frame: Frame) -> None:
        """Draw the bars, all to one scale."""
        tracks = self.session.history.tracks
        found = [
            (side, measure(side, track.asking, splitting=is_splitting(frame, side)))
            for side, track in zip(frame.sides, tracks, strict=True)
        ]
        most = 1
        for side, memory in found:
            most = max(most, memory.held, memory.held + side.so_far["pfree"] - side.so_far["palloc"])
        pieces = {side.name: piece(side, memory, most) for side, memory in found}
        self.screen.put(
            "memory", {"head": heading("Memory", "held by folios, and used", "partially")} | pieces
        )
