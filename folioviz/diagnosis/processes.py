"""What processes map: smaps, smaps_rollup, and what thpmaps prints. Nothing that is mapped by nobody is in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.findings import Bounds
from folioviz.diagnosis.meanings import number
from folioviz.diagnosis.page_size import pmd_kib
from folioviz.diagnosis.words import ROLLUP, SMAPS, THPMAPS

if TYPE_CHECKING:
    from folioviz.diagnosis.findings import Number
    from folioviz.diagnosis.pieces import Piece

TOLD: Final = ("Rss", "Anonymous", "AnonHugePages", "LazyFree", "Swap")
"""What the conclusions are drawn from."""
THP: Final = re.compile(r"anon-thp-(pmd-aligned|pte-aligned|pte-unaligned)-(\d{1,9})kB")
PARTIAL: Final = "anon-thp-pte-partial"


@dataclass(frozen=True)
class Process:
    """What one process maps, in KiB.

    Attributes:
        piece: the file.
    """

    piece: Piece

    def kib(self, word: str) -> int | None:
        """Return a number, or None if the paste does not have it."""
        return self.piece.values.get(word)

    @property
    def numbers(self) -> list[Number]:
        """The numbers that the conclusions are drawn from."""
        return [
            number(self.piece.kind, self.piece.title, word, self.piece.values[word])
            for word in TOLD
            if word in self.piece.values
        ]


@dataclass(frozen=True)
class Maps:
    """What thpmaps counted, in KiB.

    Attributes:
        piece: its output.
        page_kib: the size of a page.
    """

    piece: Piece
    page_kib: int

    def whole(self, *ways: str) -> int:
        """Return what is mapped of folios that are mapped whole and in one piece."""
        found = ((THP.fullmatch(word), kib) for word, kib in self.piece.values.items())
        return sum(kib for match, kib in found if match and match[1] in ways)

    @property
    def partial(self) -> int:
        """What is mapped of folios that are not mapped whole and in one piece."""
        return self.piece.values.get(PARTIAL, 0)

    @property
    def largest(self) -> int:
        """The largest anonymous folio: what a PMD maps."""
        return pmd_kib(self.page_kib)

    @property
    def held(self) -> Bounds:
        """What can be held of those folios and mapped by nobody: others may map all of it, or none."""
        pages = self.partial // self.page_kib
        return Bounds(0, pages * (self.largest - self.page_kib))

    @property
    def numbers(self) -> list[Number]:
        """All that is anonymous."""
        return [
            number(self.piece.kind, self.piece.title, word, kib)
            for word, kib in self.piece.values.items()
            if word.startswith("anon-thp-")
        ]


def process(piece: Piece) -> Process | None:
    """Return what a process maps; None if the file is another kind."""
    return Process(piece) if piece.kind in {SMAPS, ROLLUP} else None


def maps(piece: Piece, page_kib: int) -> Maps | None:
    """Return what thpmaps counted; None if the file is another kind."""
    return Maps(piece, page_kib) if piece.kind == THPMAPS else None
