"""What a scenario's operations are in a recording, and which of them no program can do."""

from __future__ import annotations

import pytest

from folioviz.errors import DocumentError
from folioviz.evidence.recordings.grammar import parse
from folioviz.ops.ops import WORDS, parse_line
from folioviz.record.acts import ALONE, KINDS, RANGES, acts_of

NO_WORD = {"dontunmap", "dontfork", "dofork"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mmap 1 3 61; fault 1 16 4", "4: P map a 61 +3; P touch a 13 29"),
        (
            "mmap 1 0 512; faultpmd 1 0; fork 1; write 2 7",
            "9: P map a 512; P touch a 0 512; P fork C; thp 0; C touch a 7 8",
        ),
        (
            "mmap 1 0 64; enabled 4 1; touch 1 0 32; enabled 4 0; mlock 1 0 64",
            "4: P map a 64; P touch a 0 32; thp 0; P mlock a 0 64",
        ),
        (
            "mmap 1 0 64; mmap 1 64 64; mremap 1 8 8 2051; mremap 1 0 8 72",
            "0: P map a 64; P map b 64 +64; P mremap a 8 16 c 3; P mremap a 0 8 b 8",
        ),
        (
            "mmap 1 0 64; protnone 1 0 8; mprotect 1 0 8 1; mprotect 1 8 8 0",
            "0: P map a 64; P mprotect a 0 8 none; P mprotect a 0 8 rw; P mprotect a 8 16 r",
        ),
        (
            "mmap 1 0 64; fork 1; exit 1; dontneedlocked 2 0 9; guard 2 1 2",
            "0: P map a 64; P fork C; P exit; C dontneed_locked a 0 9; C guard a 1 3",
        ),
    ],
)
def test_operations_are_acts(text, found):
    """Regions get letters, and a size is allowed while a fault of that size comes; the grammar reads all of it."""
    thp, acts = acts_of(parse_line(f"mm; {text}"))

    assert f"{thp}: {'; '.join(acts)}" == found
    assert all(parse(act).known for act in acts)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "mm; mmap 1 0 64; fault 1 0 4; shrink 1",
            "operation 4, shrink 1, cannot be recorded: the shrinker runs when",
        ),
        (
            "mm; mm",
            "operation 2, mm, cannot be recorded: all processes of a recording but the first are forked",
        ),
        (
            "mm; mmap 1 0 64; dontfork 1 0 1",
            "dontfork 1 0 1, cannot be recorded: recordings have no word for it",
        ),
        ("mm; mmap 1 0 64; mmap 1 64 64; dontneed 1 60 8", "pages 60 to 67 are not in one region"),
        ("mm; mmap 1 0 64; munmap 1 0 64; mmap 1 8 8", "pages 8 to 15 were a part of another region"),
        ("mm; mmap 1 0 40000", "a region has at most 32768 pages"),
        (
            "mm; fork 1; fork 1; fork 1; fork 1",
            "operation 5, fork 1, cannot be recorded: a recording has at most 4",
        ),
        ("mm; exit 7", "there is no process 7"),
        (
            "mm; " + "; ".join(f"mmap 1 {one * 512} 1" for one in range(9)),
            "a recording has at most 8 regions",
        ),
    ],
)
def test_what_no_program_does_is_refused(text, why):
    """By the operation's name and place, with the reason, before anything is done."""
    with pytest.raises(DocumentError, match=why):
        acts_of(parse_line(text))


def test_every_operation_is_known_to_the_recorder():
    """Each has an act, or a reason why there is none."""
    assert {*RANGES, *KINDS, *ALONE} | NO_WORD >= {*WORDS}
    assert not {*RANGES, *KINDS} & {*ALONE}
