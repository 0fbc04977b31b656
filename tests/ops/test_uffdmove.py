"""UFFDIO_MOVE: which kernels have it, what cannot be moved, and where there is no room for page tables."""

from __future__ import annotations

import pytest

from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.machine.memory import Sizes
from folioviz.ops.ops import parse, parse_line

TEXT = "mm; mmap 1 0 16; mmap 1 16 16; mmap 1 100 16; mmap 1 200 8; mprotect 1 200 8 0; mlock 1 100 8"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("uffdmove 1 0 0 16", "cannot move 0 pages: at least 1 is needed"),
        ("uffdmove 1 8 16 100", "cannot move pages 8 to 23: no VMA has all of them"),
        ("uffdmove 1 50 1 100", "cannot move pages 50 to 50: no VMA has all of them"),
        (
            "uffdmove 1 0 8 262140",
            "cannot move to pages 262140 to 262147: the address space has pages 0 to 262143",
        ),
        ("uffdmove 1 0 8 10", "cannot move pages 0 to 7 to 10: no VMA has all of pages 10 to 17"),
        ("uffdmove 1 0 8 50", "cannot move pages 0 to 7 to 50: no VMA has all of pages 50 to 57"),
        ("uffdmove 1 0 8 4", "cannot move pages 0 to 7 to 4: the ranges overlap"),
        (
            "uffdmove 1 200 4 0",
            "cannot move pages 200 to 203: the VMA at 0x7f00000c8000 is read-only (mprotect)",
        ),
        (
            "uffdmove 1 0 4 200",
            "cannot move pages 0 to 3: the VMA at 0x7f00000c8000 is read-only (mprotect)",
        ),
        (
            "uffdmove 1 0 4 100",
            "cannot move pages 0 to 3 to 100: one of the two VMAs is locked (mlock), and the other is not",
        ),
        ("uffdmove 1 0 8 16", None),
        ("uffdmove 1 0 8 108", None),
        ("uffdmove 1 100 4 104", None),
    ],
)
def test_a_refusal_says_which_range_it_is(after, text, why):
    """Ranges inside of one VMA each, apart, and VMAs that are alike."""
    assert after(TEXT, "v7.3").refusal(parse(text)) == why


@pytest.mark.parametrize("key", KERNELS)
def test_it_came_with_v6_8(after, key):
    """Older kernels say so, and a patch of the series does."""
    why = after("mm; mmap 1 0 16", key).refusal(parse("uffdmove 1 0 4 8"))

    assert (why is None) == (KERNELS[key].era in {"mTHP", "today"})
    assert why in {None, f"{key} has no uffdmove: UFFDIO_MOVE came with v6.8"}


def test_there_must_be_page_tables():
    """One on each side, one for a huge page, and one for each huge mapping of a folio that is split."""
    lab = Lab("v7.3", sizes=Sizes(pages=2048, tables=2, vmas=32))
    for op in parse_line("mm; mmap 1 0 1024; mmap 1 1024 1024; faultpmd 1 0; fault 1 512 0"):
        lab.apply(op)

    assert (
        lab.refusal(parse("uffdmove 1 0 8 1024")) == "the machine has 1 page tables left: this needs up to 3"
    )
    assert lab.refusal(parse("uffdmove 1 512 8 1024")) is None
