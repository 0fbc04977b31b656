"""What the last of some operations costs, counted without keeping a journal: several times faster than a lab."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from folioviz import kernels
from folioviz.link import View
from folioviz.machine.costs import COSTS, TFULL, TLBRM
from folioviz.machine.journal import EXIT, NOWHERE
from folioviz.machine.memory import Machine
from folioviz.ops.ops import parse_line

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tally(NamedTuple):
    """What the last operation came to.

    Attributes:
        costs: its costs, every name of :data:`folioviz.machine.costs.COSTS`.
        bugs: the kernel bugs that it hit; if there is one, its costs mean nothing.
        full_after: how many pages the mmu_gather had taken when it was full for the first time; 0 for never.
    """

    costs: Mapping[str, int]
    bugs: tuple[str, ...]
    full_after: int


@lru_cache(maxsize=512)
def tally(ops: str, key: str, mmu_gather: str = "batched") -> Tally:
    """Do operations in the short form, each of which must be possible, and count what the last one costs.

    Args:
        ops: the operations, separated by semicolons.
        key: a kernel's key.
        mmu_gather: "batched" or "none".
    """
    counts, full = [0] * (EXIT + 1), [0]

    def record(_m: Any, kind: int, address: int, _old: int, new: int) -> None:
        counts[kind] += new if address == NOWHERE else 1
        if kind == TFULL and counts[TFULL] == 1:
            full[0] = counts[TLBRM]

    functions = kernels.link(key, mmu_gather).bind(lambda _name, function: function, record=record)
    machine = Machine()
    view = View(machine)
    for op in parse_line(ops):
        counts[:], full[0] = [0] * len(counts), 0
        functions[op.call](view, *op.arguments(machine))
    return Tally({name: counts[row.kind] for name, row in COSTS.items()}, tuple(machine.bugs()), full[0])
