"""What can be seen after a step: tables of pages, and the runs that they are told in."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.evidence.recordings import recording, scenarios
from folioviz.evidence.recordings.kernel_side import observe
from folioviz.evidence.recordings.observed import COLUMNS, empty, flags_of, letters, run_lengths, runs_of


def table_of(runs, orders):
    """Return the table that runs tell of."""
    table = empty(max((run.first + run.pages for run in runs), default=0))
    for run in runs:
        for page in range(run.pages):
            own, inside = (page, 0) if run.each else (0, page)
            came = (run.came_from[0], run.came_from[1] + page) if run.came_from else (-1, -1)
            table[run.first + page] = (
                *(" pzsg".index(run.state), run.folio + own, orders.get(run.folio, 0), run.offset + inside),
                *(run.mapcount, run.exclusive, flags_of(run.flags), *came),
            )
    return table


@pytest.mark.parametrize("kernel", ["6.1.192", "7.3.4"])
def test_runs_tell_everything_that_a_table_holds(kernel):
    """A table becomes runs, and these the same table, for every region of every recorded step."""
    compared = 0
    for scenario in scenarios(kernel):
        found = recording(kernel, scenario)
        for step in found.steps:
            orders = {int(key): folio.order for key, folio in step.folios.items()}
            for table in observe(found.about, step).tables.values():
                again = table_of(runs_of(table), orders)
                compared += len(table)

                assert np.array_equal(table[: len(again)], again)
                assert not table[len(again) :, 0].any()

    assert compared > 20_000


def test_an_empty_table_has_no_runs():
    """Nothing is mapped in it, and its rows have every column."""
    assert runs_of(empty(4)) == runs_of(empty(0)) == []
    assert empty(4).shape == (4, len(COLUMNS))


def test_flags_are_letters():
    """Only those that the model has are kept."""
    assert letters(flags_of("CHamsk")) == "Ham"
    assert letters(flags_of("ams")) == "am"


def test_run_lengths_are_as_long_as_they_can_be():
    """(count, value) pairs."""
    assert run_lengths([1, 1, 0, 0, 0, 1]) == ((2, 1), (3, 0), (1, 1))
    assert run_lengths([]) == ()
