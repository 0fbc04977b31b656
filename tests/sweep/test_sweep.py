from __future__ import annotations

import pytest

import folioviz
from folioviz import KERNELS
from folioviz.compare.compare import compare
from folioviz.compare.every_kernel import every_kernel
from folioviz.errors import DocumentError, FoliovizError, KernelError, LimitError
from folioviz.files import scenario, share
from folioviz.kernels import keeps
from folioviz.machine.costs import COSTS
from folioviz.ops.ops import parse_line
from folioviz.sweep import pool, progress
from folioviz.sweep.plan import MAX_CELLS, plan
from folioviz.sweep.source import STANDARD
from tests.sweep.patches import PAGES, keeper, raiser


@pytest.fixture(scope="module")
def standard():
    """Return a sweep of every kernel."""
    return folioviz.sweep(kernels="all", orders=[1, 4], shares=[50, 100], processes=[1, 3], jobs=1)


def test_a_row_has_what_a_comparison_has(standard):
    """The costs of the last operation and of all, refusals and bugs are those of folioviz.compare."""
    assert len(standard) == len(KERNELS) * 8
    for row in standard.rows:
        ops = parse_line(row["operations"])
        known = [name for name in COSTS if COSTS[name].is_known(keeps(KERNELS[row["kernel"]]))]
        if row["status"] == "refused":
            told = [one.refused for one in every_kernel(ops, row["kernel"]) if one.key == row["kernel"]]
            assert told == [3]
            continue
        result = compare(ops, [row["kernel"]])
        last = result.operations[-1].outcomes[0]
        assert row["bugs"] == "; ".join(last.bugs)
        if not last.bugs:
            assert [row[name] for name in known] == [last.costs.get(name, 0) for name in known]
            assert [row[f"total_{name}"] for name in known] == [
                result.totals[0].get(name, 0) for name in known
            ]
        assert all(row[name] is None for name in COSTS if name not in known or last.bugs)


def test_a_row_says_what_is_queued_and_left_mapped(standard):
    """Half of a folio unmapped by its only process leaves it partially mapped, and queued since v4 1/3 and v6.8."""
    rows = {
        row["kernel"]: (row["queue_length"], row["partially_mapped"])
        for row in standard.rows
        if (row["order"], row["share"], row["processes"]) == (4, 50, 1)
    }

    assert (rows["v6.5-rc3"], rows["v6.5-rc3+v4"], rows["v7.3"]) == ((0, 1), (1, 1), (1, 1))


def test_verdicts_are_sentences_of_the_comparison(standard):
    """What patch 1/3 alone does for nothing is said in the same words as on the page."""
    told = {(row["kernel"], row["order"], row["share"]): row["verdict"] for row in standard.rows[::2]}

    assert told["v6.5-rc3+v4.1", 4, 100].startswith("queues folio 1 for nothing (then freed)")
    assert "hits a kernel bug" in told["v6.5-rc3+v4.1", 1, 100]
    assert told["v6.1", 4, 50].startswith("not done: operation 3")


def test_what_is_marked_is_measured():
    """Two operations behind the mark cost what they cost together."""
    (row,) = folioviz.sweep(
        "mm; mmap 1 0 64; fault 1 0 4; measure; dontneed 1 0 8; dontneed 1 8 8", "v7.3"
    ).rows
    each = compare(parse_line(row["operations"]), ["v7.3"]).operations

    assert row["mapc"] == sum(one.outcomes[0].costs.get("mapc", 0) for one in each[-2:]) == 16
    assert row["total_palloc"] == 16


def test_scenarios_have_their_own_kernels_and_modes():
    """Of several, each has what its document says; a parameter that one of them lacks is None there."""
    done = folioviz.sweep(
        ["s390-and-v3", scenario.find("front"), PAGES], orders=4, parameters={"pages": [1, 2]}
    )
    found = [(row["scenario"], row["kernel"], row["mmu_gather"], row["pages"]) for row in done.rows]
    s390 = scenario.find("s390-and-v3")

    assert found[: len(s390.kernels)] == [(s390.name, key, s390.mmu_gather, None) for key in s390.kernels]
    assert [one[3] for one in found if one[0] == "untitled"] == [1, 2, 1, 2]
    assert done.parameters == ("order", "pages")


