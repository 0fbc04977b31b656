"""Where did my memory go? The numbers that the story tells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.readout import state
from folioviz.stories import find, words
from folioviz.stories.lost_memory import (
    AVERAGE,
    CASES,
    KERNELS,
    NEWEST,
    SCAN,
    Account,
    account,
    answer,
    ops,
    shrunk,
    stay,
)
from folioviz.stories.parts.parts import bare
from folioviz.stories.parts.pieces import ran
from folioviz.stories.parts.reports import CADVISOR, LINKER_BYTES

STORY = find("lost-memory")
COUNTED = [key for key in KERNELS if key != AVERAGE]


def column(table, name):
    """Return a table's column by its heading: row name -> what the cell says."""
    place = table.columns.index(name)
    return {bare(row[0]): bare(row[place]) for row in table.rows}


def test_the_answer_is_computed():
    """Three of four huge pages go whole; of the fourth five pages are mapped and 512 are held."""
    right, because = answer()

    assert STORY.question.options[right] == "2 MiB: one huge page"
    assert because.startswith("1,536 pages go at once")
    assert "5 pages that are, so all of its 512 stay: 2,048 KiB are charged for an Rss of 20 KiB." in because
    assert because.endswith("507 pages go back.")


def test_the_linkers_length_is_five_pages_short():
    """0x7fb000 bytes of 8 MiB: 2,043 pages; the question says so."""
    case = CASES["linker"]

    assert LINKER_BYTES == (8 << 20) - 5 * 4096
    assert (case.folios, case.first, case.pages) == (4, 0, 2043)
    assert "five pages short" in STORY.question.text


def test_what_the_report_says_follows_from_its_bytes():
    """2,335.9 MB held and not mapped, 2,334.8 MB less charged after the split; 44 pages of 512 have the share."""
    lost = CADVISOR.on_lists - CADVISOR.stat["total_rss"]
    table = STORY.numbers(STORY.values)[2]
    report, model = ([bare(cell) for cell in row] for row in table.rows)

    assert (lost, CADVISOR.usage - CADVISOR.usage_split) == (2_335_928_320, 2_334_789_632)
    assert report[3:] == ["2,335,928,320", "91.4 %", "2,334,789,632"]
    assert abs(stay() / 512 - CADVISOR.stat["total_rss"] / CADVISOR.on_lists) <= 0.5 / 512
    assert model[1:] == ["512", "44", "468", "91.4 %", "468"]
    assert "8.6 % was mapped, as much as 44 pages" in words("lost-memory")[0]
    assert f"{100 * CADVISOR.stat['total_rss'] / CADVISOR.on_lists:.1f}" == "8.6"


@pytest.mark.parametrize(("case", "mapped"), [("linker", 5), ("service", 44), ("half", 256)])
def test_every_kernel_holds_all_of_it_and_gives_back_what_nobody_maps(case, mapped):
    """Before the shrinker 512 pages are held for those that are mapped; afterwards no more than these."""
    values = STORY.values | {"case": case}
    for key in KERNELS:
        assert account(ops(values), key) == Account(512, mapped, 1)
        assert account(shrunk(values), key) == Account(mapped, mapped, 0)


@pytest.mark.parametrize("case", CASES)
def test_with_a_reference_nothing_goes_until_it_is_put(case):
    """The split fails and the folio stays queued; after the put the next run gives all of it back."""
    values = STORY.values | {"case": case, "also": "pin"}
    for key in KERNELS:
        before = account(ops(values), key)
        assert account(shrunk(values), key) == before
        put = f"{shrunk(values)}; put {CASES[case].folios}; shrink {SCAN}"
        assert account(put, key) == Account(before.mapped, before.mapped, 0)


def test_one_kernel_does_not_see_what_both_have_dropped():
    """Half by each leaves as many mappings as pages: an average says nothing; of the other cases fewer are left."""
    for case in CASES:
        values = STORY.values | {"case": case, "also": "child"}
        lost = {key: account(shrunk(values), key).lost for key in KERNELS}
        assert lost == dict.fromkeys(COUNTED, 0) | {AVERAGE: 256 if case == "half" else 0}


def test_what_is_lost_after_the_shrinker():
    """Only what somebody has a reference to, and what the average hides; v6.5 with the companion queues no 64 KiB."""
    table = STORY.numbers(STORY.values)[1]
    rows = [[bare(cell) for cell in row[1:]] for row in table.rows]
    one, both, held, gone, small = (dict(zip(KERNELS, row, strict=True)) for row in rows)

    assert set(one.values()) == {"0"}
    assert both == dict.fromkeys(COUNTED, "0") | {AVERAGE: "256"}
    assert set(held.values()) == {"256"}
    assert set(gone.values()) == {"512"}
    assert small == dict.fromkeys(KERNELS, "0") | {"v6.1": "–", "v6.5-rc3": "8"}
    assert table.result(table.rows).startswith("v7.3 no page mapcount alone keeps 256")


@settings(max_examples=max(6, settings.default.max_examples // 10))
@given(st.lists(st.tuples(st.integers(0, 511), st.integers(1, 64)), min_size=1, max_size=8))
def test_where_in_the_folio_they_lie_makes_no_difference(drops):
    """Whatever holes there are, all 512 pages are held while one is mapped, and then as many go as are not."""
    text = "mm; mmap 1 0 512; faultpmd 1 0"
    for first, pages in drops:
        text += f"; dontneed 1 {first} {min(pages, 512 - first)}"
    kept = 512 - len({page for first, pages in drops for page in range(first, min(first + pages, 512))})

    assert account(text, NEWEST)[:2] == ((512, kept) if kept else (0, 0))
    assert account(f"{text}; shrink {SCAN}", NEWEST)[:2] == (kept, kept)
    assert [one.rss for one in state.processes(ran(text, NEWEST).machine)] == [kept]


def test_the_table_is_what_the_kernels_do():
    """Each row adds up: what was held is what is held then and what was given back."""
    for case in CASES:
        for also in ("nobody", "child", "pin"):
            table = STORY.numbers(STORY.values | {"case": case, "also": also})[0]
            held, back, then = (
                column(table, name) for name in ("held", "the shrinker gives back", "held then")
            )
            assert {name: int(held[name]) - int(back[name]) for name in held} == {
                name: int(then[name]) for name in held
            }
            assert len(table.rows) == len(KERNELS)


def test_its_sources_are_cited():
    """Title, author and date of both, in the words and below the table."""
    notice, where = words("lost-memory")
    note = STORY.numbers(STORY.values)[2].note

    for said in (where, note):
        assert "container_memory_working_set_bytes" in said
        assert "3 Sep 2024" in said
        assert "Yin Fengwei" in said
        assert "23 Dec 2022" in said
    assert not re.search(r"https?://", notice + where + note)
