"""Pieces that stories share: kernels to choose from, scenarios in the short form, costs of one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folioviz import kernels
from folioviz.errors import DocumentError
from folioviz.files import share
from folioviz.files.scenario import from_builtins, replace, shipped
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.ops.ops import parse_line
from folioviz.readout.words import size
from folioviz.stories.parts.parts import Cell, Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from folioviz.files.scenario import Scenario
    from folioviz.ops.op import Op
    from folioviz.stories.parts.parts import Values

BASE, FIRST, SECOND, V4 = "v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4.2", "v6.5-rc3+v4"
SERIES = (BASE, FIRST, SECOND, V4)
GATHER = Choice(
    "gather",
    "mmu_gather",
    (("batched (x86-64)", "batched"), ("none (s390)", "none")),
    "batched",
    "how the architecture frees what a zap unmaps",
)
WHO = Choice(
    "who",
    "mapped by",
    (("one process", "one"), ("two processes, by fork", "two")),
    "one",
    "who maps the folio when the first process unmaps it",
)


EVERY_ORDER = tuple(key for key, row in kernels.KERNELS.items() if len(row.orders) > 1)
"""The kernels in which folios smaller than 2 MiB exist, too: v6.8 and later, and the series with its companion."""


def kernel(name: str, value: str, keys: Iterable[str] = (), *, none: bool = False) -> Choice:
    """Return the choice of kernel A or B: of these, or of all that map folios of every order by PTEs."""
    options = [(label(key), key) for key in keys or EVERY_ORDER]
    options = [("none", "none"), *options] if none else options
    return Choice(name, name.upper(), tuple(options), value, f"kernel {name.upper()}")


def order(value: int, low: int = 0, high: int = 9, name: str = "order") -> Choice:
    """Return the choice of a folio's order."""
    options = tuple((f"{n} · {size(n)}", n) for n in range(low, high + 1))
    return Choice(name, "order", options, value, "the folio has 2**order pages")


def label(key: str) -> str:
    """Return what a reader calls a kernel."""
    return kernels.find(key).label


def scenario(ops: str, *keys: str, mmu_gather: str = "batched", **fields: Any) -> Scenario:
    """Return a scenario of operations in the short form, under one kernel or more ("none" is left out).

    Raises:
        DocumentError: if there is no such kernel, or the operations cannot be read.
    """
    pair = tuple(dict.fromkeys(key for key in keys if key != "none"))
    return from_builtins({"ops": ops, "kernels": pair, "mmu_gather": mmu_gather, **fields})


def side_by_side(ops: Callable[[Values], str]) -> Callable[[Values], Scenario]:
    """Return what makes a scenario of what is chosen: the operations, under kernels ``a`` and ``b``."""

    def make(values: Values) -> Scenario:
        return scenario(ops(values), values["a"], values["b"], mmu_gather=values.get("gather", "batched"))

    return make


def ran(ops: str, key: str, mmu_gather: str = "batched") -> Lab:
    """Return a lab that has done operations."""
    lab = Lab(key, mmu_gather)
    for op in parse_line(ops):
        lab.apply(op)
    return lab


def last_costs(ops: str, key: str, mmu_gather: str = "batched") -> dict[str, int]:
    """Return what the last operation costs."""
    lab = ran(ops, key, mmu_gather)
    return lab.costs(lab.applied[-1].start, lab.applied[-1].end)


def linked(value: object, ops: str, *keys: str, mmu_gather: str = "batched", mark: str = "") -> Cell:
    """Return a value that opens its scenario in the explorer."""
    return Cell(value, share.query(scenario(ops, *keys, mmu_gather=mmu_gather)), mark)


def opened(name: str, ops: tuple[Op, ...], key: str, mmu_gather: str) -> Cell:
    """Return the name of a scenario, which opens it in the explorer if a link can hold it."""
    known = shipped().get(name)
    made = scenario("; ".join(op.short() for op in ops), key, mmu_gather=mmu_gather)
    if known is not None and known.ops == ops:
        made = replace(known, kernels=(key,), mmu_gather=mmu_gather, at=None)
    try:
        return Cell(name, share.query(made))
    except DocumentError:
        return Cell(name)


def cost_name(name: str) -> str:
    """Return what a cost is called."""
    return COSTS[name].words
