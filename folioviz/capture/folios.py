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
LINE: Final = 16
"""So many frames are read at least: 64 KiB, 128 bytes of each file."""
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
    """What is known of the frames that pages are in. Slots stand for the frames that were read, span by span.

    Attributes:
        slot: of each page that was asked for, np.intp.
        of: each slot's folio, counted in what follows, int32.
        first: the slot of each folio's first page, np.intp.
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
    """Read what is known of the frames of present pages, and of all other pages of the folios that these are in.

    What the kernel fills in costs much more than what is done with it here, so what is not needed is not read:
    kpageflags of the 64 KiB around each page, of the 2 MiB around a folio that goes on from there; kpagecount only of
    spans with a large folio that has a page that is not mapped once.

    Args:
        source: where from.
        found: the pages' words of pagemap.
        every: whether kpagecount is read of all that kpageflags is read of.
    """
    frame = (found & words.FRAME).astype(np.int64)
    spans, flags = _whole(source, frame)
    begin, lengths = _laid(spans)
    slot = _slots(spans, begin, frame)
    begins = ~words.bit(flags, words.KPF_COMPOUND_TAIL)
    begins[begin] = True
    first = np.flatnonzero(begins)
    order = ORDER_OF[np.minimum(np.diff(first, append=flags.size), BLOCK)]
    of = np.cumsum(begins, dtype=np.int32) - 1
    once = np.zeros(of.size, bool)
    once[slot[words.bit(found, words.MMAP_EXCLUSIVE)]] = True
    span = np.repeat(np.arange(begin.size), np.diff(of[begin], append=first.size))
    asked = np.full(begin.size, every)
    asked[span[_untold(slot, once, of, first)]] = True
    counts = once.astype(np.uint64)
    counts[np.repeat(asked, lengths)] = source.counts(spans[asked])
    head = spans[span, 0] + first - begin[span]
    return Frames(slot, of, first, head, order, _anonymous(flags[first], order), flags, counts)


def _whole(source: Source, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return spans of frames that hold whole folios of these frames, and their kpageflags.

    A folio of order 9 or less lies in one 2 MiB, from a multiple of its size on. So one that begins before what was
    read, or goes on in the first frame behind, is read with its 2 MiB.

    Returns:
        int64 of shape (spans, 2): the first frame of each, and its end; none goes beyond 2 MiB. uint64: their words.
    """
    lines = _marked(frame // LINE)
    apart = np.diff(lines, prepend=-1) != 1
    apart |= lines % (BLOCK // LINE) == 0
    start = lines[apart] * LINE
    end = np.append(lines[:-1][apart[1:]], lines[-1:]) * LINE + LINE
    spans = np.stack((start, end + (end % BLOCK != 0)), axis=1)
    flags = source.flags(spans)
    begin, lengths = _laid(spans)
    tails = words.bit(flags, words.KPF_COMPOUND_TAIL)
    cut = tails[begin] | (tails[begin + lengths - 1] & (end % BLOCK != 0))
    blocks = np.unique(start[cut] // BLOCK)
    if not blocks.size:
        return spans, flags
    kept = ~np.isin(start // BLOCK, blocks)
    more = np.stack((blocks, blocks + 1), axis=1) * BLOCK
    return (
        np.concatenate((spans[kept], more)),
        np.concatenate((flags[np.repeat(kept, lengths)], source.flags(more))),
    )


def _laid(spans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each span's words begin if those of all stand in a row, and how many they are; both np.intp."""
    lengths = (spans[:, 1] - spans[:, 0]).astype(np.intp)
    return np.cumsum(lengths) - lengths, lengths


def _slots(spans: np.ndarray, begin: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Return the slots of frames, np.intp.

    Args:
        spans: what was read.
        begin: the slot of each span's first frame.
        frame: frames that are in there.
    """
    lines = -(-(spans[:, 1] - spans[:, 0] - 1) // LINE).astype(np.intp)
    of = np.repeat(np.arange(lines.size), lines)
    nth = np.arange(of.size) - np.repeat(np.cumsum(lines) - lines, lines)
    table = np.zeros(int(frame.max(initial=-1)) // LINE + 1, np.intp)
    line = spans[of, 0] // LINE + nth
    here = line < table.size
    table[line[here]] = (begin[of] + LINE * nth)[here]
    found: np.ndarray = table[frame // LINE] + (frame % LINE).astype(np.intp)
    return found


def _marked(numbers: np.ndarray) -> np.ndarray:
    """Return numbers in order, each once. They are not sorted: there are many, and none is large."""
    here = np.zeros(int(numbers.max(initial=-1)) + 1, bool)
    here[numbers] = True
    return np.flatnonzero(here)


def _untold(slot: np.ndarray, once: np.ndarray, of: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return which folios are large ones of ours with a page that PM_MMAP_EXCLUSIVE is not set of, bool.

    Args:
        slot: of each page of ours.
        once: whether PM_MMAP_EXCLUSIVE is set, by slot.
        of: each slot's folio.
        first: each folio's first slot.
    """
    ours = np.zeros(first.size, bool)
    ours[of[slot]] = True
    found: np.ndarray = ours & ~np.logical_and.reduceat(once, first) & (np.diff(first, append=of.size) > 1)
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
