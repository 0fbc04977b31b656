"""The same kernel functions, compiled by numba: equal to the traced run, byte for byte and row for row."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import kernels
from folioviz.lab import Lab
from folioviz.link import compiled_view
from folioviz.machine.journal import ENTER
from folioviz.machine.memory import Machine, Sizes
from folioviz.ops.ops import WORDS, parse_line

SIZES = Sizes(pages=8192, tables=128, vmas=64)
SETUP = (
    "mm; mmap 1 0 2048; fault 1 0 4; fault 1 16 2; fault 1 32 0; fault 1 512 9; faultpmd 1 1024; faultpmd 1 1536;"
    "mmap 1 4096 64; fault 1 4096 5; fork 1; write 1 3; dontneed 2 20 40; get 1"
)
ZAPS = "dontneed 2 0 600; munmap 1 3 1600; munmap 2 1030 10; glimit 0; exit 1; exit 2"
"""Ranges that cut folios, tables and huge pages; a gather that fills up; what two processes share."""
OTHERS = (
    "put 1; mm; mmap 3 0 2048; faultpmd 3 512; fault 3 0 4; fault 3 16 3; fork 3; write 4 600; write 3 1; get 9;"
    "mremap 3 0 1024 4608; dontneed 4 0 5; splitpmd 3 5120; mremap 3 5122 7 3; dontneed 3 5308 1; dontneed 4 700 1;"
    "split 10; shrink 4; put 9; shrink 4; exit 4; exit 3"
)
OTHERS_7_3 = (
    "enabled 4 1; enabled 2 1; mm; mmap 5 0 2048; touch 5 0 40; fork 5; mprotect 5 4 4 0; write 6 3; exit 6;"
    "write 5 9; maxnone 100; underused 1; faultpmd 5 512; faultpmd 5 1024; dontneed 5 600 1; zero 545 0 300;"
    "shrink 2; write 5 1030; fork 5; dontneed 7 1030 9; remap 541; migrate 541; get 542; migrate 542; put 542;"
    "free 5 16 16; cold 5 32 4; dontneed 5 512 1536; exit 7; exit 5"
)
"""Sizes, settings, zero pages, migration and advice."""
SETUP_6_1 = (
    "mm; mmap 1 0 2048; fault 1 0 0; fault 1 16 0; fault 1 32 0; faultpmd 1 512; splitpmd 1 512; faultpmd 1 1024;"
    "faultpmd 1 1536; mmap 1 4096 64; fault 1 4096 0; fork 1; write 1 3; write 1 1024; dontneed 2 1300 40; get 1"
)
"""The same as far as v6.1 knows it: order 0 and huge pages."""
OTHERS_6_1 = (
    "put 1; mm; mmap 3 0 2048; faultpmd 3 512; fault 3 0 0; fork 3; write 4 600; write 3 1; mremap 3 0 1024 4608;"
    "dontneed 4 0 5; splitpmd 3 5120; mremap 3 5122 7 3; dontneed 3 5308 1; dontneed 4 700 1; shrink 4; exit 4;"
    "exit 3; enabled 9 1; mm; mmap 5 0 1024; touch 5 0 600; mprotect 5 4 4 0; free 5 20 4; cold 5 600 4; exit 5"
)


@pytest.fixture
def optimized(request, monkeypatch):
    """Set how hard LLVM tries: as hard as for a user (3), or not at all (0), which takes half of the time."""
    from numba.core import config

    monkeypatch.setattr(config, "OPT", config._OptLevel(request.param))


def run_both(lab, compiled, operations):
    """Run operations traced in the lab and compiled on a copy of its machine; compare after each."""
    other = Machine(lab.machine.sizes, lab.machine.keeps, lab.machine.drops)
    other.restore(lab.machine.snapshot())
    view = compiled_view(other, 1 << 17)
    for op in parse_line(operations):
        view.cursor[0] = 0
        arguments = op.arguments(other)
        step = lab.apply(op)
        result = compiled[op.call](view, *arguments)
        traced = lab.rows(len(lab.applied) - 1)

        np.testing.assert_array_equal(other.mem, lab.machine.mem, err_msg=op.short())
        np.testing.assert_array_equal(
            view.rows[: view.cursor[0]], traced[traced[:, 0] < ENTER], err_msg=op.short()
        )
        assert (result or 0) == step.result


def set_up(kernel, mode, setup=SETUP):
    """Return a lab in which there is something to zap."""
    lab = Lab(kernel, mode, sizes=SIZES)
    for op in parse_line(setup):
        lab.apply(op)
    return lab


@pytest.mark.slow
@pytest.mark.parametrize("optimized", [0], indirect=True)
@pytest.mark.parametrize(
    ("kernel", "mode"),
    [
        ("v6.5-rc3+v4", "none"),
        ("v7.3+no-page-mapcount", "none"),
    ],
)
def test_a_compiled_zap_equals_a_traced_one(kernel, mode, optimized):
    """munmap, MADV_DONTNEED and exit: equal arrays, and equal rows but for calls, which only a trace has."""
    lab = set_up(kernel, mode)
    compiled = lab.linked.compiled("do_munmap", "madvise_dontneed", "exit_mmap", "set_gather_limit")

    run_both(lab, compiled, ZAPS)
    assert lab.costs()["pfree"] > 1500


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kernel", "others", "optimized"),
    [("v6.5-rc3", OTHERS, 3), ("v6.1", OTHERS_6_1, 0), ("v7.3", f"{OTHERS}; {OTHERS_7_3}", 0)],
    indirect=["optimized"],
)
def test_the_whole_kernel_compiles(kernel, others, optimized):
    """Whatever operations call compiles, and does the same; without a table nothing is journaled."""
    setup = SETUP_6_1 if kernel == "v6.1" else SETUP
    lab = set_up(kernel, "batched", setup)
    calls = {kind.call for kind in WORDS.values()} & set(lab.linked.code)
    compiled = lab.linked.compiled(*sorted(calls))
    run_both(lab, compiled, f"{ZAPS}; {others}")

    machine = Machine(SIZES, lab.machine.keeps, lab.machine.drops)
    quiet = compiled_view(machine, 0)
    for op in parse_line(f"{setup}; {ZAPS}; {others}"):
        compiled[op.call](quiet, *op.arguments(machine))
    np.testing.assert_array_equal(machine.mem, lab.machine.mem)
    assert quiet.cursor[0] == np.count_nonzero(lab.journal[:][:, 0] < ENTER)


@pytest.mark.slow
def test_a_compiled_function_fills_a_table():
    """Writes go to a table of fixed size; the cursor counts also the rows that found no room."""
    machine = Machine(SIZES)
    compiled, view = kernels.link("base").compiled("set_gather_limit"), compiled_view(machine, 1)
    for limit in (3, 4):
        compiled["set_gather_limit"](view, limit)

    assert machine.tlb_limit[0] == 4
    assert view.rows[0].tolist()[2:] == [-1, 3]
    assert view.cursor[0] == 2
