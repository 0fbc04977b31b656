"""A recorded step's operation as operations of the model.

A recording names processes and regions by letters; here they get process ids and addresses. One step may become several
operations, and some depend on what the machine looks like by then, so they are given one at a time.
"""

from __future__ import annotations

from errno import EAGAIN
from typing import TYPE_CHECKING, Final

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.evidence.recordings.locks import Locks
from folioviz.evidence.recordings.moves import moved
from folioviz.evidence.recordings.nearest import NEWEST
from folioviz.evidence.recordings.pins import Pins
from folioviz.evidence.recordings.reclaim import Reclaim
from folioviz.machine.memory import (
    EFAULT,
    ENOMEM,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    LOWEST_QUEUED_ORDER,
    PMD_HUGE,
)
from folioviz.mm.headers import find_vma, pmd_index
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, page_at, vma_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.nearest import Release
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op

REGION_PAGES: Final = 1 << 15
"""Pages from the beginning of one region to the next: each of a to h begins at a 2 MiB boundary."""
WORKED: Final = {("reclaim", -EAGAIN)}
"""What has done its work although it returns an error: it frees less than it was asked for."""
STOPPED: Final = {"touch", "dontneed", "mprotect", "free", "cold", "mremap"}
"""What may have done a part of its work when it returns -ENOMEM or -EFAULT: whether it has, the model tells."""
SETTINGS: Final = {
    "shrink_underused": ops.Underused,
    "max_ptes_none": ops.MaxNone,
}


def may_have_stopped(act: Act, result: int) -> bool:
    """Tell whether an act with this result may have done a part of its work, if the model ends it alike."""
    return act.word in STOPPED and result in {-ENOMEM, -EFAULT}


