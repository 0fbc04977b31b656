"""The estimate of what is held and mapped by nobody, which needs no root: what the LRU lists hold less what is mapped.

The lists hold a large folio with all its pages as long as one of them is mapped; NR_ANON_MAPPED counts the pages that
are mapped. What lies between is mapped by nobody, once other memory on the lists is taken off: shared memory, file
pages that are locked in memory, and what is in the swap cache.

Read in v6.1, v6.12 and v7.3: mm/memcontrol.c, mm/vmstat.c, mm/swap_state.c (a page of the swap cache is in the
machine's NR_FILE_PAGES, but not in a cgroup's), mm/rmap.c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.findings import Bounds
from folioviz.diagnosis.meanings import number
from folioviz.diagnosis.words import CGROUP, CGROUP_V1, MEMINFO, VMSTAT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.diagnosis.findings import Number
    from folioviz.diagnosis.pieces import Piece

LISTS: Final = ("inactive_anon", "active_anon", "unevictable", "inactive_file", "active_file")
_CGROUP: Final = {name: (name,) for name in ("anon", "shmem", *LISTS, "file", "swapcached", "anon_thp")}
NAMES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    CGROUP: _CGROUP,
    CGROUP_V1: _CGROUP | {"anon": ("rss",), "file": ("cache",), "anon_thp": ("rss_huge",)},
    VMSTAT: {
        "anon": ("nr_anon_pages",),
        "file": ("nr_file_pages",),
        "isolated_anon": ("nr_isolated_anon",),
        "isolated_file": ("nr_isolated_file",),
    }
    | {name: (f"nr_{name}",) for name in ("shmem", *LISTS, "swapcached")},
    MEMINFO: {
        "anon": ("AnonPages",),
        "shmem": ("Shmem",),
        "inactive_anon": ("Inactive(anon)",),
        "active_anon": ("Active(anon)",),
        "unevictable": ("Unevictable",),
        "inactive_file": ("Inactive(file)",),
        "active_file": ("Active(file)",),
        "file": ("Cached", "Buffers", "SwapCached"),
        "swapcached": ("SwapCached",),
        "anon_thp": ("AnonHugePages",),
    },
}
"""Kind of file -> what the estimate needs -> the words there whose sum it is."""
NEEDED: Final = ("anon", "inactive_anon", "active_anon", "unevictable")
"""Without these there is no estimate; and either shmem or all of the next ones."""
OF_FILES: Final = ("file", "inactive_file", "active_file")
"""With these, file pages that are locked, and anonymous ones that are on a file list (MADV_FREE), are known."""


@dataclass(frozen=True)
class Ledger:
    """One file's numbers.

    Attributes:
        piece: the file.
        kib: what the estimate needs -> KiB, as far as the file has it.
        spelled: the same names as the file spells them.
    """

    piece: Piece
    kib: Mapping[str, int]
    spelled: Mapping[str, str]

    @property
    def of_cgroup(self) -> bool:
        """Tell whether it is a cgroup's; else the machine's."""
        return self.piece.kind in {CGROUP, CGROUP_V1}

    @property
    def missing(self) -> list[str]:
        """Words that the estimate needs and the file does not have."""
        needed = [*NEEDED, *([] if self.knows_files else ["shmem"])]
        return [self.spelled[name] for name in needed if name not in self.kib]

    @property
    def knows_files(self) -> bool:
        """Tell whether file pages that are locked can be told from anonymous ones."""
        return all(name in self.kib for name in OF_FILES)

    @property
    def listed(self) -> int:
        """What the anonymous and the unevictable list hold, and what is off them for a moment."""
        names = ("inactive_anon", "active_anon", "unevictable", "isolated_anon")
        return sum(self.kib.get(name, 0) for name in names)

    @property
    def swapcached(self) -> int:
        """What is in the swap cache; 0 if the file does not say."""
        return self.kib.get("swapcached", 0)

    @property
    def locked_files(self) -> int:
        """File pages that are on no file list, as mlock() locks them, less anonymous ones that are (MADV_FREE)."""
        on_lists = sum(self.kib.get(name, 0) for name in ("inactive_file", "active_file", "isolated_file"))
        in_swap_cache = 0 if self.of_cgroup else self.swapcached
        return self.kib["file"] - self.kib.get("shmem", 0) - in_swap_cache - on_lists

    @property
    def left(self) -> int:
        """The lists less what is mapped, shared memory and, where they are known, locked file pages: may be < 0.

        Pages of the swap cache that nobody maps are in it.
        """
        shmem = self.kib.get("shmem", 0)
        return self.listed - self.kib["anon"] - shmem - (self.locked_files if self.knows_files else 0)

    @property
    def held(self) -> Bounds:
        """What is held and mapped by nobody, nothing below 0; of the swap cache it is not told who maps it."""
        low, high = self.left - self.swapcached, self.left
        if not self.knows_files:
            low -= self.kib["unevictable"]  # may be file pages
            high += self.kib.get("inactive_file", 0)  # may be anonymous pages
        return Bounds(max(low, 0), max(high, 0))

    @property
    def numbers(self) -> list[Number]:
        """The numbers that the estimate is made of."""
        return [
            number(self.piece.kind, self.piece.title, self.spelled[name], kib)
            for name, kib in self.kib.items()
        ]


def ledger(piece: Piece, page_kib: int) -> Ledger | None:
    """Return a file's numbers for the estimate; None if it is of a kind that has none.

    Args:
        piece: the file.
        page_kib: the size of a page.
    """
    names = NAMES.get(piece.kind)
    if names is None:
        return None
    total = "total_" if any(word.startswith("total_") for word in piece.values) else ""
    kib, spelled = {}, {}
    for name, parts in names.items():
        asked = [f"{total}{word}" for word in parts]
        spelled[name] = " + ".join(asked)
        if all(word in piece.values for word in asked):
            value = sum(piece.values[word] for word in asked)
            kib[name] = in_kib(piece.kind, value, page_kib)
    return Ledger(piece, kib, spelled) if kib else None


def in_kib(kind: str, value: int, page_kib: int) -> int:
    """Return a number of a kind of file in KiB."""
    if kind in {CGROUP, CGROUP_V1}:
        return value >> 10
    return value * page_kib if kind == VMSTAT else value
