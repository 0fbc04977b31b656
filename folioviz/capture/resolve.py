"""From what was read of page tables and frames to a capture. No loop over pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.capture import captured, words
from folioviz.capture.captured import starts_of
from folioviz.capture.folios import LETTER_BITS, letters_of
from folioviz.evidence.recordings.observed import ABSENT, GUARDED, PRESENT, SWAPPED, ZERO_PAGE

if TYPE_CHECKING:
    from folioviz.capture.folios import Frames


LETTERS: Final = np.uint64(sum(1 << bit for bit in LETTER_BITS.values()))
"""The bits that flags are told by."""


class Pages(NamedTuple):
    """The pages of all regions in a row.

    Attributes:
        words: pagemap, uint64.
        moved: whether the entry was another one later, bool.
        zero: whether PAGEMAP_SCAN says that the zero page is there, bool.
        first: where each region begins in this row, int64 of shape (regions + 1,).
        process: each region's process, int32.
    """

    words: np.ndarray
    moved: np.ndarray
    zero: np.ndarray
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
    """Tell folios apart. Cost: a few passes over pages and slots; all else is done with runs of pages.

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
    zeros = words.bit(frames.flags, words.KPF_ZERO_PAGE)
    zero, still = zeros[frames.slot], ~pages.moved[at]
    known = (frames.anonymous[frames.of] & ~zeros)[frames.slot]
    state[at[zero & still]] = ZERO_PAGE
    state[at[~known & ~zero]] = ABSENT
    of_files += int((~known & ~zero & still).sum())
    known &= still
    at, slot = at[known], frames.slot[known]

    exclusive = words.bit(pages.words[at], words.MMAP_EXCLUSIVE)
    mapped = np.bincount(slot, minlength=frames.flags.size)
    cut = np.zeros(mapped.size, bool)
    cut[frames.first] = True
    for values in (mapped, frames.flags & LETTERS):
        cut[1:] |= values[1:] != values[:-1]
    alike = 2 * (slot - at + state.size) + exclusive  # neighbours in neighbouring frames have the same number
    start, rows = _runs(pages, state, at, alike, at[cut[slot]])
    here = np.flatnonzero(rows[captured.STATE] == PRESENT)
    which = np.searchsorted(at, start[here])
    exclusive, slot = exclusive[which], slot[which]

    of = frames.of[slot]
    seen = np.zeros(frames.first.size, np.int64)
    seen[of[::-1]] = np.arange(of.size)[::-1]  # of several runs the first one stays
    new = np.flatnonzero(seen[of] == np.arange(of.size))
    folios = of[new]
    ids = np.zeros(frames.first.size, np.int32)
    ids[folios] = np.arange(folios.size)
    folio, orders = ids[of], frames.order[folios]
    for column, values in (
        (captured.FOLIO, folio),
        (captured.EACH, orders[folio] == 0),
        (captured.OFFSET, slot - frames.first[of]),
        (captured.MAPCOUNT, mapped[slot]),
        (captured.FLAGS, letters_of(frames.flags[slot])),
        (captured.EXCLUSIVE, exclusive),
    ):
        rows[column, here] = values

    starts = starts_of(orders)
    every = np.arange(starts[-1]) + np.repeat(frames.first[folios] - starts[:-1], np.diff(starts))
    counts, union = frames.counts[every].astype(np.int64), mapped[every]
    alone = np.bincount(folio, exclusive, minlength=orders.size) > 0
    no_page_mapcount = _averages(no_page_mapcount, counts, union, np.repeat(alone, np.diff(starts)))
    process = pages.process[rows[captured.REGION, here] - 1]
    several = np.bincount(folio, process != process[new][folio], minlength=orders.size) > 0
    foreign, unsure = _others(no_page_mapcount, counts, union, starts, alone, several)
    return Resolved(
        _joined(rows),
        orders,
        foreign.astype(np.int32),
        unsure,
        frames.head[folios],
        no_page_mapcount,
        of_files,
        _merged(frames, mapped),
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
    exclusive = words.bit(pages.words[at], words.MMAP_EXCLUSIVE)
    start, rows = _runs(pages, state, at, exclusive + 1, at[:0])
    here = np.flatnonzero(rows[captured.STATE] == PRESENT)
    rows[captured.MAPCOUNT, here] = -1
    rows[captured.EXCLUSIVE, here] = exclusive[np.searchsorted(at, start[here])]
    nothing = np.zeros(0, np.int8)
    return Resolved(
        _joined(rows),
        nothing,
        nothing.astype(np.int32),
        nothing.astype(bool),
        nothing.astype(np.int64),
        None,
        of_files,
        None,
    )


def _runs(
    pages: Pages, state: np.ndarray, at: np.ndarray, alike: np.ndarray, cut: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return runs of neighbours in the same state: where each begins in the row of pages, and their columns.

    Args:
        pages: what was read.
        state: the state of each page.
        at: the present pages.
        alike: of each of them a number above 0: those of the same number are alike.
        cut: pages with which a run begins in any case.

    Returns:
        int64 of shape (runs,), and int32 of shape (COLUMNS, runs), in which columns of present pages are 0, FOLIO -1.
    """
    kind = -state.astype(np.int64)
    kind[at] = alike
    begins = np.ones(state.size, bool)
    begins[1:] = kind[1:] != kind[:-1]
    begins[pages.first[:-1]] = True
    begins[cut] = True
    start = np.flatnonzero(begins)
    sizes = np.diff(start, append=state.size)
    here = state[start] != ABSENT
    start, region = start[here], np.searchsorted(pages.first, start[here], side="right")
    rows = np.zeros((captured.COLUMNS, start.size), np.int32)
    rows[captured.REGION] = region
    rows[captured.FIRST] = start - pages.first[region - 1]
    rows[captured.PAGES] = sizes[here]
    rows[captured.STATE] = state[start]
    rows[captured.FOLIO] = -1
    return start, rows


def _joined(rows: np.ndarray) -> np.ndarray:
    """Return runs as a capture has them: neighbours that are small folios, found one after the other, become one."""
    before, after = rows[:, :-1], rows[:, 1:]
    same = before[captured.EACH] & after[captured.EACH] > 0
    for column in (captured.REGION, captured.MAPCOUNT, captured.FLAGS, captured.EXCLUSIVE):
        same &= before[column] == after[column]
    for column in (captured.FIRST, captured.FOLIO):
        same &= before[column] + before[captured.PAGES] == after[column]
    begins = np.flatnonzero(np.concatenate((np.ones(min(1, rows.shape[1]), bool), ~same)))
    runs = np.ascontiguousarray(rows[:, begins].T)
    runs[:, captured.PAGES] = np.add.reduceat(rows[captured.PAGES], begins)
    return runs


def _merged(frames: Frames, mapped: np.ndarray) -> int | None:
    """Return how many pages KSM has merged; None if its bit lies: large folios have it, or every page has."""
    slot = np.flatnonzero(words.bit(frames.flags, words.KPF_KSM) & (mapped > 0))
    found = int(mapped[slot].sum())
    lies = (frames.order[frames.of[slot]] > 0).any() or found == mapped.sum()
    return None if lies else found


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
