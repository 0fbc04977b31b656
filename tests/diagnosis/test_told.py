"""The bounds and the sentences of each kind of file: true for any numbers, and said where they hold."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.diagnosis import explain
from folioviz.diagnosis.findings import amount, between, plural

PAGES = st.one_of(st.just(0), st.integers(0, 5000))
PARTS = (
    "mapped",  # anonymous pages that somebody maps
    "left",  # of large folios, mapped by nobody
    "shmem",
    "files",
    "locked",  # file pages that mlock() holds
    "pinned_down",  # anonymous pages that mlock() holds
    "lazy",  # mapped, on a list of files after MADV_FREE
    "swap_mapped",  # in the swap cache
    "swap_unmapped",
    "swap_shmem",
)
"""What a machine's memory is made of, in pages."""


def counted(parts, *, cgroup):
    """Return what the kernel counts of such memory, in pages: the words of memory.stat, or of vmstat."""
    part = parts.get
    swap = part("swap_mapped") + part("swap_unmapped") + part("swap_shmem")
    words = {
        "anon": part("mapped") + part("pinned_down") + part("lazy") + part("swap_mapped"),
        "file": part("files") + part("locked") + part("shmem") + (0 if cgroup else swap),
        "shmem": part("shmem"),
        "inactive_anon": part("mapped") + part("left") + part("shmem") + swap,
        "active_anon": 0,
        "inactive_file": part("files") + part("lazy"),
        "active_file": 0,
        "unevictable": part("locked") + part("pinned_down"),
        "swapcached": swap,
    }
    if cgroup:
        return {word: pages * 4096 for word, pages in words.items()}
    names = {"anon": "nr_anon_pages", "file": "nr_file_pages"}
    return {names.get(word, f"nr_{word}"): pages for word, pages in words.items()}


def pasted(values):
    """Return numbers as lines."""
    return "".join(f"{word} {value}\n" for word, value in values.items())


def check(parts, *, cgroup, whole):
    """Require that the bounds of such memory contain what nobody maps of it."""
    values = counted(parts, cgroup=cgroup)
    lines = {word: value for word, value in values.items() if whole or word not in {"file", "nr_file_pages"}}
    low, high = explain(pasted(lines)).held
    left, swapped = parts["left"] * 4, parts["swap_unmapped"] * 4

    assert low <= left
    assert left + swapped <= high
    if whole:
        assert high == left + swapped + parts["swap_shmem"] * 4
        assert low == max(left - parts["swap_mapped"] * 4, 0)


@given(st.fixed_dictionaries(dict.fromkeys(PARTS, PAGES)), st.booleans(), st.booleans())
def test_the_bounds_hold_whatever_memory_is_made_of(parts, cgroup, whole):
    """Locked and lazily freed pages, shared memory, the swap cache, with the numbers of files and without them."""
    check(parts, cgroup=cgroup, whole=whole)


@pytest.mark.parametrize("large", PARTS)
def test_the_bounds_hold_if_one_part_is_large(large):
    """Each part alone, and beside a little of all others; of a cgroup and of the machine, with files and without."""
    for others in (0, 3):
        for cgroup, whole in product((True, False), (True, False)):
            check(dict.fromkeys(PARTS, others) | {large: 4000}, cgroup=cgroup, whole=whole)


def said(values):
    """Return the sentences of a paste as one text."""
    return " ".join(explain(values if isinstance(values, str) else pasted(values)).sentences)


