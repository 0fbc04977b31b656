"""Refusals: each names the thing, the value and the bound, and nothing else is refused."""

from __future__ import annotations

import pytest

from folioviz.errors import OperationError
from folioviz.lab import Lab
from folioviz.machine.memory import MAX_MMS, Sizes
from folioviz.ops.ops import parse, parse_line
from folioviz.ops.refusal import refusal
from folioviz.ops.walk import page_at

STATE = (
    "mm; mmap 1 0 64; mmap 1 512 1024; fault 1 0 4; faultpmd 1 1024; fork 1; fork 1; exit 2;"
    "mmap 1 100 4; fault 1 100 2; get 3; fault 1 512 0"
)
"""Processes 1 and 3; folio 1 (order 4), 2 (huge), 3 (order 2, pinned), 4 (order 0)."""

SIZES = Sizes(pages=2048, tables=96, vmas=32)
V7_3 = (
    "mm; mmap 1 0 64; mmap 1 512 1024; fault 1 0 4; faultpmd 1 1024; fault 1 512 0; fault 1 514 1; fork 1;"
    "mmap 1 100 8; mprotect 1 100 4 0"
)
"""Processes 1 and 2; folio 1 (order 4), 2 (huge), 3 (order 0), 4 (order 1); pages 100 to 103 are read-only."""

ALIGNED = "an order-4 folio must start at a multiple of 64 KiB"


@pytest.fixture
def machine():
    """Return a machine with two processes."""
    lab = Lab(sizes=SIZES)
    for op in parse_line(STATE):
        lab.apply(op)
    return lab.machine


@pytest.mark.parametrize(
    ("op", "sentence"),
    [
        ("mmap 2 0 1", "there is no process 2: alive are 1, 3"),
        ("exit -1", "there is no process -1: alive are 1, 3"),
        ("mmap 1 0 0", "cannot map 0 pages: at least 1 is needed"),
        ("mmap 1 -1 4", "cannot map pages -1 to 2: the address space has pages 0 to 262143"),
        ("mmap 1 262143 2", "cannot map pages 262143 to 262144: the address space has pages 0 to 262143"),
        ("mmap 1 60 8", "cannot map pages 60 to 67: a VMA is there already, pages 0 to 63"),
        ("fault 1 16 10", "cannot fault order 10: orders are 0 to 9"),
        ("fault 1 16 -1", "cannot fault order -1: orders are 0 to 9"),
        (
            "fault 1 3 4",
            f"cannot fault order 4 at 0x7f0000003000: {ALIGNED} (nearest: 0x7f0000000000)",
        ),
        (
            "fault 1 13 4",
            f"cannot fault order 4 at 0x7f000000d000: {ALIGNED} (nearest: 0x7f0000010000)",
        ),
        ("fault 1 64 2", "cannot fault order 2 at 0x7f0000040000: no VMA is there"),
        (
            "fault 1 0 7",
            "cannot fault order 7 at 0x7f0000000000: its VMA ends at 0x7f0000040000, before the folio would",
        ),
        ("fault 1 1028 2", "cannot fault order 2 at 0x7f0000404000: a huge page is mapped there"),
        ("fault 1 0 5", "cannot fault order 5 at 0x7f0000000000: a page is mapped at 0x7f0000000000"),
        (
            "fault 1 262144 0",
            "cannot fault in pages 262144 to 262144: the address space has pages 0 to 262143",
        ),
        (
            "faultpmd 1 513",
            "cannot fault a huge page at 0x7f0000201000: it must start at a multiple of 2 MiB",
        ),
        ("faultpmd 1 0", "cannot fault a huge page at 0x7f0000000000: no VMA covers all of its 512 pages"),
        ("faultpmd 1 1024", "cannot fault a huge page at 0x7f0000400000: a huge page is there already"),
        ("faultpmd 1 512", "cannot fault a huge page at 0x7f0000200000: a page table is there already"),
        ("write 1 64", "cannot write to 0x7f0000040000: no VMA is there"),
        ("write 1 -5", "cannot write to 0x7effffffb000: no VMA is there"),
        ("munmap 1 0 -3", "cannot unmap -3 pages: at least 1 is needed"),
        ("dontneed 1 262143 9", "cannot zap pages 262143 to 262151: the address space has pages 0 to 262143"),
        ("mremap 1 0 0 9", "cannot move 0 pages: at least 1 is needed"),
        ("mremap 1 64 8 2000", "cannot move pages 64 to 71: no VMA has the first of them"),
        ("mremap 1 0 8 4", "cannot move pages 0 to 7 to 4: the ranges overlap"),
        (
            "mremap 1 0 8 262140",
            "cannot move to pages 262140 to 262147: the address space has pages 0 to 262143",
        ),
        ("splitpmd 1 0", "cannot split the PMD at 0x7f0000000000: no huge page is mapped there"),
        ("splitpmd 1 300000", "cannot split the PMD at 0x7f00493e0000: no huge page is mapped there"),
        ("get 9", "there is no folio 9: the ids given so far are 1 to 4"),
        ("get 0", "there is no folio 0: the ids given so far are 1 to 4"),
        ("put 1", "cannot put folio 1: no get holds it"),
        ("split 4", "cannot split folio 4 of order 0: the order must be at least 2"),
        ("shrink 0", "cannot scan 0 folios: at least 1 is needed"),
    ],
)
def test_what_cannot_be_done(machine, op, sentence):
    """One sentence says what is wrong with the operation here and now."""
    assert refusal(machine, parse(op)) == sentence


