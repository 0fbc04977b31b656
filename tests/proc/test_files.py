"""The files as text, to the letter."""

from __future__ import annotations

import pytest

from folioviz.errors import LimitError
from folioviz.kernels import KERNELS
from folioviz.ops.walk import live_mms
from folioviz.proc.files import FILES, files, header

LEFT_OUT = (
    *(
        "KernelPageSize",
        "MMUPageSize",
        "KSM",
        "ShmemPmdMapped",
        "FilePmdMapped",
        "Shared_Hugetlb",
        "Private_Hugetlb",
    ),
    *("THPeligible", "ProtectionKey", "VmFlags"),
)
LINE = (
    "mm; mmap 1 0 16; fault 1 0 4; mmap 1 512 512; faultpmd 1 512; mprotect 1 8 8 0; fork 1; dontneed 2 0 8"
)


def one(lab, name, place=0):
    """Return one file's text and notes."""
    file = files(lab, [name])[place]
    return "\n".join(file.lines), file.notes


def test_smaps_to_the_letter(after):
    """A line per VMA as maps has it, then the amounts, eight places wide; the addresses are the model's."""
    text, notes = one(after(LINE, "v7.3"), "smaps", 1)

    assert text == (
        "7f0000000000-7f0000008000 rw-p 00000000 00:00 0 \n"
        "Size:                 32 kB\n"
        "Rss:                   0 kB\n"
        "Pss:                   0 kB\n"
        "Pss_Dirty:             0 kB\n"
        "Shared_Clean:          0 kB\n"
        "Shared_Dirty:          0 kB\n"
        "Private_Clean:         0 kB\n"
        "Private_Dirty:         0 kB\n"
        "Referenced:            0 kB\n"
        "Anonymous:             0 kB\n"
        "LazyFree:              0 kB\n"
        "AnonHugePages:         0 kB\n"
        "Swap:                  0 kB\n"
        "SwapPss:               0 kB\n"
        "Locked:                0 kB\n"
        "7f0000008000-7f0000010000 r--p 00000000 00:00 0 \n"
        "Size:                 32 kB\n"
        "Rss:                  32 kB\n"
        "Pss:                  16 kB\n"
        "Pss_Dirty:            16 kB\n"
        "Shared_Clean:          0 kB\n"
        "Shared_Dirty:         32 kB\n"
        "Private_Clean:         0 kB\n"
        "Private_Dirty:         0 kB\n"
        "Referenced:            0 kB\n"
        "Anonymous:            32 kB\n"
        "LazyFree:              0 kB\n"
        "AnonHugePages:         0 kB\n"
        "Swap:                  0 kB\n"
        "SwapPss:               0 kB\n"
        "Locked:                0 kB\n"
        "7f0000200000-7f0000400000 rw-p 00000000 00:00 0 \n"
        "Size:               2048 kB\n"
        "Rss:                2048 kB\n"
        "Pss:                1024 kB\n"
        "Pss_Dirty:          1024 kB\n"
        "Shared_Clean:          0 kB\n"
        "Shared_Dirty:       2048 kB\n"
        "Private_Clean:         0 kB\n"
        "Private_Dirty:         0 kB\n"
        "Referenced:            0 kB\n"
        "Anonymous:          2048 kB\n"
        "LazyFree:              0 kB\n"
        "AnonHugePages:      2048 kB\n"
        "Swap:                  0 kB\n"
        "SwapPss:               0 kB\n"
        "Locked:                0 kB"
    )
    assert notes == (f"Not modelled, so left out: {', '.join(LEFT_OUT)}.",)


def test_smaps_rollup_to_the_letter(after):
    """One line from the first VMA's start to the last one's end; its name begins in column 73."""
    text, _ = one(after(LINE, "v7.3"), "smaps_rollup")

    assert text.splitlines()[:5] == [
        "7f0000000000-7f0000400000 ---p 00000000 00:00 0                          [rollup]",
        "Rss:                2112 kB",
        "Pss:                1072 kB",
        "Pss_Dirty:          1072 kB",
        "Pss_Anon:           1072 kB",
    ]
    assert text.index("[rollup]") == 73
    assert one(after("mm", "v7.3"), "smaps_rollup")[0].startswith("00000000-00000000 ---p 00000000 00:00 0 ")
    assert one(after("mm", "v7.3"), "smaps")[0] == ""
    assert header(0x55D5_1C2E_4000, 0x55D5_1C30_5000, "rw-p", "[heap]") == (
        "55d51c2e4000-55d51c305000 rw-p 00000000 00:00 0                          [heap]"
    )


