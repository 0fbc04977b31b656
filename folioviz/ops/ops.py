"""What a user does: typed, frozen operations, their short one-line form, and the kernel function that each one calls.

Ranges are ``[vpn, vpn + pages)``; processes and folios are named by their ids (1, 2, 3, ... in order of creation).
The short form is a word and integers, as in the conformance vectors: ``fault 1 0 4``.
"""

from __future__ import annotations

import re
from typing import TypeAlias, cast, get_args

import msgspec

from folioviz.errors import DocumentError, shown
from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.ops.op import Int, Op

INTEGER = re.compile(r"-?[0-9]{1,10}")


class Mm(Op, frozen=True):
    """Make a process without memory."""

    call = "mm_alloc"
    example = "mm"


class Mmap(Op, frozen=True):
    """Make a private anonymous VMA."""

    call = "mmap_region"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64"
    verb = "map"
    mm: Int
    vpn: Int
    pages: Int


class Fault(Op, frozen=True):
    """Fault in a folio of ``2**order`` pages, order 0 to 9, each page mapped by a PTE and written."""

    call = "do_anonymous_page"
    takes = ("mm", "vpn", "order")
    example = "mm; mmap 1 0 64; fault 1 0 4"
    verb = "fault in"
    deed = "fault order {order} at {address}"
    aligned = "order"
    mm: Int
    vpn: Int
    order: Int


class FaultPmd(Op, frozen=True):
    """Fault in a 2 MiB folio mapped by one PMD, each of its pages written."""

    call = "do_huge_pmd_anonymous_page"
    takes = ("mm", "vpn")
    example = "mm; mmap 1 0 512; faultpmd 1 0"
    verb = "fault in"
    deed = "fault a huge page at {address}"
    aligned = HPAGE_PMD_NR
    mm: Int
    vpn: Int


class Fork(Op, frozen=True):
    """Copy a process, sharing its pages."""

    call = "dup_mmap"
    takes = ("mm",)
    example = "mm; mmap 1 0 64; fault 1 0 4; fork 1"
    mm: Int


class Write(Op, frozen=True):
    """Write to one page: fault it in, reuse it or copy it; a new folio's other pages hold zeros."""

    call = "handle_mm_fault"
    takes = ("mm", "vpn")
    example = "mm; mmap 1 0 64; fault 1 0 4; fork 1; write 2 3"
    deed = "write to {address}"
    mm: Int
    vpn: Int


class Munmap(Op, frozen=True):
    """Unmap a range: its VMAs go, too."""

    call = "do_munmap"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"
    verb = "unmap"
    mm: Int
    vpn: Int
    pages: Int


class Dontneed(Op, frozen=True):
    """MADV_DONTNEED on a range: its pages go, its VMAs stay."""

    call = "madvise_dontneed"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5"
    verb = "zap"
    mm: Int
    vpn: Int
    pages: Int


class Exit(Op, frozen=True):
    """End a process."""

    call = "exit_mmap"
    takes = ("mm",)
    example = "mm; mmap 1 0 64; fault 1 0 4; exit 1"
    mm: Int


class Mremap(Op, frozen=True):
    """Move pages to another address; out of several VMAs from v6.17 on."""

    call = "mremap_to"
    takes = ("mm", "vpn", "to", "pages")
    example = "mm; mmap 1 0 64; fault 1 0 4; mremap 1 0 8 1000"
    verb = "move"
    deed = "move pages {vpn} to {last}"
    mm: Int
    vpn: Int
    pages: Int
    to: Int


class SplitPmd(Op, frozen=True):
    """Map a 2 MiB folio by 512 PTEs instead of its PMD."""

    call = "split_huge_pmd_address"
    takes = ("mm", "vpn")
    example = "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0"
    aligned = HPAGE_PMD_NR
    mm: Int
    vpn: Int


class Get(Op, frozen=True):
    """Take a plain reference on a folio, as a driver or GUP would."""

    call = "pin_folio"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; get 1"
    folio: Int


class Put(Op, frozen=True):
    """Drop a reference taken by ``get``."""

    call = "unpin_folio"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; get 1; put 1"
    folio: Int


class Split(Op, frozen=True):
    """Split a folio into order-0 pages, as debugfs split_huge_pages asks for."""

    call = "split_folio"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; split 1"
    deed = "split folio {folio}"
    folio: Int


