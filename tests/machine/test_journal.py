"""The journal: rows, time travel and costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.machine import journal
from folioviz.machine.costs import COSTS, MAPC, PFREE, TLBRM
from folioviz.machine.journal import ENTER, EXIT, NOWHERE, STORE, WHY, Journal


def rows(*entries):
    """Return journal rows."""
    return np.array(entries, np.int32).reshape(-1, 4)


def test_rows_come_back_as_they_were_appended():
    """Growing keeps what is there, however much comes at once."""
    log = Journal()
    written = np.arange(40_000, dtype=np.int32).reshape(-1, 4)
    for start, end in ((0, 1), (1, 1024), (1024, 1025), (1025, 10_000)):
        log.extend(written[start:end])

    assert len(log) == 10_000
    np.testing.assert_array_equal(log[:], written)
    np.testing.assert_array_equal(log[1000:1030], written[1000:1030])


def test_a_slice_cannot_be_written_to():
    """History is not edited by whoever looks at it."""
    log = Journal()
    log.extend(rows((STORE, 0, 0, 1)))
    with pytest.raises(ValueError, match="read-only"):
        log[:][0, 3] = 7


def test_what_was_read_outlives_a_cut():
    """Rows that were read are not overwritten by those that come after a cut."""
    log = Journal()
    log.extend(rows((STORE, 1, 0, 1), (STORE, 2, 0, 1), (STORE, 3, 0, 1)))
    dropped = log[1:]
    log.cut(1)
    log.extend(rows((STORE, 9, 0, 1)))

    np.testing.assert_array_equal(dropped, rows((STORE, 2, 0, 1), (STORE, 3, 0, 1)))
    np.testing.assert_array_equal(log[:], rows((STORE, 1, 0, 1), (STORE, 9, 0, 1)))


def test_the_last_write_to_an_address_wins_and_the_first_is_undone_last():
    """One slice may write to one address many times."""
    mem = np.array([5, 6], np.int32)
    slice_ = rows(*((STORE, 0, 5 + i, 6 + i) for i in range(100)))
    journal.redo(mem, slice_)
    assert mem.tolist() == [105, 6]

    journal.undo(mem, slice_)
    assert mem.tolist() == [5, 6]


def test_only_writes_are_written():
    """Events, decisions and calls have numbers where a write has an address: they change nothing."""
    mem = np.zeros(3, np.int32)
    others = rows((TLBRM, NOWHERE, 0, 9), (WHY, 1, 2, 9), (ENTER, 1, 2, 9), (EXIT, 1, 2, 9))
    journal.redo(mem, others)
    journal.undo(mem, others)

    assert mem.tolist() == [0, 0, 0]


def test_costs_count_kinds():
    """A write costs one of its kind, an event as many as it says, a decision, a call or a plain store nothing."""
    found = journal.costs(
        rows(
            (MAPC, 3, 0, 7),
            (MAPC, 4, 0, 7),
            (PFREE, NOWHERE, 0, 16),
            (STORE, 5, 0, 7),
            (WHY, 0, 0, 7),
            (ENTER, 0, 0, 7),
        )
    )

    assert {name: n for name, n in found.items() if n} == {"mapc": 2, "pfree": 16}
    assert list(found) == list(COSTS)
    assert set(journal.costs(rows()).values()) == {0}


@pytest.mark.parametrize("length", [0, 5, journal.CHUNK - 1, journal.CHUNK, 6 * journal.CHUNK + 7])
def test_packed_rows_are_the_rows(length):
    """Slices across chunks, cuts inside packed ones, and what is appended after a cut are as if nothing were packed."""
    log, written = Journal(), np.random.default_rng(3).integers(-(2**31), 2**31, (7 * journal.CHUNK + 9, 4))
    written = written.astype(np.int32)
    log.extend(written)
    for start, end in ((0, 3), (journal.CHUNK - 2, journal.CHUNK + 2), (7, 7), (9, 5), (100, len(written))):
        np.testing.assert_array_equal(log[start:end], written[start:end])
        assert not log[start:end].flags.writeable
    before = log[length:]

    log.cut(length)
    np.testing.assert_array_equal(log[:], written[:length])
    log.extend(written[::-1])
    np.testing.assert_array_equal(log[:], np.concatenate([written[:length], written[::-1]]))
    np.testing.assert_array_equal(before, written[length:])


def test_a_long_history_is_packed():
    """What is written again and again takes a tenth of its rows, or less, once something came after it."""
    log, row = Journal(), rows((STORE, 1, 0, 1))
    log.extend(np.tile(rows((MAPC, 3, -1, 0), (STORE, 5, 0, 7), (WHY, 1, 2, 9)), (2 * journal.CHUNK, 1)))
    before = log[:]
    log.extend(row)

    np.testing.assert_array_equal(log[:], np.concatenate([before, row]))
    assert sum(map(len, log._packed)) < 0.1 * before.nbytes
    assert len(log._last) == (journal.LOOSE + 1) * journal.CHUNK


def test_a_short_history_is_not_packed():
    """A few chunks of rows take no memory to speak of, and to pack them takes longer than to leave them."""
    log = Journal()
    for number in range(journal.LOOSE + 1):
        assert not log._packed
        log.extend(np.full((journal.CHUNK, 4), number, np.int32))
    log.extend(rows((STORE, 1, 0, 1)))

    assert len(log._packed) == journal.LOOSE + 1


def test_what_came_last_is_not_packed(monkeypatch):
    """All that one operation left is read as it is, also after a cut in it: nobody unpacks it again and again."""
    log = Journal()
    log.extend(rows((STORE, 1, 0, 1)))
    log.extend(np.tile(rows((MAPC, 3, -1, 0)), (3 * journal.CHUNK, 1)))
    monkeypatch.setattr(journal, "unpacked", None)

    assert np.shares_memory(log[5 : 2 * journal.CHUNK], log[9:])
    log.cut(journal.CHUNK + 5)
    assert len(log[2:]) == journal.CHUNK + 3


@given(st.lists(st.tuples(st.integers(0, 3 * 64), st.integers(0, 200)), max_size=12))
def test_a_history_is_what_was_appended_and_not_cut(changes):
    """Whatever was appended, much or little, and cut in between; with short chunks, so that many are packed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "CHUNK", 64)
        log, wanted, number = Journal(), rows(), 0
        for more, length in changes:
            new = np.arange(number, number + 4 * more, dtype=np.int32).reshape(-1, 4)
            log.extend(new)
            wanted, number = np.concatenate([wanted, new]), number + 4 * more
            np.testing.assert_array_equal(log[length // 2 : length], wanted[length // 2 : length])
            log.cut(length)
            wanted = wanted[:length]
            np.testing.assert_array_equal(log[:], wanted)
