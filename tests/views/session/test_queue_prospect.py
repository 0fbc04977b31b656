"""What the shrinker would do with the queue, as the page tells it, against what it does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.mm.headers import shrinker_queue
from folioviz.ops.ops import Shrink, parse_line
from folioviz.ops.walk import listed, queue
from folioviz.readout import state
from folioviz.readout.attempts import attempts
from folioviz.views.player.asking import Asking
from folioviz.views.session.queue_prospect import Outlook, outlook, spurious
from tests.strategies import SMALL, apply_all, plans

PINNED = "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; dontneed 1 0 5; get 1"


def queued(lab):
    """Return the folios on the queue that the shrinker visits next, the head first."""
    place = {head: number for number, head in enumerate(listed(lab.machine, shrinker_queue(lab.machine)))}
    found = [folio for folio in state.folios(lab.machine) if folio.head in place]
    return sorted(found, key=lambda folio: place[folio.head])


def after(line, kernel):
    """Return a lab after a line of operations."""
    lab = Lab(kernel, sizes=SMALL)
    for op in parse_line(line):
        lab.apply(op)
    return lab


def told(line, kernel):
    """Return (words, error) of each folio on the queue."""
    lab = after(line, kernel)
    return [(one.words, one.error) for one in outlook(Asking(lab), queued(lab)).prospects.values()]


@pytest.mark.parametrize(
    ("kernel", "error"),
    [("v6.1.0", "-EBUSY"), ("v6.1", "-EAGAIN"), ("v6.5-rc3", "-EAGAIN"), ("v7.3", "-EAGAIN")],
)
def test_a_folio_that_somebody_holds(kernel, error):
    """v6.1 as released answers -EBUSY whatever is in the way, all others -EAGAIN."""
    assert told(PINNED, kernel) == [("the shrinker could not split it: 1 reference without a mapping", error)]


@pytest.mark.parametrize("kernel", ["v6.1.0", "v6.5-rc3", "v6.8", "v6.12"])
def test_a_folio_that_nothing_maps(kernel):
    """Every kernel answers -EBUSY, where it queues one that goes page by page."""
    line = "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; get 1; dontneed 1 0 5; dontneed 1 5 507"

    assert told(line, kernel) == [("the shrinker could not split it: nothing maps it", "-EBUSY")]


def test_zeros_of_a_flagged_folio():
    """A split gives pages of zeros back, too, since v6.12: the page adds them up; unmapped ones count once."""
    line = "mm; mmap 1 0 64; fault 1 0 4; zero 1 0 3; dontneed 1 12 4"

    assert told(line, "v6.12") == [("the shrinker would free 7 pages: 4 unmapped, 3 zero-filled", "")]


@pytest.mark.parametrize(("zero", "kernel", "freed"), [(3, "v6.12", 3), (3, "v7.3", 3), (0, "v6.12", 0)])
def test_a_whole_folio_gains_nothing_unless_it_has_zeros(zero, kernel, freed):
    """A failed migration leaves a whole folio flagged: a split of it frees its pages of zeros, and no others."""
    zeros = f"zero 1 0 {zero}; " if zero else ""
    lab = after(f"mm; mmap 1 0 64; fault 1 0 4; {zeros}remap 1", kernel)
    [folio], processes = queued(lab), state.processes(lab.machine)
    step = lab.apply(Shrink(1))

    assert bool(spurious(folio, doomed=False, processes=processes)) == (freed == 0)
    assert lab.costs(step.start, step.end)["pfree"] == freed


def outcome(lab, folio, step):
    """Return what a run of the shrinker has done with a folio, as the page would tell it."""
    rows = lab.journal[step.start : step.end]
    mine = [one for one in attempts(lab.linked.names, rows) if one.head == folio.head]
    if not mine:
        return None
    if mine[0].result:
        return mine[0].error
    pages = range(folio.head, folio.head + folio.mapcount.size)
    return int(sum(lab.machine.folio_id[page] == 0 for page in pages))


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=max(10, settings.default.max_examples // 6))
@given(plan=plans(), data=st.data())
def test_the_page_says_what_the_shrinker_does(kernel, plan, data):
    """After any history: whom it drops, who cannot be split and the error, and how many pages a split gives back."""
    lab = Lab(kernel, sizes=SMALL)
    apply_all(lab, plan)
    for folio in [one for one in state.folios(lab.machine) if one.order > 1 and not one.queue_place][:3]:
        process = next((one for one in state.processes(lab.machine) if one.maps.size), None)
        if process is not None and data.draw(st.booleans()):
            vpn = next((int(row[0]) for row in process.maps if row[1] == folio.head), 0)
            apply_all(
                lab, parse_line(f"dontneed {process.id} {vpn} {data.draw(st.integers(1, 1 << folio.order))}")
            )
    folios = queued(lab)
    seen = outlook(Asking(lab), folios)
    if not folios or seen.refusal:
        assert seen.refusal == (lab.refusal(Shrink(len(folios))) or "" if folios else "")
        return
    step = lab.apply(Shrink(len(folios)))
    for folio in folios:
        words, error, splits = seen.prospects[folio.id]
        done = outcome(lab, folio, step)
        assert splits == isinstance(done, int)
        if done is None:
            assert words == "the shrinker would drop it: neither flagged nor underused"
            assert folio.head not in queue(lab.machine)
        elif isinstance(done, str):
            assert error == f"-{done}"
        else:
            free = re.match(r"the shrinker would free ([\d,]+) ", words)
            assert int(free[1]) == done
            assert error == ""


def test_references_of_every_kind_hold_a_folio():
    """In the middle of a munmap those that wait in the mmu_gather, and pins: all without a mapping are counted."""
    lab, seen = after("mm; mmap 1 0 64; fault 1 0 4; get 1; munmap 1 0 8", "v6.5-rc3+v4.1"), set()
    for row in range(lab.applied[-1].start, lab.applied[-1].end):
        lab.seek(row)
        for folio in queued(lab):
            lab.seek(row)
            words = outlook(Asking(lab), [folio]).prospects[folio.id].words
            without = folio.refcount - int((folio.mapcount + 1).sum())
            assert words.startswith(f"the shrinker could not split it: {without} reference")
            seen.add((without, folio.pins))

    assert max(seen)[0] > max(seen)[1] == 1


def test_nothing_is_asked_of_an_empty_queue():
    """There is nothing to tell."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4", "v6.5-rc3")

    assert outlook(Asking(lab), queued(lab)) == Outlook({}, "")


