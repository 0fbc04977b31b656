"""A scenario and a link of what was rebuilt, and what would come of it if something were done."""

from __future__ import annotations

import pytest

from folioviz.errors import DocumentError
from folioviz.files import scenario, share
from folioviz.lab import Lab
from folioviz.proc.node import totals
from folioviz.rebuild import DEEDS, Region, State, link, rebuild, scenario_of, would
from tests.rebuild.seen import mapped, small, state

HALF = state({"P": {"a": [mapped(256, 256, 0, 256)]}}, {0: 9}, {"a": (0, 512)})
WHOLE = {"a": [mapped(0, 16, 0)]}
SHARED = state({"P": WHOLE, "C": WHOLE}, {0: 4}, {"a": (0, 16)})


def test_a_scenario_says_what_was_seen_and_what_was_not():
    """It is a document like any other, its step stands behind what was rebuilt, and what was asked for follows."""
    seen = state({"P": {"a": [mapped(0, 8, 0), *(small(20 + one, 1, 9) for one in range(3))]}}, {0: 4})
    found = rebuild(seen, "v7.3")
    asked = would(seen, found, "munmap")
    made = scenario_of(seen, found, others=["v6.12", "v7.3"], more=asked.ops)

    assert scenario.loads(scenario.dumps(made)) == made
    assert made.title == "11 pages of 1 process, as newest showed them"
    assert made.about.splitlines() == [
        "Captured: 11 pages of 1 process, on kernel newest.",
        "Deduced: the operations, which need not be those of the program, and the VMAs.",
        "Left out: 3 pages of P: merged by KSM.",
        "Under v7.3 this differs: P a pages 20-22 state was present and is absent.",
    ]
    assert made.kernels == ("v7.3", "v6.12")
    assert (made.ops[: made.step], made.ops[made.step :]) == (found.ops, asked.ops)


def test_a_link_carries_the_operations():
    """Opened again it is the same scenario; one that is too long leaves out its text, and then is refused."""
    found = rebuild(HALF, "v7.3")
    made = scenario_of(HALF, found)
    whole = link(made)
    assert (share.from_query(share.fields_of(whole.query)).ops, whole.note) == (found.ops, "")

    words = " ".join(str(number * 7919 % 10007) for number in range(800))
    ops = scenario.loads("; ".join(["mm", *(f"mmap 1 {one * 7919 % 200003} 1" for one in range(1300))])).ops
    long = scenario.replace(made, ops=ops, about=words, step=None)
    shorter = link(long)
    assert share.from_query(share.fields_of(shorter.query)) == scenario.replace(long, about="")
    assert "no room for what the scenario says of itself" in shorter.note
    with pytest.raises(DocumentError, match="save a file instead, or take a part of it"):
        link(scenario.replace(long, ops=(*ops, *reversed(ops))))


def test_more_operations_than_a_scenario_has_are_refused():
    """With the number, and what to do."""
    seen = state({"P": {"a": [small(2 * one, 1, one) for one in range(5100)]}}, regions={"a": (0, 10200)})
    with pytest.raises(
        DocumentError, match="takes 5102 operations: a scenario has at most 5000; take a part"
    ):
        scenario_of(seen, rebuild(seen, "v7.3"))


LOST = "held and mapped by nobody"
QUEUED = "with 1 folio queued for the shrinker"


@pytest.mark.parametrize(
    ("seen", "kernel", "deed", "sentence"),
    [
        (HALF, "v7.3", "shrink", f"the shrinker would free 1,024 KiB; {LOST}: 1,024 KiB before, 0 KiB after"),
        (HALF, "v6.1", "munmap", f"munmap would free 2,048 KiB; {LOST}: 1,024 KiB before, 0 KiB after"),
        (
            HALF,
            "v7.3",
            "collapse",
            f"MADV_COLLAPSE would free nothing; {LOST}: 1,024 KiB before, 0 KiB after, {QUEUED}",
        ),
        (SHARED, "v7.3", "munmap", f"munmap would free nothing; {LOST}: 0 KiB before, 0 KiB after"),
        (
            SHARED,
            "v6.12",
            "split",
            f"a split of its folios would free nothing; {LOST}: 0 KiB before, 0 KiB after",
        ),
        (SHARED, "v6.12", "shrink", "the shrinker would do nothing: no folio is queued"),
        (SHARED, "v7.3", "collapse", "MADV_COLLAPSE would do nothing: the region has no whole 2 MiB"),
        (
            SHARED,
            "v6.12",
            "migrate",
            f"a migration of its folios would free nothing; {LOST}: 0 KiB before, 0 KiB after, {QUEUED}",
        ),
    ],
)
def test_one_sentence_says_what_would_come(seen, kernel, deed, sentence):
    """With computed numbers: what is held and mapped by nobody before and after, and what is freed."""
    found = rebuild(seen, kernel)
    before = found.lab.machine.snapshot()

    assert would(seen, found, deed).sentence == f"Under {kernel}, {sentence}."
    assert (found.lab.machine.snapshot() == before).all()
    assert len(found.lab.applied) == len(found.ops)


def test_its_numbers_are_those_of_a_lab():
    """Every deed, done again in a lab of its own, holds and loses as much."""
    for seen in (HALF, SHARED):
        found = rebuild(seen, "v7.3")
        for deed in DEEDS:
            said = would(seen, found, deed)
            lab = Lab("v7.3")
            for op in (*found.ops, *said.ops):
                lab.apply(op)
            sums = totals(lab.machine)

            assert (said.after.held, said.after.lost) == (sums.held, sums.lost)


def test_a_deed_that_is_none_is_refused():
    """By name."""
    found = rebuild(HALF, "v7.3")
    with pytest.raises(DocumentError, match="no deed 'sell': there are munmap, shrink"):
        would(HALF, found, "sell")
    with pytest.raises(DocumentError, match="no region 'P q': there are P a"):
        would(HALF, found, "munmap", "P q")
    assert isinstance(HALF, State)
    assert HALF.regions["a"] == Region(0, 512)
