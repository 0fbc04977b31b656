"""What is read again step by step is what a whole reading gives."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import parse_line
from folioviz.readout import state
from folioviz.views.player.snapshot import footprint
from folioviz.views.session.session import Session

OPS = (
    "mm; mmap 1 0 1536; fault 1 0 4; fault 1 16 2; faultpmd 1 512; fork 1; write 2 3; dontneed 1 4 9; munmap 2 0 40; "
    "splitpmd 1 512; get 1; shrink 9; put 1; mremap 1 512 64 1024; exit 2; munmap 1 0 1200"
)


def same(one, other):
    """Tell whether two folios or processes are equal, arrays included."""
    return all(a is b or np.array_equal(a, b) for a, b in zip(one, other, strict=True))


LATER_OPS = (
    "mm; mmap 1 0 1536; fault 1 0 4; fault 1 16 2; faultpmd 1 512; fault 1 24 3; fork 1; write 2 3; dontneed 1 4 9; "
    "zero 4 1 2; split 4; munmap 2 0 40; zero 2 1 2; splitpmd 1 512; get 3; shrink 9; put 3; remap 2; migrate 2; "
    "exit 2; maxnone 5; munmap 1 0 1200"
)
EARLY_OPS = OPS.replace("fault 1 0 4; fault 1 16 2; ", "fault 1 0 0; ")


@pytest.mark.parametrize(
    ("kernel", "ops"),
    [
        ("v6.5-rc3+v4.1", OPS),
        ("v6.5-rc3+v4", OPS),
        ("v6.1", EARLY_OPS),
        ("v6.10", LATER_OPS),
        ("v6.12", LATER_OPS),
        ("v7.3", LATER_OPS),
        ("v7.3+no-page-mapcount", LATER_OPS),
    ],
)
def test_following_rows_equals_reading_everything(kernel, ops):
    """At every step forward, at many back, and after leaps."""
    session = Session()
    session.run(parse_line(ops), kernel)
    track = session.history.tracks[0]
    last = session.history.axis.last
    assert not any(session.history.refused_by)
    rng = np.random.default_rng(3)
    for place in [
        *range(0, last + 1, 1 + last // 700),
        *range(last, 0, -(7 + last // 300)),
        *rng.integers(0, last, 60).tolist(),
    ]:
        session.history.go(place)
        folios, processes = track.snapshot.read(track.lab, track.version)
        wanted = state.folios(track.lab.machine), state.processes(track.lab.machine)
        assert len(folios) == len(wanted[0])
        assert len(processes) == len(wanted[1])
        assert all(map(same, folios, wanted[0]))
        assert all(map(same, processes, wanted[1]))


def test_what_did_not_change_is_the_same_object():
    """So that a view may compare with "is"."""
    session = Session()
    before = session.frame.sides[0].folios
    session.step(1)
    after = session.frame.sides[0].folios

    assert before[2] is after[2]


def test_a_footprint_tells_a_changed_folio():
    """Of the first scenario's three folios, the munmap has changed one so far."""
    side = Session().frame.sides[0]

    assert side.changed == {1}
    assert footprint(side.folios[0]) != footprint(side.folios[1])
