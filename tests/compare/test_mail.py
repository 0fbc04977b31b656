"""A comparison for a mail: narrow, short, true, and it opens again."""

from __future__ import annotations

import re

import pytest

from folioviz import Lab, parse_line
from folioviz.compare.mail import LEAST_ROWS, MOST, done, mail
from folioviz.compare.random_ops import wander
from folioviz.files import scenario
from folioviz.files.scenario import Scenario
from folioviz.machine import journal
from folioviz.machine.costs import COSTS

WORDS = {cost.words: name for name, cost in COSTS.items()}


def costs(found):
    """Return what everything costs under the first two kernels, by running it here."""
    labs = [Lab(key, found.mmu_gather) for key in found.kernels[:2]]
    for lab in labs:
        for op in found.ops:
            if lab.refusal(op) is None:
                lab.apply(op)
    return [journal.costs(lab.journal[:]) for lab in labs]


@pytest.mark.parametrize("name", scenario.library())
def test_it_is_narrow_short_and_true(name):
    """At most 72 columns; 15 lines unless three rows are too many; each row is a cost that differs."""
    found = scenario.library()[name]
    lines = mail(found).splitlines()
    a, *b = costs(found)

    assert max(map(len, lines)) <= 72
    rows = [re.fullmatch(r"  (.+?) +(\d+) +(\d+)", line) for line in lines]
    told = {WORDS[row[1]]: (int(row[2]), int(row[3])) for row in rows if row and row[1] in WORDS}
    assert all((a[cost], b[0][cost]) == pair and pair[0] != pair[1] for cost, pair in told.items())
    assert len(lines) <= MOST or len(told) == LEAST_ROWS
    assert lines[-1].startswith("folioviz ")


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

    if not lines[-1].endswith("in all"):
        assert tuple(parse_line(" ".join(lines))) == ops
    assert mail(Scenario(ops, kernels=("v6.1", "v7.3"))).count("\n") <= MOST + 2
