"""How many TLB flushes does v4 make? The numbers that the story tells."""

from __future__ import annotations

import itertools

import pytest

from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.ops.ops import parse_line
from folioviz.stories import find
from folioviz.stories.flushes import FIX, FULL, ROWS, V3, ops
from folioviz.stories.parts.batches import read
from folioviz.stories.parts.pieces import FIRST, SECOND, V4, ran
from folioviz.stories.parts.tally import tally
from tests.pages import KERNEL, table

STORY = find("flushes")
FOUND = {row["munmap of"]: row for row in table(KERNEL / "findings.md", "flushes-rounds-locks")}
SHOWN = ("base", "p1", "v4full", "v3", "v4")
"""The kernels of the story's columns."""
COMBINATIONS = list(itertools.product(*([value for _, value in one.options] for one in STORY.choices[2:])))


def last(text, key):
    """Return what the last operation did."""
    lab = ran(text, key)
    return lab, read(lab, lab.applied[-1].start, lab.applied[-1].end)


def test_the_answer_is_computed():
    """65: one per batch, one for the page tables."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "65"
    assert "each of the 64 batches" in because
    assert "never full; 1 more" in because


def test_the_table_is_what_the_kernel_did():
    """Every cell equals the run of the compiled functions, 1/3 alone and with 2/3 alike."""
    table = STORY.numbers(STORY.values)[1]
    shown = {
        ROWS[place]: [cell.value.replace(" ", "") for cell in row[1:]] for place, row in enumerate(table.rows)
    }

    found = {(n, order): FOUND[f"{n} x order {order}"] for n, order in ROWS}

    assert shown == {key: [row[kernel] for kernel in SHOWN] for key, row in found.items()}
    for folios, order in ROWS:
        one, two = (tally(ops(folios, order), key).costs for key in (FIRST, SECOND))
        assert all(one[name] == two[name] for name in ("thw", "zround", "sqlock"))


@pytest.mark.parametrize("key", [key for key, row in KERNELS.items() if 4 in row.orders])
@pytest.mark.parametrize("mode", ["batched", "none"])
def test_a_tally_is_what_a_lab_counts(key, mode):
    """Counted without a journal or with one, the costs are the same: under every kernel that has the folios."""
    text = ops(8, 4)
    lab = ran(text, key, mode)

    assert lab.costs(lab.applied[-1].start, lab.applied[-1].end) == tally(text, key, mode).costs


@pytest.mark.parametrize("folios", [1, 8, 64])
@pytest.mark.parametrize(("call", "more"), [("munmap", 1), ("exit", 1), ("dontneed", 0)])
def test_v4_flushes_once_per_batch(folios, call, more):
    """Each batch was complete, the gather was not full, and a flush is forced; freed page tables cost one more."""
    _, found = last(ops(folios, 4, call), V4)

    assert [(one.pages, one.asked, one.full, one.cut) for one in found.batches] == [
        (16, 16, False, True)
    ] * folios
    assert [one.after for one in found.flushes if one.forced] == list(range(1, folios + 1))
    assert len(found.flushes) == folios + more
    assert found.rounds == folios


def test_the_address_is_right():
    """Every page is taken once, in order: the way out adds what the decrement took."""
    _, found = last(ops(64, 2), V4)

    assert [one.vpn for one in found.batches] == list(range(0, 256, 4))


def test_the_naive_repair_overruns_the_gather():
    """Two order-3 folios and no gather memory: full with the last page of a batch, and nobody flushes."""
    text = ops(8, 3, "munmap", "none")

    assert tally(text, FIX).bugs == ("vm_bug:batch->nr > batch->max",)
    assert tally("glimit 0; mm; mmap 1 0 64; fault 1 0 3; fault 1 8 3; munmap 1 0 64", FIX).bugs
    assert not tally(text, FULL).bugs
    assert not tally(text, V4).bugs
    lab, found = last(text, FIX)
    before = [one for one in found.batches if one.row < lab.bug_at()]
    assert before[0].full
    assert not before[0].cut


def test_small_folios_are_batched_in_v3_only():
    """A flush per small page in v3; v4 leaves them to the old loop."""
    assert tally(ops(64, 0), V3).costs["thw"] == 65
    assert tally(ops(64, 0), V4).costs["thw"] == 1


@pytest.mark.parametrize("chosen", COMBINATIONS)
def test_every_choice_can_be_made(chosen):
    """Any combination gives a scenario that both kernels can do, and numbers."""
    names = [one.name for one in STORY.choices[2:]]
    values = STORY.values | dict(zip(names, chosen, strict=True))
    made = STORY.make(values)

    for op in made.ops[:3]:
        assert op.short()
    assert len(STORY.numbers(values)[0].rows) == 7
    lab = Lab(V4)
    for op in made.ops:
        lab.apply(op)
    assert [op.short() for op in parse_line("; ".join(op.short() for op in made.ops))] == [
        one.op.short() for one in lab.applied
    ]