class Translator:
    """Turns steps into operations, and knows where the recording's processes and regions are.

    Attributes:
        mms: process letter -> its id in the model, of those that were ever there.
        starts: region letter -> its first page's vpn; a region keeps its place in every process.
        pages: region letter -> how many pages were ever in it.
        locks: what is locked.
        pins: who holds references.
        reclaim: what the shrinker finds.
        small: (process, region) of those without MADV_HUGEPAGE.
    """

    def __init__(self, machine: Machine, thp: frozenset[int], release: Release = NEWEST) -> None:
        """Begin with an empty machine.

        Args:
            machine: the machine that the operations will be done on.
            thp: the orders of folios that a fault may bring.
            release: the recorded kernel.
        """
        self.release = release
        self.machine = machine
        self.thp = thp
        self.mms: dict[str, int] = {}
        self.starts: dict[str, int] = {}
        self.pages: dict[str, int] = {}
        self.locks = Locks(machine)
        self.pins = Pins(machine)
        self.reclaim = Reclaim(machine, release)
        self.small: set[tuple[str, str]] = set()

    def operations(self, act: Act, result: int) -> Iterator[Op]:
        """Yield the operations of one step; each must be done before the next is asked for.

        Args:
            act: the step's operation.
            result: what the kernel returned: what it refused at once, the model does not do, either.

        Raises:
            NotModelledError: if there are none for it.
        """
        if not self.mms:
            yield from self._begin()
        if not act.known:
            raise NotModelledError(act.why or f"{act.word} is no operation of the model")
        if act.process and act.process not in self.mms:
            raise NotModelledError(f"process {act.process} was not made by a step")
        if act.process and mm_slot(self.machine, self.mms[act.process]) < 0:
            raise NotModelledError(f"process {act.process} has ended")
        if act.region and act.word != "map" and act.region not in self.starts:
            raise NotModelledError(f"region {act.region} was not made by a step")
        if result >= 0 or may_have_stopped(act, result) or (act.word, result) in WORKED:
            yield from getattr(self, f"_{act.word}")(act)

    def has_hole(self, act: Act) -> bool:
        """Tell whether a page of an act's range is in no VMA: MADV_DONTNEED passes over it, too, and then fails."""
        slot, first = mm_slot(self.machine, self.mms[act.process]), self.starts[act.region]
        return any(vma_at(self.machine, slot, first + page) < 0 for page in range(act.start, act.end))

    def _begin(self) -> Iterator[Op]:
        """Make the first process, and allow the sizes that the kernel was told to use."""
        self.mms["P"] = int(self.machine.next_mm_id[0])
        yield ops.Mm()
        yield from self._enable(frozenset(), self.thp)

    def _enable(self, before: frozenset[int], after: frozenset[int]) -> Iterator[Op]:
        """Allow the orders ``after`` and no others; v6.1 has 2 MiB only, and other kernels are told at each fault."""
        self.thp = after
        if "thp_enabled" in self.machine.keeps:
            kept = {HPAGE_PMD_ORDER} if "folio_double_map" in self.machine.keeps else set(range(1, 10))
            for order in sorted((before ^ after) & kept):
                yield ops.Enabled(order, int(order in after))

    def _range(self, act: Act) -> tuple[int, int, int]:
        """Return (process id, vpn, pages) of an act's range."""
        self.pages[act.region] = max(self.pages[act.region], act.end)
        return self.mms[act.process], self.starts[act.region] + act.start, act.end - act.start

    def _strided(self, act: Act) -> Iterator[tuple[int, int, int]]:
        """Yield an act's range, or every stride'th page of it."""
        mm, vpn, pages = self._range(act)
        if act.stride == 1:
            yield mm, vpn, pages
        else:
            yield from ((mm, vpn + page, 1) for page in range(0, pages, act.stride))

    def _map(self, act: Act) -> Iterator[Op]:
        self._place(act.region, act.value, act.end)
        if act.name:
            self.small.add((act.process, act.region))
        yield ops.Mmap(*self._range(act))

    def _place(self, region: str, shift: int, pages: int) -> None:
        """Give a region its place: ``shift`` pages behind a 2 MiB boundary."""
        self.starts.setdefault(region, (ord(region) - ord("a")) * REGION_PAGES + shift)
        self.pages[region] = max(self.pages.get(region, 0), pages)

    def _touch(self, act: Act) -> Iterator[Op]:
        allowed = self.thp
        if (act.process, act.region) in self.small:
            yield from self._enable(allowed, frozenset())
        for part in self._strided(act):
            yield from self._write(*part)
        yield from self._enable(self.thp, allowed)

    def _write(self, mm: int, vpn: int, pages: int) -> Iterator[Op]:
        """Write to pages in order; a kernel that chooses sizes by itself is left to it."""
        if "thp_enabled" in self.machine.keeps:
            yield ops.Touch(mm, vpn, pages)
            return
        slot = mm_slot(self.machine, mm)
        for page in range(vpn, vpn + pages):
            if HPAGE_PMD_ORDER in self.thp and self._huge_fits(slot, page):
                yield ops.FaultPmd(mm, page & ~(HPAGE_PMD_NR - 1))
            elif not self.machine.pmd[pmd_index(slot, page)] & PMD_HUGE or page == vpn:
                yield ops.Write(mm, page)

    def _huge_fits(self, slot: int, vpn: int) -> bool:
        """Tell whether a page's whole 2 MiB are in one VMA and nothing is there."""
        machine, first = self.machine, vpn & ~(HPAGE_PMD_NR - 1)
        vma = find_vma(machine, slot, vpn)
        inside = vma >= 0 and machine.vma_start[vma] <= first and first + HPAGE_PMD_NR <= machine.vma_end[vma]
        return bool(inside and not machine.pmd[pmd_index(slot, vpn)])

    def _dontneed(self, act: Act) -> Iterator[Op]:
        yield from (ops.Dontneed(*part) for part in self._strided(act))

    _guard = _dontneed_locked = _dontneed
    """Guard markers drop what they replace, and what they are themselves is not modelled."""

    def _munmap(self, act: Act) -> Iterator[Op]:
        mm, vpn, pages = self._range(act)
        self.locks.unmap(mm, vpn, pages)
        yield ops.Munmap(mm, vpn, pages)

    def _mprotect(self, act: Act) -> Iterator[Op]:
        yield ops.Mprotect(*self._range(act), int(act.name == "rw"))

    def _free(self, act: Act) -> Iterator[Op]:
        yield ops.Free(*self._range(act))

    def _cold(self, act: Act) -> Iterator[Op]:
        yield ops.Cold(*self._range(act))

    def _mlock(self, act: Act) -> Iterator[Op]:
        """Lock pages, and bring those that nobody has touched."""
        yield from self.locks.change(*self._range(act), lock=True)
        yield from self.locks.bring(*self._range(act))

    def _munlock(self, act: Act) -> Iterator[Op]:
        yield from self.locks.change(*self._range(act), lock=False)

    def _pin(self, act: Act) -> Iterator[Op]:
        """Take a reference for each page, as vmsplice() does."""
        yield from self.pins.take(*self._range(act))

    def _unpin(self, act: Act) -> Iterator[Op]:
        yield from self.pins.drop(self.mms[act.process])

    def _gup(self, act: Act) -> Iterator[Op]:
        """Pin pages as a registered buffer does."""
        yield from self.pins.take(*self._range(act), pin=True)

    _ungup = _unpin

    def _migrate(self, act: Act) -> Iterator[Op]:
        """move_pages(): large folios move; shared ones with MPOL_MF_MOVE_ALL only."""
        where, shared = self._range(act), act.word == "migrateall"
        yield from moved(self.machine, self.release, *where, shared=shared, pinned=self.pins.registered)

    _migrateall = _migrate

    def _huge(self, act: Act) -> Iterator[Op]:
        """MADV_HUGEPAGE: every VMA of the model has it; a region without it is one where no size is allowed."""
        if act.start or act.end < self.pages[act.region]:
            raise NotModelledError("VMAs of the model have MADV_HUGEPAGE from the start, not pages of them")
        if (act.process, act.region) in self.small:
            slot, first = mm_slot(self.machine, self.mms[act.process]), self.starts[act.region]
            if any(page_at(self.machine, slot, first + page) >= 0 for page in range(act.start, act.end)):
                raise NotModelledError("khugepaged may collapse what is there, from now on")
        self.small.discard((act.process, act.region))
        yield from ()

    def _fork(self, act: Act) -> Iterator[Op]:
        self.mms[act.name] = int(self.machine.next_mm_id[0])
        if self.pins.registered:
            raise NotModelledError("the model does not know pinned pages, which fork copies")
        self.locks.fork(self.mms[act.process], self.mms[act.name])
        self.small |= {(act.name, region) for process, region in self.small if process == act.process}
        yield ops.Fork(self.mms[act.process])

    def _exit(self, act: Act) -> Iterator[Op]:
        yield ops.Exit(self.mms[act.process])

    def _mremap(self, act: Act) -> Iterator[Op]:
        mm, vpn, pages = self._range(act)
        self._place(act.name, 0, act.value + pages)
        yield ops.Mremap(mm, vpn, pages, self.starts[act.name] + act.value)

    def _dropcaches(self, act: Act) -> Iterator[Op]:
        if act.value & 2:
            yield from self.reclaim.shrink()

    def _reclaim(self, _act: Act) -> Iterator[Op]:
        yield from self.reclaim.reclaim()

    def _rmcgroup(self, _act: Act) -> Iterator[Op]:
        self.reclaim.remove_cgroup()
        yield from ()

    def _swapon(self, act: Act) -> Iterator[Op]:
        """Swap space by itself changes nothing of what is modelled."""
        self.reclaim.swap = act.word == "swapon"
        yield from ()

    _swapoff = _swapon

    def _split(self, act: Act) -> Iterator[Op]:
        """Split the large folios of a range one after the other, by address, as debugfs split_huge_pages does."""
        if act.value and "folio_double_map" not in self.machine.keeps:
            raise NotModelledError(f"the model splits folios to order 0 only, not to order {act.value}")
        mm, vpn, pages = self._range(act)
        slot, machine = mm_slot(self.machine, mm), self.machine
        for page in range(vpn, vpn + pages):
            mapped = page_at(machine, slot, page)
            head = int(machine.page_folio[mapped]) if mapped >= 0 else -1
            if head >= 0 and machine.folio_order[head] >= LOWEST_QUEUED_ORDER:
                yield ops.Split(int(machine.folio_id[head]))

    def _sysfs(self, act: Act) -> Iterator[Op]:
        """Write to a setting of transparent huge pages."""
        setting = SETTINGS.get(act.name.rpartition("/")[2])
        if setting is None:
            raise NotModelledError(f"the model has no setting {act.name}")
        yield setting(act.value)

    def _thp(self, act: Act) -> Iterator[Op]:
        """Allow folios of these orders at faults, and of no others."""
        yield from self._enable(self.thp, frozenset(map(int, act.name.split("+"))) - {0})

    def _compact(self, _act: Act) -> Iterator[Op]:
        """Compaction and a cgroup of one's own change nothing of what is modelled."""
        yield from ()

    _cgroup = _mkcgroup = _uncgroup = _compact