def test_vmstat_memory_stat_and_the_sizes_to_the_letter(after):
    """A name and a number; bytes in memory.stat; a size's file and its number as grep shows them."""
    lab = after(LINE, "v7.3")

    text, notes = one(lab, "vmstat")
    assert text.splitlines() == [
        "nr_anon_pages 528",
        "nr_anon_transparent_hugepages 1",
        "pswpin 0",
        "pswpout 0",
        "thp_fault_alloc 1",
        "thp_split_page 0",
        "thp_split_page_failed 0",
        "thp_deferred_split_page 0",
        "thp_underused_split_page 0",
        "thp_split_pmd 0",
        "thp_swpout 0",
        "thp_swpout_fallback 0",
        "swpin_zero 0",
        "swpout_zero 0",
    ]
    left = "nr_unevictable, nr_isolated_anon, nr_shmem, thp_fault_fallback, thp_collapse_alloc"
    assert notes == (
        "nr_inactive_anon and nr_active_anon come to 528 pages; which list a folio is on is not modelled.",
        f"Not modelled, so left out: {left}.",
    )
    assert one(lab, "memory.stat") == (
        "anon 2162688\nanon_thp 2097152\nthp_fault_alloc 1",
        (
            "As if one memory cgroup had all processes.",
            "inactive_anon and active_anon come to 2,162,688 bytes; which list a folio is on is not modelled.",
            "Not modelled, so left out: shmem, unevictable, thp_collapse_alloc.",
        ),
    )
    text, notes = one(lab, "stats")
    assert text.splitlines()[:2] == [
        "hugepages-64kB/stats/anon_fault_alloc:1",
        "hugepages-64kB/stats/swpout:0",
    ]
    assert text.splitlines()[-1] == "hugepages-2048kB/stats/nr_anon_partially_mapped:0"
    assert notes == (
        "Sizes of which nothing was counted are left out.",
        "Not modelled, so left out: anon_fault_fallback.",
    )


def test_the_lists_come_to_what_is_held(after):
    """Whether or not anything maps it: both lists together have all pages of a folio of which one was given back."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 0 500", "v7.3")
    rest = "which list a folio is on is not modelled."

    assert one(lab, "vmstat")[1][0] == f"nr_inactive_anon and nr_active_anon come to 512 pages; {rest}"
    assert one(lab, "memory.stat")[1][1] == f"inactive_anon and active_anon come to 2,097,152 bytes; {rest}"


def test_a_kernel_without_the_files_says_so(after):
    """What a kernel lacks is not shown as 0."""
    assert one(after("mm", "v6.8"), "stats") == (
        "",
        ("Not in v6.8: these files came with v6.10.",),
    )
    assert (
        "Not in v6.8: thp_underused_split_page, swpin_zero and swpout_zero, which came with v6.12."
        in one(after("mm", "v6.8"), "vmstat")[1]
    )
    assert one(after("mm", "v6.10"), "stats")[1] == (
        "Sizes of which nothing was counted are left out.",
        "Not in v6.10: swpin, which came with v6.13.",
        "Not in v6.10: nr_anon and nr_anon_partially_mapped, which came with v6.12.",
        (
            "swpout, swpout_fallback, split, split_failed and split_deferred came with v6.11, "
            "and are counted here already."
        ),
        "Not modelled, so left out: anon_fault_fallback.",
    )


@pytest.mark.parametrize("key", KERNELS)
def test_every_kernel_has_its_files_at_any_row(key, after):
    """All files can be read wherever an operation is under way, a process's own once per process."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; fork 1; write 2 3; dontneed 1 0 8; exit 1", key)
    for row in range(0, len(lab.journal) + 1, 61):
        lab.seek(row)
        assert len(files(lab)) == 2 * len(live_mms(lab.machine)) + 3


def test_a_file_that_is_none_is_named(after):
    """The error names what was asked for and what there is."""
    with pytest.raises(
        LimitError, match=f"the name of a file is 'maps': it must be one of {', '.join(FILES)}"
    ):
        files(after("mm"), ["maps"])
