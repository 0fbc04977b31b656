"""The states of a recording: what a kernel showed after each step, without what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.evidence.recordings import kernel_side
from folioviz.evidence.recordings.grammar import read
from folioviz.evidence.recordings.nearest import release_of
from folioviz.evidence.recordings.observed import ABSENT, FOLIO, OFFSET, ORDER, STATE
from folioviz.evidence.recordings.scene import REGION_PAGES
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER
from folioviz.proc.smaps import PAGE_SIZE
from folioviz.readout.runs import ranges
from folioviz.rebuild.state import Region, State, Vma

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.observed import Observed
    from folioviz.evidence.recordings.reading import Recording

HUGE_KB = HPAGE_PMD_NR * PAGE_SIZE >> 10


def states(recording: Recording) -> Iterator[State]:
    """Yield the state after each step; of its operation only how long regions are, and where they begin, is read.

    Raises:
        KernelError: if no model comes near the recorded kernel.
    """
    about = recording.about
    release = release_of(about.release, about.version)
    regions: dict[str, Region] = {}
    for step in recording.steps:
        act = read(step.op)
        if act.known and act.word == "map":
            _extend(regions, act.region, act.value, act.end)
        if act.known and act.word == "mremap":
            _extend(regions, act.name, 0, act.value + act.end - act.start)
        observed = kernel_side.observe(about, step, recording.fields)
        for name, table in observed.tables.items():
            _extend(regions, name.partition(" ")[2], 0, len(table))
        huge = {name: by_pmd(observed, name, regions) for name in observed.tables}
        vmas = {name: cut for name in observed.tables if (cut := spans(observed, name, regions))}
        yield State(observed, dict(regions), huge, vmas, release)


def _extend(regions: dict[str, Region], name: str, shift: int, pages: int) -> None:
    """Make a region at least so long; a new one begins ``shift`` pages behind a 2 MiB boundary."""
    old = regions.get(name, Region((ord(name[0]) - ord("a")) * REGION_PAGES + shift, 0))
    regions[name] = old._replace(pages=max(old.pages, pages))


def by_pmd(observed: Observed, name: str, regions: dict[str, Region]) -> frozenset[int]:
    """Return the pages of a region at which 2 MiB begin that a PMD maps: smaps says how many, tables where they fit.

    Where fewer are mapped so than could be, those come first whose folio is known to have a PMD.
    """
    table = observed.tables[name]
    shift = -regions[name.partition(" ")[2]].start % HPAGE_PMD_NR
    whole = np.arange(HPAGE_PMD_NR)
    fits = []
    for page in range(shift, len(table) - HPAGE_PMD_NR + 1, HPAGE_PMD_NR):
        rows = table[page : page + HPAGE_PMD_NR]
        if (
            (rows[:, ORDER] == HPAGE_PMD_ORDER).all()
            and (rows[:, FOLIO] == rows[0, FOLIO]).all()
            and (rows[:, OFFSET] == whole).all()
        ):
            entire = observed.folios.get(int(rows[0, FOLIO]), {}).get("entire_mapcount", 0)
            fits.append((not entire, page))
    number = observed.memory.get(name, {}).get("AnonHugePages", 0) // HUGE_KB
    return frozenset(page for _, page in sorted(fits)[:number])


def spans(observed: Observed, name: str, regions: dict[str, Region]) -> tuple[Vma, ...]:
    """Return a region's VMAs if they follow from their number; nothing if they do not.

    If they are as many as the runs of mapped pages, what lies between these was unmapped. If all of their memory is
    locked, so are they.
    """
    memory = observed.memory.get(name, {})
    mapped = ranges(np.flatnonzero(observed.tables[name][:, STATE] != ABSENT).tolist())
    number, pages = memory.get("vmas", 0), regions[name.partition(" ")[2]].pages
    if not number or number not in {1, len(mapped)}:
        return ()
    between = mapped if number > 1 else []
    starts = [0, *(first for first, _ in between[1:])]
    ends = [*(last + 1 for _, last in between[:-1]), pages]
    locked = memory.get("Locked", 0) > 0 and memory.get("Locked") == memory.get("Pss")
    return tuple(Vma(start, end, locked=locked) for start, end in zip(starts, ends, strict=True))
