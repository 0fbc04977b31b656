"""What does each patch change? The numbers that the story tells."""

from __future__ import annotations

from itertools import product

import pytest

from folioviz.compare.compare import compare
from folioviz.kernels.series import batch_zap, defer_any_order, remove_rmap_range
from folioviz.link import functions_of
from folioviz.stories import find
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, V4
from folioviz.stories.three_patches import PAIRS, changes, small, total

STORY = find("three-patches")


def test_the_answer_is_computed():
    """2/3 on 1/3 changes no state in any scenario, only the atomics on _nr_pages_mapped."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "in none of them"
    assert f"In 0 of {len(small())}." in because
    assert "changes, in 4 of them: atomics on _nr_pages_mapped, because" in because


@pytest.mark.parametrize(
    ("pair", "module", "replaced"),
    [
        ("1", defer_any_order, {"page_remove_rmap"}),
        ("2", remove_rmap_range, {"page_remove_rmap"}),
        ("3", batch_zap, {"zap_pte_range"}),
    ],
)
def test_what_a_patch_is_made_of(pair, module, replaced):
    """The functions are the module's, each beside the latest one of the same name below it."""
    found = changes(*PAIRS[pair])

    assert [one.name for one in found] == list(functions_of(module))
    assert {one.name for one in found if one.before} == replaced
    assert all(one.after[0].startswith(f"def {one.name}(") for one in found)
    assert all('"""' not in line for one in found for line in one.after + one.before)


def test_a_replaced_function_is_that_of_the_patch_before():
    """2/3 replaces the page_remove_rmap() of 1/3; the first patch's replaces the base's."""
    was = {key: next(one.was for one in changes(*PAIRS[key]) if one.before) for key in "123"}

    assert was == {
        "1": "folioviz.mm.rmap",
        "2": "folioviz.kernels.series.defer_any_order",
        "3": "folioviz.mm.memory",
    }


def test_all_three_together():
    """Their functions in the order of the patches; two kernels of which none is above the other show B's own."""
    assert changes(BASE, V4) == [one for key in "123" for one in changes(*PAIRS[key])]
    assert changes(V4, FIRST) == changes(BASE, FIRST)


def test_1_3_changes_one_line():
    """Only the condition differs between page_remove_rmap() of the base and of 1/3."""
    [change] = changes(BASE, FIRST)

    assert len(set(change.before) - set(change.after)) == 1
    assert len(set(change.after) - set(change.before)) == 1


@pytest.mark.parametrize(
    ("case", "locks"),
    [("whole-folio", (0, 2, 2, 0)), ("front", (0, 1, 1, 1)), ("pmd-and-pte", (1, 1, 1, 1))],
)
def test_locks_of_a_scenario(case, locks):
    """A whole folio takes 0, 1 + 1, 1 + 1, 0 locks; its front 0, 1, 1, 1."""
    assert tuple(total(case, key).costs["sqlock"] for key in (BASE, FIRST, SECOND, V4)) == locks


def test_2_3_alone_costs_more_where_pages_stay_mapped():
    """Zapping a shared order-4 folio takes 0, 0, 16 and 1 atomics on _nr_pages_mapped."""
    counts = [total("fork-one-side", key).costs["nrpm"] for key in (BASE, FIRST, SECOND, V4)]

    assert counts == [0, 0, 16, 1]


@pytest.mark.parametrize("pair", [(BASE, FIRST), (FIRST, SECOND), (SECOND, V4)])
def test_where_states_differ_is_what_a_full_comparison_finds(pair):
    """Scenario by scenario, on what is left after each operation."""
    ours = {case for case in small() if total(case, pair[0]).writes != total(case, pair[1]).writes}
    theirs = {case for case in small() if any(map(differs, compare(small()[case].ops, pair).operations))}

    assert (not ours) == (not theirs) == (pair == (FIRST, SECOND))
    assert theirs <= ours


def differs(step):
    """Tell whether a step leaves different states, or a bug under one kernel only."""
    return bool(step.state) or len({outcome.bugs for outcome in step.outcomes}) > 1


def test_a_bug_is_told():
    """1/3 and 1-2/3 queue an order-1 folio, and the table says that they hit a bug.

    docs/kernel/findings.md#order-1
    """
    assert [total("order-1", key).bug for key in (BASE, FIRST, SECOND, V4)] == [False, True, True, False]
    assert "a bug" in str(STORY.numbers({"patch": "1", "case": "order-1"})[0])


def test_every_combination_of_choices_can_be_shown():
    """Any patch, any scenario: the two kernels are those without and with it."""
    options = [[value for _, value in choice.options] for choice in STORY.choices]
    for patch, case in product(*options):
        made = STORY.make({"patch": patch, "case": case})
        tables = STORY.numbers({"patch": patch, "case": case})

        assert made.kernels == PAIRS[patch]
        assert len(made.ops) <= 20
        assert [len(table.rows) for table in tables] == [4, 3, len(small())]
