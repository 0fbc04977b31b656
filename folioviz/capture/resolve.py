"""From what was read of page tables and frames to a capture. No loop over pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.capture import captured, words
from folioviz.capture.captured import starts_of
from folioviz.capture.folios import letters_of
from folioviz.evidence.recordings.observed import ABSENT, GUARDED, PRESENT, SWAPPED, ZERO_PAGE

if TYPE_CHECKING:
    from folioviz.capture.folios import Frames


class Pages(NamedTuple):
    """The pages of all regions in a row.

    Attributes:
        words: pagemap, uint64.
        moved: whether the entry was another one later, bool.
        zero: whether PAGEMAP_SCAN says that the zero page is there, bool.
        region: the number of each page's region, int32, ascending.
        first: where each region begins in this row, int64 of shape (regions + 1,).
        process: each region's process, int32.
    """

    words: np.ndarray
    moved: np.ndarray
    zero: np.ndarray
    region: np.ndarray
    first: np.ndarray
    process: np.ndarray


class Resolved(NamedTuple):
    """What came out: arrays as in :class:`~folioviz.capture.captured.Capture`, and what was left out or deduced.

    Attributes:
        heads: the frame of each folio's first page, int64; no part of a capture.
        no_page_mapcount: whether frames show averages; None if no folio tells.
        of_files: present pages that are not anonymous.
        ksm: pages that KSM has merged; None if the kernel does not tell.
    """

    runs: np.ndarray
    orders: np.ndarray
    foreign: np.ndarray
    unsure: np.ndarray
    heads: np.ndarray
    no_page_mapcount: bool | None
    of_files: int
    ksm: int | None


def resolve(pages: Pages, frames: Frames | None, no_page_mapcount: bool | None) -> Resolved:
    """Tell folios apart.

    Args:
        pages: what was read of page tables.
        frames: what is known of the frames of their present pages, in order; None without privileges.
        no_page_mapcount: whether the kernel has CONFIG_NO_PAGE_MAPCOUNT; None if that is not known.
    """
    state = _states(pages)
    of_files = _take_files_out(pages, state)
    if frames is None:
        return _without_frames(pages, state, of_files)
    at = np.flatnonzero(words.bit(pages.words, words.PRESENT) & ~words.bit(pages.words, words.FILE))
    flags = frames.flags[frames.slot]
    zero = words.bit(flags, words.KPF_ZERO_PAGE)
    still = ~pages.moved[at]
    state[at[zero & still]] = ZERO_PAGE
    known = frames.anonymous[frames.of] & ~zero & still
    state[at[~known & ~zero]] = ABSENT
    of_files += int((~known & ~zero & still).sum())
    at, slot, of, flags = at[known], frames.slot[known], frames.of[known], flags[known]

    seen = np.full(frames.first.size, -1, np.int64)
    seen[of[::-1]] = np.arange(of.size)[::-1]  # of several pages the first one stays
    folios = np.flatnonzero(seen >= 0)
    folios = folios[np.argsort(seen[folios])]
    ids = np.zeros(frames.first.size, np.int32)
    ids[folios] = np.arange(folios.size)
    orders = frames.order[folios]
    mapped = np.bincount(slot, minlength=frames.flags.size)

    exclusive = words.bit(pages.words[at], words.MMAP_EXCLUSIVE)
    rows = np.zeros((at.size, captured.COLUMNS), np.int32)
    rows[:, captured.FOLIO] = ids[of]
    rows[:, captured.EACH] = orders[rows[:, captured.FOLIO]] == 0
    rows[:, captured.OFFSET] = slot - frames.first[of]
    rows[:, captured.MAPCOUNT] = mapped[slot]
    rows[:, captured.FLAGS] = letters_of(flags)
    rows[:, captured.EXCLUSIVE] = exclusive

    starts = starts_of(orders)
    every = np.arange(starts[-1]) + np.repeat(frames.first[folios] - starts[:-1], np.diff(starts))
    counts, union = frames.counts[every].astype(np.int64), mapped[every]
    alone = np.bincount(rows[:, captured.FOLIO], exclusive, minlength=orders.size) > 0
    no_page_mapcount = _averages(no_page_mapcount, counts, union, np.repeat(alone, np.diff(starts)))
    process = pages.process[pages.region[at] - 1]
    several = (
        np.bincount(rows[:, captured.FOLIO], process != process[seen[folios]][rows[:, captured.FOLIO]]) > 0
    )
    foreign, unsure = _others(no_page_mapcount, counts, union, starts, alone, several)
    ksm = words.bit(flags, words.KPF_KSM)
    lies = (ksm & (rows[:, captured.EACH] == 0)).any() or ksm.all()
    return Resolved(
        _runs(pages, state, at, rows),
        orders,
        foreign.astype(np.int32),
        unsure,
        frames.head[folios],
        no_page_mapcount,
        of_files,
        None if lies else int(ksm.sum()),
    )


def _states(pages: Pages) -> np.ndarray:
    """Return the state of each page by its word of pagemap, int8; what moved while it was read is absent."""
    found = pages.words
    state = np.zeros(found.size, np.int8)
    state[words.bit(found, words.SWAP)] = SWAPPED
    state[words.bit(found, words.GUARD_REGION)] = GUARDED
    state[words.bit(found, words.PRESENT)] = PRESENT
    state[pages.zero & (state == PRESENT)] = ZERO_PAGE
    state[pages.moved] = ABSENT
    return state


def _take_files_out(pages: Pages, state: np.ndarray) -> int:
    """Make pages of files absent, and return how many those are; the huge zero page looks like one."""
    found = (state == PRESENT) & words.bit(pages.words, words.FILE)
    state[found] = ABSENT
    return int(found.sum())


def _without_frames(pages: Pages, state: np.ndarray, of_files: int) -> Resolved:
    """Return what can be said without privileges: what is there, and whether it is mapped once."""
    at = np.flatnonzero(state == PRESENT)
    rows = np.zeros((at.size, captured.COLUMNS), np.int32)
    rows[:, [captured.FOLIO, captured.MAPCOUNT]] = -1
    rows[:, captured.EXCLUSIVE] = words.bit(pages.words[at], words.MMAP_EXCLUSIVE)
    nothing = np.zeros(0, np.int8)
    return Resolved(
        _runs(pages, state, at, rows),
        nothing,
        nothing.astype(np.int32),
        nothing.astype(bool),
        nothing.astype(np.int64),
        None,
        of_files,
        None,
    )


def _runs(pages: Pages, state: np.ndarray, at: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return runs of pages that are mapped alike.

    Args:
        pages: what was read.
        state: the state of each page.
        at: the present pages.
        rows: of each of them its columns; those of its place are filled in here.
    """
    here = np.flatnonzero(state)
    every = np.zeros((here.size, captured.COLUMNS), np.int32)
    every[:, captured.FOLIO] = -1
    every[np.searchsorted(here, at)] = rows
    every[:, captured.REGION] = pages.region[here]
    every[:, captured.FIRST] = here - pages.first[every[:, captured.REGION] - 1]
    every[:, captured.STATE] = state[here]
    advance = every.copy()
    each = every[:, captured.EACH]
    present = every[:, captured.FOLIO] >= 0
    advance[:, captured.FIRST] -= np.arange(here.size, dtype=np.int32)
    advance[:, captured.FOLIO] -= np.where(present & (each > 0), every[:, captured.FIRST], 0)
    advance[:, captured.OFFSET] -= np.where(present & (each == 0), every[:, captured.FIRST], 0)
    begins = np.ones(here.size, bool)
    begins[1:] = (advance[1:] != advance[:-1]).any(axis=1)
    runs = every[begins]
    runs[:, captured.PAGES] = np.diff(np.flatnonzero(begins), append=here.size)
    return runs