@pytest.mark.parametrize(
    "op",
    [
        *(
            "mm",
            "mmap 1 64 36",
            "mmap 3 262143 1",
            "fault 1 16 4",
            "fault 1 514 1",
            "faultpmd 3 512",
            "write 1 1500",
        ),
        *(
            "write 1 0",
            "fork 3",
            "munmap 1 70 1",
            "munmap 1 0 262144",
            "dontneed 1 5 3",
            "exit 3",
            "mremap 1 0 8 8",
        ),
        *("splitpmd 1 1300", "get 1", "put 3", "split 1", "shrink 1", "glimit -1", "glimit 0"),
    ],
)
def test_what_can_be_done(machine, op):
    """What the kernel would do is not refused: a range without a VMA, an inner page of a huge page, ..."""
    assert refusal(machine, parse(op)) is None


def test_a_machine_can_be_full():
    """What there is no room for is refused before anything is written."""
    lab = Lab(sizes=Sizes(pages=512, tables=1, vmas=3))
    for op in parse_line("mm; mmap 1 0 512; mmap 1 512 512; mmap 1 4096 1; faultpmd 1 0"):
        lab.apply(op)

    assert refusal(lab.machine, parse("mmap 1 5000 1")) == "the machine has 0 VMAs left: this needs up to 1"
    assert refusal(lab.machine, parse("fork 1")) == "the machine has 0 VMAs left: this needs up to 3"
    assert (
        refusal(lab.machine, parse("fault 1 512 0")) == "no memory: 0 pages are free, but no block of 1 pages"
    )
    lab.apply(parse("splitpmd 1 0"))
    lab.apply(parse("exit 1"))
    assert refusal(lab.machine, parse("mm")) is None


def test_memory_can_be_in_pieces():
    """Free pages are not enough where a block of many is needed."""
    lab = Lab(sizes=Sizes(pages=512, tables=1, vmas=1))
    for op in parse_line("mm; mmap 1 0 512; fault 1 0 0"):
        lab.apply(op)

    assert refusal(lab.machine, parse("fault 1 256 8")) is None
    lab.apply(parse("fault 1 256 8"))
    assert refusal(lab.machine, parse("fault 1 128 7")) is None
    lab.apply(parse("fault 1 128 7"))
    assert refusal(lab.machine, parse("fault 1 64 6")) is None
    lab.apply(parse("fault 1 32 5"))
    assert refusal(lab.machine, parse("fault 1 64 6")) is None
    lab.apply(parse("fault 1 64 6"))
    assert refusal(lab.machine, parse("fault 1 16 5")) is not None


def test_there_are_64_processes_at_most():
    """The 65th is refused, by mm and by fork."""
    lab = Lab(sizes=Sizes(pages=512, tables=1, vmas=1))
    for _ in range(MAX_MMS):
        lab.apply(parse("mm"))
    sentence = "there are 64 processes already: that is all this machine can hold"

    assert [refusal(lab.machine, parse(op)) for op in ("mm", "fork 7")] == [sentence, sentence]


