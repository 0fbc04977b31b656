"""The shortest form of a scenario that breaks a law: it breaks the same one, and every operation is needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.compare.quick import Quick
from folioviz.compare.random_ops import SIZES
from folioviz.compare.shortest import law_of, shorter, shortest
from folioviz.compare.trial import InPython
from folioviz.compare.walks import Walk
from folioviz.kernels.series import batch_zap_fix
from folioviz.machine.primitives import page_ref_add
from folioviz.ops.ops import Get, Munmap, parse_line

V4 = "v6.5-rc3+v4"


def texts(ops):
    """Return operations in the short form."""
    return "; ".join(op.short() for op in ops)


def last(found):
    """Return what comes last."""
    return list(found)[-1]


@given(st.sets(st.integers(0, 11), min_size=1), st.sets(st.integers(0, 11)))
def test_what_is_needed_stays(needed, others):
    """Whatever subset must be there together: nothing else is left, and what is left is in its order."""
    ops = tuple(Get(number) for number in sorted(needed | others))

    def breaks(some):
        return needed <= {op.folio for op in some}

    assert last(shorter(ops, breaks)) == tuple(Get(number) for number in sorted(needed))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(1, 5))
def test_no_single_one_can_be_left_out(numbers, nr):
    """Also where parts are worth each other: so many above 20 are asked for, any of them."""
    ops = tuple(Get(number) for number in numbers)

    def breaks(some):
        return sum(op.folio > 20 for op in some) >= nr

    found = last(shorter(ops, breaks))

    assert breaks(found) == breaks(ops)
    assert found == ops or len(found) == nr


def test_numbers_become_smaller():
    """By halves, as far as it still breaks, one number after the other."""
    ops = (Munmap(3, 77, 512),)

    assert last(shorter(ops, lambda some: bool(some) and some[0].pages > 100)) == (Munmap(0, 0, 128),)


def folio_get(m, folio):
    """Take one reference too many of folios of order 4."""
    page_ref_add(m, folio, 2 if m.folio_order[folio] == 4 else 1)


@pytest.mark.slow
@pytest.mark.parametrize("patch", [folio_get, batch_zap_fix])
def test_the_shortest_breaks_the_same_law(patch):
    """It still does when it is run anew, and with any one operation less it does not."""
    quick, slow = Quick([patch], V4), InPython([patch], V4)
    long = next(one for one in quick.effects(100) if one.broken and "random" in one.name)
    short = last(shortest(long, quick))

    assert len(short.ops) < len(long.ops)
    assert law_of(short.broken) == law_of(long.broken)
    assert slow.effect(short.walk) == short
    for place in range(len(short.ops)):
        less = (*short.ops[:place], *short.ops[place + 1 :])
        assert law_of(slow.effect(short.walk._replace(ops=less)).broken) != law_of(short.broken)
    assert last(shortest(long, quick)) == short


def test_a_scenario_in_which_nothing_breaks_is_the_shortest():
    """There is nothing to shorten."""
    quick = Quick([folio_get], V4)
    one = quick.effect(Walk("short", tuple(parse_line("mm; mmap 1 0 64")), SIZES))

    assert list(shortest(one, quick)) == [one]


def test_a_law_is_told_by_its_words():
    """Neither the operation nor pages and values make it another one."""
    assert law_of(
        "operation 3, get 1: refcount of folio at page 7: it is 2, it must be 1 (and 3 more)"
    ) == law_of("operation 12, fork 1: refcount of folio at page 64: it is 3, it must be 1")
    assert law_of("operation 3, get 1: BUG uaf") != law_of("operation 3, get 1: BUG free_mapped")