def test_modes_are_crossed_too():
    """Both modes of mmu_gather, each once."""
    done = folioviz.sweep(kernels="v3", mmu_gather=["none", "batched", "none"], orders=4, shares=100)

    assert [row["mmu_gather"] for row in done.rows] == ["none", "batched"]
    assert done.rows[0]["bugs"]


def test_a_failing_cell_is_reported_and_the_rest_goes_on():
    """A patch that raises, operations that come to none, and a law that a patch breaks are their rows' alone."""
    raises = raiser()
    one = folioviz.sweep(PAGES, "v7.3", orders=4, parameters={"pages": "1-3"}, patches=[raises])
    two = folioviz.sweep("mm; mmap 1 0 {8 // n}", "v7.3", parameters={"n": [0, 1]})
    wrong = keeper()
    (three,) = folioviz.sweep("front", "v6.5-rc3", patches=[wrong]).rows

    assert [row["status"] for row in one.rows] == ["done", "failed", "done"]
    assert one.rows[1]["error"] == (
        "operation 4, dontneed 1 0 2: ZeroDivisionError: integer division or modulo by zero"
    )
    assert [row["status"] for row in two.rows] == ["failed", "done"]
    assert "a divisor" in two.rows[0]["error"]
    assert (len(one.without_result), len(two.without_result)) == (1, 1)
    assert three["patches"].startswith("folio_put@")


def test_an_interrupt_leaves_what_is_done(monkeypatch):
    """Rows so far come back, and the sweep says that it is not whole."""
    run, count = pool.run, iter(range(10))

    def interrupted(cell):
        if next(count) == 2:
            raise KeyboardInterrupt
        return run(cell)

    monkeypatch.setattr(pool, "run", interrupted)
    done = folioviz.sweep(kernels="v7.3", orders=[2, 4], shares=[50, 100])

    assert (len(done), done.total, done.complete) == (2, 4, False)
    assert repr(done) == "<Sweep: 2 of 4 cells: 2 done>"


def test_a_grid_has_a_value_of_each_cell(standard):
    """A heat map per kernel: x and y ascend, and each value is that of the row that its place leads to."""
    grids = standard.pivot("sqlock", processes=1)
    heat = grids["v6.5-rc3+v4.1"]

    assert [*grids] == [*KERNELS]
    assert (heat.x, heat.y) == ((1, 4), (50, 100))
    assert heat.values == ((None, 1), (None, 2))
    for y, line in enumerate(heat.places):
        for x, place in enumerate(line):
            row = standard.rows[place]
            assert (row["order"], row["share"], row["sqlock"]) == (heat.x[x], heat.y[y], heat.values[y][x])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"value": "sqlock"}, "say which processes, 1 or 3"),
        ({"value": "sqlok"}, "did you mean sqlock"),
        ({"value": "verdict"}, "no column of numbers"),
        ({"value": "sqlock", "x": "kernel"}, "no column of numbers"),
        ({"value": "sqlock", "process": 1}, "did you mean processes"),
    ],
)
def test_a_grid_that_is_none_is_refused(standard, words, why):
    """A name that is none, or more than one cell for a place."""
    with pytest.raises(DocumentError, match=why):
        standard.pivot(**words)


def test_a_cell_opens_in_the_explorer(standard):
    """Its link holds its operations and kernels, and says what it is."""
    place = standard.pivot("sqlock", processes=1)["v7.3"].places[0][1]
    found = share.read(share.fields_of(standard.link(place, beside="v6.9"))).found

    assert "; ".join(op.short() for op in found.ops) == standard.rows[place]["operations"]
    assert found.kernels == ("v7.3", "v6.9")
    assert found.title == "share-unmapped: order 4, share 50, processes 1"
    with pytest.raises(LimitError, match="the row"):
        standard.link(len(standard))


