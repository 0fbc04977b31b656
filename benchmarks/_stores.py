"""What a zap cannot do without, as bare loops: no decision, no call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from folioviz.engine import native
from folioviz.machine.fields import PAGE_FOLIO, PAGE_MAPCOUNT, PTE, TLB_PAGE
from folioviz.machine.journal import NOWHERE, WHY

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.machine.memory import Machine
    from folioviz.machine.primitives import View

AT_A_TIME: Final = 8
"""Stores in a round, so that the loop itself takes next to no time."""


def bare_stores(m: View, first: int, page: int, nr: int) -> None:
    """Clear PTEs, take back each page's mapping, gather it, and free it: four stores for each of ``nr`` pages."""
    for i in range(nr):
        m.mem[m.base[PTE] + first + i] = 0
        m.mem[m.base[PAGE_MAPCOUNT] + page + i] = -1
        m.mem[m.base[TLB_PAGE] + (i & 511)] = page + i
        m.mem[m.base[PAGE_FOLIO] + page + i] = page + i


def _text() -> str:
    """Return LLVM's text of a loop over a list: each entry is where something is stored, and what."""
    stores = "".join(
        f"""  %i{k} = add i64 %i, {k}
  %at{k} = getelementptr i64, ptr %list, i64 %i{k}
  %both{k} = load i64, ptr %at{k}
  %address{k} = and i64 %both{k}, {0xFFFFFFFF}
  %high{k} = lshr i64 %both{k}, 32
  %new{k} = trunc i64 %high{k} to i32
  %place{k} = getelementptr i32, ptr %m, i64 %address{k}
  store i32 %new{k}, ptr %place{k}
"""
        for k in range(AT_A_TIME)
    )
    return f"""
define i64 @run(ptr noalias %m, ptr noalias %list, ptr, ptr, i64 %n, i64, i64, i64, i64) nounwind {{
first:
  br label %head
head:
  %i = phi i64 [ 0, %first ], [ %after, %do ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %do, label %end
do:
{stores}  %after = add i64 %i, {AT_A_TIME}
  br label %head
end:
  ret i64 0
}}
"""


def same_stores(machine: Machine, rows: np.ndarray) -> tuple[Callable[[], Any], int]:
    """Return a loop that makes every store of some rows again, in their order, and how many there are.

    Where and what is read from a list of 8 bytes a store. The last entry stands there several times, until a round
    is full.
    """
    stores = rows[(rows[:, 1] != NOWHERE) & (rows[:, 0] < WHY)][:, [1, 3]]
    full = -(-len(stores) // AT_A_TIME) * AT_A_TIME
    entries = np.concatenate([stores, np.repeat(stores[-1:], full - len(stores), axis=0)])
    run = native.Code("benchmarks.same_stores", _text, native.WAY_IN).prepare()
    m, entry = machine.mem.ctypes.data, np.ascontiguousarray(entries, np.int32)
    return lambda: run(m, entry.ctypes.data, 0, 0, len(entry), 0, 0, 0, 0), len(stores)
