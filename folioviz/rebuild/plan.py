"""Operations that make page tables: what several processes map comes before the forks, what one has alone after them.

Of each process, first what lies elsewhere is moved to its place, then what is missing comes, large folios before small
ones, and last what is too much goes. A folio for which there is no room where a fault would bring it comes in scratch
memory, and is moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.readout.words import count
from folioviz.rebuild.family import families, homes
from folioviz.rebuild.goal import NOTHING
from folioviz.rebuild.state import WRITABLE
from folioviz.rebuild.steps import Steps, joined

if TYPE_CHECKING:
    from folioviz.ops.ops import Operation
    from folioviz.rebuild.family import Family
    from folioviz.rebuild.goal import Goal


class Plan(Steps):
    """Operations for a goal.

    Attributes:
        mms: process -> its id in the model.
    """

    def __init__(self, goal: Goal, *, touches: bool, guards: bool) -> None:
        """Make it.

        Args:
            goal: what shall be.
            touches: whether the kernel has ``touch``.
            guards: whether the kernel has guard markers.
        """
        super().__init__(goal, touches=touches)
        self._guards, self._touches = guards, touches
        size = int(self._base[-1])
        self._others = np.zeros(size, int)
        for one, pages in goal.others.items():
            self._others[self._base[one] : self._base[one] + len(pages)] = pages
        self._wanted = self._others > 0
        for folio, offset in zip(goal.folio, goal.offset, strict=True):
            self._wanted[self.keys(folio, offset)] = True
        self._locked: set[tuple[int, int]] = set()
        self.mms: dict[str, int] = {}
        swapped = sum(int(pages.sum()) for pages in goal.swapped)
        if swapped:
            self.tables.swapon(swapped)
        for family in families(goal):
            self._make(family)
        for process, guarded in zip(goal.processes, goal.guarded, strict=True):
            if guarded.any() and not guards:
                goal.said.append(
                    f"{count(int(guarded.sum()), 'guard marker')} of {process}: the kernel has none"
                )

    @property
    def ops(self) -> list[Operation]:
        """Return the operations."""
        return self.tables.ops

    def _make(self, family: Family) -> None:
        """Make the processes of a family."""
        tables, (member, *children) = self.tables, family.members
        first = tables.mm()
        self._map(first, member, family, [*family.shared, *family.alone[member]])
        if family.shared:
            self._share(first, family)
        copies = [first, *(tables.fork(first) for _ in children)]
        for number in range(max((int(pages.max()) for one, pages in self._of(family)), default=0)):
            stranger = tables.fork(first)
            self.trim(stranger, self.among(stranger, self._others > number))
        for copy, member in zip(copies, family.members, strict=True):
            self.mms[self.goal.processes[member]] = copy + 1
            self._map(copy, member, family, family.alone[member])
            self._settle(copy, member, family.alone[member])

    def _of(self, family: Family) -> list[tuple[int, np.ndarray]]:
        """Return those folios of a family that others map, too."""
        return [(one, self.goal.others[one]) for one in family.shared if one in self.goal.others]

    def _map(self, p: int, member: int, family: Family, folios: list[int]) -> None:
        """Make the VMAs that a process lacks: where folios are to be brought, or nothing is."""
        goal, places = self.goal, homes(self.goal, folios)
        for start, end in family.intervals:
            here = slice(start, end)
            empty = goal.inside[member][here].any() and not (goal.folio[member][here] >= 0).any()
            if not self.tables.vma[p][here].any() and (
                empty or any(start <= place < end for place, _ in places)
            ):
                self.tables.mmap(p, start, end)

    # --- what several processes map -----------------------------------------------------------------------------

    def _share(self, p: int, family: Family) -> None:
        """Bring what several processes map, and let go of what none of them does."""
        self.bring(p, family.shared, lambda: self.among(p, self._wanted))
        self.move(p, *self._in_common(p, family))
        locked = self._lock(p, family.members[0])
        self.trim(p, self.among(p, self._wanted), locked=locked)
        used = self.among(p, self._wanted)
        for member in family.members:
            used |= self.goal.inside[member]
            for start, end in homes(self.goal, family.alone[member]):
                used[start:end] = True
        self.unmap(p, used)
        self._split_for_all(p, family)

    def _in_common(self, p: int, family: Family) -> tuple[np.ndarray, np.ndarray]:
        """Return where the first process moves folios for all: those that all want at one place, which is free."""
        goal, folio = self.goal, self.tables.folio[p]
        wanted, offsets = np.full(len(folio), NOTHING), np.zeros(len(folio), int)
        taken = self.among(p, self._wanted)
        for one in family.shared:
            if goal.home[one] >= 0 and folio[goal.home[one]] == one:
                continue
            places = [np.flatnonzero(goal.folio[member] == one) for member in family.members]
            users = [(member, at) for member, at in zip(family.members, places, strict=True) if at.size]
            member, at = users[0] if users else (0, np.zeros(0, int))
            if not taken[at].any() and all(np.array_equal(at, other) for _, other in users):
                wanted[at], offsets[at] = one, goal.offset[member][at]
        return wanted, offsets

    def _split_for_all(self, p: int, family: Family) -> None:
        """Map by PTEs what somebody maps whole, and nobody by a PMD."""
        goal, tables = self.goal, self.tables
        by_pmd = {
            folio
            for one in family.members
            for folio in goal.folio[one][np.flatnonzero(goal.huge[one]) * HPAGE_PMD_NR].tolist()
        }
        for block in np.flatnonzero(tables.huge[p]).tolist():
            here = slice(block * HPAGE_PMD_NR, (block + 1) * HPAGE_PMD_NR)
            folio = tables.folio[p][here]
            if int(folio[0]) not in by_pmd and any(
                np.array_equal(goal.folio[one][here], folio) for one in family.members
            ):
                tables.splitpmd(p, block)

    # --- what one process maps ----------------------------------------------------------------------------------

    def _right(self, p: int, member: int) -> np.ndarray:
        """Tell of each page whether it maps what it shall."""
        folio = self.tables.folio[p]
        same = (folio == self.goal.folio[member]) & (self.tables.offset[p] == self.goal.offset[member])
        return np.asarray(same & (folio >= 0))

    def _lock(self, p: int, member: int) -> bool:
        """Lock the VMAs of a process, and tell whether it has any that are; what is not there comes by that.

        A lock copies what others map, too, so what is shared had to be locked before the fork.
        """
        goal, tables = self.goal, self.tables
        for start, end, vma in goal.vmas[member]:
            if not vma.locked or (p, start) in self._locked:
                continue
            here = slice(start, end)
            shared = self._mapped_by_others(p)[here].any()
            if shared:
                goal.said.append(
                    f"the lock of {count(end - start, 'page')} of {goal.processes[member]}: it copies what is shared"
                )
            elif (tables.vma[p][here] > 0).all():
                self._locked.add((p, start))
                tables.mlock(p, start, end)
        return any(process == p for process, _ in self._locked)

    def _mapped_by_others(self, p: int) -> np.ndarray:
        """Tell of each page whether other processes map the same page of the same folio there."""
        tables, folio = self.tables, self.tables.folio[p]
        found = np.zeros(len(folio), bool)
        for q, theirs in enumerate(tables.folio):
            if q != p:
                found |= (folio >= 0) & (theirs == folio) & (tables.offset[q] == tables.offset[p])
        return found

    def _small(self, folio: np.ndarray) -> np.ndarray:
        """Tell of each page whether it is to map a small folio."""
        return np.asarray(np.append(self.goal.order, NOTHING)[folio] == 0)

    def _copied(self, p: int, member: int) -> np.ndarray:
        """Tell of each page whether a write is to copy it: others map it, too, and a small folio shall be there."""
        found = self._small(self.goal.folio[member]) & (self.tables.folio[p] >= 0) & ~self._right(p, member)
        return np.asarray(found & self._mapped_by_others(p)) if found.any() else found

    def _settle(self, p: int, member: int, folios: list[int]) -> None:
        """Give a process what it alone maps, at its place, and take what it does not map."""
        goal, tables = self.goal, self.tables
        wanted = goal.folio[member], goal.offset[member]
        self.move(p, *wanted)
        large = [one for one in folios if goal.order[one]]
        self.bring(p, large, lambda: self._right(p, member) | self._copied(p, member))
        self.move(p, *wanted)
        guarded = goal.guarded[member] if self._guards else np.zeros(len(wanted[0]), bool)
        aside = guarded | ~goal.inside[member]
        copied = self._copied(p, member)
        small = self._small(wanted[0]) & ~self._right(p, member)
        self.trim(p, self._right(p, member) | copied | (aside & ~small))
        self.write(p, small & ((tables.folio[p] == NOTHING) | copied), wanted[0])
        locked = self._lock(p, member)
        self.trim(p, self._right(p, member) | aside, locked=locked)
        self.unmap(p, goal.inside[member])
        for start, end in joined(goal.swapped[member], np.zeros_like(guarded)):
            tables.pageout(p, start, end)
        self._read(p, member)
        for start, end in joined(guarded, np.zeros_like(guarded)):
            tables.guard(p, start, end)
        for block in np.flatnonzero(tables.huge[p] & ~goal.huge[member]).tolist():
            tables.splitpmd(p, block)
        for start, end, vma in goal.vmas[member]:
            if vma.rights != WRITABLE:
                tables.protect(p, start, end, vma)

    def _read(self, p: int, member: int) -> None:
        """Map zero pages: a huge one by the PMD where one was seen, if no page table is in its way.

        What is mapped may be read, too. A kernel without a switch for 2 MiB has no huge zero page.
        """
        goal, tables = self.goal, self.tables
        zero = goal.zero[member]
        mapped = tables.folio[p] != NOTHING
        for start, end in joined(zero & (tables.vma[p] == 0), np.zeros_like(zero)):
            tables.mmap(p, start, end)
        blocks = len(goal.huge[member])
        whole = zero[: blocks * HPAGE_PMD_NR].reshape(blocks, HPAGE_PMD_NR).all(axis=1)
        huge = np.zeros_like(zero)
        huge[: blocks * HPAGE_PMD_NR] = np.repeat(
            whole & goal.huge[member] & ~tables.tabled[p] & self._touches, HPAGE_PMD_NR
        )
        for start, end in joined(huge, np.zeros_like(zero)):
            tables.read(p, start, end, huge=True)
        for start, end in joined(zero & ~huge, mapped):
            tables.read(p, start, end, huge=False)