def test_after_a_bug_nothing_can_be_done():
    """A kernel that has hit a bug stands still until that is undone."""
    lab = Lab("v3", "none", sizes=Sizes(pages=512, tables=1, vmas=1))
    for op in parse_line("mm; mmap 1 0 64; fault 1 0 4; exit 1"):
        lab.apply(op)

    assert refusal(lab.machine, parse("mm")) == "the kernel has hit a bug (free_mapped, uaf): undo it first"
    lab.seek(lab.applied[-1].start)
    assert refusal(lab.machine, parse("mm")) is None


def test_page_at(machine):
    """A page is found below a PTE and below a huge PMD; elsewhere there is none."""
    found = [page_at(machine, 0, vpn) for vpn in (0, 5, 1024, 1030, 20, 40_000)]

    assert found == [0, 5, 512, 518, -1, -1]


# --- operations that only some kernels have


@pytest.fixture
def v7_3():
    """Return a lab of v7.3 with two processes."""
    lab = Lab("v7.3", sizes=SIZES)
    for op in parse_line(V7_3):
        lab.apply(op)
    return lab


@pytest.mark.parametrize(
    ("op", "sentence"),
    [
        ("touch 9 0 1", "there is no process 9: alive are 1, 2"),
        ("touch 1 0 0", "cannot write to 0 pages: at least 1 is needed"),
        (
            "touch 1 262143 2",
            "cannot write to pages 262143 to 262144: the address space has pages 0 to 262143",
        ),
        ("touch 1 64 8", "cannot write to 0x7f0000040000: no VMA is there"),
        ("touch 1 102 4", "cannot write to 4 pages: the VMA at 0x7f0000066000 is read-only (mprotect)"),
        ("write 1 100", "cannot write to 0x7f0000064000: the VMA at 0x7f0000064000 is read-only (mprotect)"),
        (
            "fault 1 100 2",
            "cannot fault order 2 at 0x7f0000064000: the VMA at 0x7f0000064000 is read-only (mprotect)",
        ),
        ("enabled 1 1", "cannot enable order 1: sizes are of orders 2 to 9"),
        ("enabled 10 1", "cannot enable order 10: sizes are of orders 2 to 9"),
        ("enabled 4 2", "cannot set order 4's enabled to 2: it must be 0 or 1"),
        ("underused -1", "cannot set shrink_underused to -1: it must be 0 or 1"),
        ("maxnone 512", "cannot set max_ptes_none to 512: it must be from 0 to 511"),
        ("maxnone -1", "cannot set max_ptes_none to -1: it must be from 0 to 511"),
        ("zero 9 0 1", "there is no folio 9: the ids given so far are 1 to 4"),
        ("zero 1 10 7", "cannot fill pages 10 to 16 of folio 1: it has pages 0 to 15"),
        ("zero 1 -1 2", "cannot fill pages -1 to 0 of folio 1: it has pages 0 to 15"),
        ("zero 3 0 2", "cannot fill pages 0 to 1 of folio 3: it has pages 0 to 0"),
        ("remap 4", "cannot remap folio 4 of order 1: the order must be at least 2"),
        ("migrate 0", "there is no folio 0: the ids given so far are 1 to 4"),
        ("mprotect 1 0 4 3", "cannot set writable to 3: it must be 0 or 1"),
        ("mprotect 1 0 0 1", "cannot protect 0 pages: at least 1 is needed"),
        (
            "mprotect 1 2147483647 1 1",
            "cannot protect pages 2147483647 to 2147483647: the address space has pages 0 to 262143",
        ),
        ("mprotect 1 64 8 1", "cannot protect 0x7f0000040000: no VMA is there"),
        ("free 1 -4 4", "cannot advise pages -4 to -1: the address space has pages 0 to 262143"),
        ("cold 1 108 1", "cannot advise 0x7f000006c000: no VMA is there"),
        ("cold 3 0 1", "there is no process 3: alive are 1, 2"),
    ],
)
def test_what_v7_3_cannot_do(v7_3, op, sentence):
    """One sentence says what is wrong with the operation here and now, and nothing changes."""
    before = v7_3.machine.snapshot()
    with pytest.raises(OperationError) as error:
        v7_3.apply(parse(op))

    assert str(error.value) == v7_3.refusal(parse(op)) == sentence
    assert (v7_3.machine.mem == before).all()


