"""Where nothing may be touched: the words of refusals, and what /proc says."""

from __future__ import annotations

import pytest

from folioviz import Lab
from folioviz.machine.memory import Sizes
from folioviz.ops.ops import parse, parse_line
from folioviz.proc.files import files
from folioviz.proc.page import page_line

TEXT = "mm; mmap 1 0 64; fault 1 0 4; guard 1 8 2; protnone 1 0 4; mprotect 1 4 2 0"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("write 1 2", "cannot write to 0x7f0000002000: the VMA at 0x7f0000002000 is PROT_NONE (mprotect)"),
        ("write 1 4", "cannot write to 0x7f0000004000: the VMA at 0x7f0000004000 is read-only (mprotect)"),
        ("touch 1 3 4", "cannot write to 4 pages: the VMA at 0x7f0000003000 is PROT_NONE (mprotect)"),
        ("write 1 8", "cannot write to 0x7f0000008000: a guard marker is at 0x7f0000008000"),
        ("touch 1 9 2", "cannot write to 2 pages: a guard marker is at 0x7f0000009000"),
        ("fault 1 8 1", "cannot fault order 1 at 0x7f0000008000: a guard marker is at 0x7f0000008000"),
        ("read 1 2 4", "cannot read 0x7f0000002000: the VMA at 0x7f0000002000 is PROT_NONE (mprotect)"),
        ("read 1 8 1", "cannot read 0x7f0000008000: a guard marker is at 0x7f0000008000"),
        ("read 1 64 1", "cannot read 0x7f0000040000: no VMA is there"),
        ("read 1 -1 1", "cannot read pages -1 to -1: the address space has pages 0 to 262143"),
        ("read 1 4 0", "cannot read 0 pages: at least 1 is needed"),
        ("mlock 1 3 1", "cannot lock 0x7f0000003000: the VMA at 0x7f0000003000 is PROT_NONE (mprotect)"),
        ("guard 1 64 8", "cannot guard 0x7f0000040000: no VMA is there"),
        ("unguard 1 0 0", "cannot unguard 0 pages: at least 1 is needed"),
        ("protnone 1 100 1", "cannot protect 0x7f0000064000: no VMA is there"),
    ],
)
def test_a_refusal_says_what_is_there(after, text, why):
    """PROT_NONE, read-only or a marker: each by its name and its address."""
    assert after(TEXT, "v7.3").refusal(parse(text)) == why


def test_before_v6_13_there_are_no_guard_markers(after):
    """Said with the release that brought them."""
    why = after("mm; mmap 1 0 64", "v6.12").refusal(parse("guard 1 0 4"))

    assert why == "v6.12 has no guard: MADV_GUARD_INSTALL came with v6.13"


def test_what_is_read_only_is_read_and_locked(after):
    """Neither is refused; nor is a read that comes to a marker later."""
    lab = after(TEXT, "v7.3")

    assert [lab.refusal(parse(text)) for text in ("read 1 4 6", "mlock 1 4 2")] == [None, None]


def test_a_read_needs_room_for_page_tables_and_for_what_is_swapped_out():
    """Zero pages need none."""
    lab = Lab("v7.3", sizes=Sizes(pages=512, tables=2, vmas=4))
    for op in parse_line("mm; mmap 1 0 2048; swapon 8; touch 1 0 4; pageout 1 0 4; touch 1 512 512"):
        lab.apply(op)

    assert lab.refusal(parse("read 1 0 8")) == "cannot read 8 pages: 0 pages are free, this needs up to 4"
    assert lab.refusal(parse("read 1 1024 1")) == "the machine has 0 page tables left: this needs up to 1"
    assert lab.refusal(parse("read 1 4 500")) is None


def test_proc_shows_rights_and_markers(after):
    """The letters of smaps, and what a page's line says of a marker: it is in no smaps."""
    lab = after(TEXT, "v7.3")
    smaps = next(iter(files(lab, ["smaps"], 1))).lines

    assert [line.split()[1] for line in smaps if "-" in line.split()[0]] == ["---p", "r--p", "rw-p"]
    assert page_line(lab.machine, 1, 2).partition(" in ")[2].split()[1] == "---p:"
    assert "a guard marker (pagemap: bits 58 and 62)" in page_line(lab.machine, 1, 9)
