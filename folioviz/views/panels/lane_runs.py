"""What a lane draws: runs of pages that look alike, and an overview of a long address space. Pure numpy, no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine.memory import PTRS_PER_PTE
from folioviz.views.page.palette import place

if TYPE_CHECKING:
    from folioviz.readout.state import Process

WRITABLE, HUGE, MIGRATING, ZERO, GUARD, SWAPPED = 1, 2, 4, 8, 16, 32
"""Flags of a run."""
MAX_RUNS = 4096
"""More runs than a screen has pixels are drawn as so many samples."""
BINS = 512
"""Places of an overview."""


NO_PAGES = np.empty(0, np.int64)


def runs(
    process: Process | None,
    owners: np.ndarray,
    first: int,
    last: int,
    zeros: np.ndarray = NO_PAGES,
    guards: np.ndarray = NO_PAGES,
    swapped: np.ndarray = NO_PAGES,
) -> np.ndarray:
    """Return the runs of what a process (None: not there) has in pages [first, last), int32 of shape (n, 5).

    A run is [first page, page after the last, folio or 0, VMA or 0, flags]: pages that follow one another in the
    folio and are mapped alike, or unmapped pages of a VMA. What is mapped has a run wherever it is: munmap() cuts a
    VMA before it zaps, and what the VMA has lost is mapped until then. ``owners`` is each page's folio id, ``zeros``
    where the process maps the shared zero page, which is no folio's, ``guards`` where it has guard markers, ``swapped``
    where it has swap entries.
    """
    if process is None:
        return np.empty((0, 5), np.int32)
    mapped = _mapped(process.maps, owners)
    for vpns, flag in (zeros, ZERO), (guards, GUARD), (swapped, SWAPPED):
        if vpns.size:
            empty = np.column_stack([vpns, vpns + 1, np.zeros_like(vpns), np.full_like(vpns, flag)])
            mapped = np.concatenate([mapped, _joined(empty)])
            mapped = mapped[np.argsort(mapped[:, 0])]
    rows: list[tuple[int, int, int, int, int]] = []
    at = first
    for number, area in enumerate(process.vmas, start=1):
        start, end = max(area.start, first), min(area.end, last)
        if start < end:
            rows += _parts(mapped, at, start, 0)
            rows += _parts(mapped, start, end, number)
            at = end
    rows += _parts(mapped, at, last, 0)
    return np.array(rows, np.int32).reshape(-1, 5)


def _parts(mapped: np.ndarray, first: int, last: int, vma: int) -> list[tuple[int, int, int, int, int]]:
    """Return the runs in pages [first, last), which are all of one VMA or (0) of none."""
    inside = mapped[(mapped[:, 1] > first) & (mapped[:, 0] < last) & (first < last)]
    if len(inside) > MAX_RUNS:
        inside = inside[np.unique(np.linspace(0, len(inside) - 1, MAX_RUNS).astype(int))]
    rows = []
    at = first
    for start, stop, folio, flags in inside.tolist():
        lo, hi = max(start, at), min(stop, last)
        if vma and lo > at:
            rows.append((at, lo, 0, vma, 0))
        rows.append((lo, hi, folio, vma, flags))
        at = hi
    if vma and at < last:
        rows.append((at, last, 0, vma, 0))
    return rows


def _mapped(maps: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return the runs of mapped pages, int64 of shape (n, 4): first page, page after the last, folio, flags."""
    if not len(maps):
        return np.empty((0, 4), np.int64)
    columns = np.ascontiguousarray(maps.T)
    vpn, page, writable, huge, migrating = columns
    flags = writable * WRITABLE + huge * HUGE + migrating * MIGRATING
    folio = owners[page]
    size = np.where(huge, PTRS_PER_PTE, 1)
    edge = (np.diff(flags) != 0) | (np.diff(folio) != 0)
    edge |= (vpn[1:] != vpn[:-1] + size[:-1]) | (page[1:] != page[:-1] + size[:-1])
    starts = np.concatenate([[0], np.flatnonzero(edge) + 1])
    ends = np.append(starts[1:], len(vpn)) - 1
    return np.column_stack([vpn[starts], vpn[ends] + size[ends], folio[starts], flags[starts]])


def _joined(runs_: np.ndarray) -> np.ndarray:
    """Return ascending runs that look alike, those that touch each other as one."""
    starts = np.flatnonzero(np.append(True, runs_[1:, 0] != runs_[:-1, 1]))
    joined = runs_[starts].copy()
    joined[:, 1] = runs_[np.append(starts[1:], len(runs_)) - 1, 1]
    return joined


def overview(runs_: np.ndarray, first: int, last: int) -> bytes:
    """Return what is in each of :data:`BINS` parts of an address space: 0 nothing, 1 a VMA, else 2 + folio's place."""
    bins = np.zeros(BINS, np.uint8)
    scale = BINS / (last - first)
    for start, end, folio, _, _ in runs_.tolist():
        part = slice(int((start - first) * scale), max(int(np.ceil((end - first) * scale)), 1))
        if folio:
            bins[part] = 2 + place(folio)
        else:
            bins[part] = np.maximum(bins[part], 1)
    return bins.tobytes()