def _averages(
    configured: bool | None, counts: np.ndarray, union: np.ndarray, alone: np.ndarray
) -> bool | None:
    """Tell whether kpagecount is an average: a page that nobody maps of a folio that one process has shows 1 then."""
    hole = alone & (union == 0)
    if configured is not None or not hole.any():
        return configured
    return bool((counts[hole] > 0).mean() > 0.5)


def _others(
    averages: bool | None,
    counts: np.ndarray,
    union: np.ndarray,
    starts: np.ndarray,
    alone: np.ndarray,
    several: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how often others map each page, and of which folios the kernel does not tell that.

    Where kpagecount is precise, the rest of it is others'. Where it is an average, or that is not known, a folio that
    has a page with PM_MMAP_EXCLUSIVE is nobody else's, and so is one whose average several captured processes come to.
    """
    pages = np.diff(starts)
    if averages is False:
        large = np.repeat(pages > 1, pages)
        return np.where(large, np.maximum(counts - union, 0), 0), np.zeros(alone.size, bool)
    if not pages.size:
        return np.zeros(0, np.int64), alone
    average = np.maximum((np.add.reduceat(union, starts[:-1]) + pages // 2) // pages, 1)
    explained = alone | (several & (counts[starts[:-1]] <= average))
    return np.zeros(counts.size, np.int64), (pages > 1) & ~explained
