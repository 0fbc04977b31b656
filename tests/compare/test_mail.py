"""A comparison for a mail: narrow, short, true, and it opens again."""

from __future__ import annotations

import re

import pytest

from folioviz import Lab, parse_line
from folioviz.compare.mail import LEAST_ROWS, MOST, differing, done, mail
from folioviz.compare.random_ops import wander
from folioviz.compare.sentence import account
from folioviz.files import scenario
from folioviz.files.scenario import Scenario
from folioviz.machine import journal
from folioviz.machine.costs import COSTS

WORDS = {cost.words: name for name, cost in COSTS.items()}


def run(found):
    """Return labs of the first two kernels that have done everything that they can."""
    labs = [Lab(key, found.mmu_gather) for key in found.kernels[:2]]
    for lab in labs:
        for op in found.ops:
            if lab.refusal(op) is None:
                lab.apply(op)
    return labs


def costs(found):
    """Return what everything costs under the first two kernels, by running it here."""
    return [journal.costs(lab.journal[:]) for lab in run(found)]


@pytest.mark.parametrize("name", scenario.library())
def test_it_is_narrow_short_and_true(name):
    """At most 72 columns; 15 lines unless three rows are too many; each row is a cost that differs."""
    found = scenario.library()[name]
    lines = mail(found).splitlines()
    a, *b = costs(found)
    differ = [cost for cost in b[0] if a[cost] != b[0][cost]] if b else []

    assert max(map(len, lines)) <= 72
    rows = [re.fullmatch(r"  (.+?) +(\d+) +(\d+)", line) for line in lines]
    told = {WORDS[row[1]]: (int(row[2]), int(row[3])) for row in rows if row and row[1] in WORDS}
    assert all((a[cost], b[0][cost]) == pair and pair[0] != pair[1] for cost, pair in told.items())
    assert len(lines) <= MOST or len(told) == LEAST_ROWS
    assert bool(told) == bool(differ)
    assert lines[-1].startswith("folioviz ")


@pytest.mark.parametrize("name", ["first-look", "mthp-sizes"])
def test_all_that_differs_is_told_or_counted(name):
    """Rows of the table, and how many more there are, are together all costs that differ and both count."""
    found = scenario.library()[name]
    accounts = [account(lab, side, 0, len(lab.journal)) for lab, side in zip(run(found), "AB", strict=True)]
    known = accounts[0].known & accounts[1].known
    all_ = sum(accounts[0].costs[name] != accounts[1].costs[name] for name in known)
    for most in (1, 3, all_, all_ + 1):
        _, *rows = differing(accounts, most)
        more = re.fullmatch(r"  and (\d+) more that differ", rows[-1])

        assert len(rows) - bool(more) + int(more[1] if more else 0) == all_


def test_one_kernel_alone_is_told_without_a_table():
    """Its name is the sentence's subject."""
    text = mail(scenario.replace(scenario.library()["front"], kernels=("v6.5-rc3+v4.1",)))

    assert text.splitlines()[0] == "A = v4 1/3; mmu_gather batched"
    assert "v4 1/3 queues folio 1" in text.replace("V4", "v4")


@pytest.mark.parametrize("seed", range(6))
def test_operations_are_told_in_the_short_form(seed):
    """None is broken; those that are told whole are what was done."""
    ops = wander(seed, 6)
    lines = done(ops)

    assert max(map(len, lines)) <= 72
    if not lines[-1].endswith("in all"):
        assert tuple(parse_line(" ".join(lines))) == ops
    assert mail(Scenario(ops, kernels=("v6.1", "v7.3"))).count("\n") <= MOST + 2


def test_a_long_history_is_counted():
    """Of forty uneven operations a mail has the first ones, and how many there are."""
    ops = wander(0, 40)
    lines = done(ops)

    assert lines[-1] == f"  ... {len(ops)} operations in all"
    assert max(map(len, lines)) <= 72


def test_what_one_kernel_does_not_count_has_no_row():
    """Gather slots are counted from v6.8 on: beside v6.5-rc3, v7.3's are left out, though they are not 0."""
    ops = tuple(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 64"))
    accounts = [
        account(lab, side, 0, len(lab.journal))
        for lab, side in zip(run(Scenario(ops, kernels=("v6.5-rc3", "v7.3"))), "AB", strict=True)
    ]
    rows = differing(accounts, 99)

    assert accounts[1].costs["tslot"]
    assert not any(COSTS["tslot"].words in row for row in rows)
