"""Where a recording's processes and regions are on the model's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.evidence.recordings.nearest import NEWEST
from folioviz.evidence.recordings.pins import Pins
from folioviz.evidence.recordings.reclaim import Reclaim
from folioviz.machine.memory import HPAGE_PMD_ORDER
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, vma_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.nearest import Release
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op


REGION_PAGES: Final = 1 << 15
"""Pages from the beginning of one region to the next: each of a to h begins at a 2 MiB boundary."""


class Scene:
    """A recording's processes, regions and references.

    Attributes:
        mms: process letter -> its id in the model, of those that were ever there.
        starts: region letter -> its first page's vpn; a region keeps its place in every process.
        pages: region letter -> how many pages were ever in it.
        pins: who holds references.
        reclaim: what the shrinker finds.
        small: (process, region) of those without MADV_HUGEPAGE.
        collapsing: whether khugepaged collapsed something in this step, before it was told to.
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
        self.pins = Pins(machine)
        self.reclaim = Reclaim(machine, release)
        self.small: set[tuple[str, str]] = set()
        self.collapsing = False

    def has_hole(self, act: Act) -> bool:
        """Tell whether a page of an act's range is in no VMA: MADV_DONTNEED passes over it, too, and then fails."""
        slot, first = mm_slot(self.machine, self.mms[act.process]), self.starts[act.region]
        return any(vma_at(self.machine, slot, first + page) < 0 for page in range(act.start, act.end))

    def begin(self) -> Iterator[Op]:
        """Make the first process, and allow the sizes that the kernel was told to use."""
        self.mms["P"] = int(self.machine.next_mm_id[0])
        yield ops.Mm()
        yield from self.enable(frozenset(), self.thp)

    def enable(self, before: frozenset[int], after: frozenset[int]) -> Iterator[Op]:
        """Allow the orders ``after`` and no others; v6.1 has 2 MiB only, and other kernels are told at each fault."""
        self.thp = after
        if "thp_enabled" in self.machine.keeps:
            kept = {HPAGE_PMD_ORDER} if "folio_double_map" in self.machine.keeps else set(range(1, 10))
            for order in sorted((before ^ after) & kept):
                yield ops.Enabled(order, int(order in after))

    def range_of(self, act: Act) -> tuple[int, int, int]:
        """Return (process id, vpn, pages) of an act's range."""
        self.pages[act.region] = max(self.pages[act.region], act.end)
        return self.mms[act.process], self.starts[act.region] + act.start, act.end - act.start

    def khugepaged(self) -> Iterator[Op]:
        """Yield a pass of khugepaged over each process.

        Raises:
            NotModelledError: if it would leave a region out.
        """
        if self.small:
            raise NotModelledError(
                "khugepaged leaves VMAs without MADV_HUGEPAGE alone, and the model has none"
            )
        allowed = self.thp
        if not self.release.collapses_to_every_size:
            yield from self.enable(allowed, allowed & {HPAGE_PMD_ORDER})
        for mm in self.mms.values():
            if mm_slot(self.machine, mm) >= 0:
                yield ops.Khugepaged(mm)
        yield from self.enable(self.thp, allowed)

    def strided(self, act: Act) -> Iterator[tuple[int, int, int]]:
        """Yield an act's range, or every stride'th page of it."""
        mm, vpn, pages = self.range_of(act)
        if act.stride == 1:
            yield mm, vpn, pages
        else:
            yield from ((mm, vpn + page, 1) for page in range(0, pages, act.stride))

    def place(self, region: str, shift: int, pages: int) -> None:
        """Give a region its place: ``shift`` pages behind a 2 MiB boundary."""
        self.starts.setdefault(region, (ord(region) - ord("a")) * REGION_PAGES + shift)
        self.pages[region] = max(self.pages.get(region, 0), pages)
