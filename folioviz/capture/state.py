"""A part of a capture as what :mod:`folioviz.rebuild` takes: some pages, and wherever else their folios are mapped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from folioviz.capture.captured import EACH, FIRST, FOLIO, PAGES, REGION, Piece
from folioviz.capture.form import BLOCK, MAX_FOLIOS
from folioviz.capture.kernel_side import fields
from folioviz.errors import DocumentError, LimitError
from folioviz.evidence.recordings import observed as shape
from folioviz.evidence.recordings.fields import FOLIOS, TABLES
from folioviz.evidence.recordings.nearest import OPTION, release_of
from folioviz.evidence.recordings.observed import Observed
from folioviz.readout.runs import ranges
from folioviz.readout.words import count
from folioviz.rebuild.focus import clipped, focus
from folioviz.rebuild.state import NO_ACCESS, READ_ONLY, WRITABLE, Region, State, Vma

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.capture.captured import Capture


RIGHTS = {"rw": WRITABLE, "r-": READ_ONLY, "--": NO_ACCESS, "-w": WRITABLE}
"""How /proc/PID/maps begins what a process may do -> what that is."""


def state(capture: Capture, number: int, start: int = 0, end: int | None = None) -> State:
    """Return pages ``[start, end)`` of a region, with all other mappings of their folios that were captured.

    Regions are called by their numbers, and a part of one "5+512" by its first page. Cost: some passes over the runs of
    the capture, and over the pages of those 2 MiB in which the folios are.

    Raises:
        LimitError: if there is no such region, or it does not have these pages.
        DocumentError: if the capture has no folios, for it was taken without privileges.
        KernelError: if no model comes near the kernel.
    """
    about, region = capture.about, capture.region(number)
    end = region.pages if end is None else end
    if not about.privileged:
        raise DocumentError(
            "the capture was taken without privileges: it does not tell which pages are of one folio, so nothing of it"
            " can be rebuilt"
        )
    if not 0 <= start < end <= region.pages:
        raise LimitError.of(
            f"the range of pages of region {number}",
            f"{start} to {end - 1}",
            f"within 0 to {region.pages - 1}",
        )
    table = capture.table(number, start, end)
    folios = np.unique(table[table[:, shape.STATE] == shape.PRESENT, shape.FOLIO])
    pieces = [*_pieces(capture, folios, Piece(number, start, end))]
    option = f" {OPTION}" if about.no_page_mapcount else ""
    whole = State(
        _observed(capture, pieces),
        {
            _name(capture, one): Region(capture.region(one.number).first + one.start, one.end - one.start)
            for one in pieces
        },
        {_key(capture, one): frozenset(_huge(capture, one)) for one in pieces},
        {_key(capture, one): _vmas(capture, one) for one in pieces},
        release_of(about.release, about.version + option),
    )
    own = next(one for one in pieces if one.number == number and one.start <= start < one.end)
    found = focus(whole, _key(capture, own), start - own.start, end - start)
    return replace(found, unread=tuple(_left_out(capture, found, folios)))


def _pieces(capture: Capture, folios: np.ndarray, own: Piece) -> Iterator[Piece]:
    """Yield those 2 MiB of all regions in which folios are mapped, or the pages that are asked for lie."""
    runs = capture.runs
    ids = runs[:, FOLIO]
    ends = np.where(runs[:, EACH] > 0, ids + runs[:, PAGES], ids + 1)
    near = (ids >= 0) & (ids <= folios.max(initial=-1)) & (ends > folios.min(initial=MAX_FOLIOS))
    rows = np.flatnonzero(near)
    low, high = folios.searchsorted(ids[rows]), folios.searchsorted(ends[rows])
    found: dict[int, list[tuple[int, int]]] = {own.number: [(own.start, own.end)]}
    for at in np.flatnonzero(high > low).tolist():
        row = int(rows[at])
        page = int(runs[row, FIRST])
        spans = [(page, page + int(runs[row, PAGES]))]
        if runs[row, EACH]:
            pages = page + folios[low[at] : high[at]] - int(runs[row, FOLIO])
            spans = [(one, last + 1) for one, last in ranges(pages.tolist())]
        found.setdefault(int(runs[row, REGION]), []).extend(spans)
    for number, spans in sorted(found.items()):
        region = capture.region(number)
        blocks = sorted(
            {
                block
                for start, end in spans
                for block in range((region.align + start) // BLOCK, (region.align + end - 1) // BLOCK + 1)
            }
        )
        for first, last in ranges(blocks):
            start, end = first * BLOCK - region.align, (last + 1) * BLOCK - region.align
            yield Piece(number, max(start, 0), min(end, region.pages))


def _name(capture: Capture, piece: Piece) -> str:
    """Return what a piece is called."""
    whole = piece.end - piece.start == capture.region(piece.number).pages
    return str(piece.number) if whole else f"{piece.number}+{piece.start}"


def _key(capture: Capture, piece: Piece) -> str:
    """Return what the table of a piece is called."""
    return f"{capture.region(piece.number).process} {_name(capture, piece)}"


def _observed(capture: Capture, pieces: list[Piece]) -> Observed:
    """Return the tables of pieces, and their folios; mapcounts are those by processes that were not captured, too.

    Of a small page that is not exclusive, and that only one captured process maps, somebody else does.
    """
    tables = {}
    for piece in pieces:
        table = tables[_key(capture, piece)] = capture.table(*piece)
        here = np.flatnonzero(table[:, shape.STATE] == shape.PRESENT)
        folio, offset = table[here, shape.FOLIO], table[here, shape.OFFSET]
        counts = capture.mapcounts[capture.slots[folio] + offset]
        counts = counts + capture.foreign[capture.slots[folio] + offset]
        single = (table[here, shape.ORDER] == 0) & (counts == 1) & (table[here, shape.EXCLUSIVE] == 0)
        table[here, shape.MAPCOUNT] = counts + single
    ids = [table[table[:, shape.ORDER] > 0, shape.FOLIO] for table in tables.values()]
    folios: dict[int, dict[str, shape.Value]] = {}
    for folio in np.unique(np.concatenate(ids)).tolist() if ids else ():
        span = slice(int(capture.slots[folio]), int(capture.slots[folio + 1]))
        counts = capture.mapcounts[span] + capture.foreign[span]
        folios[folio] = fields(capture, folio) | {"order": int(capture.orders[folio])}
        if not capture.about.no_page_mapcount:  # else /proc shows averages, and a capture does not
            folios[folio]["kpagecount"] = shape.run_lengths(counts)
    told = {TABLES, FOLIOS, "page_flags"} | (set() if capture.about.no_page_mapcount else {"page_mapcount"})
    return Observed(tables, folios, fields=frozenset(told))


def _huge(capture: Capture, piece: Piece) -> Iterator[int]:
    """Yield the pages of a piece at which 2 MiB begin that a PMD maps."""
    for first, pages in capture.region(piece.number).huge:
        for page in range(max(first, piece.start), min(first + pages, piece.end), BLOCK):
            yield page - piece.start


def _vmas(capture: Capture, piece: Piece) -> tuple[Vma, ...]:
    """Return the VMA of a piece."""
    region = capture.region(piece.number)
    vma = Vma(0, region.pages, RIGHTS[region.rights[:2]], bool(region.locked))
    return tuple(clipped((vma,), piece.start, piece.end))


def _left_out(capture: Capture, found: State, folios: np.ndarray) -> Iterator[str]:
    """Say what of a capture is not in a state, and what others may have that nobody was asked for."""
    inside = sum(
        int((table[:, shape.STATE] != shape.ABSENT).sum()) for table in found.observed.tables.values()
    )
    outside = int(capture.runs[:, PAGES].sum(dtype=np.int64)) - inside
    if outside:
        yield f"{count(outside, 'page')} of the capture, of other folios"
    unsure = int(capture.unsure[folios].sum())
    if unsure:
        yield f"who else may map pages of {count(unsure, 'folio')}: the kernel does not tell"
    if not capture.about.pmds:
        yield "whether a PMD maps 2 MiB: the kernel does not tell"
    if capture.about.moved:
        yield f"{count(capture.about.moved, 'page')} moved while they were read"