def test_after_a_bug_nothing_can_be_told():
    """A kernel that has hit a bug does nothing more, and that is what the page says."""
    lab = after(
        "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 1; dontneed 1 0 3; dontneed 1 16 1", "v6.5-rc3+v4.1"
    )
    seen = outlook(Asking(lab), queued(lab))

    assert seen.prospects == {}
    assert seen.refusal == "the kernel has hit a bug (vm_bug:folio_order(folio) < 2): undo it first"


def test_each_question_is_asked_once_per_row(monkeypatch):
    """A frame that is shown again, and one that one comes back to, cost nothing; another row does."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5", "v6.5-rc3+v4")
    asked, rehearse = [], lab.rehearse
    monkeypatch.setattr(lab, "rehearse", lambda *args: asked.append(lab.cursor) or rehearse(*args))
    asking, folios, end = Asking(lab), queued(lab), lab.cursor
    for row in (end, end, end - 1, end):
        lab.seek(row)
        outlook(asking, folios)

    assert asked == [end, end - 1]
    asking.forget()
    outlook(asking, folios)
    assert len(asked) == 3


@pytest.mark.slow
def test_the_queue_is_asked_about_at_every_step():
    """In the middle of any operation, a run of the shrinker included, the page has words for every queued folio."""
    line = "mm; mmap 1 0 64; fault 1 0 3; fault 1 8 3; dontneed 1 0 2; get 2; dontneed 1 8 8; shrink 2; munmap 1 0 64"
    for kernel in ("v6.5-rc3+v4", "v6.8", "v6.12", "v7.3"):
        lab = after(line, kernel)
        for row in range(len(lab.journal) + 1):
            lab.seek(row)
            folios = queued(lab)
            lab.seek(row)
            seen = outlook(Asking(lab), folios)

            assert seen.refusal == ""
            waiting = {int(lab.machine.folio_id[head]) for head in queue(lab.machine)}
            assert waiting >= set(seen.prospects)
