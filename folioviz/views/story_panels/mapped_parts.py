"""Mapped parts: which pages of folio 1 each process maps, what is true of all of them, and what the kernel says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from markupsafe import Markup

from folioviz.readout.runs import placed
from folioviz.readout.words import count
from folioviz.stories.parts.batches import ENDINGS
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.folio_cards import why
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.state import Folio, Process
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

FOLIO = 1
NAMES = ("parent", "child")
CELLS = 64
"""A folio of at most so many pages shows a line between two of them."""


def mapped_by(process: Process, folio: Folio) -> np.ndarray:
    """Return which pages of a folio a process maps, bool of shape (2**order,)."""
    size = folio.mapcount.size
    found = np.zeros(size, bool)
    places = process.maps[:, 1] - folio.head
    mine = (places >= 0) & (places < size) & (process.maps[:, 4] == 0)
    for place, huge in zip(places[mine].tolist(), process.maps[mine, 3].tolist(), strict=True):
        found[place : size if huge else place + 1] = True
    return found


def strip(name: str, pages: np.ndarray, kind: str, said: str) -> Markup:
    """Return a row: a name, the pages as a strip, their number."""
    size = pages.size
    found = joined(
        html(
            '<i class="fv-{}" style="left:{}%;width:{}%"></i>',
            kind,
            f"{100 * a / size:.3f}",
            f"{100 * (b - a) / size:.3f}",
        )
        for a, b, mapped in placed(pages)
        if mapped
    )
    lines = html(' style="--cell:{}%"', f"{100 / size:.4f}") if size <= CELLS else ""
    label = f"{name}: {said}"
    return html(
        '<div class="fv-mp-row"><span>{}</span>'
        '<div class="fv-mp-strip"{} role="img" aria-label="{}">{}</div><b>{}</b></div>',
        name,
        lines,
        label,
        found,
        said,
    )


class Belief(NamedTuple):
    """What a kernel looks at, what that says, and whether it is so."""

    looks: str
    says: bool
    how: str
    right: bool


def belief(folio: Folio) -> Belief:
    """Return what a kernel has for "partially mapped"."""
    size = folio.mapcount.size
    if folio.counts_nr:
        counted = folio.nr_pages_mapped % (1 << 23)
        looks = f"_nr_pages_mapped says that PTEs map {counted} of {size} pages"
        looks = (
            f"a PMD maps all of it, and PTEs {count(counted, 'page')}"
            if folio.entire_mapcount >= 0
            else looks
        )
    else:
        maps = folio.total_mapcount
        sign = "fewer than" if maps < size else "not fewer than"
        looks = f"_large_mapcount says {count(maps, 'mapping')}, {sign} {size} pages"
    says = bool(folio.queue_place) if folio.flagged is None else bool(folio.flagged)
    place = f"on the queue, #{folio.queue_place}" if folio.queue_place else "not on the queue"
    flag = "" if folio.flagged is None else f"PG_partially_mapped {'set' if folio.flagged else 'clear'}, "
    return Belief(looks, says, flag + place, says == folio.partially_mapped)


def average(folio: Folio) -> Markup:
    """Return mappings per page as a gauge with a mark at one."""
    size, maps = folio.mapcount.size, folio.total_mapcount
    wide = min(100 * maps / (2 * size), 100)
    return html(
        '<div class="fv-mp-row"><span>average</span><div class="fv-mp-gauge"><i style="width:{}%"></i>'
        "<s></s></div><b>{} ÷ {} = {}</b></div>",
        f"{wide:.2f}",
        maps,
        size,
        f"{maps / size:.3g}",
    )


def body(side: Side, folio: Folio) -> Markup:
    """Return the rows of a folio that lives, and whether the kernel is right."""
    size = folio.mapcount.size
    rows = EMPTY
    anyone = np.zeros(size, bool)
    for process in side.processes:
        mine = mapped_by(process, folio)
        anyone |= mine
        name = NAMES[process.id - 1] if process.id <= len(NAMES) else f"process {process.id}"
        rows += strip(name, mine, "mp-maps", str(int(mine.sum())))
    rows += strip("anybody", anyone, "mp-any", f"{int(anyone.sum())} of {size}")
    if folio.zero_filled.any():
        rows += strip("zeros", folio.zero_filled > 0, "mp-zero", str(int(folio.zero_filled.sum())))
    found = belief(folio)
    truth = "is partially mapped" if folio.partially_mapped else "is not partially mapped"
    kind = "good" if found.right else "bad"
    says = "says yes" if found.says else "says no"
    anon, decision = side.counters["nr_anon_mapped"], side.decisions.get(FOLIO)
    return html(
        '{0}{1}<p class="fv-mp-said fv-{2}-note" data-verdict="{2}"><b>The folio {3}; the kernel {4}.</b> '
        '<code>{5}</code></p><p class="fv-dim">{6}. NR_ANON_MAPPED counts {7}.</p>{8}',
        rows,
        average(folio),
        kind,
        truth,
        says,
        found.how,
        found.looks,
        wrong(side, anon, folio.pages_mapped),
        why(decision if decision and decision.reason not in ENDINGS else None),
    )


def wrong(side: Side, anon: int, mapped: int) -> Markup:
    """Return NR_ANON_MAPPED, in red if the folio has another number of mapped pages."""
    kind = Markup(' class="fv-bad-cell"') if anon != mapped else ""
    return html('<b data-anon="{}"{}>{}</b>', side.name, kind, anon)


def left(side: Side, op: str) -> Markup:
    """Return what is left of a folio that was split or freed."""
    small = sum(one.order == 0 for one in side.folios)
    if not small and op == "shrink" and any(one.id == FOLIO for one in side.gone):
        return Markup(
            '<p class="fv-mp-said">Split, and all of it went back: pages that nobody mapped, and pages of zeros, '
            "for which the shared zero page stands now.</p>"
        )
    if not small:
        return Markup('<p class="fv-empty">The folio does not live here now.</p>')
    anon = side.counters["nr_anon_mapped"]
    return html(
        '<p class="fv-mp-said">Split: {} of order 0 are left, the others went back. NR_ANON_MAPPED counts '
        "{}.</p>",
        count(small, "page"),
        wrong(side, anon, anon),
    )


class MappedParts(Panel):
    """One section per kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("mapped_parts", "fv-mapped-parts")

    def update(self, frame: Frame) -> None:
        """Draw folio 1."""
        pieces = {
            "head": html(
                "<div>{}</div>",
                heading("Who maps which page", "folio 1, and what the kernel makes of it", "mapcount"),
            )
        }
        for side in frame.sides:
            folio = side.folio(FOLIO)
            name = side_name(side.name, side.kernel.label)
            inner = (
                body(side, folio) if folio and folio.order else left(side, frame.op.word if frame.op else "")
            )
            pieces[side.name] = html(
                '<section data-side="{}"><div class="fv-side">{}</div>{}</section>', side.name, name, inner
            )
        self.screen.put("mapped_parts", pieces)
