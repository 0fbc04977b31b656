"""The linker: later names win, whoever calls; three ways to run one source."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings

from folioviz import kernels
from folioviz.errors import KernelError
from folioviz.lab import Lab
from folioviz.link import V6_5_RC3, Linked
from folioviz.machine.fields import PAGE_MAPCOUNT
from folioviz.machine.journal import ENTER, EXIT, WHY
from folioviz.machine.memory import Machine, Sizes
from folioviz.machine.view import View
from folioviz.mm import rmap
from folioviz.ops.ops import parse_line
from tests.strategies import apply_all, plans

SMALL = Sizes(pages=512, tables=96, vmas=4)
SETUP = "mm; mmap 1 0 64; fault 1 0 4"


def deferred_split_folio(m, folio):
    """Queue nothing, ever."""


def test_a_readers_function_is_called_by_the_kernels():
    """A function of a kernel function's name replaces it for every caller."""
    labs = [Lab("v6.5-rc3+v4.1", patches=patches, sizes=SMALL) for patches in ((), (deferred_split_folio,))]
    for lab in labs:
        for op in parse_line(f"{SETUP}; dontneed 1 0 5"):
            lab.apply(op)

    assert [lab.machine.split_queue_len[0] for lab in labs] == [1, 0]
    assert labs[1].linked.sources["deferred_split_folio"] == __name__
    assert labs[1].linked.sources["page_remove_rmap"] == "folioviz.kernels.series.defer_any_order"
    assert labs[1].linked.sources["try_to_migrate"] == "folioviz.mm.rmap"


def test_linking_one_kernel_leaves_the_others_alone():
    """Namespaces are copies: the module's own function stays what it was."""
    base, patched = (kernels.link("base", "batched", *patches) for patches in ((), (deferred_split_folio,)))

    assert base.code["deferred_split_folio"].__module__ == "folioviz.mm.huge_memory"
    assert (
        base.quiet()["deferred_split_folio"].__code__ is not patched.quiet()["deferred_split_folio"].__code__
    )
    assert rmap.page_remove_rmap.__globals__ is vars(rmap)


def test_a_module_brings_functions_and_constants():
    """Constants of a patch win over those of the machine's layout."""
    patch = ModuleType("patch")
    patch.MMU_GATHER_BUNDLE = 4
    space = Linked((*V6_5_RC3, patch)).quiet()

    assert space["batch_max"](0) == 4
    assert Linked(V6_5_RC3).quiet()["batch_max"](0) == 8


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (lambda m: None, "no function <lambda>() to replace: a patch replaces a kernel function"),
        (7, "cannot link 7: it must be a module or a function"),
    ],
)
def test_what_cannot_be_linked(patch, message):
    """A patch that replaces nothing would silently do nothing: it is refused."""
    with pytest.raises(KernelError) as error:
        Linked((*V6_5_RC3, patch))

    assert str(error.value) == message


def test_a_trace_enters_and_leaves_every_function():
    """ENTER and EXIT rows nest; ENTER has the first two arguments, EXIT the result."""
    lab = Lab("base", sizes=SMALL)
    for op in parse_line(SETUP):
        lab.apply(op)
    rows = lab.rows(2)
    names, stack, seen = lab.linked.names, [], []
    for kind, number, _, _ in rows[rows[:, 0] > WHY].tolist():
        if kind == ENTER:
            stack.append(number)
            seen.append(names[number])
        else:
            assert kind == EXIT
            assert stack.pop() == number

    assert stack == []
    assert seen[:4] == ["do_anonymous_page", "alloc_pages", "prep_compound_page", "pte_alloc"]
    assert rows[0].tolist() == [ENTER, names.index("do_anonymous_page"), 0, 0]


def test_a_result_is_in_the_exit_row():
    """A function that returns several values leaves the first, one that returns none leaves -1."""
    lab = Lab("v4full", sizes=SMALL)
    for op in parse_line(f"{SETUP}; dontneed 1 0 5"):
        lab.apply(op)
    rows = lab.rows(3)
    left = {lab.linked.names[n]: result for kind, n, _, result in rows.tolist() if kind == EXIT}

    assert left["try_zap_anon_pte_range"] == 5
    assert left["folio_nr_pages_cont_mapped"] == 5
    assert left["madvise_dontneed"] == -1


@pytest.mark.parametrize("kernel", kernels.KERNELS)
def test_a_quiet_kernel_does_the_same_and_notes_nothing(kernel):
    """Without a journal the machine ends up equal to the byte."""
    lab = Lab(kernel, sizes=SMALL)
    machine = Machine(SMALL, lab.machine.keeps, lab.machine.drops)
    space, view = lab.linked.quiet(), View(machine)
    plan = f"{SETUP}; faultpmd 1 512; fork 1; write 1 3; dontneed 2 0 5; munmap 1 0 64; shrink 3; exit 2"
    for op in parse_line(plan):
        if lab.refusal(op) is None:
            space[op.call](view, *op.arguments(machine))
            lab.apply(op)

    np.testing.assert_array_equal(machine.mem, lab.machine.mem)
    assert view.rows == []


@pytest.mark.parametrize("kernel", kernels.KERNELS)
@settings(max_examples=20)
@given(plan=plans())
def test_a_lab_without_calls_does_the_same_and_notes_the_rest(kernel, plan):
    """Each row but those of calls is there, in the same order, and each operation has the same result."""
    traced, plain = Lab(kernel, sizes=SMALL), Lab(kernel, sizes=SMALL, calls=False)
    for lab in (traced, plain):
        apply_all(lab, plan)
    rows = traced.journal[:]

    np.testing.assert_array_equal(plain.journal[:], rows[~np.isin(rows[:, 0], (ENTER, EXIT))])
    np.testing.assert_array_equal(plain.machine.mem, traced.machine.mem)
    assert [(one.op, one.result) for one in plain.applied] == [(one.op, one.result) for one in traced.applied]


def test_a_view_shares_the_machines_memory():
    """Kernel functions read Python integers from the very memory of the machine."""
    machine = Machine(SMALL)
    view = View(machine)
    machine.page_mapcount[3] = 9
    view.mem[machine.base[PAGE_MAPCOUNT] + 4] = 8

    assert view.page_mapcount[3] == 9
    assert type(view.page_mapcount[3]) is int
    assert machine.page_mapcount[4] == 8
