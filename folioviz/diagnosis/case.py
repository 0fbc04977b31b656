"""All files of a paste, each as what it tells; and what is held and mapped by nobody, by the best of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from folioviz.diagnosis.dumps import dump
from folioviz.diagnosis.findings import PAGE_KIB, Bounds
from folioviz.diagnosis.ledger import ledger
from folioviz.diagnosis.page_size import page_kib
from folioviz.diagnosis.processes import maps, process
from folioviz.diagnosis.sizes import sizes
from folioviz.diagnosis.words import VMSTAT

if TYPE_CHECKING:
    from folioviz.diagnosis.dumps import Dump
    from folioviz.diagnosis.ledger import Ledger
    from folioviz.diagnosis.pieces import Piece
    from folioviz.diagnosis.processes import Maps, Process
    from folioviz.diagnosis.release import Release
    from folioviz.diagnosis.sizes import Sizes


@dataclass(frozen=True)
class Case:
    """All files of a paste, each as what it tells.

    Attributes:
        pieces: the files.
        release: the kernel's, if the paste tells it.
        page_kib: the size of a page, if the paste tells it.
        ledgers: of cgroups and of the machine, those that have all that the estimate needs.
        short: those that have too little.
        sizes: the statistics of the folio sizes.
        processes: what processes map.
        maps: what thpmaps printed.
        dumps: single folios.
    """

    pieces: list[Piece]
    release: Release | None
    page_kib: int | None
    ledgers: list[Ledger]
    short: list[Ledger]
    sizes: Sizes | None
    processes: list[Process]
    maps: list[Maps]
    dumps: list[Dump]

    @classmethod
    def of(cls, found: list[Piece], its_release: Release | None) -> Case:
        """Take the files of a paste."""
        told = page_kib(found)
        size = told or PAGE_KIB
        books = [one for piece in found if (one := ledger(piece, size))]
        return cls(
            pieces=found,
            release=its_release,
            page_kib=told,
            ledgers=[one for one in books if not one.missing],
            short=[one for one in books if one.missing],
            sizes=sizes(found, size),
            processes=[each for piece in found if (each := process(piece))],
            maps=[them for piece in found if (them := maps(piece, size))],
            dumps=[its for piece in found if (its := dump(piece, size))],
        )

    @property
    def parts(self) -> list[Ledger | Sizes | Process | Maps | Dump]:
        """All that has numbers."""
        own = [self.sizes] if self.sizes else []
        return [*self.ledgers, *self.short, *own, *self.processes, *self.maps, *self.dumps]

    @property
    def main(self) -> Ledger | None:
        """The first cgroup of the paste; the machine if there is none."""
        return next((one for one in self.ledgers if one.of_cgroup), self.of_machine)

    @property
    def of_machine(self) -> Ledger | None:
        """The machine's numbers: vmstat's before meminfo's, which have less."""
        own = [one for one in self.ledgers if not one.of_cgroup]
        return next((one for one in own if one.piece.kind == VMSTAT), own[0] if own else None)

    @property
    def held(self) -> Bounds | None:
        """What is held and mapped by nobody, by the best of the files."""
        if self.main:
            return self.main.held
        if self.sizes and self.sizes.known:
            return Bounds(0, self.sizes.most)
        return added([one.held for one in self.dumps] if self.dumps else [one.held for one in self.maps])

    @property
    def gives_back(self) -> Bounds | None:
        """What of it the shrinker frees if nothing is pinned: no more than the marked folios have."""
        held = self.held
        if self.dumps and not self.main and not (self.sizes and self.sizes.known):
            return added([one.gives_back for one in self.dumps])
        if held is None or self.main is not self.of_machine or self.sizes is None or not self.sizes.known:
            return held
        most = self.sizes.most
        return Bounds(min(held.low, most), min(held.high, most))


def added(bounds: list[Bounds | None]) -> Bounds | None:
    """Return the sum of the bounds that are known; None if none is."""
    known = [one for one in bounds if one is not None]
    return Bounds(sum(one.low for one in known), sum(one.high for one in known)) if known else None
