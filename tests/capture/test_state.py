"""Any region of a capture becomes operations, with wherever else its folios are mapped."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from folioviz.capture.form import Process
from folioviz.capture.state import state
from folioviz.capture.take import take
from folioviz.errors import DocumentError, LimitError
from folioviz.rebuild import rebuild
from tests.capture.fixture import NAMES, Fixture


def capture_of(name):
    """Return a capture of a fixture."""
    return take(Fixture(name), [Process(), Process(parent=1)])


@pytest.mark.parametrize("name", NAMES)
def test_every_region_keeps_its_structure(name):
    """PMDs and PTEs, holes, moved pages, guards, rights, forks, zero pages: nothing differs."""
    capture = capture_of(name)
    zeros = {}
    for number in range(1, len(capture.regions) + 1):
        seen = state(capture, number)
        found = rebuild(seen, seen.release.model)
        reads = [op.word for op in found.ops if op.word in {"read", "enabled"}]
        zeros |= {number: reads} if "read" in reads else {}

        assert found.same_structure, (number, found.differences)
        assert found.differences == (), number
    assert zeros == {6: ["enabled", "read", "enabled"], 19: ["read"]}


def test_what_others_map_is_held_by_a_process_of_the_models():
    """Of large folios it was counted; of a small page the exclusive bit says so."""
    capture = capture_of(NAMES[0])
    foreign = capture.foreign.copy()
    number = next(
        n
        for n in range(1, len(capture.regions))
        if capture.runs_of(n)[0, 5] and capture.region(n).pages == 32
    )
    folio = int(capture.runs_of(2)[0, 4])
    foreign[capture.slots[folio] : capture.slots[folio] + 9] = 2
    runs = capture.runs.copy()
    runs[capture.starts[number - 1], 9] = 0
    changed = replace(capture, foreign=foreign, runs=runs)

    large, single = (rebuild(state(changed, one), "v7.3") for one in (2, number))
    assert sum(op.word == "fork" for op in large.ops) == 2
    assert "who else maps 9 pages, up to 2 times each" in large.left_out[-1]
    assert sum(op.word == "fork" for op in single.ops) == 1
    assert large.same_structure
    assert single.same_structure


def test_what_is_not_known_is_said_or_refused():
    """Without privileges there are no folios; whoever may map pages, and what moved, is said."""
    capture = capture_of(NAMES[0])
    about = msgspec.structs.replace(capture.about, moved=3, pmds=False)
    unsure = replace(capture, about=about, unsure=np.ones_like(capture.unsure))

    assert state(unsure, 2).unread[1:] == (
        "who else may map pages of 1 folio: the kernel does not tell",
        "whether a PMD maps 2 MiB: the kernel does not tell",
        "3 pages moved while they were read",
    )
    with pytest.raises(DocumentError, match="taken without privileges"):
        state(replace(capture, about=msgspec.structs.replace(about, privileged=False)), 1)
    with pytest.raises(LimitError, match="pages of region 2 is '500 to 512': it must be within 0 to 511"):
        state(capture, 2, 500, 513)
    with pytest.raises(LimitError, match="the region is 99"):
        state(capture, 99)
