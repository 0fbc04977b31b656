"""The statistics of each folio size: how many folios are marked as partially mapped, and what that can amount to.

A folio of n pages that is partially mapped has 1 to n - 1 pages that nobody maps. nr_anon_partially_mapped counts the
folios with PG_partially_mapped; from v6.12 on (mm/huge_memory.c, deferred_split_folio()).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from folioviz.diagnosis.meanings import number
from folioviz.diagnosis.words import SIZES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.diagnosis.findings import Number
    from folioviz.diagnosis.pieces import Piece


class Size(NamedTuple):
    """The statistics of one size.

    Attributes:
        kib: the size.
        folios: how many anonymous folios there are (nr_anon); None if it is not told.
        partial: how many of them are marked (nr_anon_partially_mapped); None if it is not told.
        deferred: how often one was queued since boot (split_deferred); None if it is not told.
    """

    kib: int
    folios: int | None
    partial: int | None
    deferred: int | None


@dataclass(frozen=True)
class Sizes:
    """The statistics of all sizes, the largest first.

    Attributes:
        rows: one for each size.
        page_kib: the size of a page.
        title: how a sentence calls them.
    """

    rows: tuple[Size, ...]
    page_kib: int
    title: str

    @property
    def known(self) -> bool:
        """Tell whether the kernel counts what is partially mapped."""
        return any(row.partial is not None for row in self.rows)

    @property
    def marked(self) -> list[Size]:
        """The sizes of which a folio is marked."""
        return [row for row in self.rows if row.partial]

    def pages(self, row: Size) -> int:
        """Return how many pages a folio of a size has."""
        return row.kib // self.page_kib

    @property
    def most(self) -> int:
        """The most KiB that nobody maps in the marked folios: of each, all pages but one."""
        return sum((row.partial or 0) * (row.kib - self.page_kib) for row in self.rows)

    @property
    def numbers(self) -> list[Number]:
        """The memory of all folios, and of those that are marked."""
        return [
            number(SIZES, f"hugepages-{row.kib}kB/stats", name, count * row.kib)
            for row in self.rows
            for name, count in (("nr_anon", row.folios), ("nr_anon_partially_mapped", row.partial))
            if count is not None
        ]


def sizes(pieces: Sequence[Piece], page_kib: int) -> Sizes | None:
    """Return the statistics of the last snapshot in a paste; None if there is none."""
    last = next((piece for piece in reversed(pieces) if piece.kind == SIZES), None)
    if last is None:
        return None
    kibs = sorted({int(word.partition("/")[0]) for word in last.values}, reverse=True)
    rows = [
        Size(
            kib,
            *(
                last.values.get(f"{kib}/{word}")
                for word in ("nr_anon", "nr_anon_partially_mapped", "split_deferred")
            ),
        )
        for kib in kibs
        if kib > page_kib
    ]
    return Sizes(tuple(rows), page_kib, last.title)
