"""Page tables of x86-64, and what /proc/PID/pagemap says of their entries.

Bits as in arch/x86/include/asm/pgtable_types.h, pgtable-invert.h and pgtable_64.h, and include/linux/swapops.h,
of v6.1 to v7.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.capture import words
from folioviz.capture.form import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PTRS: Final = 512
"""Entries of a table."""
PRESENT: Final = np.uint64(1 << 0)
PSE: Final = np.uint64(1 << 7)
PROTNONE: Final = np.uint64(1 << 8)
SWP_TYPE_SHIFT: Final = np.uint64(59)
SWP_OFFSET_UP: Final = np.uint64(5)
SWP_OFFSET_DOWN: Final = np.uint64(14)
SWP_PTE_MARKER: Final = 31
"""The last type of swap entries."""
PTE_MARKERS: Final = 7
PTE_MARKER_GUARD: Final = 4


class Leaf(NamedTuple):
    """Entries that map pages.

    Attributes:
        page: the virtual page number of the first one.
        entries: uint64: 512 of a table of PTEs, or one PMD that maps 2 MiB, or did before it was swapped out.
        huge: whether it is a PMD.
    """

    page: int
    entries: np.ndarray
    huge: bool


def leaves(
    read: Callable[[int, int], bytes], root: int, levels: int, mask: int, start: int, end: int
) -> Iterator[Leaf]:
    """Yield what is mapped at virtual pages ``[start, end)``, as whole tables; empty ones are left out.

    Args:
        read: gives bytes of physical memory by address and size, zeros where there is none.
        root: the physical address of the top table.
        levels: how many levels there are, 4 or 5.
        mask: which bits of an entry are an address.
        start: the first page.
        end: the one after the last.
    """
    yield from _below(read, root, levels - 1, mask, (start, end), 0)


def _below(
    read: Callable[[int, int], bytes], table: int, level: int, mask: int, span: tuple[int, int], base: int
) -> Iterator[Leaf]:
    """Yield what a table maps; ``base`` is the first page of its first entry."""
    entries = np.frombuffer(read(table, PTRS * 8), np.uint64)
    if level == 0:
        if entries.any():
            yield Leaf(base, entries, huge=False)
        return
    pages = PTRS**level
    low = max((span[0] - base) // pages, 0)
    high = min(-(-(span[1] - base) // pages), PTRS)
    for index in range(low, high):
        entry = entries[index]
        first = base + index * pages
        if _leads_on(entry):
            yield from _below(read, int(entry) & mask, level - 1, mask, span, first)
        elif entry and level == 1:
            yield Leaf(first, entries[index : index + 1], huge=True)


def _leads_on(entry: np.uint64) -> bool:
    """Tell whether an entry points to a table."""
    return bool(entry & PRESENT) and not entry & PSE


def word(leaf: Leaf, mask: int, frames: int) -> np.ndarray:
    """Return entries as words of pagemap, uint64, but for PM_MMAP_EXCLUSIVE, which struct pages tell.

    A PROT_NONE entry, and one that waits for a NUMA hint, is present, with its address inverted (L1TF).

    Args:
        leaf: the entries.
        mask: which bits of them are an address.
        frames: how many frames there are; what leads beyond is device memory, or garbage, and is absent.
    """
    entries = leaf.entries
    below = PTRS * PAGE - 1 if leaf.huge else PAGE - 1
    address = np.where(entries & PRESENT, entries, ~entries) & np.uint64(mask & ~below)
    frame = address >> np.uint64(12)
    present = (entries & (PRESENT | PROTNONE) != 0) & (frame < frames)
    found = np.where(present, frame | np.uint64(1 << words.PRESENT), 0).astype(np.uint64)
    swap = (entries != 0) & (entries & (PRESENT | PROTNONE) == 0)
    offset = ~entries << SWP_OFFSET_UP >> SWP_OFFSET_DOWN
    marker = swap & (entries >> SWP_TYPE_SHIFT == SWP_PTE_MARKER) & (offset <= PTE_MARKERS)
    found[swap & ~marker] |= np.uint64(1 << words.SWAP)
    found[marker & (offset & np.uint64(PTE_MARKER_GUARD) != 0)] |= np.uint64(1 << words.GUARD_REGION)
    return found


def spread(found: np.ndarray) -> np.ndarray:
    """Return the word of a PMD as those of the 512 pages that it maps."""
    present = found >> np.uint64(words.PRESENT)
    return np.repeat(found, PTRS) + present * np.arange(PTRS, dtype=np.uint64)
