"""The model's machine as a view: what its kernel would have shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from folioviz.evidence.recordings.counted import allocated, calls, counted
from folioviz.evidence.recordings.naming import Before, Names, came_from
from folioviz.evidence.recordings.observed import (
    CAME_FROM,
    CAME_FROM_OFFSET,
    EXCLUSIVE,
    FLAGS,
    FOLIO,
    GUARDED,
    MAPCOUNT,
    NOTHING,
    OFFSET,
    ORDER,
    PRESENT,
    SMAPS,
    STATE,
    SWAPPED,
    UNKNOWN,
    ZERO_PAGE,
    Observed,
    Value,
    empty,
    flags_of,
    run_lengths,
)
from folioviz.evidence.recordings.removals import modelled
from folioviz.machine.fields import (
    FIELDS,
    FOLIO_MM_ID_0,
    FOLIO_MM_ID_1,
    FOLIO_MM_ID_MAPCOUNT_0,
    FOLIO_MM_ID_MAPCOUNT_1,
    FOLIO_MM_IDS_SHARED,
    FOLIO_ORDER,
)
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    PMD_HUGE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_PRESENT,
    PTE_ZERO,
    PTRS_PER_PTE,
)
from folioviz.ops.walk import live_folios, mm_slot, queue, swap_entries
from folioviz.proc.mapcounts import alone, averages, mapcounts
from folioviz.proc.smaps import usage
from folioviz.readout.runs import begins
from folioviz.readout.state import vmas

if TYPE_CHECKING:
    from folioviz.evidence.recordings.nearest import Release
    from folioviz.evidence.recordings.scene import Scene
    from folioviz.lab import Lab
    from folioviz.machine.memory import Machine
    from folioviz.proc.smaps import Usage


def observe(
    lab: Lab, start: int, before: Before, where: Scene, names: Names, release: Release, kernel: Observed
) -> Observed:
    """Return what the model shows after a step.

    Args:
        lab: its history ends with the step.
        start: the journal row at which the step began.
        before: the machine as it was then.
        where: where processes and regions are.
        names: what the recording calls the model's folios; those that appear now are added.
        release: the recorded kernel, whose /proc has ways of its own.
        kernel: what the recording shows after the step.
    """
    machine = lab.machine
    came = came_from(lab, start, before, names)
    after = counted(machine)
    return replace(
        standing(machine, where, names, release, kernel, came),
        counters={name: after.get(name, 0) - before.counters.get(name, 0) for name in before.counters | after}
        | allocated(lab, start),
        calls=calls(lab, start, release),
        removals=None if averages(machine) else modelled(lab, start, before, names),
    )


def standing(
    machine: Machine,
    where: Scene,
    names: Names,
    release: Release,
    kernel: Observed,
    came: np.ndarray | None = None,
) -> Observed:
    """Return what a machine shows as it stands: page tables, folios and memory, and nothing of how it came to be.

    Args:
        machine: the machine.
        where: as for :func:`observe`, like all that follow.
        names: as there.
        release: as there.
        kernel: as there.
        came: (folio, offset) of each page before a split, int64 of shape (pages, 2), or -1; None: none was in another.
    """
    tables, memory = {}, {}
    for process, mm in where.mms.items():
        slot = mm_slot(machine, mm)
        for region, first in where.starts.items() if slot >= 0 else ():
            pages = _pages(machine, slot, first, where.pages[region])
            name = f"{process} {region}"
            table = _table(machine, pages, release)
            _name(table, names, kernel.tables.get(name, NOTHING))
            if came is not None:
                mapped = pages[:, 0] >= 0
                table[mapped, CAME_FROM] = came[pages[mapped, 0], 0]
                table[mapped, CAME_FROM_OFFSET] = came[pages[mapped, 0], 1]
            tables[name] = table
            spans = _vmas(machine, slot, first, len(pages))
            memory[name] = _memory([usage(machine, slot, *span) for span in spans])
    return Observed(tables, _folios(machine, names), memory=memory)


def _pages(machine: Machine, slot: int, first: int, pages: int) -> np.ndarray:
    """Return what a range maps, int64 of shape (pages, 2): the page, and if by a PMD.

    A page is -1 for none, -2 for the zero page, -3 for a guard marker, -4 for one that is swapped out.
    """
    found = np.full((pages, 2), -1, np.int64)
    found[:, 1] = 0
    for at in range(first & ~(PTRS_PER_PTE - 1), first + pages, PTRS_PER_PTE):
        low, high = max(at, first), min(at + PTRS_PER_PTE, first + pages)
        pmd = int(machine.pmd[slot * 512 + (at >> 9)])
        rows = found[low - first : high - first]
        if pmd & PMD_HUGE:
            rows[:, 0] = (pmd >> ENTRY_SHIFT) + np.arange(low - at, high - at)
            rows[:, 1] = 1
        elif pmd == PMD_ZERO:
            rows[:, 0] = -2
        elif pmd:
            table = (pmd >> ENTRY_SHIFT) * PTRS_PER_PTE
            entries = machine.pte[table + low - at : table + high - at]
            rows[:, 0] = np.where(entries & PTE_PRESENT, entries >> ENTRY_SHIFT, -1)
            rows[(entries & PTE_ZERO) != 0, 0] = -2
            rows[entries == PTE_GUARD, 0] = -3
            rows[swap_entries(entries), 0] = -4
    return found


def _table(machine: Machine, pages: np.ndarray, release: Release) -> np.ndarray:
    """Return a region's pages as rows, folios by the model's own ids."""
    table = empty(len(pages))
    table[pages[:, 0] == -2, STATE] = ZERO_PAGE
    table[pages[:, 0] == -3, STATE] = GUARDED
    table[pages[:, 0] == -4, STATE] = SWAPPED
    here = np.flatnonzero(pages[:, 0] >= 0)
    page = pages[here, 0]
    counts = mapcounts(machine, page)
    head = machine.page_folio[page]
    order = machine.folio_order[head]
    rows = empty(len(here))
    rows[:, STATE] = PRESENT
    rows[:, FOLIO] = machine.folio_id[head]
    rows[:, ORDER] = order
    rows[:, OFFSET] = page - head
    rows[:, MAPCOUNT] = counts
    rows[:, FLAGS] = np.where(order > 0, flags_of("Ham"), flags_of("am"))
    exclusive = alone(machine, page, counts)
    if release.first_subpage_decides and pages[here, 1].any():
        by_pmd = np.flatnonzero(pages[here, 1])
        _, places, back = np.unique(head[by_pmd], return_index=True, return_inverse=True)
        exclusive[by_pmd] = exclusive[by_pmd][places][back]
    rows[:, EXCLUSIVE] = exclusive
    table[here] = rows
    return table


def _name(table: np.ndarray, names: Names, kernel: np.ndarray) -> None:
    """Give a table's folios the recording's ids."""
    here = table[:, STATE] == PRESENT
    folio, order = table[:, FOLIO], table[:, ORDER]
    both = here[: len(kernel)] & (kernel[: len(table), STATE] == PRESENT)
    names.learn(*(column[: len(both)][both] for column in (folio, kernel[:, FOLIO], order)))
    own = folio[here], order[here]
    first = begins(*own)
    found = [names.name(*one) for one in zip(*(column[first].tolist() for column in own), strict=True)]
    folio[here] = np.array(found, np.int32)[first.cumsum() - 1]


def _vmas(machine: Machine, slot: int, first: int, pages: int) -> list[tuple[int, int]]:
    """Return a region's VMAs as pages ``[start, end)`` of the process."""
    found: list[tuple[int, int]] = []
    for vma in vmas(machine, slot):
        start, end = max(vma.start, first), min(vma.end, first + pages)
        if start < end:
            found.append((start, end))
    return found


