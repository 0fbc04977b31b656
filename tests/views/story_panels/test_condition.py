"""The condition that queues a folio, as the panel tells it, against what the kernels do."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.machine.journal import NOT_QUEUED_ALREADY, QUEUED, WHY
from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout import state
from folioviz.stories.parts.pieces import SERIES, ran
from folioviz.stories.three_patches import STORY, small
from folioviz.views.player.asking import Asking
from folioviz.views.session.session import Session
from folioviz.views.story_panels.condition import Condition, condition, decide, live, removals

WHOLE = "mm; mmap 1 0 64; fault 1 0 4"
HUGE = "mm; mmap 1 0 512; faultpmd 1 0"
BOTH = f"{HUGE}; fork 1; splitpmd 2 0"
MOST = 80
"""At so many steps of a long scenario is the panel looked at."""
TWO = "mm; mmap 1 0 64; fault 1 0 1"


class Sheet(dict):
    """What a panel puts on the screen."""

    def put(self, name, pieces):
        """Take a part of the page."""
        self[name] = pieces


def queues(before, removal, key):
    """Tell whether an operation makes a kernel ask for the folio to be queued."""
    lab = ran(f"{before}; {removal}", key)
    rows = lab.rows(len(lab.applied) - 1)
    asked = rows[(rows[:, 0] == WHY) & ((rows[:, 1] == QUEUED) | (rows[:, 1] == NOT_QUEUED_ALREADY))]
    return bool(asked.size)


def seen(line, key="v6.5-rc3"):
    """Return what asks the kernel, the first folio, and the processes, after a line of operations."""
    lab = ran(line, key)
    return Asking(lab), state.folios(lab.machine)[0], state.processes(lab.machine)


def told(before, text, key):
    """Return what the panel says, given v6.5-rc3's machine, about one removal."""
    asking, folio, processes = seen(before)
    [removal] = [one for one in removals(folio, processes) if one.text.startswith(text)]
    return decide(asking, key, folio, removal)


@pytest.mark.parametrize("key", SERIES)
@pytest.mark.parametrize(
    ("before", "operation", "text"),
    [
        (WHOLE, "dontneed 1 0 1", "the only PTE of page 0"),
        (WHOLE, "dontneed 1 0 64", "a PTE of each of 16 pages"),
        (f"{WHOLE}; dontneed 1 0 15", "dontneed 1 15 1", "the only PTE of page 15"),
        (f"{WHOLE}; dontneed 1 0 14", "dontneed 1 0 64", "a PTE of each of 2 pages"),
        (f"{WHOLE}; dontneed 1 7 2", "dontneed 1 0 64", "a PTE of each of 14 pages"),
        (f"{WHOLE}; fork 1", "dontneed 2 0 1", "one of 2 PTEs of page 0"),
        (f"{WHOLE}; fork 1", "dontneed 2 0 64", "a PTE of each of 16 pages"),
        (f"{WHOLE}; fork 1; dontneed 2 0 4", "dontneed 1 0 64", "a PTE of each of 16 pages"),
        ("mm; mmap 1 0 64; fault 1 0 2", "dontneed 1 0 64", "a PTE of each of 4 pages"),
        ("mm; mmap 1 0 64; fault 1 0 0", "dontneed 1 0 1", "the only PTE of page 0"),
        ("mm; mmap 1 0 512; fault 1 0 9", "dontneed 1 0 1", "the only PTE of page 0"),
        ("mm; mmap 1 0 512; fault 1 0 9", "dontneed 1 0 512", "a PTE of each of 512 pages"),
        (HUGE, "dontneed 1 0 512", "the only PMD"),
        (f"{HUGE}; fork 1", "dontneed 2 0 512", "one of 2 PMDs"),
        (BOTH, "dontneed 2 0 1", "the only PTE of page 0"),
        (BOTH, "dontneed 2 0 512", "a PTE of each of 512 pages"),
        (BOTH, "dontneed 1 0 512", "the only PMD"),
        (f"{BOTH}; dontneed 2 0 100", "dontneed 1 0 512", "the only PMD"),
        (f"{BOTH}; dontneed 2 0 512", "dontneed 1 0 512", "the only PMD"),
    ],
)
def test_the_panel_says_what_the_kernel_does(before, operation, text, key):
    """For each kernel of the series, on folios mapped in every way."""
    verdict = told(before, text, key)

    assert (verdict.said in {"queue", "is there already"}) == queues(before, operation, key)


