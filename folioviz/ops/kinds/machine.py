"""What the kernel does by itself or is told by its administrator: splits, the shrinker, migration, settings."""

from __future__ import annotations

from typing import ClassVar

from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.ops.op import Int, Op


class SplitPmd(Op, frozen=True):
    """Map a 2 MiB folio by 512 PTEs instead of its PMD."""

    call = "split_huge_pmd_address"
    takes = ("mm", "vpn")
    example = "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0"
    aligned = HPAGE_PMD_NR
    mm: Int
    vpn: Int


class Split(Op, frozen=True):
    """Split a folio into pages, or from v6.9 on into folios of a lower order, as debugfs split_huge_pages asks for."""

    call = "split_folio"
    takes = ("folio", "order")
    example = "mm; mmap 1 0 64; fault 1 0 4; split 1"
    deed = "split folio {folio}"
    asks: ClassVar[dict[str, tuple[str, str]]] = {"order": ("split_remap", "orders above 0 came with v6.9")}
    folio: Int
    order: Int = 0


class Shrink(Op, frozen=True):
    """Run the deferred split shrinker over up to ``nr`` folios of one queue: the root's, or the next cgroup's."""

    call = "deferred_split_scan"
    takes = ("nr",)
    example = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5; shrink 1"
    nr: Int


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


class SwapOn(Op, frozen=True):
    """Give the machine swap space of so many pages, on a device as quick as zram."""

    call = "swapon"
    takes = ("pages",)
    example = "swapon 512"
    pages: Int


class SwapOff(Op, frozen=True):
    """Bring everything back that is swapped out, page by page, and take the swap space away."""

    call = "swapoff"
    example = "swapon 512; mm; mmap 1 0 64; fault 1 0 4; pageout 1 0 16; swapoff"


class Reclaim(Op, frozen=True):
    """Reclaim a folio, as memory pressure does: all processes that map it get swap entries for it."""

    call = "reclaim_folio"
    takes = ("folio",)
    example = "swapon 512; mm; mmap 1 0 64; fault 1 0 4; fork 1; reclaim 1"
    deed = "reclaim folio {folio}"
    folio: Int


class Glimit(Op, frozen=True):
    """Let the allocation of mmu_gather batches fail after ``batches`` of them; -1: it never fails."""

    call = "set_gather_limit"
    takes = ("batches",)
    example = "glimit 0"
    batches: Int


class Khugepaged(Op, frozen=True):
    """Let khugepaged pass over a process once; the result is how many page tables it found to collapse."""

    call = "khugepaged_scan_mm_slot"
    takes = ("mm",)
    example = "mm; mmap 1 0 512; enabled 9 1; fault 1 0 4; khugepaged 1"
    deed = "let khugepaged pass over process {mm}"
    mm: Int


class Cgroup(Op, frozen=True):
    """Move a process into a cgroup, which is made if it is not there; 0 is the root: new folios are charged to it."""

    call = "cgroup_attach_task"
    takes = ("mm", "cgroup")
    example = "mm; cgroup 1 2"
    deed = "move process {mm} into cgroup {cgroup}"
    mm: Int
    cgroup: Int


class Rmcgroup(Op, frozen=True):
    """Remove a cgroup that no process is in: up to v6.18 what it has queued is never visited again."""

    call = "mem_cgroup_css_offline"
    takes = ("cgroup",)
    example = "mm; cgroup 1 2; cgroup 1 0; rmcgroup 2"
    deed = "remove cgroup {cgroup}"
    cgroup: Int


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
