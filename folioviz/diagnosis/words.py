"""The words by which files are told apart: which file a line is from, by what it begins with."""

from __future__ import annotations

import re
from typing import Final

from folioviz.proc.names import FileName, of_file

CGROUP: Final = "memory.stat"
CGROUP_V1: Final = "memory.stat (cgroup v1)"
VMSTAT: Final = "/proc/vmstat"
MEMINFO: Final = "/proc/meminfo"
SMAPS: Final = "smaps"
ROLLUP: Final = "smaps_rollup"
SIZES: Final = "hugepages-*kB/stats"
THPMAPS: Final = "thpmaps"
DUMP: Final = "page dump"
KINDS: Final = (CGROUP, CGROUP_V1, VMSTAT, MEMINFO, SMAPS, ROLLUP, SIZES, THPMAPS, DUMP)
"""Every kind of file that is read here."""

_CGROUP: Final = re.compile(
    "anon|kernel_stack|pagetables|sec_pagetables|percpu|vmalloc|zswapped|file_mapped|file_dirty|file_writeback"
    "|anon_thp|file_thp|shmem_thp|slab_reclaimable|slab_unreclaimable"
)
"""Words that only a version 2 memory.stat has, but for plain ones as "kernel", with which a sentence may begin."""
_CGROUP_V1: Final = re.compile("cache|rss|rss_huge|mapped_file|total_.*|hierarchical_.*")
"""Words that only a version 1 memory.stat has, but for plain ones."""
_EITHER: Final = re.compile("shmem|(in)?active_(anon|file)|unevictable|swapcached")
"""Words of both versions."""
_VMSTAT: Final = re.compile("nr_.*")
_EVENT: Final = re.compile("thp_.*|pg.*|workingset_.*|numa_.*|compact_.*|allocstall.*|zswp.*|kswapd_.*")
"""Words of /proc/vmstat; some of them are in memory.stat, too."""
OF_SIZE: Final = frozenset(row.field for row in of_file("stats"))
"""Statistics of a folio size."""

_OF_PROCESSES: Final[tuple[FileName, ...]] = ("smaps", "smaps_rollup")
_THPMAPS: Final = re.compile(r"(anon|file)-(thp|cont)-\S+")
_BOTH: Final = frozenset(["AnonHugePages", "ShmemPmdMapped", "FilePmdMapped"])
"""Words of smaps and of /proc/meminfo."""
_SMAPS: Final = frozenset(
    row.field for file in _OF_PROCESSES for row in of_file(file) if row.unit and row.field not in _BOTH
)
_MEMINFO: Final = re.compile(
    r"Mem(Total|Free|Available)|Buffers|Cached|SwapCached|(In)?[Aa]ctive(\((anon|file)\))?|Unevictable|Mlocked"
    "|Swap(Total|Free)|Dirty|Writeback|AnonPages|Mapped|Shmem|Slab|(Shmem|File)HugePages|KReclaimable|PageTables"
)


def of_pair(word: str, now: str) -> str:
    """Return which file a line "word number" is from, or "" for none.

    Args:
        word: what the line begins with.
        now: the kind of the file that is being read, or "".
    """
    for kind, words in ((CGROUP, _CGROUP), (CGROUP_V1, _CGROUP_V1)):
        if words.fullmatch(word):
            return kind
    if _VMSTAT.fullmatch(word) and (now == VMSTAT or word not in OF_SIZE):
        return VMSTAT
    if now in {CGROUP, CGROUP_V1, VMSTAT}:
        return now
    if _EITHER.fullmatch(word):
        return CGROUP
    return VMSTAT if _EVENT.fullmatch(word) else ""


def of_amount(word: str, now: str) -> str:
    """Return which file a line "word: number kB" is from, or "" for none; arguments as above."""
    if _THPMAPS.fullmatch(word):
        return THPMAPS
    of_smaps, of_both = word in _SMAPS, word in _BOTH
    if of_smaps or of_both:
        if now in {SMAPS, ROLLUP, THPMAPS} or (of_both and now == MEMINFO):
            return now
        return SMAPS if of_smaps else MEMINFO
    return MEMINFO if _MEMINFO.fullmatch(word) else ""


def undecided(kind: str, values: set[str]) -> bool:
    """Tell whether a file's words so far are of another kind, too: of both memory.stat, or of smaps and meminfo."""
    if kind == CGROUP:
        return all(_EITHER.fullmatch(word) for word in values)
    return kind == MEMINFO and values <= _BOTH
