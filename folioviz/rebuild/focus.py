"""A part of what was seen: some pages of one process, and wherever else the same folios are mapped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from folioviz.errors import DocumentError, LimitError, shown
from folioviz.evidence.recordings.observed import FOLIO, MEMORY, PRESENT, STATE, empty
from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.readout.runs import ranges
from folioviz.readout.words import count, dashed
from folioviz.rebuild.rebuild import COMPARED
from folioviz.rebuild.state import Region, State, Vma

if TYPE_CHECKING:
    from collections.abc import Iterator


def focus(state: State, name: str, first: int = 0, pages: int | None = None) -> State:
    """Return the state of some pages, with all other mappings of their folios that were seen.

    Of every region only those 2 MiB stay in which these folios are; each run of them is a region of its own, called
    "a+512" by its first page. What smaps says of whole regions is not known of parts.

    Args:
        state: what was seen.
        name: "P a", a process and one of its regions.
        first: the first of the pages, counted in the region.
        pages: how many; to the end of the region, if not given.

    Raises:
        DocumentError: if there is no such region.
        LimitError: if it does not have these pages.
    """
    if name not in state.observed.tables:
        raise DocumentError(f"no region {shown(name)}: there are {', '.join(state.observed.tables)}")
    size = state.regions[name.partition(" ")[2]].pages
    end = size if pages is None else first + pages
    if not 0 <= first < end <= size:
        raise LimitError.of(
            f"the range of pages of {name}", f"{first} to {end - 1}", f"within 0 to {size - 1}"
        )
    rows = state.observed.tables[name][first:end]
    folios = np.unique(rows[rows[:, STATE] == PRESENT, FOLIO])
    kept, out = {}, 0
    for one, table in state.observed.tables.items():
        stays = (table[:, STATE] == PRESENT) & np.isin(table[:, FOLIO], folios)
        if one == name:
            stays[first:end] = True
        out += int(((table[:, STATE] != 0) & ~stays).sum())
        kept[one] = np.where(stays[:, None], table, empty(len(table)))
    said = f"{count(out, 'page')} outside of pages {dashed(first, end)} of {name}, of other folios"
    found = replace(
        state, observed=replace(state.observed, tables=kept), unread=state.unread + (said,) * (out > 0)
    )
    return _cut(found, name, (first, end), folios)


def _cut(state: State, name: str, span: tuple[int, int], folios: np.ndarray) -> State:
    """Return a state with those 2 MiB of its regions alone in which something is, or a range of pages."""
    regions: dict[str, Region] = {}
    tables: dict[str, np.ndarray] = {}
    huge: dict[str, frozenset[int]] = {}
    vmas: dict[str, tuple[Vma, ...]] = {}
    processes = state.processes
    for region, (start, size) in state.regions.items():
        used = np.zeros(size, bool)
        for process in processes:
            table = state.observed.tables.get(f"{process} {region}", empty(0))
            used[: len(table)] |= table[:, STATE] != 0
        if name.partition(" ")[2] == region:
            used[slice(*span)] = True
        for low, high in _blocks(used, start):
            part = region if high - low == size else f"{region}+{low}"
            regions[part] = Region(start + low, high - low)
            for process in processes:
                one, new = f"{process} {region}", f"{process} {part}"
                table = state.observed.tables.get(one, empty(0))[low:high]
                asked = one == name and low < span[1] and span[0] < high
                if not asked and not table[:, STATE].any():
                    continue
                tables[new] = table
                huge[new] = frozenset(page - low for page in state.huge.get(one, ()) if low <= page < high)
                if one in state.vmas:
                    vmas[new] = tuple(clipped(state.vmas[one], low, high))
    fields = (COMPARED if state.observed.fields is None else state.observed.fields) - {*MEMORY}
    large = {key: value for key, value in state.observed.folios.items() if key in folios}
    observed = replace(state.observed, tables=tables, folios=large, memory={}, fields=fields)
    return replace(state, observed=observed, regions=regions, huge=huge, vmas=vmas)


def _blocks(used: np.ndarray, start: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of a region's pages: those 2 MiB that are used, neighbours together."""
    blocks = np.unique((np.flatnonzero(used) + start) // HPAGE_PMD_NR)
    for first, last in ranges(blocks.tolist()):
        low, high = first * HPAGE_PMD_NR - start, (last + 1) * HPAGE_PMD_NR - start
        yield max(low, 0), min(high, len(used))


def clipped(vmas: tuple[Vma, ...], low: int, high: int) -> Iterator[Vma]:
    """Yield what of VMAs is in a range, counted from its first page."""
    for vma in vmas:
        start, end = max(vma.start, low), min(vma.end, high)
        if start < end:
            yield vma._replace(start=start - low, end=end - low)
