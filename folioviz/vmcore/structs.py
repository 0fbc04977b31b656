"""Struct pages in bulk: where debugging information has their fields, and what kpageflags and kpagecount say of them.

A release that has no such member has no such field: compound_mapcount of v6.1 became ``_entire_mapcount`` of struct
folio in v6.3, subpages_mapcount of v6.2 ``_nr_pages_mapped``; ``_large_mapcount`` came with v6.10,
PG_partially_mapped with v6.12, ``_mm_ids`` with v6.15. So members are looked for by their names.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from drgn import FaultError, offsetof, sizeof

from folioviz.capture import words
from folioviz.capture.form import BLOCK

if TYPE_CHECKING:
    from drgn import Program

ANON: Final = np.uint64(1)
KSM: Final = np.uint64(3)
"""Low bits of ``mapping``: FOLIO_MAPPING_ANON and FOLIO_MAPPING_KSM, include/linux/page-flags.h."""
MM_IDS_SHARED: Final = 63
"""FOLIO_MM_IDS_SHARED_BITNUM, include/linux/mm_types.h."""
MEMBERS: Final[dict[str, tuple[tuple[str, str, int, int], ...]]] = {
    "ref": (("struct page", "_refcount", 0, 4),),
    "entire": (("struct folio", "_entire_mapcount", 0, 4), ("struct page", "compound_mapcount", 1, 4)),
    "nrpm": (("struct folio", "_nr_pages_mapped", 0, 4), ("struct page", "subpages_mapcount", 1, 4)),
    "large": (("struct folio", "_large_mapcount", 0, 4),),
    "flags_1": (("struct folio", "_flags_1", 0, 8),),
    "list": (("struct folio", "_deferred_list", 0, 8), ("struct page", "deferred_list", 2, 8)),
    "mm_ids": (("struct folio", "_mm_ids", 0, 8),),
    "memcg": (("struct page", "memcg_data", 0, 8), ("struct folio", "memcg_data", 0, 8)),
    "flags": (("struct page", "flags", 0, 8),),
    "mapping": (("struct page", "mapping", 0, 8), ("struct folio", "mapping", 0, 8)),
    "mapcount": (("struct page", "_mapcount", 0, 4),),
    "compound": (("struct page", "compound_head", 0, 8), ("struct page", "compound_info", 0, 8)),
}
"""Field -> where it is, first found: the type, the member, in which page of a folio, and its bytes."""
ZERO_PAGES: Final = (("zero_pfn", "zero_page_pfn"), ("huge_zero_pfn",))
"""The variables that have the frames of the zero pages; where zero_page_pfn is there, zero_pfn is a function."""
FROM_MINUS_1: Final = ("entire", "large", "mapcount")
"""Counters that the kernel begins at -1."""


class Member(NamedTuple):
    """Where a field is: bytes from a folio's first struct page on, and its size."""

    offset: int
    size: int


class Block(NamedTuple):
    """What the struct pages of 2 MiB of frames say, each array with 512 values.

    Attributes:
        flags: as kpageflags has them, uint64; those bits that a capture asks for.
        counts: how often each page is mapped, as kpagecount has it, int64; 0 of what is not anonymous.
        averages: whether counts of large folios are averages, for the kernel counts no page's; None if none tells.
        shared: whether pages are of a folio that is maybe mapped shared, bool; False where no kernel tells.
    """

    flags: np.ndarray
    counts: np.ndarray
    averages: bool | None
    shared: np.ndarray


