"""Every kernel's row equals a run of its own; the first operation that differs is the first that does."""

from __future__ import annotations

import pytest

from folioviz import KERNELS, Lab
from folioviz.compare.every_kernel import every_kernel
from folioviz.compare.random_ops import wander
from folioviz.errors import FoliovizError, KernelError
from folioviz.files import scenario
from folioviz.machine import journal
from folioviz.ops.walk import queue


def ran(ops, key, mode):
    """Return a lab that did what it could, and the numbers of the operations that it refused."""
    lab, refused = Lab(key, mode), []
    for number, op in enumerate(ops, start=1):
        try:
            lab.apply(op)
        except FoliovizError:
            refused.append(number)
    return lab, refused


@pytest.mark.parametrize("name", ["first-look", "front", "s390-and-v3", "copy-on-write", "queued-at-birth"])
@pytest.mark.parametrize("mode", ["batched", "none"])
def test_a_row_is_a_run(name, mode):
    """Costs, refusals and what is queued are those of a lab; A itself never differs."""
    ops = scenario.library()[name].ops
    rows = list(every_kernel(ops, "v6.5-rc3+v4", mode))

    assert [row.key for row in rows] == list(KERNELS)
    for row in rows:
        lab, refused = ran(ops, row.key, mode)
        assert row.costs == journal.costs(lab.journal[:])
        assert row.refused == (refused[0] if refused else 0)
        assert ("queues no folio" in row.told) <= (
            not queue(lab.machine) or "off the queue" in row.told or bool(refused)
        )
    assert rows[list(KERNELS).index("v6.5-rc3+v4")].differs == 0


def test_the_first_difference_is_where_runs_part():
    """The whole folio: all before the munmap is alike in the series; page by page, it differs in the munmap."""
    rows = {row.key: row for row in every_kernel(scenario.library()["whole-folio"].ops, "v6.5-rc3+v4.1")}

    assert rows["v6.5-rc3+v4.2"].differs == 0
    assert rows["v6.5-rc3"].differs == rows["v6.5-rc3+v4"].differs == 4
    assert rows["v6.1"].differs == rows["v6.1"].refused == 3


def test_another_cost_alone_is_a_difference():
    """The explicit full does the same to the queue as v4, and forces no flush."""
    rows = {row.key: row for row in every_kernel(scenario.library()["whole-folio"].ops, "v6.5-rc3+v4")}

    assert rows["v6.5-rc3+v4full"].differs == 4
    assert rows["v6.5-rc3+v4full"].told.startswith("queues no folio")
    assert rows["v6.5-rc3+v4"].told.startswith("queues no folio")


@pytest.mark.parametrize("seed", range(3))
def test_random_operations_have_rows(seed):
    """Whatever is done, every kernel has its row, and the same kernel under another name is alike."""
    ops = wander(seed, 12)
    rows = list(every_kernel(ops, "v7.3"))

    assert len(rows) == len(KERNELS)
    assert [row.differs for row in rows if row.key == "v7.3"] == [0]
    assert all(0 <= row.differs <= len(ops) for row in rows)


def test_nothing_done_is_alike_everywhere():
    """No operation, no difference; an unknown kernel is told."""
    assert {(row.differs, row.told) for row in every_kernel((), "v6.8")} == {(0, "")}
    with pytest.raises(KernelError, match=r"v9\.9"):
        list(every_kernel((), "v9.9"))
