"""How many TLB flushes does v4 make? One per batch: a count is decremented before it is compared."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import (
    BASE,
    FIRST,
    SECOND,
    V4,
    cost_name,
    kernel,
    label,
    linked,
    order,
    side_by_side,
)
from folioviz.stories.parts.results import ends
from folioviz.stories.parts.tally import tally

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Values

V3, FULL, FIX = "v6.5-rc3+v3", "v6.5-rc3+v4full", "v6.5-rc3+v4fix"
COUNTED = ("thw", "zround", "sqlock")
ROWS = ((64, 0), (1, 4), (64, 2), (64, 4), (4, 9))
"""(folios, order): what one munmap takes in the second table."""
FOLIOS = Choice("folios", "folios", (("1", 1), ("8", 8), ("64", 64)), 64, "how many folios lie side by side")
CALL = Choice(
    "call",
    "operation",
    (("munmap", "munmap"), ("MADV_DONTNEED", "dontneed"), ("exit", "exit")),
    "munmap",
    "what takes all of them down at once",
)
MEMORY = Choice(
    "memory",
    "gather memory",
    (("enough", "enough"), ("none: full every 8 pages", "none")),
    "enough",
    "whether mmu_gather gets pages for its batches (GFP_NOWAIT)",
)


def ops(folios: int, size: int, call: str = "munmap", memory: str = "enough") -> str:
    """Return the operations: folios side by side, and one call that takes all of them down."""
    pages = folios << size
    faults = "; ".join(f"fault 1 {place << size} {size}" for place in range(folios))
    limit = "glimit 0; " if memory == "none" else ""
    return f"mm; mmap 1 0 {pages}; {limit}{faults}; {call} 1{'' if call == 'exit' else f' 0 {pages}'}"


def chosen(values: Values) -> str:
    """Return the operations that are chosen."""
    return ops(values["folios"], values["order"], values["call"], values["memory"])


make = side_by_side(chosen)


def bugs(names: tuple[str, ...]) -> str:
    """Return bugs as the kernel's assertions."""
    return "; ".join(f"VM_BUG_ON({name.removeprefix('vm_bug:')})" for name in names)


def row(text: str, key: str, least: tuple[int, int]) -> tuple[object, ...]:
    """Return a kernel's row, the counted costs of the last operation, marked against ``least``."""
    found = tally(text, key)
    name = label(key)
    if found.bugs:
        return name, linked(bugs(found.bugs), text, key, mark="bad"), "", ""
    flushes, locks = found.costs["thw"], found.costs["sqlock"]
    return (
        name,
        linked(f"{flushes:,}", text, key, mark="bad" if flushes > least[0] else ""),
        f"{found.costs['zround']:,}",
        linked(f"{locks:,}", text, key, mark="bad" if locks > least[1] else ""),
    )


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what the chosen operation costs on each kernel, then one munmap of several ranges."""
    text = chosen(values)
    base = tally(text, BASE).costs
    least = (base["thw"], base["sqlock"])
    rows = tuple(row(text, key, least) for key in (BASE, FIRST, SECOND, V3, V4, FULL, FIX))
    columns = ("kernel", *map(cost_name, COUNTED))
    note = "Computed by the model, now. Red: more than v6.5-rc3. A number opens its run in the explorer."
    return Table("This operation on each kernel", columns, rows, note), ranges()


@cache
def ranges() -> Table:
    """Return the counted costs of one munmap, per range and kernel."""
    keys = (BASE, FIRST, FULL, V3, V4)
    rows = []
    for folios, size in ROWS:
        text = ops(folios, size)
        cells: list[object] = [f"{folios} × order {size}"]
        for key in keys:
            costs = tally(text, key).costs
            shown = " / ".join(str(costs[name]) for name in COUNTED)
            cells.append(linked(shown, text, key))
        rows.append(tuple(cells))
    names = (label(key).removesuffix(" (never posted)") for key in keys)
    return Table(
        f"One munmap: {' / '.join(map(cost_name, COUNTED))}",
        ("range", *names),
        tuple(rows),
        "Computed by the model, now. The order-9 folios are mapped by PTEs.",
        ends(len(keys), f"{label(V4)}, "),
    )


def answer() -> tuple[int, str]:
    """Return how many flushes v4 makes for 64 folios, and why."""
    text = ops(64, 4)
    costs, base = tally(text, V4).costs, tally(text, BASE).costs
    more = costs["thw"] - costs["tforce"]
    full = f"only {costs['tfull']} times full" if costs["tfull"] else "never full"
    options = STORY.question.options if STORY.question else ()
    return options.index(str(costs["thw"])), (
        f"zap_pte_range() stops for a flush after each of the {costs['tforce']} batches, although the mmu_gather was "
        f"{full}; {more} more comes at the end, for the freed page tables: {costs['thw']}. "
        f"v6.5-rc3 executes {base['thw']}."
    )


STORY = Story(
    "flushes",
    make,
    (kernel("a", V4), kernel("b", FULL, none=True), FOLIOS, order(4, 0, 4), CALL, MEMORY),
    Question(
        "One munmap takes 64 order-4 folios down, each mapped once. How many TLB flushes does v4 execute?",
        ("1", "2", "64", "65"),
        answer,
    ),
    numbers,
    left=("flushes", "transport"),
    right=("trace",),
    notice="left",
)
