"""Folded lines say exactly what the journal holds: unfolded, they are its rows again."""

from __future__ import annotations

import re
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz import Lab, kernels, parse_line
from folioviz.compare.random_ops import wander
from folioviz.errors import FoliovizError
from folioviz.files import scenario
from folioviz.machine import journal as j
from folioviz.machine.fields import FIELDS
from folioviz.readout import trace
from folioviz.readout.repeats import COUNTED, Repeats, numbered

KEYS = [*kernels.KERNELS]
FEW = 4000
"""Operations of more lines are compared by their rows alone: words for each take long."""
DISAGREES = re.compile(
    r"\b([Ff]olio|[Pp]age|slot) \d+[–…]\d"
    r"|(?<!each of )\b([Ff]olios|Pages) [\d…–]+ (is|goes|leaves|has)\b"
    r"|^Batch of .*[–…]"
    r"|\bthey (is|looks|was)\b|\bof they\b"
)
"""Words of one folio, page or slot before the numbers of several."""
CHANGE = re.compile(r"(-?\w+) → (-?\w+)( each)?")


def repeats(lab, index):
    """Return the folded lines of an operation, and the lines as they are."""
    lines = trace.lines(lab, index)
    one = lab.applied[index]
    rows = np.array([line.row for line in lines], np.int64)
    return Repeats(lab, one.start, one.end, rows, np.array([line.depth for line in lines], np.int64)), lines


def check(lab, index):
    """Compare an operation's folds with the journal."""
    found, lines = repeats(lab, index)
    stands = [found.rows(number) for number in range(len(found.folds))]
    assert np.sort(np.concatenate([*stands, np.empty(0, np.int64)])).tolist() == [line.row for line in lines]
    for place, line in enumerate(lines[:FEW]):
        said = found.one(place)
        assert (said.kind, said.name, said.what) == (line.kind, line.name, line.what)
        assert line.row in stands[found.of(place)]
    for number, rows in enumerate(stands):
        if rows.size > 1:
            check_sum(lab, found.words(number), rows)


def check_sum(lab, said, rows):
    """Compare what one line says of many rows with these rows."""
    raw = np.array([lab.journal[row : row + 1][0] for row in rows.tolist()], np.int64)
    kind, address, old, new = raw.T
    assert (kind == said.kind).all()
    assert not DISAGREES.search(f"{said.name}: {said.what}")
    assert not DISAGREES.search(said.what)
    change = CHANGE.fullmatch(said.what)
    if said.kind in (j.ENTER, j.WHY):
        assert (address == address[0]).all()
    elif (address < 0).all():
        assert said.what == f"+{new.sum()}"
    elif lab.machine.where(int(address[0]))[0] in COUNTED:
        assert (address == address[0]).all()
        assert said.what == f"{(new - old).sum():+d}"
    elif change and change[3]:
        begins, ends = int(change[1], 0), int(change[2], 0)
        parts = np.flatnonzero(old == begins)
        assert (begins, ends) == (old[0], new[-1])
        for first, after in zip(
            parts, [*parts[1:], len(rows)], strict=True
        ):  # each goes from the one to the other
            assert new[after - 1] == ends
            assert (old[first + 1 : after] == new[first : after - 1]).all()
    elif change:
        assert (int(change[1], 0), int(change[2], 0)) == (old[0], new[-1])
        assert (old[1:] == new[:-1]).all()
        assert (address == address[0]).all()


def applied(key, mode, ops):
    """Return a lab that has done what it can of operations."""
    lab = Lab(key, mode)
    for op in ops:
        with suppress(FoliovizError):
            lab.apply(op)
    return lab


@pytest.mark.parametrize("name", [name for name in scenario.library() if name != "gather-overflow"])
def test_every_scenario_unfolds_to_its_journal(name):
    """Under both of its kernels: which rows a line stands for, what it sums up, and what each of them says alone."""
    found = scenario.library()[name]
    for key in found.kernels[:2]:
        lab = applied(key, found.mmu_gather, found.ops)
        for index, one in enumerate(lab.applied):
            lab.seek(one.end)
            check(lab, index)


