"""Whole kernels as machine code: every kernel compiles, and does what it does in plain Python, row for row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from folioviz import KERNELS, Lab, parse_line
from folioviz.compare.random_ops import SIZES, wander
from folioviz.engine import compiled as engine
from folioviz.engine.compiled import OutOfRoomError, OutsideError, compiled
from folioviz.engine.module import WIDTH
from folioviz.engine.operations import DO
from folioviz.engine.subset import CannotCompileError, callees, reached, tree_of
from folioviz.errors import LimitError
from folioviz.kernels import GATHER_MODES, link
from folioviz.laws.every_kernel import check
from folioviz.machine.journal import ENTER
from folioviz.machine.memory import ENTRY_SHIFT, Machine, Sizes
from folioviz.ops.ops import WORDS

BOTH = [(key, mode) for key in KERNELS for mode in GATHER_MODES]
LENGTH = 25
SEEDS = (1, 2, 3)
SMALL = Sizes(pages=512, tables=4, vmas=8)
SETUP = "mm; mmap 1 0 64; fault 1 0 4; fork 1"


@pytest.mark.slow
@pytest.mark.parametrize(("key", "mode"), BOTH)
def test_every_kernel_does_the_same_as_machine_code(key, mode):
    """Rows with calls and decisions, results, and the machine, after each of many random operations; the laws hold."""
    for seed in SEEDS:
        plain = Lab(key, mode, sizes=SIZES, engine="python")
        native = Lab(key, mode, sizes=SIZES, engine="compiled")
        for op in wander(seed, LENGTH, key, mode):
            assert native.apply(op) == plain.apply(op), op.short()
            np.testing.assert_array_equal(native.machine.mem, plain.machine.mem, err_msg=op.short())
            if not plain.machine.bug[0]:
                check(native.machine)
        np.testing.assert_array_equal(native.journal[:], plain.journal[:])
        assert (plain.engine, native.engine) == ("python", "compiled")


def test_every_function_is_in_some_kernel_that_compiles():
    """What no operation of one kernel reaches is older text, which another kernel runs."""
    written, used = set(), set()
    for key, mode in BOTH:
        linked = link(key, mode)
        code = linked.below | linked.code
        calls = {name: callees(tree_of(name, function)) for name, function in code.items()}
        written |= set(linked.code.values())
        used |= {
            code[name] for name in reached([name for name in compiled(linked).calls if name in code], calls)
        }

    assert {function.__qualname__ for function in written - used} == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "checked"), [("v6.1", False), ("v6.5-rc3+v4", True), ("v6.5-rc3+v4", False), ("v7.3", False)]
)
def test_what_is_kept_is_a_matter_of_the_kind(key, checked):
    """Writes without calls, costs without rows, nothing at all; checks change nothing. The machine is the same."""
    lab = Lab(key, sizes=SIZES, calls=False, engine="python")
    bound = {}
    for keeps in ("writes", "costs", "none"):
        machine = Machine(SIZES, lab.machine.keeps, lab.machine.drops)
        bound[keeps] = compiled(lab.linked, keeps, checked=checked).bind(machine), machine
    for op in wander(4, LENGTH, key):
        for native, machine in bound.values():
            native.call(op.call, op.arguments(machine))
        lab.apply(op)
        rows = lab.rows(len(lab.applied) - 1)
        np.testing.assert_array_equal(bound["writes"][0].rows, rows, err_msg=op.short())

    for native, machine in bound.values():
        np.testing.assert_array_equal(machine.mem, lab.machine.mem)
        assert len(native.rows) == 0 or native is bound["writes"][0]
    assert bound["costs"][0].costs() == lab.costs()
    bound["costs"][0].forget()
    assert set(bound["costs"][0].costs().values()) == {0}
    assert np.all(lab.journal[:][:, 0] < ENTER)


def test_every_operation_can_be_called():
    """Each word of the short form has its call, where the kernel has it."""
    kernel = compiled(link("v7.3"))

    assert set(kernel.calls) == {DO * done + kind.call for kind in WORDS.values() for done in (False, True)}


@pytest.fixture
def little_room(monkeypatch):
    """Let there be room for 64 rows at first."""
    monkeypatch.setattr(engine, "USUAL_ROOM", 64)
    monkeypatch.setattr(engine, "_of_thread", engine._OfThread())


def test_an_operation_with_very_many_rows_is_done_again(little_room):
    """One that leaves more rows than there is room for at first gets it, and the history stays whole."""
    native, plain = (Lab(sizes=SMALL, engine=name) for name in ("compiled", "python"))
    for op in parse_line(f"{SETUP}; dontneed 1 3 9; exit 2; exit 1"):
        assert native.apply(op) == plain.apply(op)

    np.testing.assert_array_equal(native.journal[:], plain.journal[:])
    np.testing.assert_array_equal(native.machine.mem, plain.machine.mem)


def test_an_operation_with_too_many_rows_changes_nothing(little_room, monkeypatch):
    """The error names the operation, how many and the bound."""
    monkeypatch.setattr("folioviz.lab.MAX_ROWS", 100)
    lab = Lab(sizes=SMALL, engine="compiled")
    for op in parse_line("mm; mmap 1 0 512"):
        lab.apply(op)
    before, rows = lab.machine.snapshot(), len(lab.journal)
    with pytest.raises(LimitError, match=r"rows of fault 1 0 9 .* at most 100"):
        lab.apply(parse_line("fault 1 0 9")[0])

    np.testing.assert_array_equal(lab.machine.mem, before)
    assert len(lab.journal) == rows


# ------------------------------------------------------------------------------------------- a reader's own patches


def page_remove_rmap(m, page, compound):
    """Never end."""
    nr = 1
    while nr > 0:
        nr += page + compound


def why_not_queued(m, folio, mapped, nr, nr_pmdmapped):
    """Read far behind the last page."""
    return m.page_mapcount[folio + 100_000_000]


def deferred_split_folio(m, folio):
    """Use what cannot be compiled."""
    kept = [folio]
    return kept.clear()


def zap(patch, engine="compiled"):
    """Return a lab with a patch, in which a zap is next."""
    lab = Lab("v6.5-rc3", sizes=SMALL, patches=[patch], engine=engine)
    for op in parse_line("mm; mmap 1 0 64; fault 1 0 4"):
        lab.apply(op)
    return lab, parse_line("dontneed 1 0 5")[0]


@pytest.mark.slow
def test_a_patch_that_never_ends_is_ended(monkeypatch):
    """After some rounds; the error says so, and nothing has changed."""
    monkeypatch.setattr(engine, "ROUNDS", 10_000)
    lab, op = zap(page_remove_rmap)
    before = lab.machine.snapshot()
    with pytest.raises(LimitError, match=r"rounds of loops in madvise_dontneed\(\)"):
        lab.apply(op)

    np.testing.assert_array_equal(lab.machine.mem, before)
    assert len(lab.applied) == 3


@pytest.mark.slow
def test_a_patch_that_reads_outside_fails_as_in_python():
    """Machine code notices it, takes everything back, and plain Python says what is wrong."""
    lab, op = zap(why_not_queued)
    before = lab.machine.snapshot()
    with pytest.raises(IndexError):
        lab.apply(op)

    np.testing.assert_array_equal(lab.machine.mem, before)


def test_a_patch_that_cannot_be_compiled_runs_in_python(monkeypatch):
    """With "auto" nobody notices but by what ran; who asks for machine code is told."""
    monkeypatch.setattr("folioviz.engine.choice.LOADS", 0)
    monkeypatch.setattr("folioviz.engine.choice.COMPILES", 0)
    lab, op = zap(deferred_split_folio, "auto")
    lab.apply(op)

    assert lab.engine == "python"
    with pytest.raises(
        CannotCompileError, match=r"cannot compile deferred_split_folio\(\), line 3: \[folio\]"
    ):
        zap(deferred_split_folio)


def test_rows_that_found_no_room_are_counted(little_room):
    """The machine is as after the call, and the error says how many rows there are."""
    machine = Machine(SMALL)
    native = compiled(link("v6.5-rc3")).bind(machine)
    native.call("mm_alloc")
    native.call("mmap_region", (0, 0, 64))
    with pytest.raises(OutOfRoomError) as caught:
        native.call("do_anonymous_page", (0, 0, 4))

    assert caught.value.rows > 64
    assert machine.folio_order[machine.page_folio[machine.pte[0] >> ENTRY_SHIFT]] == 4


@pytest.mark.parametrize("room", [1, 2, 3, 64, 65, engine.USUAL_ROOM, engine.USUAL_ROOM + 1])
def test_a_row_begins_where_one_store_can_write_it(room):
    """A store past the caches wants an address that a row's width divides; elsewhere the processor ends the process."""
    rows, address = engine._made(room)

    assert address % WIDTH == 0
    assert rows.shape == (room, 4)
    assert rows.ctypes.data == address
    assert rows.flags.c_contiguous
    assert rows.nbytes == WIDTH * room


def test_threads_do_not_share_rows():
    """What one thread's call left is the same after a call of another thread."""
    first, second = (compiled(link("v6.5-rc3")).bind(Machine(SMALL)) for _ in range(2))
    first.call("mm_alloc")
    rows = first.rows.copy()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(second.call, "set_gather_limit", (3,)).result()

    np.testing.assert_array_equal(first.rows, rows)
    assert second.rows.tolist() != rows.tolist()


def test_an_index_outside_changes_nothing():
    """What the call had written until then is taken back."""
    machine = Machine(SMALL)
    patched = compiled(link("v6.5-rc3", "batched", why_not_queued), checked=True).bind(machine)
    for op in parse_line("mm; mmap 1 0 64; fault 1 0 4"):
        patched.call(op.call, op.arguments(machine))
    before = machine.snapshot()
    with pytest.raises(OutsideError):
        patched.call("madvise_dontneed", (0, 0, 5))

    np.testing.assert_array_equal(machine.mem, before)
    assert len(patched.rows) == 0
