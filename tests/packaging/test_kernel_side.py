"""`python -m tools.kernel_side`: what it compares, and that another value of a side is named. It boots nothing here."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("drgn", reason="drgn is not installed: no kernel's memory is read")
from tests.vmcore.test_source import capture, laid_out
from tools import kernel_side


@pytest.fixture(scope="module")
def captures():
    """Give what is seen of a process in three ways: here all of the same memory, and by /proc without fields."""
    seen = capture(laid_out("6.12.117"))
    proc = replace(seen, raw={}, about=replace_about(seen.about, memory=None))
    return {"proc": proc, "kcore": seen, "dump": seen}


def replace_about(about, **changes):
    """Return what is known of a machine with changes."""
    return type(about)(**{name: getattr(about, name) for name in about.__struct_fields__} | changes)


def changed(seen, name):
    """Return a capture in which the first large folio has another value of a field."""
    values = seen.raw[name].copy()
    values[0] += 1
    return replace(seen, raw={**seen.raw, name: values})


def test_what_is_equal_is_equal(captures):
    """Nothing is named, and fields were compared."""
    assert [*kernel_side.compared(captures)] == []


def test_a_page_that_only_one_sees_is_named(captures):
    """So is a row of a run."""
    runs = captures["dump"].runs.copy()
    runs[0, 7] += 1
    (said, *_) = kernel_side.compared({**captures, "dump": replace(captures["dump"], runs=runs)})

    assert said.startswith("runs: 1 differ by dump, the first: ")


@pytest.mark.parametrize(("field", "called"), [("nrpm", "nr_pages_mapped"), ("large", "large_mapcount")])
def test_a_field_that_the_model_has_otherwise_is_named(captures, field, called):
    """Where kcore and the dump agree with each other, and not with the model."""
    wrong = changed(captures["dump"], field)
    said = [*kernel_side.compared({**captures, "kcore": wrong, "dump": wrong})]

    assert len(said) == 1
    assert f"field='{called}'" in said[0]


def test_a_pin_that_was_not_made_is_named(captures):
    """No folio may have one reference more than the model but that whose page is pinned."""
    wrong = changed(captures["dump"], "ref")
    (said,) = kernel_side.compared({**captures, "kcore": wrong, "dump": wrong})

    assert said.startswith("pinned are {'folio 0'}")


def test_kcore_and_the_dump_agree(captures):
    """Or the field is named, with both sides' values."""
    said = [*kernel_side.compared({**captures, "kcore": changed(captures["kcore"], "dq")})]

    assert said == ["dq: [2, 1] by kcore, [1, 1] in the dump"]


def test_a_vmlinux_is_taken_as_it_is(tmp_path):
    """Nothing is fetched or unpacked."""
    assert kernel_side.debugging("/somewhere/vmlinux-6.12", tmp_path / "none").name == "vmlinux-6.12"
    assert [*tmp_path.iterdir()] == []