STAT = {
    "anon": 40 << 20,
    "file": 20 << 20,
    "shmem": 4 << 20,
    "inactive_anon": 100 << 20,
    "active_anon": 4 << 20,
    "inactive_file": 12 << 20,
    "active_file": 4 << 20,
    "unevictable": 0,
    "swapcached": 0,
}
"""104 MiB on the lists, 40 mapped, 4 shared memory: 60 are left. All 16 MiB of files are on their lists."""
VMSTAT = {
    "nr_anon_pages": 10,
    "nr_shmem": 0,
    "nr_inactive_anon": 10,
    "nr_active_anon": 0,
    "nr_unevictable": 0,
    "nr_file_pages": 0,
    "nr_inactive_file": 0,
    "nr_active_file": 0,
    "nr_swapcached": 0,
}
MARKED = "hugepages-64kB/stats/nr_anon:4\nhugepages-64kB/stats/nr_anon_partially_mapped:2\n"
LEFT_OUT = "on these lists are locked file pages; they are left out"
ADDED = "are on lists of files (MADV_FREE): added"
SWAP = "are in the swap cache, mapped or not: the lower bound leaves them out"
UNEVICTABLE = "What is unevictable may be file pages, so that the lower bound leaves it out"
INACTIVE = "Inactive file memory may be anonymous after MADV_FREE, so that the upper bound has it"
NONE = "So they show no anonymous memory that is held and mapped by nobody"
MISS = "The numbers miss"
BEFORE = "Before v5.8, anon counted what is held, not what is mapped"
BLIND = "On a kernel with CONFIG_NO_PAGE_MAPCOUNT (from v6.15 on)"
DRIFT = "Each CPU keeps up to 125 pages of each counter"
LOCAL = "In cgroup v1, words without total_ count this cgroup alone"
EXPLAINED = "The marked folios explain at most"
FLAGGED = "Marked folios, and nothing that nobody maps: they were marked by a migration"
NO_MARKS = "The size statistics count no folio that is partially mapped"
SINCE_BOOT = "Since boot"
V1 = "rss 4096\ncache 0\ninactive_anon 8192\nactive_anon 0\nunevictable 0\ninactive_file 0\nactive_file 0\n"
CASES = {
    "all of it": (
        STAT,
        ["61,440 KiB (60.0 MiB) of anonymous memory are held", "of it: when memory is short", BEFORE, BLIND],
        [LEFT_OUT, ADDED, SWAP, UNEVICTABLE, INACTIVE, NONE, MISS, DRIFT, LOCAL],
    ),
    "huge pages": (
        STAT | {"anon_thp": 30 << 20},
        ["30,720 KiB (30.0 MiB) of what is mapped, 75 %, are huge pages, each mapped by a PMD"],
        [],
    ),
    "no huge pages": (STAT | {"anon_thp": 0}, [], ["are huge pages, each"]),
    "huge pages of another moment": (STAT | {"anon_thp": 50 << 20}, [], ["are huge pages, each"]),
    "locked files": (
        STAT | {"unevictable": 8 << 20, "file": 28 << 20},
        [f"8,192 KiB {LEFT_OUT}", "61,440 KiB (60.0 MiB) of anonymous"],
        [ADDED],
    ),
    "lazily freed": (
        STAT | {"inactive_file": 17 << 20},
        [f"At least 5,120 KiB of what is mapped {ADDED}", "66,560 KiB (65.0 MiB) of anonymous"],
        [LEFT_OUT],
    ),
    "swap cache": (
        STAT | {"swapcached": 10 << 20},
        [f"10,240 KiB (10.0 MiB) {SWAP}", "between 51,200 KiB (50.0 MiB) and 61,440"],
        [],
    ),
    "no numbers of files": (
        {word: value for word, value in (STAT | {"unevictable": 8 << 20}).items() if word != "file"},
        [UNEVICTABLE, INACTIVE, "between 61,440 KiB (60.0 MiB) and 81,920 KiB (80.0 MiB)"],
        [LEFT_OUT, ADDED],
    ),
    "nothing left": (STAT | {"inactive_anon": 40 << 20}, [NONE], [MISS, "The deferred split shrinker"]),
    "less than nothing": (STAT | {"inactive_anon": 39 << 20}, [NONE, f"{MISS} 1,024 KiB"], []),
    "no shared memory": (STAT | {"shmem": 0, "file": 16 << 20}, [], ["are shared memory"]),
    "shared memory": (STAT, ["4,096 KiB are shared memory or tmpfs"], []),
    "a newer kernel": (f"Linux version 6.12.88\n{pasted(STAT)}", [], [BEFORE, BLIND]),
    "an older kernel": (f"Linux version 5.4.0-150\n{pasted(STAT)}", [BEFORE], [BLIND]),
    "the newest kernel": (f"Linux version 7.3.4\n{pasted(STAT)}", [BLIND], [BEFORE]),
    "the last one before": (f"Linux version 6.14.11\n{pasted(STAT)}", [], [BEFORE, BLIND]),
    "the machine": (VMSTAT, [DRIFT, NONE], [BEFORE, LOCAL, SINCE_BOOT]),
    "cgroup v1": (V1, [LOCAL, "So 4 KiB of anonymous memory are held"], [DRIFT]),
    "cgroup v1 with all below": (
        V1.replace("rss", "total_rss")
        .replace("cache", "total_cache")
        .replace("in", "total_in", 1)
        .replace("\nactive", "\ntotal_active")
        .replace("unev", "total_unev")
        .replace("inactive_f", "total_inactive_f"),
        ["Before v5.8, total_rss counted"],
        [LOCAL],
    ),
    "events": (
        VMSTAT | {"thp_deferred_split_page": 952, "thp_split_page": 0},
        ["has counted 952 that were queued, thp_split_page 0 that were split"],
        [],
    ),
    "one event": (
        VMSTAT | {"thp_deferred_split_page": 1, "thp_split_page": 1},
        ["has counted 1 that were queued, thp_split_page 1 that"],
        [],
    ),
    "marked": (
        MARKED,
        [
            "hugepages-64kB: 2 folios of 4 marked as partially mapped; nobody maps at most 120 KiB of them",
            "seen on 6.12.88",
        ],
        [NO_MARKS],
    ),
    "one marked": (
        "hugepages-64kB/stats/nr_anon_partially_mapped:1\n",
        ["hugepages-64kB: 1 folio marked as partially mapped; nobody maps at most 60 KiB"],
        [],
    ),
    "none marked": (
        MARKED.replace(":2", ":0"),
        [NO_MARKS],
        ["marked as partially mapped", "seen on 6.12.88"],
    ),
    "not counted": ("hugepages-64kB/stats/split:3\n", [], [NO_MARKS, "marked as partially mapped"]),
    "more than the marked": (
        pasted(VMSTAT | {"nr_inactive_anon": 60}) + MARKED,
        [f"{EXPLAINED} 120 KiB of it; at least 80 KiB are held by something else"],
        [FLAGGED],
    ),
    "as many as the marked": (pasted(VMSTAT | {"nr_inactive_anon": 40}) + MARKED, [], [EXPLAINED, FLAGGED]),
    "only marked": (pasted(VMSTAT) + MARKED, [FLAGGED], [EXPLAINED]),
    "nothing at all": (pasted(VMSTAT) + MARKED.replace(":2", ":0"), [NO_MARKS], [EXPLAINED, FLAGGED]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_sentence_is_said_where_it_holds(name):
    """And nowhere else."""
    paste, there, not_there = CASES[name]
    told = said(paste)

    assert [one for one in there if one not in told] == []
    assert [one for one in not_there if one in told] == []


HUGE = "Rss: 100 kB\nAnonymous: 80 kB\nAnonHugePages: 60 kB\n"
PROCESSES = {
    "by PMDs and PTEs": (
        HUGE,
        [
            "Rss is 100 KiB; 80 KiB of it",
            "AnonHugePages is 60 KiB, 75 % of",
            "The other 20 KiB are mapped by PTEs",
        ],
        ["LazyFree", "Swap is", "more than Anonymous"],
    ),
    "by PTEs alone": (
        HUGE.replace("60", "0"),
        ["AnonHugePages is 0: no PMD maps any of it"],
        ["% of Anonymous"],
    ),
    "of two moments": (
        HUGE.replace("60", "90"),
        ["AnonHugePages, 90 KiB, is more than Anonymous"],
        ["% of Anonymous", "no PMD maps"],
    ),
    "nothing anonymous": (
        "Rss: 4 kB\nAnonymous: 0 kB\nAnonHugePages: 0 kB\n",
        ["0 KiB of it are anonymous"],
        ["no PMD maps"],
    ),
    "picked out": (
        "AnonHugePages: 2048 kB\nAnonHugePages: 4096 kB\n",
        ["AnonHugePages is 6,144 KiB, mapped by PMDs; large folios that PTEs"],
        ["% of"],
    ),
    "Rss alone": ("Rss: 100 kB\n", ["smaps: Rss is 100 KiB."], ["anonymous"]),
    "given back and swapped": (
        HUGE + "LazyFree: 8 kB\nSwap: 12 kB\n",
        ["LazyFree is 8 KiB: given back", "Swap is 12 KiB: not in Rss"],
        [],
    ),
    "beside their cgroup": (
        HUGE + "$ cat memory.stat\n" + pasted(STAT),
        ["1 process of the paste: 80 KiB of mapped anonymous memory", "memory.stat counts 40,960 KiB"],
        [],
    ),
    "beside the machine": (HUGE + pasted(VMSTAT), [], ["of the paste: 80 KiB"]),
    "two beside their cgroup": (
        f"/proc/1/smaps:\n{HUGE}/proc/2/smaps:\n{HUGE}/x/memory.stat\n" + pasted(STAT),
        ["2 processes of the paste: 160 KiB of mapped"],
        [],
    ),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_processes_are_told_as_they_are(name):
    """What is mapped, how, and what of it will go."""
    paste, there, not_there = PROCESSES[name]
    told = said(paste)

    assert [one for one in there if one not in told] == []
    assert [one for one in not_there if one in told] == []


def dumped(
    page="refcount:17 mapcount:1",
    head="order:4 mapcount:16 entire_mapcount:0 nr_pages_mapped:16",
    flags="anon flags: 0x1(lru)",
):
    """Return the lines of a page dump."""
    return "\n".join(line for line in (f"page: {page}", head and f"head: {head} pincount:0", flags) if line)


DUMPS = {
    "whole": (
        dumped(),
        (0, 0),
        ["16 pages (64 KiB), every page of it mapped.", "1 reference beside"],
        ["nobody maps"],
    ),
    "no other": (dumped("refcount:16 mapcount:1"), (0, 0), [], ["beside those", "more mappings"]),
    "in the swap cache": (
        dumped("refcount:32 mapcount:1", flags="anon flags: 0x1(lru|owner_priv_1|swapbacked)"),
        (0, 0),
        [],
        ["beside those", "more mappings"],
    ),
    "too few references": (
        dumped("refcount:9 mapcount:1"),
        (0, 0),
        ["There are more mappings than references"],
        [],
    ),
    "in part": (
        dumped("refcount:5 mapcount:0", "order:4 mapcount:5 entire_mapcount:0 nr_pages_mapped:5"),
        (44, 44),
        ["of which 5 are mapped; nobody maps 11 (44 KiB)."],
        [],
    ),
    "by a PMD": (
        dumped("refcount:513 mapcount:0", "order:9 mapcount:257 entire_mapcount:1 nr_pages_mapped:256"),
        (0, 0),
        ["mapped by 1 PMD: every page is mapped"],
        ["nobody maps"],
    ),
    "by PMDs": (
        dumped("refcount:2 mapcount:0", "order:9 mapcount:2 entire_mapcount:2 nr_pages_mapped:0"),
        (0, 0),
        ["mapped by 2 PMDs"],
        [],
    ),
    "by nobody": (
        dumped("refcount:1 mapcount:0", "order:4 mapcount:0 entire_mapcount:0 nr_pages_mapped:0"),
        (64, 64),
        ["that nobody maps: references alone hold it"],
        [],
    ),
    "being freed": (
        dumped("refcount:0 mapcount:0", "order:4 mapcount:0 entire_mapcount:0 nr_pages_mapped:0"),
        (0, 0),
        ["with a refcount of 0: it is being freed"],
        ["references alone"],
    ),
    "a small page": (
        dumped("refcount:1 mapcount:1", ""),
        (0, 0),
        ["a single page, mapped."],
        ["beside those"],
    ),
    "a small page of nobody": (
        dumped("refcount:1 mapcount:0", ""),
        (4, 4),
        ["a single page that nobody maps"],
        [],
    ),
    "without counts": (
        dumped("refcount:7 mapcount:0", "order:4 mapcount:6 entire_mapcount:0 nr_pages_mapped:-1"),
        (40, 60),
        ["with 6 mappings in all; on this kernel"],
        [],
    ),
    "without counts, many": (
        dumped("refcount:40 mapcount:0", "order:4 mapcount:40 entire_mapcount:0 nr_pages_mapped:-1"),
        (0, 60),
        ["with 40 mappings"],
        [],
    ),
    "v6.1": (
        dumped("refcount:40 mapcount:0", "order:9 compound_mapcount:0 compound_pincount:0"),
        (0, 2044),
        ["does not print how many of them are mapped"],
        ["beside those"],
    ),
    "v6.1 by a PMD": (
        dumped("refcount:1 mapcount:1", "order:9 compound_mapcount:1 compound_pincount:0"),
        (0, 0),
        ["mapped by 1 PMD"],
        [],
    ),
    "a file": (dumped(flags="flags: 0x1(lru)"), None, ["the folio is not anonymous"], ["every page of it"]),
}


@pytest.mark.parametrize("name", DUMPS)
def test_a_folio_is_told_as_it_is(name):
    """How much of it is mapped, by what, and who else holds it."""
    paste, held, there, not_there = DUMPS[name]
    told = said(paste)

    assert explain(paste).held == held
    assert [one for one in there if one not in told] == []
    assert [one for one in not_there if one in told] == []


UNKNOWN = {
    "holds that nobody maps": (HUGE, pasted(STAT)),
    "here taken as 0": (
        pasted({word: value for word, value in STAT.items() if word != "swapcached"}),
        pasted(STAT),
    ),
    "that MADV_FREE has put": (
        "anon 4096\nshmem 0\ninactive_anon 8192\nactive_anon 0\nunevictable 0\n",
        pasted(STAT),
    ),
    "means: it lacks unevictable": ("anon 4096\nshmem 0\ninactive_anon 8192\nactive_anon 0\n", pasted(STAT)),
    "CONFIG_NO_PAGE_MAPCOUNT": (pasted(STAT), f"Linux version 6.1.192\n{pasted(STAT)}"),
    "and of which size": (pasted(STAT), pasted(STAT) + MARKED),
    "which process": (pasted(STAT), pasted(STAT) + HUGE),
    "which mappings": (pasted(STAT), pasted(STAT) + "anon-thp-pte-partial: 8 kB\n"),
    "whether a pin": (pasted(STAT), f"{pasted(STAT)}{dumped()}\n"),
    "the size of a page": (pasted(VMSTAT), pasted(VMSTAT) + "KernelPageSize: 4 kB\nRss: 4 kB\n"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_told_until_it_is(name):
    """It is not known from the first paste, and known from the second one."""
    first, second = (
        [what for what, _ in explain(paste).cannot_know if name in what] for paste in UNKNOWN[name]
    )

    assert (len(first), len(second)) == (1, 0)


def test_nothing_is_asked_of_folios_if_nothing_is_held():
    """Where all is mapped, which sizes and which processes does not matter."""
    nothing = explain(pasted(STAT | {"inactive_anon": 40 << 20}))

    assert nothing.held == nothing.gives_back == (0, 0)
    assert [what for what, _ in nothing.cannot_know] == ["whether the kernel has CONFIG_NO_PAGE_MAPCOUNT"]
    assert nothing.offer is None


def test_the_shrinker_frees_no_more_than_is_marked():
    """40 pages are left, and the marked folios have 30 of them; a cgroup is not the machine, whose marks they are."""
    machine = explain(pasted(VMSTAT | {"nr_inactive_anon": 50}) + MARKED)
    cgroup = explain(pasted(STAT) + MARKED)

    assert (machine.held, machine.gives_back) == ((160, 160), (120, 120))
    assert (cgroup.held, cgroup.gives_back) == ((61_440, 61_440), (61_440, 61_440))


def test_a_cgroup_comes_before_the_machine_and_the_first_before_the_second():
    """Whatever the order of the paste; and vmstat before meminfo."""
    both = [pasted(VMSTAT), pasted(STAT)]

    assert explain("".join(both)).held == explain("".join(reversed(both))).held == (61_440, 61_440)
    two = explain(pasted(STAT) + pasted(STAT | {"inactive_anon": 50 << 20}))
    assert two.held == (61_440, 61_440)
    assert (
        "memory.stat (1) to memory.stat (2): 61,440 KiB (60.0 MiB), then 10,240 KiB (10.0 MiB) held"
        in " ".join(two.sentences)
    )


def test_amounts_and_bounds_in_words():
    """Exact in KiB; from 10 MiB on also rounded."""
    assert [amount(kib) for kib in (0, 10 * 1024 - 1, 10 * 1024, 3 << 20, 5 << 30)] == [
        "0 KiB",
        "10,239 KiB",
        "10,240 KiB (10.0 MiB)",
        "3,145,728 KiB (3.0 GiB)",
        "5,368,709,120 KiB (5.0 TiB)",
    ]
    bounds = explain(pasted(STAT)).held
    assert [between(bounds._replace(low=low, high=8)) for low in (0, 4, 8)] == [
        "at most 8 KiB",
        "between 4 KiB and 8 KiB",
        "8 KiB",
    ]
    assert [plural(count, "process", "processes") for count in (1, 2000)] == ["1 process", "2,000 processes"]


def test_a_number_has_a_meaning():
    """By the table of the files that the model prints; what is not in it has none."""
    meanings = {number.name: number.meaning for number in explain(pasted(STAT)).numbers}

    assert meanings["anon"].startswith("What nr_anon_pages counts")
    assert meanings["active_file"] == ""


def test_the_last_statistics_count():
    """Of two snapshots in a paste, as before and after drop_caches."""
    assert explain(MARKED + MARKED.replace(":2", ":1")).held == (0, 60)


def test_vmstat_comes_before_meminfo():
    """It has what is isolated, which /proc/meminfo has not."""
    meminfo = "AnonPages: 40 kB\nInactive(anon): 80 kB\nActive(anon): 0 kB\nUnevictable: 0 kB\nShmem: 0 kB\n"

    for paste in (meminfo + pasted(VMSTAT), pasted(VMSTAT) + meminfo):
        assert explain(paste).held == (0, 0)
    assert explain(meminfo).held == (40, 40)


def test_a_process_begins_where_addresses_fall():
    """Two smaps one behind the other, without a heading; a third mapping of the second one is its own."""
    mapping = "{:012x}-{:012x} rw-p 00000000 00:00 0 \nRss: 4 kB\nAnonymous: 4 kB\n"
    paste = "".join(mapping.format(start << 12, start + 1 << 12) for start in (16, 32, 16, 24))

    assert explain(paste).recognised == (("smaps", 2),)
    assert [number.kib for number in explain(paste).numbers] == [8, 8, 8, 8]


def test_a_file_of_version_1_may_begin_as_one_of_version_2():
    """What grep picks out of it begins with words that both versions have."""
    paste = "inactive_anon 4096\nactive_anon 0\nunevictable 0\ntotal_rss 4096\ntotal_cache 0\n"

    assert explain(paste).recognised == (("memory.stat (cgroup v1)", 1),)


@pytest.mark.parametrize(
    ("paste", "kib"),
    [
        ("KernelPageSize: 16 kB\nRss: 4 kB\n", 16),
        ("KernelPageSize: 2048 kB\nRss: 0 kB\n", None),
        ("anon-thp-pmd-aligned-2048kB: 0 kB\n", 4),
        ("anon-thp-pmd-aligned-32768kB: 0 kB\n", 16),
        ("hugepages-524288kB/stats/nr_anon:0\n", 64),
        ("hugepages-2048kB/stats/nr_anon:0\n", None),
    ],
)
def test_the_size_of_a_page_is_told_by_what_a_pmd_maps(paste, kib):
    """Or by smaps; huge pages of hugetlbfs and sizes that each page size can have do not tell."""
    said = explain(paste + pasted(VMSTAT))
    mapped = next(number.kib for number in said.numbers if number.name == "nr_anon_pages")
    asked = [what for what, _ in said.cannot_know if "the size of a page" in what]

    assert mapped == 10 * (kib or 4)
    assert bool(asked) == (kib is None)


@pytest.mark.parametrize(
    ("references", "pins", "freed"), [(5, 0, (44, 44)), (6, 0, (0, 44)), (1029, 1, (0, 0)), (4, 0, (44, 44))]
)
def test_a_folio_that_somebody_keeps_is_not_split(references, pins, freed):
    """A reference of others may keep it, a pin does; 5 of 16 pages are mapped."""
    head = f"order:4 mapcount:5 entire_mapcount:0 nr_pages_mapped:5 pincount:{pins}"
    paste = f"page: refcount:{references} mapcount:0\nhead: {head}\n"

    assert explain(paste).held == (44, 44)
    assert explain(paste).gives_back == freed
    assert ("1 pin of it (pincount)" in said(paste)) == (pins > 0)


def test_dumps_are_added_up():
    """Two folios of the log, and one of a file, of which nothing is said."""
    paste = "\n".join([DUMPS["in part"][0], DUMPS["by nobody"][0], DUMPS["a file"][0]])

    assert explain(paste).recognised == (("page dump", 3),)
    assert explain(paste).held == (44 + 64, 44 + 64)
    assert explain(paste).gives_back == (44, 44 + 64)  # a reference keeps the second one
