"""From words to folios: which folio each present page belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.capture import words
from folioviz.capture.form import BLOCK
from folioviz.evidence.recordings.observed import LETTERS

if TYPE_CHECKING:
    from folioviz.capture.words import Source

ORDER_OF: Final = np.full(BLOCK + 1, -1, np.int8)
"""The order of a folio by its pages; -1 where there is no such folio."""
ORDER_OF[1 << np.arange(10)] = np.arange(10)
NOT_ANONYMOUS: Final = np.uint64(
    sum(
        1 << bit
        for bit in (
            words.KPF_SLAB,
            words.KPF_BUDDY,
            words.KPF_HUGETLB,
            words.KPF_NOPAGE,
            words.KPF_COMPOUND_TAIL,
        )
    )
)
LETTER_BITS: Final = {"H": words.KPF_THP, "a": words.KPF_ANON, "m": words.KPF_MMAP}


class Frames(NamedTuple):
    """What is known of the frames that pages are in. Slots stand for frames: 512 for each 2 MiB block, in order.

    Attributes:
        slot: of each page that was asked for, int64.
        of: each slot's folio, counted in what follows, int32.
        first: the slot of each folio's first page, int64.
        head: the frame of each folio's first page, int64.
        order: each folio's order, -1 if it is none that can be, int8.
        anonymous: whether each folio is an anonymous one, bool.
        flags: kpageflags by slot, uint64.
        counts: kpagecount by slot, uint64; where it was not read, 1 of what PM_MMAP_EXCLUSIVE is set of.
    """

    slot: np.ndarray
    of: np.ndarray
    first: np.ndarray
    head: np.ndarray
    order: np.ndarray
    anonymous: np.ndarray
    flags: np.ndarray
    counts: np.ndarray


def frames_of(source: Source, found: np.ndarray, *, every: bool = False) -> Frames:
    """Read what is known of the frames of present pages, and of the whole 2 MiB blocks that these are in.

    A folio of order 9 or less lies in one such block, so its pages that nothing maps are seen, too. kpagecount takes
    as long as kpageflags: it is read only where it can tell something, of blocks with a large folio that has a page
    that is not mapped once.

    Args:
        source: where from.
        found: the pages' words of pagemap.
        every: whether kpagecount is read of all blocks.
    """
    frame = found & words.FRAME
    wanted = (frame >> np.uint64(9)).astype(np.int64)
    here = np.zeros(int(wanted.max(initial=-1)) + 1, bool)
    here[wanted] = True
    index = np.cumsum(here) - 1
    slot = index[wanted] * BLOCK + (frame & np.uint64(BLOCK - 1)).astype(np.int64)
    blocks = np.flatnonzero(here)
    flags = source.flags(blocks).ravel()
    begins = ~words.bit(flags, words.KPF_COMPOUND_TAIL)
    begins[::BLOCK] = True
    first = np.flatnonzero(begins)
    order = ORDER_OF[np.diff(first, append=flags.size)]
    of = np.cumsum(begins, dtype=np.int32) - 1
    once = np.zeros(of.size, bool)
    once[slot[words.bit(found, words.MMAP_EXCLUSIVE)]] = True
    asked = np.ones(blocks.size, bool) if every else _untold(slot, once, of, first)
    counts = once.astype(np.uint64).reshape(-1, BLOCK)
    counts[asked] = source.counts(blocks[asked])
    head = blocks[first // BLOCK] * BLOCK + first % BLOCK
    return Frames(slot, of, first, head, order, _anonymous(flags[first], order), flags, counts.ravel())


def _untold(slot: np.ndarray, once: np.ndarray, of: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return which blocks have a large folio of ours with a page that PM_MMAP_EXCLUSIVE is not set of, bool.

    Args:
        slot: of each page of ours.
        once: whether PM_MMAP_EXCLUSIVE is set, by slot.
        of: each slot's folio.
        first: each folio's first slot.
    """
    ours = np.zeros(first.size, bool)
    ours[of[slot]] = True
    untold = ours & ~np.logical_and.reduceat(once, first) & (np.diff(first, append=of.size) > 1)
    found = np.zeros(of.size // BLOCK, bool)
    found[first[untold] // BLOCK] = True
    return found


def _anonymous(flags: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return which folios are anonymous ones, by the flags of their first pages.

    A large one must have KPF_THP. KPF_SWAPBACKED is not asked for: MADV_FREE takes it away. Slab pages may show
    KPF_ANON, but page tables do not lead to them, and what was freed and used again meanwhile has other flags.
    """
    large = (order == 0) | words.bit(flags, words.KPF_THP)
    found: np.ndarray = words.bit(flags, words.KPF_ANON) & (flags & NOT_ANONYMOUS == 0) & (order >= 0) & large
    return found


def letters_of(flags: np.ndarray) -> np.ndarray:
    """Return flags as a recording has them: bit i is letter i of LETTERS, int32."""
    found = np.zeros(flags.size, np.int32)
    for place, letter in enumerate(LETTERS):
        found |= words.bit(flags, LETTER_BITS[letter]).astype(np.int32) << place
    return found
