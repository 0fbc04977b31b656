"""Words of /proc/PID/pagemap, /proc/kpageflags and /proc/kpagecount, and where they are read from.

Bits as in fs/proc/task_mmu.c and include/uapi/linux/kernel-page-flags.h of v6.1 to v7.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.capture.form import Setting

FRAME: Final = np.uint64((1 << 55) - 1)
"""The frame of a present page; 0 for who may not see it."""
SOFT_DIRTY: Final = 55
MMAP_EXCLUSIVE: Final = 56
GUARD_REGION: Final = 58
FILE: Final = 61
SWAP: Final = 62
PRESENT: Final = 63
"""Bits of a word of pagemap."""

KPF_SLAB: Final = 7
KPF_BUDDY: Final = 10
KPF_MMAP: Final = 11
KPF_ANON: Final = 12
KPF_COMPOUND_TAIL: Final = 16
KPF_HUGETLB: Final = 17
KPF_NOPAGE: Final = 20
KPF_KSM: Final = 21
KPF_THP: Final = 22
KPF_ZERO_PAGE: Final = 24
"""Bits of a word of kpageflags."""

Ranges = list[tuple[int, int]]
"""(first virtual page number, pages)."""


class Vma(NamedTuple):
    """A mapping of a process, as smaps has it.

    Attributes:
        start: its first virtual page number.
        end: the one after its last.
        rights: letters of /proc/PID/maps.
        name: what it is of, or ''.
        of_file: whether it is of a file.
        flags: the words of VmFlags; None if they are not known.
    """

    start: int
    end: int
    rights: str
    name: str = ""
    of_file: bool = False
    flags: frozenset[str] | None = None


class Scan(NamedTuple):
    """What PAGEMAP_SCAN says of a part of a process.

    Attributes:
        huge: what PMDs map.
        zero: where the zero page stands.
    """

    huge: Ranges
    zero: Ranges


class System(NamedTuple):
    """What is known of the machine: fields as in :class:`folioviz.capture.form.About`."""

    release: str
    version: str = ""
    thp: Setting | None = None
    sizes: Mapping[str, Setting] = {}
    no_page_mapcount: bool | None = None
    vm: Mapping[str, int] = {}
    mthp: Mapping[str, Mapping[str, int]] = {}
    memory: Literal["live", "dump"] | None = None


class Source(Protocol):
    """Where words come from: a running kernel, or what was once read of one. Processes are numbered from 0."""

    @property
    def privileged(self) -> bool:
        """Whether frames, and what is known of them, are to be seen."""

    def system(self) -> System:
        """Return what is known of the machine."""

    def vmas(self, process: int) -> list[Vma]:
        """Return the mappings of a process by address; none if it has ended."""

    def pagemap(self, process: int, start: int, pages: int) -> np.ndarray:
        """Return the words of pagemap from a virtual page on, uint64; zeros where there are none any more."""

    def populated(self, process: int, start: int, pages: int) -> np.ndarray | None:
        """Return where something is, by PAGEMAP_SCAN: int64 of (first page, pages); None if there is no such call."""

    def scan(self, process: int, start: int, pages: int) -> Scan | None:
        """Return what PAGEMAP_SCAN says; None if the kernel has no such call."""

    def flags(self, spans: np.ndarray) -> np.ndarray:
        """Return the words of kpageflags of spans of frames one after the other, uint64.

        Args:
            spans: int64 of shape (spans, 2): first frame and end, both in the same 2 MiB.
        """

    def counts(self, spans: np.ndarray) -> np.ndarray:
        """Return the words of kpagecount of spans of frames one after the other, uint64."""

    def raw(self, heads: np.ndarray, /) -> Mapping[str, np.ndarray]:
        """Return columns of :mod:`folioviz.capture.kernel_side` for large folios by their first frames; {} by /proc."""


def bit(words: np.ndarray, number: int) -> np.ndarray:
    """Return whether a bit is set in each word."""
    found: np.ndarray = words & np.uint64(1 << number) != 0
    return found
