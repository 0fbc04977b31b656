"""The same kernel functions, compiled by numba: equal to the traced run, byte for byte and row for row."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import kernels
from folioviz.journal import ENTER
from folioviz.lab import Lab
from folioviz.link import compiled_view
from folioviz.machine import Machine, Sizes
from folioviz.ops import parse_line

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


def run_both(lab, compiled, operations):
    """Run operations traced in the lab and compiled on a copy of its machine; compare after each."""
    other = Machine(lab.machine.sizes)
    other.restore(lab.machine.snapshot())
    view = compiled_view(other, 1 << 17)
    for op in parse_line(operations):
        view.cursor[0] = 0
        arguments = op.arguments(other)
        step = lab.apply(op)
        result = compiled[op.call](view, *arguments)
        traced = lab.rows(len(lab.steps) - 1)

        np.testing.assert_array_equal(other.mem, lab.machine.mem, err_msg=op.short())
        np.testing.assert_array_equal(
            view.rows[: view.cursor[0]], traced[traced[:, 0] < ENTER], err_msg=op.short()
        )
        assert (result or 0) == step.result


def set_up(kernel, mode):
    """Return a lab in which there is something to zap."""
    lab = Lab(kernel, mode, sizes=SIZES)
    for op in parse_line(SETUP):
        lab.apply(op)
    return lab


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kernel", "mode"),
    [("v6.5-rc3+v4", "batched"), ("v6.5-rc3+v4", "none"), ("v6.5-rc3+v4full", "batched")],
)
def test_a_compiled_zap_equals_a_traced_one(kernel, mode):
    """munmap, MADV_DONTNEED and exit: equal arrays, and equal rows but for calls, which only a trace has."""
    lab = set_up(kernel, mode)
    compiled = lab.linked.compiled("do_munmap", "madvise_dontneed", "exit_mmap", "set_gather_limit")

    run_both(lab, compiled, ZAPS)
    assert lab.costs()["tlbrm"] > 2000


@pytest.mark.slow
def test_the_whole_kernel_compiles():
    """Every function of v6.5-rc3 compiles, and every operation does the same; without a table nothing is journaled."""
    lab = set_up("v6.5-rc3", "batched")
    compiled = lab.linked.compiled()
    run_both(lab, compiled, f"{ZAPS}; {OTHERS}")

    machine = Machine(SIZES)
    quiet = compiled_view(machine, 0)
    for op in parse_line(f"{SETUP}; {ZAPS}; {OTHERS}"):
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
