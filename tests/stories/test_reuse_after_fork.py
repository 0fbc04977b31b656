"""Who may reuse the folio after fork? The numbers, and what running kernels did.

docs/kernel/findings.md#copies-after-a-fork
"""

from __future__ import annotations

from itertools import product

import pytest

from folioviz import kernels
from folioviz.errors import OperationError
from folioviz.machine import journal as j
from folioviz.readout import state
from folioviz.stories import find
from folioviz.stories.parts.pieces import ran
from folioviz.stories.reuse_after_fork import KINDS, asked, leavers, ops, outcome, shared, writer
from folioviz.views.player.asking import Asking
from folioviz.views.session.session import Session
from folioviz.views.story_panels.owners import RULES, remembered, reuse, rule_of, uses

STORY = find("reuse-after-fork")
REFCOUNT, NEVER, OWNERS = RULES.values()
OLD = ("v6.5-rc3", "v6.5-rc3+v4")
COPYING = ("v6.8", "v6.9", "v6.10", "v6.12")
OWNING = ("v7.3", "v7.3+no-page-mapcount")
GRANDCHILD = {"processes": 3, "writer": "youngest"}


def after(key, **changes):
    """Return what the writes lead to."""
    return outcome(ops(asked(STORY.values | {"writes": "every"} | changes, key)), key)


def test_the_answer_is_computed():
    """v6.8 to v6.12 never reuse, v7.3 does."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "v6.12: 16, v7.3: 0"
    assert "v6.12 copies 16" in because
    assert "v7.3 copies 0" in because
    assert "copied 15 and wrote 1 in place" in because


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_copies_after_the_childs_exit(key):
    """STORIES E6: N-1 and the last page in place, N, 0; and the pages that are held in the end."""
    found = after(key)
    wanted = {NEVER: (16, 0, 16, 16), OWNERS: (0, 16, 0, 16), REFCOUNT: (15, 1, 15, 31)}[rule_of(key)]
    if key in ("v6.1", "v6.1.0"):
        wanted = (15, 1, 15, 512 + 15)

    assert found[1:5] == wanted


def test_what_6_1_did_on_a_running_machine():
    """Recorded, e9_cow_parent: after one copied page and the child's exit, 510 copies and the last in place."""
    writes = "; ".join(f"write 1 {page}" for page in range(1, 512))
    lab = ran(f"mm; mmap 1 0 512; faultpmd 1 0; fork 1; write 1 0; exit 2; {writes}", "v6.1")
    start = lab.applied[6].start
    rows = lab.journal[start:]
    told = rows[rows[:, 0] == j.WHY, 1].tolist()

    assert (told.count(j.COPIED), told.count(j.REUSED_LAST)) == (510, 1)
    assert told[-1] == j.REUSED_LAST


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_a_pmd_is_always_reused(key):
    """Recorded, e9_reuse: one reference, in place, nothing allocated."""
    found = after(key, kind="pmd")

    assert (found.first, found.copied, found.allocated, found.held) == ("in place", 0, 0, 512)
    assert found.place == ("queued at birth" if key in ("v6.12", *OWNING) else "not queued")


@pytest.mark.parametrize("key", [*OLD, *COPYING, *OWNING])
def test_nobody_reuses_while_the_child_lives(key):
    """All pages are copied, the folio lives on in the child."""
    found = after(key, exits="none")

    assert (found.copied, found.reused, found.held, found.place) == (16, 0, 32, "not queued")


@pytest.mark.parametrize("key", OWNING)
def test_the_third_process_copies_for_good(key):
    """No slot, so "maybe shared" stays set although only the grandchild maps it."""
    text = shared(STORY.values | GRANDCHILD)
    (folio,) = state.folios(ran(text, key).machine)

    assert (folio.owners, folio.maybe_shared) == ((), 1)
    assert (folio.total_mapcount, folio.refcount) == (16, 16)
    assert after(key, **GRANDCHILD).copied == 16
    assert after(key, processes=3).copied == 0
    assert after(key, processes=3, exits="some").copied == 16