class Shrink(Op, frozen=True):
    """Run the deferred split shrinker over up to ``nr`` folios."""

    call = "deferred_split_scan"
    takes = ("nr",)
    example = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5; shrink 1"
    nr: Int


class Glimit(Op, frozen=True):
    """Let the allocation of mmu_gather batches fail after ``batches`` of them; -1: it never fails."""

    call = "set_gather_limit"
    takes = ("batches",)
    example = "glimit 0"
    batches: Int


# --- what kernels after v6.5 have, and v6.1 in part: sizes, settings, advice, migration --------------------------


class Touch(Op, frozen=True):
    """Write to one page after the other, faulting in what the enabled sizes allow, up to where it may not (SIGSEGV)."""

    call = "touch_pages"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; touch 1 0 16"
    verb = "write to"
    deed = "write to {address}"
    mm: Int
    vpn: Int
    pages: Int


class Enabled(Op, frozen=True):
    """Allow (1) or forbid (0) folios of ``2**order`` pages at a fault, as ``hugepages-*kB/enabled`` does."""

    call = "enabled_store"
    takes = ("order", "on")
    example = "enabled 9 1"
    order: Int
    on: Int


class Underused(Op, frozen=True):
    """Set ``shrink_underused``: whether a 2 MiB folio is queued when it is faulted in."""

    call = "split_underused_thp_store"
    takes = ("on",)
    example = "underused 0"
    came = "shrink_underused came with v6.12"
    on: Int


class MaxNone(Op, frozen=True):
    """Set khugepaged's ``max_ptes_none``: a folio with more zero-filled pages is underused; 511: none ever is."""

    call = "max_ptes_none_store"
    takes = ("pages",)
    example = "maxnone 100"
    pages: Int


class Zero(Op, frozen=True):
    """Say that ``pages`` pages of a folio, from page ``page``, hold nothing but zeros."""

    call = "zero_pages"
    takes = ("folio", "page", "pages")
    example = "mm; mmap 1 0 64; fault 1 0 4; zero 1 0 8"
    folio: Int
    page: Int
    pages: Int


class Remap(Op, frozen=True):
    """Unmap a folio by migration entries and map it again: a migration that failed."""

    call = "remap_folio"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; remap 1"
    deed = "remap folio {folio}"
    folio: Int


class Migrate(Op, frozen=True):
    """Move a folio to another place in memory; the result is 1 if it was split instead."""

    call = "migrate_folio"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; migrate 1"
    deed = "migrate folio {folio}"
    folio: Int


class Mprotect(Op, frozen=True):
    """Make a range read-only (0) or writable again (1), up to a hole; VMAs are cut, and merged as the kernel does."""

    call = "do_mprotect_pkey"
    takes = ("mm", "vpn", "end", "writable")
    example = "mm; mmap 1 0 64; mprotect 1 8 16 0"
    verb = "protect"
    deed = "protect {address}"
    mm: Int
    vpn: Int
    pages: Int
    writable: Int


class Free(Op, frozen=True):
    """MADV_FREE on a range: a folio covered in part is split; before v6.10 all under PTEs, up to one shared or held."""

    call = "madvise_free"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; free 1 0 5"
    verb = "advise"
    deed = "advise {address}"
    mm: Int
    vpn: Int
    pages: Int


class Cold(Op, frozen=True):
    """MADV_COLD on a range: a folio covered in part is split; before v6.10 all under PTEs, up to one shared or held."""

    call = "madvise_cold"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; cold 1 0 5"
    verb = "advise"
    deed = "advise {address}"
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
"""Word -> operation, in the order of docs/scenarios.md."""
OFTEN: dict[type[Op], int] = {
    Fault: 6,
    Munmap: 5,
    Dontneed: 5,
    Write: 3,
    Mmap: 3,
    FaultPmd: 2,
    SplitPmd: 2,
    Fork: 2,
    Shrink: 2,
    Mremap: 1,
    Get: 1,
    Put: 1,
    Split: 1,
    Exit: 1,
    Glimit: 1,
}
"""How often a random history has an operation (:mod:`folioviz.compare.random_ops`); the others it never has."""


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
        raise DocumentError(
            f"{shown(text.strip())} has {len(words) - 1} arguments: it must be {kind.usage()}"
        )
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
