"""Operations of the kernels that came after v6.5, and of v6.1: sizes, settings, advice, migration."""

from __future__ import annotations

from typing import ClassVar

from folioviz.ops.op import Int, Op


class Touch(Op, frozen=True):
    """Write to one page after the other; what is not mapped is faulted in with the sizes that are enabled."""

    call: ClassVar[str] = "touch_pages"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "end")
    mm: Int
    vpn: Int
    pages: Int


class Enabled(Op, frozen=True):
    """Allow (1) or forbid (0) folios of 2**order pages at a fault: hugepages-*kB/enabled."""

    call: ClassVar[str] = "enabled_store"
    takes: ClassVar[tuple[str, ...]] = ("order", "on")
    order: Int
    on: Int


class Underused(Op, frozen=True):
    """Set transparent_hugepage/shrink_underused: whether a PMD-mappable folio is queued when it is faulted in."""

    call: ClassVar[str] = "split_underused_thp_store"
    takes: ClassVar[tuple[str, ...]] = ("on",)
    on: Int


class MaxNone(Op, frozen=True):
    """Set khugepaged/max_ptes_none: a folio with more zero-filled pages is underused (511: none ever is)."""

    call: ClassVar[str] = "max_ptes_none_store"
    takes: ClassVar[tuple[str, ...]] = ("pages",)
    pages: Int


class Zero(Op, frozen=True):
    """Say that pages of a folio, ``pages`` of them from page ``page``, hold nothing but zeros."""

    call: ClassVar[str] = "zero_pages"
    takes: ClassVar[tuple[str, ...]] = ("folio", "page", "pages")
    folio: Int
    page: Int
    pages: Int


class Remap(Op, frozen=True):
    """Unmap a folio by migration entries and map it again: a migration that failed."""

    call: ClassVar[str] = "remap_folio"
    takes: ClassVar[tuple[str, ...]] = ("folio",)
    folio: Int


class Migrate(Op, frozen=True):
    """Move a folio to another place in memory."""

    call: ClassVar[str] = "migrate_folio"
    takes: ClassVar[tuple[str, ...]] = ("folio",)
    folio: Int


class Mprotect(Op, frozen=True):
    """Make a range read-only (0) or writable again (1)."""

    call: ClassVar[str] = "mprotect_fixup"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "end", "writable")
    mm: Int
    vpn: Int
    pages: Int
    writable: Int


class Free(Op, frozen=True):
    """MADV_FREE on a range: a folio that it covers in part is split, before v6.10 any that PTEs map there."""

    call: ClassVar[str] = "madvise_free"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "end")
    mm: Int
    vpn: Int
    pages: Int


class Cold(Op, frozen=True):
    """MADV_COLD on a range: a folio that it covers in part is split, before v6.10 any that PTEs map there."""

    call: ClassVar[str] = "madvise_cold"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "end")
    mm: Int
    vpn: Int
    pages: Int