@pytest.mark.parametrize("key", OWNING)
def test_the_last_mapping_is_copied_on_purpose(key):
    """Reuse needs more than one mapping; v6.5 asked for exactly one reference."""
    assert after(key, kind="one")[1:3] == (1, 0)
    assert after(key, kind="one").place == "freed"
    assert after("v6.5-rc3", kind="one")[1:3] == (0, 1)


@pytest.mark.parametrize("key", OWNING)
def test_a_late_pmd_split_counts_one_too_few(key):
    """511 of 512 (raw 510), still shared, so every write copies (docs/kernel/findings.md#the-third-owner)."""
    machine = ran(shared(STORY.values | {"kind": "late"} | GRANDCHILD), key).machine
    (folio,) = state.folios(machine)

    assert folio.owners == ((3, 511),)
    assert int(machine.folio_mm_id_mapcount_0[folio.head]) == 510
    assert (folio.ptes, folio.maybe_shared) == (512, 1)
    assert after(key, kind="late", **GRANDCHILD).copied == 16
    assert after(key, kind="late", processes=2, writer="parent").copied == 0


def test_the_first_copy_makes_the_folio_partially_mapped():
    """Recorded, e4_reuse on 6.12: the first copy queues it, at the last one it is freed."""
    assert after("v6.12", writes="first")[1:] == (1, 0, 1, 17, "on the queue")
    assert after("v6.12").place == "freed"
    assert after("v7.3", writes="first")[1:] == (0, 1, 0, 16, "not queued")


CHOICES = list(product(KINDS, (2, 3), ("all", "some", "none"), ("parent", "youngest")))


@pytest.mark.parametrize(("kind", "processes", "exits", "who"), CHOICES)
def test_what_the_panel_foretells_comes_true(kind, processes, exits, who):
    """In place or copied, for every process that maps the folio, under every rule; and every choice can be made."""
    values = STORY.values | {"kind": kind, "processes": processes, "exits": exits, "writer": who}
    assert writer(values) not in leavers(values)
    assert STORY.make(values).ops
    for key in ("v6.1", "v6.5-rc3", "v6.10", *OWNING):
        try:
            lab = ran(shared(values), key)
        except OperationError:
            assert key == "v6.1"
            assert kind in ("pte", "one")
            continue
        (folio,) = state.folios(lab.machine)
        for process in state.processes(lab.machine):
            one = uses(folio, process)
            said, _, _ = reuse(Asking(lab), folio, one, 0)
            found = outcome(f"{shared(values)}; write {process.id} 0", key)
            assert found.first == {"in place": "in place", "copies": "copied"}[said], (key, process.id)


def test_the_rules_are_those_of_the_kernels():
    """Read from the module that a kernel has its test from."""
    assert {key: rule_of(key) for key in ("v6.1", "v6.5-rc3+v4", "v6.8", "v6.12", "v7.3")} == {
        "v6.1": REFCOUNT,
        "v6.5-rc3+v4": REFCOUNT,
        "v6.8": NEVER,
        "v6.12": NEVER,
        "v7.3": OWNERS,
    }


def test_the_slots_are_remembered_operation_by_operation():
    """Parent, then child; the grandchild none; the slots are free when both are gone, and it stays "maybe shared"."""
    session = Session(STORY.make(STORY.values | GRANDCHILD | {"writes": "every"}))
    track, back = session.history.tracks[0], session.history.tracks[0].lab.cursor
    found = remembered(track, session.frame.ops)

    assert track.lab.cursor == back
    assert [(one.ops[0], one.slots, one.shared) for one in found] == [
        ("fault 1 0 4", ((1, 16), (0, 0)), 0),
        ("fork 1", ((1, 16), (2, 16)), 1),
        ("exit 1", ((2, 16), (0, 0)), 1),
        ("exit 2", ((0, 0), (0, 0)), 1),
        ("write 3 0", ((0, 0), (0, 0)), 1),
    ]


def test_v6_1_has_no_order_4_folio():
    """It is asked about 16 pages of a 2 MiB folio instead, and the row says so."""
    with pytest.raises(OperationError, match="order 4"):
        ran(ops(STORY.values), "v6.1")
    rows = [row[0] for row in STORY.numbers(STORY.values)[0].rows]

    assert rows[:3] == ["v6.1 as released, 2 MiB", "v6.1 (stable), 2 MiB", "v6.5-rc3"]