@pytest.mark.parametrize(
    ("before", "text", "whys"),
    [
        (WHOLE, "the only", ("its order is 4", *["1 page unmapped, 15 still mapped"] * 3)),
        (f"{WHOLE}; fork 1", "one of", ("what goes is mapped elsewhere, too",) * 4),
        (BOTH, "the only PTE", ("a PMD maps all of it",) * 4),
        ("mm; mmap 1 0 64; fault 1 0 0", "the only", ("a single page",) * 4),
        (HUGE, "the only PMD", ("then nothing maps it any more",) * 4),
        (f"{BOTH}; dontneed 2 0 100", "the only PMD", ("100 pages unmapped, 412 still mapped",) * 4),
    ],
)
def test_which_values_made_it_so(before, text, whys):
    """What the kernel's decision counts."""
    assert tuple(told(before, text, key).why for key in SERIES) == whys


def test_an_order_1_folio_must_not_be_queued():
    """1/3 and 1-2/3 would, and the panel says what happens then."""
    asking, folio, processes = seen(TWO)

    assert live(asking, folio, processes).count("VM_BUG_ON") == 5
    assert told(TWO, "the only", SERIES[1]).why == "folio_order(folio) < 2"


def test_a_folio_in_pieces():
    """Of pages that mremap has put elsewhere, one zap takes those that lie together; a hole does not part them."""
    _, folio, processes = seen("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 7 2; mremap 1 12 4 100")

    assert [one.text for one in removals(folio, processes)] == [
        "the only PTE of page 0",
        "a PTE of each of 10 pages, in one zap",
    ]
    assert removals(folio, processes)[1].op.short() == "dontneed 1 0 12"


def test_another_large_folio_in_between():
    """One zap may take another folio first, which is queued: what is told is about the folio in focus."""
    line = "mm; mmap 1 0 64; fault 1 0 2; fault 1 16 2; dontneed 1 1 1; mremap 1 16 1 1"
    asking, folio, processes = seen(line, SERIES[1])
    lab = asking.lab
    [_, many] = removals(folio, processes)

    assert [lab.machine.page_folio[page] for _, page, *_ in processes[0].maps[:4].tolist()] == [0, 4, 0, 0]
    assert decide(asking, SERIES[1], folio, many).said == "is there already"


def test_the_conditions_are_the_kernels_own():
    """The panel's text is what the model's functions say, written in C."""
    assert [condition(key) for key in SERIES] == [
        "nr && order >= 9 && (!compound || nr < nr_pmdmapped)",
        "nr && large && (!compound || nr < nr_pmdmapped)",
        "nr_unmapped && nr_mapped",
        "nr_unmapped && nr_mapped",
    ]


@pytest.mark.parametrize("case", small())
def test_there_is_an_answer_at_every_step(case):
    """Wherever the playhead stands in the story's scenarios, in the middle of an operation too."""
    session = Session(STORY.make(STORY.values | {"case": case, "patch": "all"}))
    panel = Condition(Sheet(), session)
    last = session.history.axis.last
    for position in range(0, last + 1, max(1, last // MOST)):
        session.seek(position)
        panel.update(session.frame)


def test_a_machine_of_another_kind():
    """The kernels of the series cannot be asked about v7.3's machine, and the panel says so."""
    session = Session()
    session.choose(0, "v7.3")
    panel = Condition(Sheet(), session)
    panel.update(session.frame)

    assert "v6.5-rc3 keeps other fields than the machine of v7.3 has." in panel.screen["condition"]["live"]


@pytest.mark.parametrize(
    "line",
    [
        f"{WHOLE}; fork 1; write 1 3; munmap 1 0 16; dontneed 2 2 4",
        f"{BOTH}; dontneed 2 0 3; munmap 1 0 512",
    ],
)
def test_a_page_that_is_half_unmapped_is_finished_first(line):
    """The question is put where page tables and mapcounts agree: at once, or a few writes later."""
    lab = ran(line, "v6.5-rc3")
    asking, moved = Asking(lab), 0
    for row in range(lab.applied[2].end, len(lab.journal), 7):
        lab.seek(row)
        for folio in state.folios(lab.machine):
            lab.seek(asking.settled(folio))
            moved += lab.cursor > row
            now = next(one for one in state.folios(lab.machine) if one.id == folio.id)
            agree = now.ptes + now.pmds == now.total_mapcount
            pages = now.nr_pages_mapped % COMPOUND_MAPPED == np.count_nonzero(now.mapcount >= 0)

            assert agree
            assert pages or not now.order
            lab.seek(row)
    assert moved
