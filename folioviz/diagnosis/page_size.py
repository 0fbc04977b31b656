"""The size of a page, as far as a paste tells it: by smaps, or by how much a PMD maps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.words import SIZES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.diagnosis.pieces import Piece

PAGES: Final = (4, 8, 16, 64)
"""Sizes that a page has, in KiB; a mapping of hugetlbfs says a larger one."""
BY_PMD: Final = re.compile(r"(?:anon|file)-thp-pmd-aligned-(\d{1,9})kB")


def pmd_kib(page_kib: int) -> int:
    """Return how much a PMD maps, in KiB: a page table is a page of entries of 8 bytes."""
    return page_kib * (page_kib << 10) // 8


def page_kib(pieces: Sequence[Piece]) -> int | None:
    """Return the size of a page in KiB; None if the paste does not tell.

    Of folio sizes only those tell that are too large for smaller pages: not all of them may be in the paste.
    """
    mapped = [kib for piece in pieces for word, kib in piece.values.items() if word == "KernelPageSize"]
    if mapped and min(mapped) in PAGES:
        return min(mapped)
    words = [word for piece in pieces for word in piece.values]
    by_pmd = {int(found[1]) for word in words if (found := BY_PMD.fullmatch(word))}
    largest = {
        int(word.partition("/")[0]) for piece in pieces if piece.kind == SIZES for word in piece.values
    } - {pmd_kib(PAGES[0])}
    return next((page for page in reversed(PAGES) if pmd_kib(page) in by_pmd | largest), None)