@pytest.mark.parametrize("key", KEYS)
def test_random_operations_unfold_to_their_journal(key):
    """The same of what nobody chose, under every kernel, wherever in the history the lab stands."""
    lab = applied(key, "batched", wander(KEYS.index(key), 30))
    for index, one in enumerate(lab.applied):
        lab.seek((one.start + one.end) // 2)
        check(lab, index)


@pytest.mark.slow
def test_what_overflows_a_gather_agrees():
    """The longest scenario's folds are too many lines for the test above; their words agree with their numbers."""
    found = scenario.library()["gather-overflow"]
    lab = applied(found.kernels[0], found.mmu_gather, found.ops)
    for index, one in enumerate(lab.applied):
        lab.seek(one.end)
        folded, _ = repeats(lab, index)
        told = [folded.words(number) for number in range(len(folded.folds))]
        assert [one for one in told if DISAGREES.search(one.what) or DISAGREES.search(one.name)] == []


def said(key, text):
    """Return what the last operation's folds say: (name, change, counts)."""
    lab = applied(key, "batched", parse_line(text))
    found, _ = repeats(lab, len(lab.applied) - 1)
    words = [found.words(number) for number in range(len(found.folds))]
    return [(one.name, one.what, fold.counted) for one, fold in zip(words, found.folds, strict=True)]


VALUES = st.sampled_from([-(2**31), -1, 0, 1, 2**31 - 1])


@given(st.lists(st.tuples(*[VALUES] * 5), min_size=1))
def test_rows_have_one_number_where_they_are_equal(table):
    """However large what is in them: four columns of 32 bits do not fit into one number."""
    numbers = numbered(np.array(table, np.int64).T).tolist()

    assert min(numbers) >= 0
    assert len(set(numbers)) == len(set(table)) == len(set(zip(numbers, table, strict=True)))


def test_a_zap_of_512_pages_is_short():
    """512 pages one by one are a few loops; batched, each counter's way is one line, from start to end."""
    one_by_one = said("v6.5-rc3+v4.1", "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; munmap 1 0 512")
    batched = said("v7.3", "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; munmap 1 0 512")

    assert ("_refcount", "504 → 0", (504,)) in one_by_one
    assert ("_mapcount[8–511]", "0 → -1 each", ()) in one_by_one
    assert ("_nr_pages_mapped", "504 → 0", ()) in one_by_one
    assert ("_mapcount[0–511]", "0 → -1 each", (512,)) in batched
    assert len(one_by_one) < 120


def test_folios_fold_after_their_pages():
    """What is done to each page of each folio is one line with both counts, and says how each folio fares."""
    found = said(
        "v6.5-rc3+v4.1", "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; fault 1 32 4; fork 1; munmap 1 0 48"
    )

    assert ("_refcount", "32 → 16 each", (2, 16)) in found
    assert ("pte[16–47]", "folios 2–3 pages 0–15 cleared", ()) in found


def test_keys_are_the_same_for_every_kernel():
    """A function, a field or a cost has one key, whatever number a kernel gives it."""
    ops = parse_line("mm; mmap 1 0 16; fault 1 0 4; munmap 1 0 16")
    labs = [applied(key, "batched", ops) for key in ("v6.5-rc3", "v7.3")]
    keys = [{*repeats(lab, 3)[0].keys} for lab in labs]
    shared = keys[0] & keys[1]

    assert {"do_munmap", "zap_pte_range", "release_pages"} & keys[0] <= {*labs[0].linked.names}
    assert "zap_pte_range" in shared
    assert {"_mapcount", "_refcount"} <= {FIELDS[key[1]].label for key in shared if key[0] == "field"}
