"""What a user does: typed, frozen operations, their short one-line form, and the kernel function that each one calls.

Ranges are ``[vpn, vpn + pages)``; processes and folios are named by their ids (1, 2, 3, ... in order of creation).
The short form is a word and integers, as in the conformance vectors: ``fault 1 0 4``.
"""

from __future__ import annotations

import re
from typing import ClassVar, TypeAlias, cast, get_args

import msgspec

from folioviz.errors import DocumentError, shown
from folioviz.ops.op import Int, Op

__all__ = [
    "INTEGER",
    "NOT_MODELLED",
    "WORDS",
    "Cold",
    "Dontneed",
    "Enabled",
    "Exit",
    "Fault",
    "FaultPmd",
    "Fork",
    "Free",
    "Get",
    "Glimit",
    "Int",
    "MaxNone",
    "Migrate",
    "Mm",
    "Mmap",
    "Mprotect",
    "Mremap",
    "Munmap",
    "Op",
    "Operation",
    "Put",
    "Remap",
    "Shrink",
    "Split",
    "SplitPmd",
    "Touch",
    "Underused",
    "Write",
    "Zero",
    "parse",
    "parse_line",
]

INTEGER = re.compile(r"-?[0-9]{1,10}")


class Mm(Op, frozen=True):
    """Make a process without memory."""

    call: ClassVar[str] = "mm_alloc"
    takes: ClassVar[tuple[str, ...]] = ()


class Mmap(Op, frozen=True):
    """Make a private anonymous VMA."""

    call: ClassVar[str] = "mmap_region"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "end")
    mm: Int
    vpn: Int
    pages: Int


class Fault(Op, frozen=True):
    """Fault in a folio of 2**order pages, each mapped by a PTE."""

    call: ClassVar[str] = "do_anonymous_page"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "order")
    mm: Int
    vpn: Int
    order: Int


class FaultPmd(Op, frozen=True):
    """Fault in a 2 MiB folio mapped by one PMD."""

    call: ClassVar[str] = "do_huge_pmd_anonymous_page"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn")
    mm: Int
    vpn: Int


class Fork(Op, frozen=True):
    """Copy a process, sharing its pages."""

    call: ClassVar[str] = "dup_mmap"
    takes: ClassVar[tuple[str, ...]] = ("mm",)
    mm: Int


class Write(Op, frozen=True):
    """Write to one page: fault it in, reuse it or copy it."""

    call: ClassVar[str] = "handle_mm_fault"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn")
    mm: Int
    vpn: Int


class Munmap(Op, frozen=True):
    """Unmap a range: its VMAs go, too."""

    call: ClassVar[str] = "do_munmap"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "end")
    mm: Int
    vpn: Int
    pages: Int


class Dontneed(Op, frozen=True):
    """MADV_DONTNEED on a range: its pages go, its VMAs stay."""

    call: ClassVar[str] = "madvise_dontneed"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "end")
    mm: Int
    vpn: Int
    pages: Int


class Exit(Op, frozen=True):
    """End a process."""

    call: ClassVar[str] = "exit_mmap"
    takes: ClassVar[tuple[str, ...]] = ("mm",)
    mm: Int


class Mremap(Op, frozen=True):
    """Move pages of one VMA to another address."""

    call: ClassVar[str] = "mremap_to"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn", "to", "pages")
    mm: Int
    vpn: Int
    pages: Int
    to: Int


class SplitPmd(Op, frozen=True):
    """Map a 2 MiB folio by 512 PTEs instead of its PMD."""

    call: ClassVar[str] = "split_huge_pmd_address"
    takes: ClassVar[tuple[str, ...]] = ("mm", "vpn")
    mm: Int
    vpn: Int


class Get(Op, frozen=True):
    """Take a plain reference on a folio, as a driver or GUP would."""

    call: ClassVar[str] = "pin_folio"
    takes: ClassVar[tuple[str, ...]] = ("folio",)
    folio: Int


class Put(Op, frozen=True):
    """Drop a reference taken by ``get``."""

    call: ClassVar[str] = "unpin_folio"
    takes: ClassVar[tuple[str, ...]] = ("folio",)
    folio: Int


class Split(Op, frozen=True):
    """Split a folio into order-0 pages, as debugfs split_huge_pages asks for."""

    call: ClassVar[str] = "split_folio"
    takes: ClassVar[tuple[str, ...]] = ("folio",)
    folio: Int


class Shrink(Op, frozen=True):
    """Run the deferred split shrinker over up to ``nr`` folios."""

    call: ClassVar[str] = "deferred_split_scan"
    takes: ClassVar[tuple[str, ...]] = ("nr",)
    nr: Int


class Glimit(Op, frozen=True):
    """Make gather batch allocations fail after ``batches`` successes (-1: never)."""

    call: ClassVar[str] = "set_gather_limit"
    takes: ClassVar[tuple[str, ...]] = ("batches",)
    batches: Int


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


Operation: TypeAlias = (
    Mm
    | Mmap
    | Fault
    | FaultPmd
    | Fork
    | Write
    | Munmap
    | Dontneed
    | Exit
    | Mremap
    | SplitPmd
    | Get
    | Put
    | Split
    | Shrink
    | Glimit
    | Touch
    | Enabled
    | Underused
    | MaxNone
    | Zero
    | Remap
    | Migrate
    | Mprotect
    | Free
    | Cold
)
NOT_MODELLED = {
    "pageout": "there is no swap and no reclaim here; MADV_PAGEOUT of a part of a folio splits it, as cold does",
    "collapse": "there is no khugepaged here; MADV_COLLAPSE would replace the pages by a new 2 MiB folio",
}
"""Words of operations that a reader may look for, and why they are not here."""
WORDS: dict[str, type[Op]] = {kind.__name__.lower(): kind for kind in get_args(Operation)}


def parse(text: str) -> Operation:
    """Read one operation in the short form.

    Raises:
        DocumentError: for an unknown word, a wrong number of arguments, or one that is no 32-bit integer.
    """
    words = text.split()
    word = words[0] if words else ""
    kind = WORDS.get(word)
    if word in NOT_MODELLED:
        raise DocumentError(f"{shown(text.strip())} is not modelled: {NOT_MODELLED[word]}")
    if kind is None:
        raise DocumentError(
            f"unknown operation {shown(text.strip())}: it must start with one of {', '.join(WORDS)}"
        )
    names = kind.__struct_fields__
    if len(words) - 1 != len(names):
        usage = " ".join([word, *(name.upper() for name in names)])
        raise DocumentError(f"{shown(text.strip())} has {len(words) - 1} arguments: it must be {usage}")
    try:
        values = [int(word) if INTEGER.fullmatch(word) else None for word in words[1:]]
        fields = dict(zip(names, values, strict=True)) | {"op": word}
        return cast("Operation", msgspec.convert(fields, kind))
    except (ValueError, msgspec.ValidationError):
        raise DocumentError(
            f"{shown(text.strip())}: the arguments must be integers of at most 32 bits"
        ) from None


def parse_line(text: str) -> list[Operation]:
    """Read operations in the short form, separated by semicolons; errors name the operation's place."""
    operations = []
    for place, part in enumerate(text.split(";"), start=1):
        if part.strip():
            try:
                operations.append(parse(part))
            except DocumentError as error:
                raise DocumentError(f"operation {place}: {error}") from None
    return operations
