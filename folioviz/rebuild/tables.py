"""The model's page tables as they will be after the operations so far: each adds one, and does here what it will do.

A process is its number, from 0; in the model it is one more. A page that nobody asked for, and mlock() brings, is JUNK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER
from folioviz.ops import ops
from folioviz.rebuild.goal import NOTHING

if TYPE_CHECKING:
    from folioviz.ops.ops import Operation
    from folioviz.rebuild.state import Vma

JUNK: Final = 1 << 30
"""A folio that is brought and goes again."""
FEW: Final = 4
"""So many folios of one size in a row are brought by one write over all of them."""


class Tables:
    """Page tables of processes, and the operations that make them.

    Attributes:
        ops: the operations.
        folio: of each process what each page maps, NOTHING if nothing; int64.
        offset: of each process which page of its folio that is.
        huge: of each process whether a PMD maps 2 MiB.
        vma: of each process the number of each page's VMA, 0 if there is none.
        tabled: of each process whether 2 MiB have a page table, so that no PMD can be faulted in there.
    """

    def __init__(self, size: int, *, touches: bool) -> None:
        """Begin without processes.

        Args:
            size: pages of address space.
            touches: whether the kernel has ``touch``, and a switch for each size of folios.
        """
        self.ops: list[Operation] = []
        self.folio: list[np.ndarray] = []
        self.offset: list[np.ndarray] = []
        self.huge: list[np.ndarray] = []
        self.vma: list[np.ndarray] = []
        self.tabled: list[np.ndarray] = []
        self._size, self._touches = size, touches
        self._vmas = 0

    def mm(self) -> int:
        """Make a process, and return its number."""
        self.ops.append(ops.Mm())
        self.folio.append(np.full(self._size, NOTHING))
        self.offset.append(np.zeros(self._size, int))
        self.huge.append(np.zeros(self._size // HPAGE_PMD_NR, bool))
        self.vma.append(np.zeros(self._size, int))
        self.tabled.append(np.zeros(self._size // HPAGE_PMD_NR, bool))
        return len(self.folio) - 1

    def fork(self, p: int) -> int:
        """Copy a process, and return the copy's number."""
        self.ops.append(ops.Fork(p + 1))
        for of_process in (self.folio, self.offset, self.huge, self.vma, self.tabled):
            of_process.append(of_process[p].copy())
        return len(self.folio) - 1

    def _new_vma(self, p: int, start: int, end: int) -> None:
        """Give pages a VMA of their own."""
        self._vmas += 1
        self.vma[p][start:end] = self._vmas

    def mmap(self, p: int, start: int, end: int) -> None:
        """Make a VMA."""
        self.ops.append(ops.Mmap(p + 1, start, end - start))
        self._new_vma(p, start, end)

    def fault(self, p: int, folios: list[int], starts: list[int], order: int) -> None:
        """Bring folios of one order, above 0, in ascending order of their places."""
        nr = 1 << order
        place = 0
        while place < len(folios):
            last = place + 1
            while (
                last < len(folios)
                and starts[last] == starts[last - 1] + nr
                and self.vma[p][starts[last]] == self.vma[p][starts[place]]
            ):
                last += 1
            if last - place >= FEW and self._touches and order > 1:
                self.ops += [
                    ops.Enabled(order, 1),
                    ops.Touch(p + 1, starts[place], (last - place) * nr),
                    ops.Enabled(order, 0),
                ]
            else:
                self.ops += [
                    ops.FaultPmd(p + 1, start) if order == HPAGE_PMD_ORDER else ops.Fault(p + 1, start, order)
                    for start in starts[place:last]
                ]
            place = last
        for folio, start in zip(folios, starts, strict=True):
            self.folio[p][start : start + nr] = folio
            self.offset[p][start : start + nr] = np.arange(nr)
            (self.huge if order == HPAGE_PMD_ORDER else self.tabled)[p][start // HPAGE_PMD_NR] = True

    def write(self, p: int, start: int, folios: np.ndarray) -> None:
        """Write to pages from ``start`` on: each gets a small folio, new or as a copy of what is there."""
        end = start + len(folios)
        if self._touches and len(folios) > 1:
            self.ops.append(ops.Touch(p + 1, start, len(folios)))
        else:
            self.ops += [ops.Write(p + 1, page) for page in range(start, end)]
        self._cut(p, start, end)
        self.tabled[p][start // HPAGE_PMD_NR : -(-end // HPAGE_PMD_NR)] = True
        self.folio[p][start:end] = folios
        self.offset[p][start:end] = 0

    def _cut(self, p: int, start: int, end: int) -> None:
        """Map by PTEs what is huge and has a part in a range."""
        blocks = slice(start // HPAGE_PMD_NR, -(-end // HPAGE_PMD_NR))
        self.tabled[p][blocks] |= self.huge[p][blocks]
        self.huge[p][blocks] = False

    def _clear(self, p: int, start: int, end: int) -> None:
        """Map nothing; what is huge and in the range as a whole goes without a page table."""
        self.huge[p][-(-start // HPAGE_PMD_NR) : end // HPAGE_PMD_NR] = False
        self._cut(p, start, end)
        self.folio[p][start:end] = NOTHING

    def _unmapped(self, p: int, start: int, end: int) -> None:
        """Map nothing, and have neither VMAs nor page tables."""
        self._clear(p, start, end)
        self.tabled[p][-(-start // HPAGE_PMD_NR) : end // HPAGE_PMD_NR] = False
        self.vma[p][start:end] = 0

    def dontneed(self, p: int, start: int, end: int, *, locked: bool = False) -> None:
        """Drop pages."""
        kind = ops.DontneedLocked if locked else ops.Dontneed
        self.ops.append(kind(p + 1, start, end - start))
        self._clear(p, start, end)

    def munmap(self, p: int, start: int, end: int) -> None:
        """Unmap pages and their VMAs."""
        self.ops.append(ops.Munmap(p + 1, start, end - start))
        self._unmapped(p, start, end)

    def read(self, p: int, start: int, end: int, *, huge: bool) -> None:
        """Read pages, after all else: where nothing is, the zero page comes, the huge one while 2 MiB are allowed.

        Nobody counts it, and it is no folio: it is not kept here.
        """
        read = ops.Read(p + 1, start, end - start)
        self.ops += (
            [ops.Enabled(HPAGE_PMD_ORDER, 1), read, ops.Enabled(HPAGE_PMD_ORDER, 0)] if huge else [read]
        )

    def pageout(self, p: int, start: int, end: int) -> None:
        """Swap small folios out."""
        self.ops.append(ops.Pageout(p + 1, start, end - start))
        self._clear(p, start, end)

    def swapon(self, pages: int) -> None:
        """Use swap space."""
        self.ops.append(ops.SwapOn(pages))

    def guard(self, p: int, start: int, end: int) -> None:
        """Put guard markers."""
        self.ops.append(ops.Guard(p + 1, start, end - start))
        self._clear(p, start, end)

    def splitpmd(self, p: int, block: int) -> None:
        """Map 2 MiB by PTEs."""
        self.ops.append(ops.SplitPmd(p + 1, block * HPAGE_PMD_NR))
        self._cut(p, block * HPAGE_PMD_NR, (block + 1) * HPAGE_PMD_NR)

    def mremap(self, p: int, start: int, end: int, to: int) -> None:
        """Move pages."""
        self.ops.append(ops.Mremap(p + 1, start, end - start, to))
        after = to + end - start
        whole = not (start % HPAGE_PMD_NR or to % HPAGE_PMD_NR or end % HPAGE_PMD_NR)
        moved = [of_process[p][start:end].copy() for of_process in (self.folio, self.offset)]
        blocks = self.huge[p][start // HPAGE_PMD_NR : end // HPAGE_PMD_NR].copy()
        self._unmapped(p, start, end)
        self._unmapped(p, to, after)
        self.folio[p][to:after], self.offset[p][to:after] = moved
        there = slice(to // HPAGE_PMD_NR, -(-after // HPAGE_PMD_NR))
        if whole:
            self.huge[p][there] = blocks
            self.tabled[p][there] = ~blocks
        else:
            self.tabled[p][there] = True
        self._new_vma(p, to, after)

    def mlock(self, p: int, start: int, end: int) -> None:
        """Lock a VMA; what is not there comes."""
        self.ops.append(ops.Mlock(p + 1, start, end - start))
        here = self.folio[p][start:end]
        here[here == NOTHING] = JUNK

    def protect(self, p: int, start: int, end: int, vma: Vma) -> None:
        """Give a VMA its rights."""
        what = p + 1, start, end - start
        self.ops.append(ops.Mprotect(*what, 0) if vma.rights == "r" else ops.Protnone(*what))
