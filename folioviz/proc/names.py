"""The files that people paste: every field that says something of anonymous memory, with what it means.

One table, for what folioviz prints and for what it explains. A field that the model has no value for is in it, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine

FileName: TypeAlias = Literal["smaps", "smaps_rollup", "vmstat", "memory.stat", "stats"]
Unit: TypeAlias = Literal["kB", "pages", "bytes", "folios", "events", ""]
Told: TypeAlias = Literal["alone", "sum", "no"]
PATHS: Final[dict[FileName, str]] = {
    "smaps": "/proc/PID/smaps",
    "smaps_rollup": "/proc/PID/smaps_rollup",
    "vmstat": "/proc/vmstat",
    "memory.stat": "/sys/fs/cgroup/GROUP/memory.stat",
    "stats": "/sys/kernel/mm/transparent_hugepage/hugepages-SIZEkB/stats",
}
"""Every file by its short name, in the order in which they are shown."""
SINCE_V6_10: Final = "mthp_stat"
SINCE_V6_12: Final = "folio_partially_mapped"


class Name(NamedTuple):
    """One field of a file.

    Attributes:
        file: the file's short name; of "stats" each field is a file of its own.
        field: its name there, to the letter.
        unit: what it counts.
        meaning: what it says, in one sentence.
        first: the first release that has it; '' if v6.1 has it already.
        told: whether the model knows it, knows only what it and others come to, or does not.
        needs: the field of machines without which it is not known, or ''; with ``first``, what later kernels keep.
    """

    file: FileName
    field: str
    unit: Unit
    meaning: str
    first: str = ""
    told: Told = "alone"
    needs: str = ""


# fmt: off
_SMAPS: Final[tuple[tuple[str, Told, str, str], ...]] = (
    ("Size", "alone", "", "How much address space the VMA has, whether or not anything is there."),
    ("KernelPageSize", "no", "", "The size of the VMA's pages; more than 4 kB in hugetlb alone."),
    ("MMUPageSize", "no", "", "The size of page that the processor is asked to map; KernelPageSize nearly everywhere."),
    ("Rss", "alone", "", "What is in memory and mapped here, shared or not."),
    ("Pss", "alone", "", "Rss, each page divided by how often it is mapped."),
    ("Pss_Dirty", "alone", "", "The part of Pss that is dirty."),
    ("Pss_Anon", "alone", "", "The part of Pss that is anonymous; in smaps_rollup only."),
    ("Pss_File", "no", "", "The part of Pss that is pages of files; in smaps_rollup only."),
    ("Pss_Shmem", "no", "", "The part of Pss that is shared memory; in smaps_rollup only."),
    ("Shared_Clean", "alone", "", "Mapped twice or more, and not written."),
    ("Shared_Dirty", "alone", "", "Mapped twice or more, and written."),
    ("Private_Clean", "alone", "", "Mapped once, and not written."),
    ("Private_Dirty", "alone", "", "Mapped once, and written."),
    ("Referenced", "alone", "", "Accessed since the marks of that were last cleared."),
    ("Anonymous", "alone", "", "The part of Rss that belongs to no file: heap, stack, what was copied for a write."),
    ("KSM", "no", "v6.7", "What KSM has merged with equal pages."),
    ("LazyFree", "alone", "",
        "Given up with MADV_FREE and not written since; single pages count late, 15 or 31 of a CPU at once."),
    ("AnonHugePages", "alone", "",
        "Anonymous memory that PMDs map, 2 MiB each; what PTEs map of large folios is not in it."),
    ("ShmemPmdMapped", "no", "", "Shared memory that PMDs map."),
    ("FilePmdMapped", "no", "", "Pages of files that PMDs map."),
    ("Shared_Hugetlb", "no", "", "Pages of hugetlb that several map; they are not in Rss."),
    ("Private_Hugetlb", "no", "", "Pages of hugetlb that one maps; they are not in Rss."),
    ("Swap", "alone", "", "What is swapped out."),
    ("SwapPss", "alone", "", "Swap, each page divided by how many share it."),
    ("Locked", "alone", "", "The part of Pss that mlock() holds in memory."),
    ("THPeligible", "no", "", "1 if a fault may bring a large folio here now, by settings and by the VMA's size."),
    ("ProtectionKey", "no", "", "The VMA's memory protection key, where the processor has such keys."),
    ("VmFlags", "no", "", "The VMA's flags, two letters each: rd, wr, hg for MADV_HUGEPAGE, nh for MADV_NOHUGEPAGE."),
)
_NO_AMOUNT: Final = {"THPeligible", "ProtectionKey", "VmFlags"}
_OF_VMA: Final = _NO_AMOUNT | {"Size", "KernelPageSize", "MMUPageSize"}
_OF_ROLLUP: Final = {"Pss_Anon", "Pss_File", "Pss_Shmem"}
_NEEDS: Final = {
    "Referenced": "folio_flags",
    "Swap": "swap_map",
    "SwapPss": "swap_map",
    "Locked": "vma_flags",
}
_NODE: Final = (
    Name("vmstat", "nr_inactive_anon", "pages",
        "Anonymous memory and shared memory on the inactive lists, whether or not anything maps it.", told="sum"),
    Name("vmstat", "nr_active_anon", "pages",
        "Anonymous memory and shared memory on the active lists, whether or not anything maps it.", told="sum"),
    Name("vmstat", "nr_unevictable", "pages", "What cannot be reclaimed, mlocked memory for example.", told="no"),
    Name("vmstat", "nr_isolated_anon", "pages", "Taken off its list, to be reclaimed or migrated.", told="no"),
    Name("vmstat", "nr_anon_pages", "pages",
        "Anonymous pages that something maps, each once; with CONFIG_NO_PAGE_MAPCOUNT whole folios of which anything "
        "is mapped."),
    Name("vmstat", "nr_shmem", "pages", "Shared memory and tmpfs, whether or not anything maps it.", told="no"),
    Name("vmstat", "nr_anon_transparent_hugepages", "folios", "Folios of 2 MiB that at least one PMD maps."),
    Name("vmstat", "pswpin", "pages", "Pages that were read from swap.", needs="swap_event"),
    Name("vmstat", "pswpout", "pages", "Pages that were written to swap.", needs="swap_event"),
    Name("vmstat", "thp_fault_alloc", "events", "Faults that brought a folio of 2 MiB."),
    Name("vmstat", "thp_fault_fallback", "events",
        "Faults that could have brought a folio of 2 MiB and brought less, as no such folio was to be had.", told="no"),
    Name("vmstat", "thp_collapse_alloc", "events", "Folios of 2 MiB that khugepaged took to collapse into.", told="no"),
    Name("vmstat", "thp_split_page", "events", "Folios of 2 MiB that were split; before v6.10, of any size."),
    Name("vmstat", "thp_split_page_failed", "events",
        "Folios of 2 MiB that could not be split, as somebody else held them; before v6.10, of any size."),
    Name("vmstat", "thp_deferred_split_page", "events",
        "Folios of 2 MiB that were queued to be split, since v6.12 those that were found to be mapped in part; before "
        "v6.10, of any size."),
    Name("vmstat", "thp_underused_split_page", "events",
        "Folios of 2 MiB that were split because too many of their pages held zeros alone.", "v6.12",
        needs=SINCE_V6_12),
    Name("vmstat", "thp_split_pmd", "events",
        "PMDs that mapped 2 MiB and became page tables; the folio stays whole."),
    Name("vmstat", "thp_swpout", "events", "Folios of 2 MiB that were swapped out whole.", needs="swap_event"),
    Name("vmstat", "thp_swpout_fallback", "events",
        "Folios of 2 MiB that were split to be swapped out, as there was no run of slots for them.",
        needs="swap_event"),
    Name("vmstat", "swpin_zero", "pages", "Pages of zeros that came back from swap without being read.", "v6.12",
        needs=SINCE_V6_12),
    Name("vmstat", "swpout_zero", "pages", "Pages of zeros that went to swap without being written.", "v6.12",
        needs=SINCE_V6_12),
    Name("memory.stat", "anon", "bytes", "What nr_anon_pages counts, of this group."),
    Name("memory.stat", "shmem", "bytes", "Shared memory and tmpfs of this group.", told="no"),
    Name("memory.stat", "anon_thp", "bytes", "Folios of 2 MiB that at least one PMD maps, whole."),
    Name("memory.stat", "inactive_anon", "bytes",
        "Anonymous memory and shared memory on the inactive list, whether or not anything maps it.", told="sum"),
    Name("memory.stat", "active_anon", "bytes",
        "Anonymous memory and shared memory on the active list, whether or not anything maps it.", told="sum"),
    Name("memory.stat", "unevictable", "bytes", "What cannot be reclaimed, mlocked memory for example.", told="no"),
    Name("memory.stat", "thp_fault_alloc", "events", "Faults that brought a folio of 2 MiB."),
    Name("memory.stat", "thp_collapse_alloc", "events",
        "Folios of 2 MiB that khugepaged took to collapse into.", told="no"),
    Name("stats", "anon_fault_alloc", "events", "Faults that brought a folio of this size.", "v6.10",
        needs=SINCE_V6_10),
    Name("stats", "anon_fault_fallback", "events",
        "Faults that could have brought a folio of this size and brought less.", "v6.10", "no", SINCE_V6_10),
    Name("stats", "swpout", "events", "Folios of this size that were swapped out whole; v6.10 calls it anon_swpout.",
        "v6.11", needs=SINCE_V6_10),
    Name("stats", "swpout_fallback", "events",
        "Folios of this size that were split to be swapped out, as there was no run of slots for them.", "v6.11",
        needs=SINCE_V6_10),
    Name("stats", "swpin", "events", "Folios of this size that came back from swap whole.", "v6.13",
        needs="folio_mm_id_0"),
    Name("stats", "split", "events", "Folios of this size that were split.", "v6.11", needs=SINCE_V6_10),
    Name("stats", "split_failed", "events", "Folios of this size that could not be split, as somebody else held them.",
        "v6.11", needs=SINCE_V6_10),
    Name("stats", "split_deferred", "events",
        "Folios of this size that were queued to be split, since v6.12 those that were found to be mapped in part.",
        "v6.11", needs=SINCE_V6_10),
    Name("stats", "nr_anon", "folios", "Anonymous folios of this size that are there now, mapped or not.", "v6.12",
        needs=SINCE_V6_12),
    Name("stats", "nr_anon_partially_mapped", "folios",
        "Anonymous folios of this size that were found to be mapped in part and are not split yet.", "v6.12",
        needs=SINCE_V6_12),
)
# fmt: on


def _of_smaps(file: FileName, without: set[str]) -> list[Name]:
    """Return the rows of a file of the smaps kind."""
    return [
        Name(file, field, "" if field in _NO_AMOUNT else "kB", meaning, first, told, _NEEDS.get(field, ""))
        for field, told, first, meaning in _SMAPS
        if field not in without
    ]


NAMES: Final = (*_of_smaps("smaps", _OF_ROLLUP), *_of_smaps("smaps_rollup", _OF_VMA), *_NODE)
"""The table, each file's fields in the file's order."""
BY_NAME: Final = {(row.file, row.field): row for row in NAMES}


def of_file(file: FileName) -> list[Name]:
    """Return the rows of a file, in the file's order."""
    return [row for row in NAMES if row.file == file]


def known(machine: Machine, file: FileName) -> list[Name]:
    """Return the rows of a file that a machine tells of, each by itself, in the file's order."""
    return [row for row in of_file(file) if row.told == "alone" and has(machine, row)]


def has(machine: Machine, row: Name) -> bool:
    """Tell whether a machine has what it takes to know a field."""
    return not row.needs or row.needs in machine.keeps
