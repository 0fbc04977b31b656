"""The estimate of what is held and mapped by nobody, which needs no root: what the LRU lists hold less what is mapped.

The LRU lists hold a large folio with all its pages as long as one of them is mapped; NR_ANON_MAPPED counts the pages
that are mapped. What lies between is mapped by nobody, once other memory on the lists is taken off: tmpfs and shared
memory (Shmem), file pages that are locked in memory, and pages of the swap cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.findings import PAGE_KIB, Bounds, Number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.diagnosis.pieces import Piece

NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "memory.stat": {
        "anon": "anon",
        "shmem": "shmem",
        "inactive_anon": "inactive_anon",
        "active_anon": "active_anon",
        "unevictable": "unevictable",
        "file": "file",
        "inactive_file": "inactive_file",
        "active_file": "active_file",
        "swapcached": "swapcached",
    },
    "vmstat": {
        "anon": "nr_anon_pages",
        "shmem": "nr_shmem",
        "inactive_anon": "nr_inactive_anon",
        "active_anon": "nr_active_anon",
        "unevictable": "nr_unevictable",
        "isolated_anon": "nr_isolated_anon",
        "file": "nr_file_pages",
        "inactive_file": "nr_inactive_file",
        "active_file": "nr_active_file",
        "isolated_file": "nr_isolated_file",
        "swapcached": "nr_swapcached",
    },
}
"""Kind of file -> what the estimate needs -> how that file spells it."""
NEEDED: Final = ("anon", "shmem", "inactive_anon", "active_anon", "unevictable")
"""Without these there is no estimate."""
OF_FILES: Final = ("file", "inactive_file", "active_file")
"""With these, file pages that are locked, and anonymous ones that are on a file list (MADV_FREE), are known."""


@dataclass(frozen=True)
class Ledger:
    """One file's numbers.

    Attributes:
        piece: the file.
        kib: what the estimate needs -> KiB, as far as the file has it.
    """

    piece: Piece
    kib: Mapping[str, int]

    @property
    def missing(self) -> list[str]:
        """Names that the estimate needs and the file does not have, as it would spell them."""
        return [NAMES[self.piece.kind][name] for name in NEEDED if name not in self.kib]

    @property
    def listed(self) -> int:
        """What the anonymous and unevictable lists hold, and what is off them for a moment."""
        lists = ("inactive_anon", "active_anon", "unevictable", "isolated_anon")
        return sum(self.kib.get(name, 0) for name in lists)

    @property
    def estimate(self) -> int:
        """The lists less what is mapped and what is shared memory; numbers read one after the other may make it < 0."""
        return self.listed - self.kib["anon"] - self.kib["shmem"]

    @property
    def knows_files(self) -> bool:
        """Tell whether file pages that are locked can be told from anonymous ones."""
        return all(name in self.kib for name in OF_FILES)

    @property
    def locked_files(self) -> int:
        """File pages on no file list, which are locked in memory, less anonymous pages on one (MADV_FREE): may be < 0.

        NR_FILE_PAGES counts shared memory and the swap cache, too.
        """
        on_lists = sum(self.kib.get(name, 0) for name in ("inactive_file", "active_file", "isolated_file"))
        return self.kib["file"] - self.kib["shmem"] - self.kib.get("swapcached", 0) - on_lists

    @property
    def held(self) -> Bounds:
        """What is held and mapped by nobody, nothing below 0.

        Pages of the swap cache are on the lists; whether somebody maps them is not told.
        """
        swapcached = self.kib.get("swapcached", 0)
        if self.knows_files:
            high = self.estimate - self.locked_files
            low = high - swapcached
        else:
            high = self.estimate + self.kib.get("inactive_file", 0)
            low = self.estimate - self.kib["unevictable"] - swapcached
        return Bounds(max(low, 0), max(high, 0))

    @property
    def numbers(self) -> list[Number]:
        """The numbers that the estimate is made of."""
        names = NAMES[self.piece.kind]
        return [Number(self.piece.title, names[name], kib) for name, kib in self.kib.items()]


def ledger(piece: Piece) -> Ledger | None:
    """Return a file's numbers for the estimate; None if it is of a kind that has none."""
    names = NAMES.get(piece.kind)
    if names is None:
        return None
    kib = {
        name: piece.values[word] * PAGE_KIB if piece.kind == "vmstat" else piece.values[word] // 1024
        for name, word in names.items()
        if word in piece.values
    }
    return Ledger(piece, kib)
