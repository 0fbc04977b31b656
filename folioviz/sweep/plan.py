"""What a sweep is to do: its cells, in their order."""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from folioviz import kernels as registry
from folioviz.errors import DocumentError, LimitError, shown
from folioviz.machine.costs import COSTS
from folioviz.sweep.source import numbers, source
from folioviz.sweep.template import DERIVED, PLACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FunctionType, ModuleType

    from folioviz.files.scenario import Scenario
    from folioviz.sweep.source import Source

MAX_CELLS: Final = 100_000
EVERY: Final = "all"
"""Stands for every kernel."""
WHERE: Final = ("scenario", "kernel", "mmu_gather", "patches")
"""The columns that say what a cell is, before its parameters."""
TOTAL: Final = "total_"
"""How the columns begin that have the costs of all operations."""
STATUS: Final = "status"
FOUND: Final = (
    STATUS,
    *COSTS,
    *(TOTAL + name for name in COSTS),
    *("queue_length", "partially_mapped", "bugs", "law", "verdict", "error", "operations"),
)
"""The columns behind the parameters: what came of a cell."""
TEXT: Final = {*WHERE, STATUS, "bugs", "law", "verdict", "error", "operations"}
"""The columns that hold text, "" for none; all others hold whole numbers, or None where there is none."""


class Cell(NamedTuple):
    """One run of operations.

    Attributes:
        scenario: what they are called.
        kernel: a kernel's key.
        mmu_gather: "batched" or "none".
        parameters: name and value of each, all that the sweep has; None where the operations do not have it.
        lines: the operations (:mod:`folioviz.sweep.template`).
        patches: the reader's own functions, pickled, or b"".
        patched: what they are called.
    """

    scenario: str
    kernel: str
    mmu_gather: str
    parameters: tuple[tuple[str, int | None], ...]
    lines: tuple[str, ...]
    patches: bytes
    patched: str

    @property
    def where(self) -> dict[str, Any]:
        """Return the columns that say what the cell is."""
        said = (self.scenario, self.kernel, self.mmu_gather, self.patched)
        return dict(zip(WHERE, said, strict=True)) | dict(self.parameters)


class Plan(NamedTuple):
    """All cells in their order, and the names of the columns of their rows."""

    cells: tuple[Cell, ...]
    columns: tuple[str, ...]


def plan(
    scenarios: str | Scenario | Iterable[str | Scenario],
    kernels: str | Iterable[str] = (),
    mmu_gather: str | Iterable[str] = (),
    parameters: Mapping[str, Any] | None = None,
    patches: Sequence[FunctionType | ModuleType] = (),
) -> Plan:
    """Return the cells: by scenario, then kernel, mode, and parameters, of which the last one changes fastest.

    Args:
        scenarios: one or several of what :func:`folioviz.sweep.source.source` reads.
        kernels: keys or aliases, ``all`` for every kernel; none for the scenario's own.
        mmu_gather: modes; none for the scenario's own.
        parameters: name -> values, as :func:`folioviz.sweep.source.numbers` reads them.
        patches: functions that replace kernel functions.

    Raises:
        DocumentError: for a parameter without a value, or one that no operation has.
        KernelError: for an unknown kernel or mode, or a patch that replaces no kernel function.
        LimitError: if there are too many cells.
    """
    sources = _apart([source(what) for what in _each(scenarios)])
    given = {name: numbers(name, values) for name, values in (parameters or {}).items()}
    order = _order(sources, given)
    keys, modes = _keys(kernels), _modes(mmu_gather)
    code = _pickled(patches) if patches else b""
    said = " ".join(f"{one.__name__}@{_digest(one)}" for one in patches)
    parts = [
        (keys or each.kernels, modes or (each.mmu_gather,), tuple(_choices(each, given, order)))
        for each in sources
    ]
    total = sum(len(own) * len(ways) * math.prod(map(len, choices)) for own, ways, choices in parts)
    if not 1 <= total <= MAX_CELLS:
        raise LimitError.of("the number of cells", total, f"1 to {MAX_CELLS}")
    for key, mode in {pair for own, ways, _ in parts for pair in product(own, ways)}:
        registry.link(key, mode, *patches)
    cells = [
        Cell(each.name, key, mode, tuple(zip(order, values, strict=True)), each.lines, code, said)
        for each, (own, ways, choices) in zip(sources, parts, strict=True)
        for key, mode, values in product(own, ways, product(*choices))
    ]
    return Plan(tuple(cells), (*WHERE, *order, *FOUND))


def _each(scenarios: str | Scenario | Iterable[str | Scenario]) -> Iterable[str | Scenario]:
    """Return one or several as several."""
    several = isinstance(scenarios, Iterable) and not isinstance(scenarios, str)
    return cast("Iterable[str | Scenario]", scenarios if several else [scenarios])


def _apart(sources: Iterable[Source]) -> list[Source]:
    """Return sources with names that differ: a second one of a name gets a number."""
    found: dict[str, Source] = {}
    for each in sources:
        name = each.name
        while name in found:
            name = f"{each.name}-{len(found) + 1}"
        found[name] = each._replace(name=name)
    return [*found.values()]


def _order(sources: Iterable[Source], given: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return all parameters: those that were given first, as they were given."""
    needed = dict.fromkeys(name for each in sources for name in (*each.values, *sorted(each.needs)))
    for name in dict.fromkeys([*given, *needed]):
        if name in {*WHERE, *FOUND, *DERIVED, PLACE, "x"}:
            raise DocumentError(f"no parameter can be called {shown(name)}: the name has a meaning")
        if name not in needed:
            raise DocumentError(
                f"no operation has the parameter {{{name}}}: leave it out, or write it in braces"
            )
    return [*dict.fromkeys([*given, *needed])]


def _choices(
    each: Source, given: Mapping[str, tuple[int, ...]], order: Iterable[str]
) -> Iterator[tuple[int | None, ...]]:
    """Yield the values of each parameter that a source has; (None,) if it does not have it."""
    for name in order:
        values = given.get(name) or each.values.get(name)
        if name in each.needs and not values:
            raise DocumentError(f"the parameter {{{name}}} of {each.name} has no values: give it some")
        yield values if name in each.needs and values else (None,)


def _keys(kernels: str | Iterable[str]) -> tuple[str, ...]:
    """Return kernels' keys, each once."""
    named = [kernels] if isinstance(kernels, str) else kernels
    found = [registry.KERNELS if name == EVERY else [registry.find(name).key] for name in named]
    return tuple(dict.fromkeys(key for keys in found for key in keys))


def _modes(mmu_gather: str | Iterable[str]) -> tuple[str, ...]:
    """Return the modes, each once."""
    return tuple(dict.fromkeys([mmu_gather] if isinstance(mmu_gather, str) else mmu_gather))


def _digest(patch: FunctionType | ModuleType) -> str:
    """Return some letters that change with what a patch does."""
    try:
        text = inspect.getsource(patch)
    except (OSError, TypeError):  # made by exec()
        code = getattr(patch, "__code__", None)
        text = repr((code.co_code, code.co_consts, code.co_names)) if code else ""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _pickled(patches: Sequence[FunctionType | ModuleType]) -> bytes:
    """Return functions as bytes that another process can load, those of a notebook's cell, too."""
    import cloudpickle

    return bytes(cloudpickle.dumps(tuple(patches)))
