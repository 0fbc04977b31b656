"""What a machine's files say is read again, and the bounds contain the machine's truth."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import Lab, kernels
from folioviz.compare.random_ops import SIZES, wander
from folioviz.diagnosis import explain
from folioviz.ops.ops import Get, parse, parse_line
from folioviz.ops.walk import live_folios
from folioviz.proc.files import files
from folioviz.proc.mapcounts import averages, mapcounts
from folioviz.proc.node import totals
from folioviz.proc.page import dump

KEYS = [*kernels.KERNELS]
SEEDS = (1, 2)
PARTLY = "faultpmd 1 512; dontneed 1 600 50"
"""Part of a huge page goes: something that every kernel queues."""
LISTS = {
    "vmstat": (
        "nr_inactive_anon {pages}",
        "nr_active_anon 0",
        "nr_unevictable 0",
        "nr_shmem 0",
        "nr_file_pages 0",
    ),
    "memory.stat": ("inactive_anon {bytes}", "active_anon 0", "unevictable 0", "shmem 0", "file 0"),
}
"""What the model leaves out of a file: of the lists it knows only what they come to."""
OF_FILES = {
    "vmstat": ("nr_inactive_file 0", "nr_active_file 0", "nr_swapcached 0"),
    "memory.stat": ("inactive_file 0", "active_file 0", "swapcached 0"),
}
COUNTS = "folio_partially_mapped"
"""The field of machines whose kernel has nr_anon_partially_mapped."""


def printed(lab, *names):
    """Return the files of a lab as a person would paste them, the lists completed."""
    held = totals(lab.machine).held
    lines = []
    for file in files(lab, names):
        lines += [f"$ cat {file.path}", *file.lines]
        own = (*LISTS.get(file.name, ()), *OF_FILES.get(file.name, ()))
        lines += [line.format(pages=held, bytes=held * 4096) for line in own]
    return "\n".join(lines) + "\n"


def walks(key, without=(), seeds=SEEDS, length=20):
    """Yield a lab after each of some random operations; a machine that has hit a bug is left."""
    for seed in seeds:
        lab = Lab(key, sizes=SIZES)
        first, second, *others = wander(seed, length, key)  # mm and mmap
        for op in (first, second, *parse_line(PARTLY), *others):
            if not isinstance(op, without) and lab.refusal(op) is None:
                lab.apply(op)
                if lab.machine.bugs():
                    break
                yield lab


def lost(lab):
    """Return what is held and mapped by nobody, in KiB, by the folios and the page tables."""
    return totals(lab.machine).lost * 4


def folios(lab):
    """Yield of each folio its head page, how many pages it has, and how many of them /proc/kpagecount has at 0."""
    unmapped = mapcounts(lab.machine) == 0
    for head in live_folios(lab.machine).tolist():
        pages = 1 << int(lab.machine.folio_order[head])
        yield head, pages, int(np.count_nonzero(unmapped[head : head + pages]))


def exact(lab):
    """Tell whether a kernel counts the mappings of each page."""
    return not averages(lab.machine)


@pytest.mark.parametrize("key", KEYS)
def test_the_estimate_is_the_truth(key):
    """Of memory.stat and of vmstat, with the numbers of files and without: what the page tables say, to the page.

    Without counts of pages it is never too high: the page says that it is too low there.
    """
    seen = 0
    for lab in walks(key):
        for name in ("vmstat", "memory.stat"):
            whole = printed(lab, name)
            short = "".join(line for line in whole.splitlines(True) if "file" not in line)
            for paste in (whole, short):
                low, high = explain(paste).held
                assert low == high
                assert high == lost(lab) if exact(lab) else high <= lost(lab)
        seen += lost(lab) > 0

    assert seen > 2


@pytest.mark.parametrize("key", KEYS)
def test_the_marked_folios_bound_what_is_partially_mapped(key):
    """From v6.12 on: of all folios that somebody maps, what nobody maps is no more than the statistics allow."""
    seen = 0
    for lab in walks(key):
        if not exact(lab) or COUNTS not in lab.machine.keeps:
            continue
        partly = sum(left for _, pages, left in folios(lab) if left < pages) * 4
        paste = printed(lab, "stats")
        if "nr_anon" not in paste:
            assert partly == 0
            continue
        low, high = explain(paste).held
        assert low <= partly <= high
        seen += partly > 0

    assert seen > 2 or COUNTS not in kernels.keeps(kernels.find(key)) or kernels.drops(kernels.find(key))


@pytest.mark.parametrize("key", KEYS)
def test_the_shrinker_frees_what_is_said(key):
    """Nothing is pinned: what nobody maps shrinks by no less and no more than the bounds; before v6.8 by no more."""
    queues_all = "mthp_stat" in kernels.keeps(kernels.find(key)) or key in {"v6.8", "v6.9"}
    seen = 0
    for length in (0, 3, 8, 14):
        for seed in SEEDS:
            *_, lab = walks(key, without=(Get,), seeds=(seed,), length=length)
            before, said = lost(lab), explain(printed(lab, "vmstat", "stats"))
            for _ in range(3):
                lab.apply(parse("shrink 64"))
            freed = before - lost(lab)
            if exact(lab):
                assert freed <= said.gives_back.high
                assert not queues_all or freed >= said.gives_back.low
                seen += freed > 0

    assert seen > 1 or not exact(Lab(key))


@pytest.mark.parametrize("key", KEYS)
def test_a_dump_bounds_its_folio(key):
    """Each folio's dump says what of it nobody maps: exactly, where the kernel prints how many pages are mapped."""
    seen = set()
    for lab in walks(key, seeds=(4,)):
        for head, pages, left in folios(lab):
            text = "\n".join(dump(lab.machine, head))
            if (text, left) in seen:  # nothing has happened to it
                continue
            seen.add((text, left))
            said = explain(text)
            if exact(lab):
                assert said.held.low <= left * 4 <= said.held.high
            if exact(lab) and key not in {"v6.1", "v6.1.0"}:
                assert said.held.low == said.held.high
            assert said.held.high < pages * 4 or left == pages


@pytest.mark.parametrize("key", KEYS)
def test_smaps_are_added_up(key):
    """Of each process, the sum over its VMAs is what its rollup says."""
    for lab in walks(key, seeds=(5,), length=15):
        if not totals(lab.machine).mapped:
            continue
        one, other = explain(printed(lab, "smaps")), explain(printed(lab, "smaps_rollup"))
        sums = [[(number.name, number.kib) for number in said.numbers] for said in (one, other)]
        assert sums[0] == sums[1]
        assert {number.file.rpartition("/")[2] for number in one.numbers} == {"smaps"}
