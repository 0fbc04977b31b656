"""What is rebuilt: the page tables of some processes as they were seen, and where their regions lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.evidence.recordings.nearest import NEWEST, Release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.evidence.recordings.observed import Observed

WRITABLE: Final = "rw"
READ_ONLY: Final = "r"
NO_ACCESS: Final = "none"
"""What a process may do with the pages of a VMA."""


class Region(NamedTuple):
    """A part of the address space, at the same place in every process.

    Attributes:
        start: its first page, counted from a 2 MiB boundary that all regions have in common. Of regions far from each
            other, the places within 2 MiB alone count.
        pages: how many.
    """

    start: int
    pages: int


class Vma(NamedTuple):
    """Pages ``[start, end)`` of a region that are one VMA, what the process may do with them, and if it locked them."""

    start: int
    end: int
    rights: str = WRITABLE
    locked: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Some processes as they were seen at one time.

    Attributes:
        observed: page tables, folios and memory; a table is named "P a", by the process and the region.
        regions: name -> where it lies.
        huge: "P a" -> the pages of the region at which a PMD maps 2 MiB begins.
        vmas: "P a" -> the region's VMAs in this process; of what is not here, they are not known.
        release: the kernel that showed it, whose /proc has ways of its own.
        unread: what is known to be missing, in sentences; :func:`folioviz.rebuild.rebuild` says them again.
    """

    observed: Observed
    regions: Mapping[str, Region]
    huge: Mapping[str, frozenset[int]] = field(default_factory=dict)
    vmas: Mapping[str, tuple[Vma, ...]] = field(default_factory=dict)
    release: Release = NEWEST
    unread: tuple[str, ...] = ()

    @property
    def processes(self) -> tuple[str, ...]:
        """Return the names of the processes, in the order in which they were seen."""
        return tuple(dict.fromkeys(name.partition(" ")[0] for name in self.observed.tables))