@pytest.mark.parametrize(
    "op",
    [
        *("touch 1 0 64", "touch 2 512 600", "write 1 104", "enabled 9 1", "enabled 2 0", "underused 0"),
        *("maxnone 0", "maxnone 511", "zero 1 0 16", "zero 2 511 1", "remap 1", "migrate 1"),
        *("remap 2", "migrate 2", "migrate 3"),
        *("mprotect 1 0 64 0", "mprotect 1 100 8 1", "free 1 512 1024", "cold 2 0 1"),
    ],
)
def test_what_v7_3_can_do(v7_3, op):
    """What the kernel would do is not refused: pages that are mapped, all of a huge page, a flag that is set."""
    assert v7_3.refusal(parse(op)) is None
    v7_3.apply(parse(op))


def test_a_machine_of_v7_3_can_be_full():
    """What there is no room for is refused before anything is written."""
    lab = Lab("v7.3", sizes=Sizes(pages=512, tables=1, vmas=3))
    for op in parse_line("mm; mmap 1 0 512; mmap 1 512 512; faultpmd 1 0; splitpmd 1 0"):
        lab.apply(op)

    assert lab.refusal(parse("migrate 1")) == "no memory: 0 pages are free, but no block of 512 pages"
    assert (
        lab.refusal(parse("touch 1 512 3")) == "cannot write to 3 pages: 0 pages are free, this needs up to 3"
    )
    assert lab.refusal(parse("mprotect 1 4 4 0")) == "the machine has 1 VMAs left: this needs up to 2"
    lab.apply(parse("exit 1"))
    for op in parse_line("enabled 4 1; mm; mmap 2 0 512; faultpmd 2 0"):
        lab.apply(op)
    assert (
        lab.refusal(parse("touch 2 20 1")) == "cannot write to 1 pages: 0 pages are free, this needs up to 16"
    )
    for op in parse_line("dontneed 2 0 512; mmap 2 512 512; fault 2 0 0"):
        lab.apply(op)
    assert lab.refusal(parse("touch 2 512 1")) == "the machine has 0 page tables left: this needs up to 1"


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        ("v6.5-rc3", "touch enabled underused maxnone zero remap migrate mprotect free cold"),
        ("v6.5-rc3+v4", "touch enabled underused maxnone zero remap migrate mprotect free cold"),
        ("v6.1", "underused zero remap migrate"),
        ("v6.8", "underused"),
        ("v6.10", "underused"),
    ],
)
def test_what_a_kernel_does_not_have(kernel, words):
    """What the model lacks is told from what the kernel lacks; nothing else of the operation is looked at."""
    lab = Lab(kernel, sizes=SIZES)
    for op in [parse(word + " 1" * count) for word, count in zip(words.split(), counts(words), strict=True)]:
        lacks = f"the model of {kernel} has no {op.word}: no {op.call}() was modelled for this kernel"
        came = f"{kernel} has no underused: shrink_underused came with v6.12"

        assert lab.refusal(op) == (came if op.word == "underused" else lacks)


def counts(words):
    """Return how many arguments each of some words takes."""
    takes = {"touch": 3, "enabled": 2, "zero": 3, "mprotect": 4, "free": 3, "cold": 3}
    return [takes.get(word, 1) for word in words.split()]


ONLY_SMALL = (
    "cannot fault order 4 under v6.1: by PTEs it maps folios of order 0 only "
    "(2 MiB folios: faultpmd, then splitpmd)"
)


@pytest.mark.parametrize(
    ("op", "sentence"),
    [
        ("fault 1 0 4", ONLY_SMALL),
        ("enabled 4 1", "cannot enable order 4 under v6.1: its only large folios are of order 9"),
        ("fault 1 0 10", "cannot fault order 10: orders are 0 to 9"),
    ],
)
def test_v6_1_has_two_sizes(op, sentence):
    """Folios of one page and of 512."""
    lab = Lab("v6.1", sizes=SIZES)
    for first in parse_line("mm; mmap 1 0 64"):
        lab.apply(first)

    assert lab.refusal(parse(op)) == sentence
