"""Page dumps of the kernel's log: what one folio's counters say.

mm/debug.c: up to v6.1 "head:... order:O compound_mapcount:N compound_pincount:N", up to v6.9 "head:... order:O
entire_mapcount:N nr_pages_mapped:N pincount:N", since then with "mapcount:N", all mappings, behind the order. On a
kernel with CONFIG_NO_PAGE_MAPCOUNT nr_pages_mapped is -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from folioviz.diagnosis.findings import Bounds, Number
from folioviz.diagnosis.words import DUMP

if TYPE_CHECKING:
    from folioviz.diagnosis.pieces import Piece


@dataclass(frozen=True)
class Dump:
    """One folio's counters.

    Attributes:
        piece: the lines.
        page_kib: the size of a page.
    """

    piece: Piece
    page_kib: int

    def counter(self, *words: str) -> int | None:
        """Return the first of some counters that the dump has; None if it has none."""
        return next((self.piece.values[word] for word in words if word in self.piece.values), None)

    @property
    def pages(self) -> int:
        """The folio's pages: 1 if the dump has no line "head"."""
        return 1 << (self.counter("head order") or 0)

    @property
    def anon(self) -> bool:
        """Tell whether the folio is anonymous: if the dump does not say, it is taken as such."""
        return self.piece.values.get("anon", 1) == 1

    @property
    def pmds(self) -> int | None:
        """How many PMDs map the folio."""
        return self.counter("head entire_mapcount", "head compound_mapcount") if self.pages > 1 else 0

    @property
    def mapped(self) -> int | None:
        """How many of the folio's pages are mapped; None if the dump does not tell."""
        if self.pages == 1:
            return min(max(self.counter("mapcount") or 0, 0), 1)
        if self.pmds:
            return self.pages
        told = self.counter("head nr_pages_mapped")
        if told is not None and 0 <= told <= self.pages:
            return told
        return 0 if self.counter("head mapcount") == 0 else None

    @property
    def without_page_mapcount(self) -> bool:
        """Tell whether the kernel keeps no count for each page (CONFIG_NO_PAGE_MAPCOUNT)."""
        return self.counter("head nr_pages_mapped") == -1

    @property
    def mappings(self) -> int | None:
        """How many mappings the folio has in all; None if the dump does not tell."""
        return self.counter("mapcount") if self.pages == 1 else self.counter("head mapcount")

    @property
    def others(self) -> int | None:
        """References beside those of mappings and of the swap cache; None if the dump does not tell."""
        refcount, mappings = self.counter("refcount"), self.mappings
        if refcount is None or mappings is None:
            return None
        return refcount - mappings - (self.pages if self.piece.values.get("swapcache") else 0)

    @property
    def held(self) -> Bounds | None:
        """What is held of the folio and mapped by nobody; None if it is not anonymous, or the dump has too little."""
        if not self.anon or "refcount" not in self.piece.values:
            return None
        if self.counter("refcount") == 0:
            return Bounds(0, 0)
        if self.mapped is not None:
            return Bounds(*[(self.pages - self.mapped) * self.page_kib] * 2)
        mappings = self.mappings
        low = 0 if mappings is None else max(self.pages - mappings, 0)
        return Bounds(low * self.page_kib, (self.pages - 1) * self.page_kib)

    @property
    def pins(self) -> int:
        """Pins as of I/O or a driver (FOLL_PIN); 0 if the dump does not say."""
        return self.counter("head pincount", "head compound_pincount") or 0

    @property
    def gives_back(self) -> Bounds | None:
        """What a split would free: nothing while it is pinned, perhaps nothing while others have references."""
        if self.held is None or self.pins > 0:
            return self.held and Bounds(0, 0)
        return self.held._replace(low=0) if (self.others or 0) > 0 else self.held

    @property
    def numbers(self) -> list[Number]:
        """The folio's size, and what of it is mapped."""
        found = [Number(self.piece.title, "order", self.pages * self.page_kib)]
        if self.mapped is not None:
            found.append(Number(self.piece.title, "nr_pages_mapped", self.mapped * self.page_kib))
        return found


def dump(piece: Piece, page_kib: int) -> Dump | None:
    """Return a folio's counters; None if the file is another kind."""
    return Dump(piece, page_kib) if piece.kind == DUMP else None
