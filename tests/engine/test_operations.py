"""A lab on machine code: the rules run there, too, and what they refuse is refused in the same words."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import Lab, parse_line
from folioviz.errors import OperationError
from folioviz.ops import refusal
from folioviz.ops.ops import Munmap
from tests.engine.test_batch import wild
from tests.ops.test_refusal import SIZES, V7_3

HIT = "mm; mmap 1 0 64; fault 1 0 4; exit 1; mm"
WIDE = [Munmap(1, 1 << bits, 4) for bits in (32, 63, 64, 200)]
"""What machine code would take for page 0, or cannot take at all."""


def said(lab, op):
    """Return what an operation's refusal says, or what it returned; then it is taken back."""
    try:
        applied = lab.apply(op)
    except OperationError as error:
        return str(error)
    lab.seek(applied.start)
    lab.cut()
    return applied.result


@pytest.mark.parametrize(
    ("key", "mode", "line"), [("v7.3", "batched", V7_3), ("v6.1", "batched", "mm"), ("v3", "none", HIT)]
)
def test_machine_code_refuses_what_plain_python_refuses(key, mode, line):
    """In the same words; and what it does not refuse gives the same. Nothing else changes."""
    plain, native = (
        Lab(key, mode, sizes=SIZES, calls=False, engine=engine) for engine in ("python", "compiled")
    )
    for op in parse_line(line):
        assert said(plain, op) == said(native, op)
        for lab in (plain, native):
            if lab.refusal(op) is None:
                lab.apply(op)
    for op in [*wild(), *WIDE]:
        assert said(plain, op) == said(native, op), op.short()
    np.testing.assert_array_equal(native.machine.mem, plain.machine.mem)
    np.testing.assert_array_equal(native.journal[:], plain.journal[:])


def test_what_may_be_done_is_not_asked_of_plain_python(monkeypatch):
    """Its checks take longer than a small operation."""
    lab = Lab("v7.3", sizes=SIZES, engine="compiled")
    monkeypatch.setattr(refusal, "why_not", None)

    assert [lab.apply(op).result for op in parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16")] == [
        1,
        0,
        0,
        0,
    ]
