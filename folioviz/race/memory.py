"""The memory of several CPUs: a machine in which each has its own mmu_gather, and a word for every lock.

CPU 0 has what is on a CPU's stack where a machine of one CPU has it, so that one CPU alone is that machine. The others
have copies behind the last field. The words of locks lie behind those, in the copy that schedules run on
(:class:`Shared`), and never in a history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.machine.fields import FIELDS, FOLIO_PINCOUNT, FOLIO_SWAP, LIST_NEXT, LIST_PREV
from folioviz.machine.journal import WHY
from folioviz.machine.memory import LIST_MM, MAX_MMS, PAGES_TO_FREE, PER_PAGE, SCAN_LIST, Machine, Sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CPUS: Final = 4
SIZES: Final = Sizes(pages=1024, tables=8, vmas=64)
"""A machine for races, unless another size is asked for: a state is copied and counted often."""
PER_CPU: Final = tuple(row.number for row in FIELDS if row.name.startswith("tlb_"))
"""The fields that lie on a CPU's stack in Linux: struct mmu_gather."""
UNTOUCHED: Final = (FOLIO_SWAP, FOLIO_PINCOUNT)
"""Fields that nothing writes to in a race, as swapping and pinning are refused there: to read one is no step."""


def stack_lists(cpu: int) -> tuple[int, int]:
    """Return the list heads on a CPU's stack: those of the shrinker and of release_pages().

    From CPU 1 on they are the nodes of the last processes, which a race never has.
    """
    return (
        (SCAN_LIST, PAGES_TO_FREE)
        if cpu == 0
        else (LIST_MM + MAX_MMS - 2 * cpu, LIST_MM + MAX_MMS - 2 * cpu + 1)
    )


class ManyMachine(Machine):
    """A machine with several CPUs."""

    def __init__(self, sizes: Sizes, keeps: frozenset[str], drops: frozenset[str], cpus: int) -> None:
        """Make an empty machine of ``cpus`` CPUs."""
        super().__init__(sizes, keeps, drops)
        own, lengths = self.mem, [self.lengths[number] for number in PER_CPU]
        self.mem = np.zeros(own.size + (cpus - 1) * sum(lengths), np.int32)
        self.mem[: own.size] = own
        for row, start, length in zip(FIELDS, self.base, self.lengths, strict=True):
            setattr(self, row.name, self.mem[start : start + length])
        self.home = np.arange(self.mem.size)
        """Address -> the same address of CPU 0."""
        self.bases = [self.base]
        """The address of each field's element 0, as each CPU sees it."""
        end = own.size
        for _ in range(1, cpus):
            base = list(self.base)
            for number, length in zip(PER_CPU, lengths, strict=True):
                base[number] = end
                self.home[end : end + length] = np.arange(self.base[number], self.base[number] + length)
                end += length
            self.bases.append(tuple(base))
        self.share_settings()

    def share_settings(self) -> None:
        """Give every CPU the mmu_gather of CPU 0, which is idle between operations but for its limit."""
        for base in self.bases[1:]:
            for number in PER_CPU:
                length, mine = self.lengths[number], self.base[number]
                self.mem[base[number] : base[number] + length] = self.mem[mine : mine + length]

    def where(self, address: int) -> tuple[int, int]:
        """Return (field number, index) of an address, whichever CPU's it is."""
        return super().where(int(self.home[address]))

    def fields_of(self, addresses: np.ndarray) -> np.ndarray:
        """Return the field number of each address, int64."""
        return super().fields_of(self.home[addresses])

    def pages_of(self, addresses: np.ndarray) -> np.ndarray:
        """Return the pages, each once, of which some field is at one of the addresses; int64, ascending."""
        numbers = self.fields_of(addresses)
        return np.unique((self.home[addresses] - np.array(self.base)[numbers])[PER_PAGE[numbers]])


class Shared:
    """The memory that schedules run on: a copy of a machine's, and the words of its locks.

    Attributes:
        array, mem: the memory, int32, and a memoryview of it.
        rows: the journal of what is done to it.
        size: where the words of locks begin.
    """

    def __init__(self, machine: ManyMachine) -> None:
        """Copy a machine; every lock is free."""
        self.many = machine
        self.size = machine.mem.size
        self.anon_vma, self.zone, self.slab = range(self.size, self.size + 3)
        self.tables = self.size + 3
        self.folios = self.tables + machine.sizes.tables
        self.owners = self.folios + machine.sizes.pages
        self.mms = self.owners + machine.sizes.pages
        self.pmds = self.mms + MAX_MMS
        self.invalid = self.pmds + MAX_MMS
        self.array = np.zeros(self.invalid + MAX_MMS, np.int32)
        self.array[: self.size] = machine.mem
        self.initial = self.array.copy()
        self.mem = memoryview(self.array.data)
        self.rows: list[tuple[int, int, int, int]] = []

    def reset(self) -> None:
        """Begin again."""
        self.array[:] = self.initial
        self.rows.clear()

    def undo(self, mark: int) -> None:
        """Take back the rows from ``mark`` on, and forget them."""
        for kind, address, old, _new in reversed(self.rows[mark:]):
            if address >= 0 and kind < WHY:
                self.mem[address] = old
        del self.rows[mark:]

    def private(self, cpu: int) -> Iterator[range]:
        """Return the addresses that only one CPU can see, or that no race writes to, as ranges.

        The shrinker's list is none of them: whoever unqueues a folio may find it there.
        """
        many = self.many
        for number in PER_CPU:
            start = many.bases[cpu][number]
            yield range(start, start + many.lengths[number])
        for number in UNTOUCHED:
            yield range(many.base[number], many.base[number] + many.lengths[number])
        for number in (LIST_NEXT, LIST_PREV):
            address = many.base[number] + stack_lists(cpu)[1]
            yield range(address, address + 1)

    def name(self, address: int) -> str:
        """Return what an address is called."""
        if address < self.size:
            number, index = self.many.where(address)
            return f"{FIELDS[number].label}[{index}]"
        for start, name in (
            (self.invalid, "PMD under split"),
            (self.pmds, "PMD lock"),
            (self.mms, "mmap_lock"),
            (self.owners, "owner lock"),
            (self.folios, "PG_locked"),
            (self.tables, "PTL"),
        ):
            if address >= start:
                return f"{name}[{address - start}]"
        return ("anon_vma lock", "zone lock", "slab")[address - self.size]
