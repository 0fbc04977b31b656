"""Refusals of the operations that only some kernels have: each names the thing, the value and the bound."""

from __future__ import annotations

import pytest

from folioviz.errors import OperationError
from folioviz.lab import Lab
from folioviz.machine.memory import Sizes
from folioviz.ops.ops import parse, parse_line

SIZES = Sizes(pages=2048, tables=96, vmas=32)
STATE = (
    "mm; mmap 1 0 64; mmap 1 512 1024; fault 1 0 4; faultpmd 1 1024; fault 1 512 0; fault 1 514 1; fork 1;"
    "mmap 1 100 8; mprotect 1 100 4 0"
)
"""Processes 1 and 2; folio 1 (order 4), 2 (huge), 3 (order 0), 4 (order 1); pages 100 to 103 are read-only."""


@pytest.fixture
def lab():
    """Return a lab of v7.3 with two processes."""
    lab = Lab("v7.3", sizes=SIZES)
    for op in parse_line(STATE):
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
        ("touch 1 60 8", "cannot write to 0x7f0000040000: no VMA is there"),
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
        ("migrate 3", "cannot migrate folio 3 of order 0: the order must be at least 2"),
        ("remap 2", "cannot remap folio 2: a PMD maps it, and PMD migration entries are not modelled"),
        ("migrate 2", "cannot migrate folio 2: a PMD maps it, and PMD migration entries are not modelled"),
        ("migrate 0", "there is no folio 0: the ids given so far are 1 to 4"),
        ("mprotect 1 0 4 3", "cannot set writable to 3: it must be 0 or 1"),
        ("mprotect 1 0 0 1", "cannot protect 0 pages: at least 1 is needed"),
        ("mprotect 1 60 8 1", "cannot protect 0x7f0000040000: no VMA is there"),
        ("free 1 -4 4", "cannot advise pages -4 to -1: the address space has pages 0 to 262143"),
        ("cold 1 108 1", "cannot advise 0x7f000006c000: no VMA is there"),
        ("cold 3 0 1", "there is no process 3: alive are 1, 2"),
    ],
)
def test_what_cannot_be_done(lab, op, sentence):
    """One sentence says what is wrong with the operation here and now, and nothing changes."""
    before = lab.machine.snapshot()
    with pytest.raises(OperationError) as error:
        lab.apply(parse(op))

    assert str(error.value) == lab.refusal(parse(op)) == sentence
    assert (lab.machine.mem == before).all()


@pytest.mark.parametrize(
    "op",
    [
        *("touch 1 0 64", "touch 2 512 600", "write 1 104", "enabled 9 1", "enabled 2 0", "underused 0"),
        *("maxnone 0", "maxnone 511", "zero 1 0 16", "zero 2 511 1", "remap 1", "migrate 1"),
        *("mprotect 1 0 64 0", "mprotect 1 100 8 1", "free 1 512 1024", "cold 2 0 1"),
    ],
)
def test_what_can_be_done(lab, op):
    """What the kernel would do is not refused: pages that are mapped, all of a huge page, a flag that is set."""
    assert lab.refusal(parse(op)) is None
    lab.apply(parse(op))


def test_a_machine_can_be_full():
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
        ("v6.1", "underused maxnone zero remap migrate"),
    ],
)
def test_what_a_kernel_does_not_have(kernel, words):
    """The refusal names the kernel and the operation; nothing else of the operation is looked at."""
    lab = Lab(kernel, sizes=SIZES)
    for op in [parse(word + " 1" * count) for word, count in zip(words.split(), counts(words), strict=True)]:
        sentence = f"{kernel} has no {op.word}: the model has no {op.call}() for this kernel"

        assert lab.refusal(op) == sentence


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
