"""What do the counters count? The numbers that the story tells."""

from __future__ import annotations

from itertools import product

import pytest

from folioviz import kernels
from folioviz.stories import find
from folioviz.stories.counters import WAYS, counters, folio_after, mapcounts, ops
from folioviz.stories.parts.pieces import EVERY_ORDER, ran

STORY = find("counters")


def after(how, order=4):
    """Return the folio mapped in a way."""
    return folio_after(ops({"how": how, "order": order}))


def test_the_answer_is_computed():
    """NEEDS M2: _nr_pages_mapped counts pages that any PTE maps, not mappings."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "it stays at 16"
    assert "The 32 mappings" in because
    assert "each of the 16 _mapcounts goes from 1 to 0" in because
    assert "the refcount from 32 to 16" in because
    assert set(STORY.question.drawn().values) == {16}


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("pte", ("0 ×16", "−1", "16", 16, 16, 16)),
        ("part", ("−1 ×8, 0 ×8", "−1", "8", 8, 8, 8)),
        ("fork", ("1 ×16", "−1", "16", 32, 32, 16)),
        ("gone", ("0 ×16", "−1", "16", 16, 16, 16)),
        ("halves", ("0 ×16", "−1", "16", 16, 16, 16)),
        ("pmd", ("−1 ×512", "0", "0x800000", 1, 1, 512)),
        ("pmds", ("−1 ×512", "1", "0x800000", 2, 2, 512)),
        ("both", ("0 ×512", "0", "0x800200", 513, 513, 512)),
        ("some", ("−1 ×256, 0 ×256", "0", "0x800100", 257, 257, 512)),
    ],
)
def test_every_way(how, told):
    """Pages with a PTE, and 0x800000 if any PMD maps the folio; mapcounts from -1.

    docs/kernel/rmap.md#the-counters
    """
    assert counters(after(how)) == told


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("order", range(1, 10))
def test_the_laws_of_the_counters(how, order):
    """Refcount is the page tables' references, total_mapcount() their number, _nr_pages_mapped the formula."""
    folio = after(how, order)

    assert folio.refcount == folio.ptes + folio.pmds == folio.total_mapcount
    assert folio.nr_pages_mapped == int((folio.mapcount >= 0).sum()) + 0x800000 * (folio.entire_mapcount >= 0)


@pytest.mark.parametrize("how", WAYS)
def test_the_kernel_makes_no_difference(how):
    """The counters are the same under every kernel from v6.5-rc3 on that keeps them; only the queue is not."""
    text = ops({"how": how, "order": 4})
    rows = [ran(text, key).machine for key in EVERY_ORDER if not kernels.drops(kernels.find(key))]

    assert len({tuple(m.page_mapcount.tolist()) for m in rows}) == 1
    assert len({tuple(m.folio_nr_pages_mapped.tolist()) for m in rows}) == 1


def test_a_page_lost_by_ptes_does_not_show_while_a_pmd_maps_it():
    """NEEDS M3: half of the PTEs are gone, and the folio is not partially mapped until the PMD goes, too."""
    text = ops({"how": "some", "order": 9})

    assert not folio_after(text).partially_mapped
    assert folio_after(text + "; exit 1").partially_mapped
    assert folio_after(text + "; exit 1").nr_pages_mapped == 256


def test_fork_leaves_nr_pages_mapped_alone():
    """The atomics of fork are of _mapcount, one per page, and none of _nr_pages_mapped."""
    lab = ran(ops({"how": "fork", "order": 4}), "v6.5-rc3")
    costs = lab.costs(lab.applied[-1].start)

    assert (costs["mapc"], costs["nrpm"], costs["rget"]) == (16, 0, 16)


def test_the_split_goes_as_it_is_told():
    """511 references at once, then 512 times a mapcount and _nr_pages_mapped."""
    lab = ran(ops({"how": "both", "order": 9}), "v6.5-rc3")
    costs = lab.costs(lab.applied[-1].start)

    assert (costs["rget"], costs["mapc"], costs["entm"]) == (1, 512, 1)
    assert costs["nrpm"] == 512
    assert [folio_after(ops({"how": how, "order": 9})).refcount for how in ("pmds", "both")] == [2, 513]


def test_every_combination_of_choices_can_be_shown():
    """Any way and order: a scenario, and two tables whose last step is the way's row."""
    options = [[value for _, value in choice.options] for choice in STORY.choices]
    for chosen in product(*options):
        values = dict(zip(STORY.values, chosen, strict=True))
        made = STORY.make(values)
        steps, ways = STORY.numbers(values)
        row = next(row for row in ways.rows if row[0].startswith(f"{WAYS[values['how']][0]} ("))

        assert len(steps.rows) == len(made.ops)
        assert steps.rows[-1][1:] == tuple(cell.value for cell in row[1:])


def test_runs_of_mapcounts_are_told_briefly():
    """Three runs, then dots."""
    folio = folio_after("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 1 1; dontneed 1 3 1")

    assert mapcounts(folio.mapcount) == "0 ×1, −1 ×1, 0 ×1 …"