class Structs:
    """The struct pages of a kernel."""

    def __init__(self, program: Program) -> None:
        """Find out where fields are."""
        self._program = program
        self.stride = sizeof(program.type("struct page"))
        self.base = program["vmemmap"].value_()
        self.members = {name: found for name in MEMBERS if (found := self._member(name))}
        self.partially_mapped = self._constant("PG_partially_mapped")
        self.double_map = self._constant("PG_double_map")
        self._zeros = self._zero_frames()

    def _member(self, name: str) -> Member | None:
        """Return where a field is."""
        for kind, member, page, size in MEMBERS[name]:
            found = self._program.type(kind)
            if found.has_member(member):
                return Member(offsetof(found, member) + page * self.stride, size)
        return None

    def _constant(self, name: str) -> int | None:
        """Return an enumerator."""
        try:
            return int(self._program.constant(name).value_())
        except LookupError:
            return None

    def _zero_frames(self) -> tuple[int, int]:
        """Return the frame of the zero page, and that of the huge one; -1 if there is none."""
        found = []
        for names in ZERO_PAGES:
            frame = -1
            for name in names:
                with suppress(LookupError):
                    frame = int(self._program.variable(name).value_())
            found.append(frame if 0 < frame < 1 << 52 else -1)
        return found[0], found[1]

    # --- bytes ----------------------------------------------------------------------------------------------------

    def read(self, frame: int, pages: int) -> np.ndarray:
        """Return struct pages, uint8 of shape (pages, stride); all bits are set where there are none."""
        size = pages * self.stride
        try:
            found = self._program.read(self.base + frame * self.stride, size)
        except FaultError:
            if pages == 1:
                return np.full((1, self.stride), 0xFF, np.uint8)
            half = pages // 2
            return np.concatenate([self.read(frame, half), self.read(frame + half, pages - half)])
        return np.frombuffer(found, np.uint8).reshape(pages, self.stride)

    def column(self, pages: np.ndarray, name: str) -> np.ndarray:
        """Return a field that each struct page has, or each folio of which the bytes of its pages stand in a row."""
        where = self.members[name]
        kind = np.dtype(np.int32 if where.size == 4 else np.uint64)
        cut = np.ascontiguousarray(pages[:, where.offset : where.offset + where.size]).view(kind)[:, 0]
        return cut.astype(np.int64) + (name in FROM_MINUS_1) if where.size == 4 else cut

    # --- 2 MiB ----------------------------------------------------------------------------------------------------

    def block(self, number: int) -> Block:
        """Return what the struct pages of 2 MiB of frames say."""
        pages = self.read(number * BLOCK, BLOCK)
        missing = (pages == 0xFF).all(axis=1)
        tail = (self.column(pages, "compound") & np.uint64(1) != 0) & ~missing
        head = np.maximum.accumulate(np.where(tail, 0, np.arange(BLOCK)))
        size = np.bincount(head, minlength=BLOCK)
        mapping = self.column(pages, "mapping")[head]
        anonymous = (mapping & ANON != 0) & ~missing & ~tail[head]
        large = size[head] > 1
        heads = np.flatnonzero((size > 1) & anonymous)
        own = np.where(anonymous, self.column(pages, "mapcount"), 0)
        entire, times, averages, shared = self._of_large(pages, heads, size)
        counts = np.where(large & bool(averages), times[head], own + entire[head])
        mapped = np.bincount(head, own + entire[head] + times[head], minlength=BLOCK)[head] > 0

        flags = np.zeros(BLOCK, np.uint64)
        for which, bit in (
            (missing, words.KPF_NOPAGE),
            (tail, words.KPF_COMPOUND_TAIL),
            (anonymous, words.KPF_ANON),
            (anonymous & large, words.KPF_THP),
            (anonymous & mapped, words.KPF_MMAP),
            (anonymous & (mapping & KSM == KSM), words.KPF_KSM),
            (np.isin(head + number * BLOCK, self._zeros), words.KPF_ZERO_PAGE),
        ):
            flags[which] |= np.uint64(1 << bit)
        return Block(flags, counts, averages, shared[head])

    def _of_large(
        self, pages: np.ndarray, heads: np.ndarray, size: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, bool | None, np.ndarray]:
        """Return what large folios add to the counts of their pages, each by the place of their first page.

        That is: mappings by PMDs; the average, as folio_average_page_mapcount() in fs/proc/internal.h of v6.15 has it;
        whether averages are all there is, as under CONFIG_NO_PAGE_MAPCOUNT, where a mapped folio's ``_nr_pages_mapped``
        stays 0, None if no folio is mapped; and which folios are maybe mapped shared.
        """
        entire, times, shared = np.zeros(BLOCK, np.int64), np.zeros(BLOCK, np.int64), np.zeros(BLOCK, bool)
        rows = self.folios(pages, heads)
        whole, number = self.column(rows, "entire"), size[heads]
        entire[heads] = whole - self.flag(rows, self.double_map)
        if "mm_ids" not in self.members:
            return entire, times, False, shared
        shared[heads] = self.column(rows, "mm_ids") >> np.uint64(MM_IDS_SHARED) != 0
        total = self.column(rows, "large")
        rest = (total - whole + number // 2) // number + whole
        times[heads] = np.where(total <= whole, whole, np.maximum(rest, 1))
        mapped = total > 0
        averages = bool((self.column(rows, "nrpm")[mapped] == 0).any()) if mapped.any() else None
        return entire, times, averages, shared

    def folios(self, pages: np.ndarray, heads: np.ndarray) -> np.ndarray:
        """Return the first three struct pages of folios in a row each, uint8 of shape (folios, 3 * stride).

        A folio of two pages has no third one: what stands there is another's, and nobody asks for it.
        """
        return pages[np.minimum(heads[:, None] + np.arange(3), len(pages) - 1)].reshape(
            len(heads), 3 * self.stride
        )

    def flag(self, rows: np.ndarray, bit: int | None) -> np.ndarray:
        """Return a flag of second struct pages, int64; 0 where the kernel has none."""
        if bit is None:
            return np.zeros(len(rows), np.int64)
        at = self.members["flags"].offset + self.stride
        found = np.ascontiguousarray(rows[:, at : at + 8]).view(np.uint64)[:, 0]
        return (found >> np.uint64(bit) & np.uint64(1)).astype(np.int64)
