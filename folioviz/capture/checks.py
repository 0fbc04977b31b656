"""What types cannot say of a capture: its parts must fit each other. Every check is a few passes over arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from folioviz.capture.captured import (
    EACH,
    FIRST,
    FOLIO,
    MAPCOUNT,
    OFFSET,
    PAGES,
    REGION,
    STATE,
)
from folioviz.capture.form import BLOCK, MAX_PAGES, MAX_PLACE, UNKNOWN
from folioviz.capture.huge import fits
from folioviz.errors import DocumentError
from folioviz.evidence.recordings.observed import PRESENT

if TYPE_CHECKING:
    from folioviz.capture.captured import Capture
    from folioviz.capture.form import Region


def check(capture: Capture) -> None:
    """Check a capture that somebody else made.

    Raises:
        DocumentError: naming the thing, the value and what is allowed.
    """
    _processes(capture)
    _regions(capture)
    _runs(capture)
    if capture.about.privileged:
        _folios(capture)
        _mapcounts(capture)
    elif capture.orders.size or (capture.runs[:, FOLIO] != UNKNOWN).any():
        raise DocumentError(
            f"orders has {capture.orders.size} folios, and runs may name some: without privileges there must be none"
        )
    _huge(capture)


def _processes(capture: Capture) -> None:
    """Refuse a process that is forked by itself or by one that comes later."""
    for number, process in enumerate(capture.processes, start=1):
        if process.parent >= number:
            raise DocumentError(
                f"processes[{number - 1}].parent is {process.parent}: it must be below {number}, its own number"
            )


def _regions(capture: Capture) -> None:
    """Refuse regions unless they stand by process and place, do not overlap, and are not larger than a machine."""
    pages = 0
    for place, region in enumerate(capture.regions):
        name = f"regions[{place}]"
        if region.process > len(capture.processes):
            raise DocumentError(
                f"{name}.process is {region.process}: it must be 1 to {len(capture.processes)}"
            )
        pages += region.pages
        if pages > MAX_PAGES:
            raise DocumentError(
                f"regions 1 to {place + 1} have {pages} pages: they must have at most {MAX_PAGES}"
            )
        if region.first + region.pages > MAX_PLACE:
            raise DocumentError(
                f"{name} ends at page {region.first + region.pages}: it must end by {MAX_PLACE}"
            )
        _pmds(region, name)
    for place, (before, region) in enumerate(pairwise(capture.regions), start=1):
        if (region.process, region.first) < (before.process, before.first + before.pages):
            raise DocumentError(
                f"regions[{place}] begins at page {region.first} of process {region.process}: it must come after the"
                f" region before, which ends at page {before.first + before.pages} of process {before.process}"
            )


def _pmds(region: Region, name: str) -> None:
    """Refuse what PMDs map unless it is whole 2 MiB blocks, in order."""
    end = 0
    for place, (first, pages) in enumerate(region.huge):
        if first < end or first + pages > region.pages or not pages:
            raise DocumentError(
                f"{name}.huge[{place}] is [{first}, {pages}]: it must lie within pages {end} to {region.pages}"
            )
        if (region.align + first) % BLOCK or pages % BLOCK:
            raise DocumentError(
                f"{name}.huge[{place}] is [{first}, {pages}]: it must be whole blocks of {BLOCK} pages"
            )
        end = first + pages


def _name(capture: Capture, run: int) -> str:
    """Return where a run stands in the document."""
    number = int(capture.runs[run, REGION])
    return f"procs.{capture.region(number).process}.{number}[{run - int(capture.starts[number - 1])}]"


def _runs(capture: Capture) -> None:
    """Refuse runs beyond the end of their region."""
    runs = capture.runs.astype(np.int64)
    sizes = np.array([region.pages for region in capture.regions], np.int64)
    ends = runs[:, FIRST] + runs[:, PAGES]
    for run in np.flatnonzero(ends > sizes[runs[:, REGION] - 1])[:1].tolist():
        raise DocumentError(
            f"{_name(capture, run)} ends at page {ends[run]}: it must end by {sizes[runs[run, REGION] - 1]}, where the"
            " region does"
        )


def _folios(capture: Capture) -> None:
    """Refuse a present page without a folio that is large enough, and a folio that nothing maps."""
    number = capture.orders.size
    runs = capture.runs.astype(np.int64)
    present = runs[:, STATE] == PRESENT
    each = runs[:, EACH] > 0
    last = runs[:, FOLIO] + np.where(each, runs[:, PAGES] - 1, 0)
    for run in np.flatnonzero(present & ((runs[:, FOLIO] < 0) | (last >= number)))[:1].tolist():
        raise DocumentError(
            f"{_name(capture, run)} has folios {runs[run, FOLIO]} to {last[run]}: they must be 0 to {number - 1}, those"
            " of orders"
        )
    rows, seen = runs[present], np.flatnonzero(present)
    first, end, each = rows[:, FOLIO], last[present] + 1, each[present]
    large = np.concatenate(([0], np.cumsum(capture.orders > 0)))
    for at in np.flatnonzero(each & (large[end] > large[first]))[:1].tolist():
        raise DocumentError(
            f"{_name(capture, int(seen[at]))} has pages that are folios: some of theirs are large"
        )
    sizes = 1 << capture.orders[first].astype(np.int64)
    ends = rows[:, OFFSET] + rows[:, PAGES]
    for at in np.flatnonzero(~each & (ends > sizes))[:1].tolist():
        raise DocumentError(
            f"{_name(capture, int(seen[at]))} ends at page {ends[at]} of folio {first[at]}: it has {sizes[at]} pages"
        )
    begun, ended = (np.bincount(one.astype(np.intp), minlength=number + 1) for one in (first, end))
    change = begun - ended
    for folio in np.flatnonzero(np.cumsum(change[:-1]) == 0)[:1].tolist():
        raise DocumentError(
            f"orders has folio {folio}, which no run maps: it must have {number} folios at most"
        )


def _mapcounts(capture: Capture) -> None:
    """Refuse a mapcount that is not what the runs of all regions come to."""
    present = np.flatnonzero(capture.runs[:, STATE] == PRESENT)
    rows = capture.runs[present].astype(np.int64)
    start = capture.slots[rows[:, FOLIO]] + rows[:, OFFSET]
    end = start + rows[:, PAGES]
    changes = np.concatenate(([0], np.cumsum(np.diff(capture.mapcounts) != 0)))
    found = capture.mapcounts[start]
    wrong = (changes[end - 1] != changes[start]) | (found != rows[:, MAPCOUNT])
    for at in np.flatnonzero(wrong)[:1].tolist():
        raise DocumentError(
            f"{_name(capture, int(present[at]))} has mapcount {rows[at, MAPCOUNT]}: the runs of all regions map its"
            f" first page {found[at]} times, and every page of a run as often as the first"
        )


def _huge(capture: Capture) -> None:
    """Refuse a PMD unless it maps a folio of 2 MiB from its first page on, or no folio."""
    for number, region in enumerate(capture.regions, start=1):
        if not region.huge:
            continue
        blocks = np.concatenate([np.arange(first, first + pages, BLOCK) for first, pages in region.huge])
        for block in blocks[~fits(capture.runs_of(number), blocks)][:1].tolist():
            raise DocumentError(
                f"regions[{number - 1}].huge has page {block}: a PMD maps a whole folio of {BLOCK} pages, and"
                " no run there does"
            )