def test_a_served_page_starts_no_processes(monkeypatch):
    """A visitor's cells run one by one however many there are; who asks for more is told."""
    monkeypatch.setenv("VOILA_PREHEAT", "False")

    assert pool.workers(MAX_CELLS, None) == 1
    for words in ({"jobs": 2}, {"client": "tcp://127.0.0.1:1"}):
        with pytest.raises(FoliovizError, match="a served page starts no"):
            folioviz.sweep("front", **words)


def test_a_few_cells_need_no_processes(monkeypatch):
    """Many take one per core, as many as there are cells at most."""
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)

    assert [pool.workers(cells, None) for cells in (pool.FEW, pool.FEW + 1)] == [1, 8]
    assert [pool.workers(3, jobs) for jobs in (1, 2, 9)] == [1, 2, 3]


def test_where_there_are_no_processes_cells_run_one_by_one(monkeypatch):
    """As in a browser; who asks for more is told."""
    monkeypatch.setattr(pool, "find_spec", lambda _name: None)

    assert [pool.workers(pool.FEW + 1, jobs) for jobs in (None, 1)] == [1, 1]
    with pytest.raises(FoliovizError, match="this Python starts no processes"):
        pool.workers(1, 2)


@pytest.mark.parametrize(
    ("words", "error", "why"),
    [
        ({"kernels": "v9"}, KernelError, "no kernel 'v9'"),
        ({"mmu_gather": "some"}, KernelError, "no mmu_gather mode"),
        ({"orders": "0-12"}, LimitError, "order is 10"),
        ({"jobs": 0}, LimitError, "jobs is 0"),
        ({"parameters": {"n": 1}}, DocumentError, "no operation has the parameter {n}"),
        ({"scenarios": "mm; mmap 1 0 {n}"}, DocumentError, "{n} of untitled has no values"),
        ({"scenarios": "mm; mmap 1 0 {sqlock}", "parameters": {"sqlock": 1}}, DocumentError, "has a meaning"),
        ({"scenarios": 3}, DocumentError, "no scenario"),
        ({"scenarios": []}, LimitError, "cells is 0"),
        (
            {"scenarios": "mm; mmap {a} {b} {c}", "parameters": dict.fromkeys("abc", "1-99")},
            LimitError,
            "cells",
        ),
        ({"file": "x.txt"}, DocumentError, "csv, json, parquet"),
        ({"client": "nowhere"}, FoliovizError, "no scheduler answers"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(words, error, why):
    """The thing, the value and the bound."""
    with pytest.raises(error, match=why):
        folioviz.sweep(**words)


def test_as_many_cells_as_are_allowed_are_planned():
    """And their parameters change fastest at the right."""
    made = plan("mm; mmap 1 {a} {b}", "v7.3", (), {"a": "1-1000", "b": "1-100"})

    assert len(made.cells) == MAX_CELLS
    assert [dict(cell.parameters) for cell in made.cells[:2]] == [{"a": 1, "b": 1}, {"a": 1, "b": 2}]


def test_a_bar_is_shown_where_somebody_sees_it(capsys):
    """Here nobody does, unless it is asked for; in a notebook it is a widget, which goes."""
    folioviz.sweep("front", jobs=1)
    assert capsys.readouterr().err == ""
    folioviz.sweep("front", jobs=1, progress=True)
    assert "cells" in capsys.readouterr().err


def test_a_notebook_has_a_bar_of_its_own(monkeypatch):
    """It says how many cells are done."""
    shown = []
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", shown.append)
    with progress.bar(1, 4) as tell:
        tell(4)
        scale, label = shown[0].children
        assert (scale.value, scale.max, label.value) == (4, 4, "4 of 4 cells")

    assert scale.comm is None


def test_the_standard_experiment_is_what_it_says():
    """Some processes map one folio; the first unmaps a share of it."""
    (row,) = folioviz.sweep(STANDARD, "v7.3", orders=9, shares=25, processes=3).rows

    assert row["operations"] == "mm; mmap 1 0 512; fault 1 0 9; fork 1; fork 1; munmap 1 0 128"