def _memory(usages: list[Usage]) -> dict[str, int]:
    """Return what smaps says of a region's VMAs, in kB, zeros left out; nothing if there is no VMA.

    Each VMA is shown by itself, so each one's numbers are rounded down, as __show_smap() does in fs/proc/task_mmu.c.
    """
    shown = [usage.kb() for usage in usages]
    found = {"vmas": len(shown)} | {name: sum(one[name] for one in shown) for name in SMAPS}
    return {name: value for name, value in found.items() if value}


def _folios(machine: Machine, names: Names) -> dict[int, dict[str, Value]]:
    """Return the large folios by the recording's ids; those without one get negative ids."""
    queued = set(queue(machine))
    found = {}
    for head in live_folios(machine).tolist():
        order = int(machine.folio_order[head])
        if order:
            own = int(machine.folio_id[head])
            name = names.name(own, order)
            found[-own if name == UNKNOWN else name] = _folio(machine, head, queued)
    return found


def _folio(machine: Machine, head: int, queued: set[int]) -> dict[str, Value]:
    """Return a large folio's fields by the names that differences use, those that its kernel maintains; from 0 on."""
    counters = machine.counters_of(head)
    own = slice(head, head + (1 << counters[FOLIO_ORDER]))
    shown = mapcounts(machine, own)
    each = machine.page_mapcount[own] + 1
    fields: dict[str, Value] = {
        FIELDS[number].name.removeprefix("folio_"): raw - FIELDS[number].idle
        for number, raw in counters.items()
    }
    fields |= {
        "flags": "Ham" if shown.any() else "Ha",
        "kpagecount": run_lengths(shown),
        "queued": int(head in queued),
        "mapcount": run_lengths(each),
        "anon_exclusive": run_lengths(machine.page_anon_exclusive[own]),
    }
    if FOLIO_MM_IDS_SHARED in counters:
        fields["mm_id_slots"] = tuple(int(counters[slot] > 0) for slot in (FOLIO_MM_ID_0, FOLIO_MM_ID_1))
        held = FOLIO_MM_ID_MAPCOUNT_0, FOLIO_MM_ID_MAPCOUNT_1
        fields["mm_id_mapcounts"] = tuple(counters[mapcount] + 1 for mapcount in held)
        fields["maybe_shared"] = counters[FOLIO_MM_IDS_SHARED]
    return fields
