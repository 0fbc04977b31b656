"""From 3n to 2: what every kernel does to unmap one folio, and which of them queue it for nothing."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from folioviz import kernels
from folioviz.kernels.kernel import ERAS
from folioviz.readout.words import count, times
from folioviz.stories.parts.parts import Cell, Choice, Question, Story, Table
from folioviz.stories.parts.pieces import (
    BASE,
    WHO,
    cost_name,
    kernel,
    label,
    linked,
    order,
    ran,
    side_by_side,
)
from folioviz.stories.parts.results import ends, long
from folioviz.stories.parts.unmapping import NOTHING, PARTS, VISITS, Unmapped, formula, text, unmapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.stories.parts.parts import Values

Row = TypeVar("Row", bound=tuple[int, ...])
KERNELS = tuple(kernels.KERNELS)
RELEASED = tuple(
    key for key, one in kernels.KERNELS.items() if one.era in {"mTHP", "today"} and "+" not in key
)
RANGE = Choice(
    "range",
    "munmap of",
    (("the whole folio", "whole"), ("its first half", "half")),
    "whole",
    "how much of the folio one munmap covers",
)
NONE = "no such folio"
BORN = "mm; mmap 1 0 512; faultpmd 1 0"


def ops(values: Values) -> str:
    """Return the operations: a folio mapped by PTEs, perhaps a fork, and one munmap of what is chosen of it."""
    return text(values["order"], pages(values), values["who"])


def pages(values: Values) -> int:
    """Return how many pages the munmap covers."""
    whole: int = 1 << values["order"]
    return whole // 2 if values["range"] == "half" else whole


make = side_by_side(ops)


def eras() -> dict[str, tuple[str, ...]]:
    """Return the kernels of each era, oldest first, by what the era is called."""
    found = {
        name: tuple(key for key in KERNELS if kernels.KERNELS[key].era == era) for era, name in ERAS.items()
    }
    return {name: keys for name, keys in found.items() if keys}


def short(key: str) -> str:
    """Return it without what its era says already."""
    return label(key).removesuffix(" (never posted)")


def shown(one: Unmapped, value: object, query: str, key: str, mark: str = "") -> Cell:
    """Return a value that opens its scenario, or why there is none."""
    if one.refused:
        return Cell("–")
    return linked("BUG", query, key, mark="bad") if one.bugs else linked(value, query, key, mark=mark)


def outcome(values: Values) -> Table:
    """Return what this munmap comes to under every kernel."""
    rows, query = [], ops(values)
    for key in KERNELS:
        one = unmapped(query, key)
        said, mark = (NONE, "") if one.refused else VISITS[one.visit]
        if one.bugs:
            said, mark = "VM_BUG_ON", "bad"
        get = one.costs.get
        rows.append(
            (
                label(key),
                shown(one, f"{one.atomics:,}" if one.counted else "", query, key),
                Cell("–" if one.refused else formula(key, values["who"])),
                shown(one, get("sqlock"), query, key, "bad" if one.visit == NOTHING else ""),
                Cell(said, mark=mark),
                shown(one, one.events, query, key),
                shown(one, get("thw"), query, key),
            )
        )
    columns = (
        "kernel",
        "atomics",
        "for n pages",
        cost_name("sqlock"),
        "the queue",
        "events",
        cost_name("thw"),
    )
    return Table(
        f"One munmap of {pages(values)} pages of an order-{values['order']} folio",
        columns,
        tuple(rows),
        "Computed by the model, now; the formula is the line through munmaps of 16 and of 32 pages. Atomics: on "
        "mapcounts, on the folio’s counts and on its refcount; not those on split_queue_lock, of flags and of page "
        "tables. Events: thp_deferred_split_page, from v6.10 on split_deferred of every size. No kernel before v6.8 "
        "has anonymous folios of orders 1 to 8, none has order 1: v6.1 refuses them here; v6.5-rc3 and the patches, "
        "which were written for them, are shown with them.",
    )


def alike(found: Iterable[tuple[str, Row]]) -> list[tuple[str, str, Row]]:
    """Return neighbours of which the same is found as one: (what they are called, the last of them, it)."""
    rows = []
    for row, group in groupby(found, key=itemgetter(1)):
        keys = [key for key, _ in group]
        name = label(keys[0]) if len(keys) == 1 else f"{short(keys[0])} to {short(keys[-1])}"
        rows.append((name, keys[-1], row))
    return rows


def split_up(values: Values) -> Table:
    """Return where the atomics are."""
    query = ops(values)
    found = [(key, unmapped(query, key)) for key in KERNELS]
    counted = [(key, (*one.parts.values(), one.atomics)) for key, one in found if one.counted]
    rows = tuple((name, *(f"{number:,}" for number in row)) for name, _, row in alike(counted))
    names = (name for name, _ in PARTS.values())
    return Table("Where the atomics are", ("kernel", *names, "together"), rows, result=ends(-1))


@lru_cache(maxsize=32)
def birth(key: str) -> tuple[int, int]:
    """Return how often split_queue_lock is taken for a PMD-mapped folio: at its fault, and at its munmap."""
    lab = ran(f"{BORN}; munmap 1 0 512", key)
    fault, end = (lab.costs(one.start, one.end)["sqlock"] for one in lab.applied[-2:])
    return fault, end


def births() -> Table:
    """Return what a 2 MiB folio costs of split_queue_lock that lives, and is never split."""
    rows = tuple(
        (
            name,
            linked(fault, BORN, key, mark="bad" if fault else ""),
            linked(end, f"{BORN}; munmap 1 0 512", key, mark="bad" if end else ""),
        )
        for name, key, (fault, end) in alike((key, birth(key)) for key in KERNELS)
    )
    return Table(
        f"A 2 MiB folio that stays mapped by its PMD: {cost_name('sqlock')}",
        ("kernel", "at the fault", "at the munmap"),
        rows,
        "Computed by the model, now. v6.1 takes split_queue_lock before it looks for a link; since v6.12 the "
        "folio is queued when it is faulted in, so that the shrinker can tell whether it is underused (story 14).",
        ends(1, "at the fault, "),
    )


RECORDED = Table(
    "Recorded on running kernels: munmap of a 2 MiB folio mapped by 512 PTEs",
    ("kernel", "rmap removals", "calls for the queue", cost_name("sqlock"), "thp_deferred_split_page"),
    (
        ("Debian 6.1.192", 512, 512, 2, 1),
        ("Debian 6.12.117", 1, 0, 1, 0),
        ("Debian 6.16.12 to 7.3.4", 1, 0, 1, 0),
    ),
    "Recorded, not computed: kernels in an emulator, Nov 2026, scenario d9_pte_munmap of the recordings; the model’s "
    "v6.1, v6.12 and v7.3 give the same numbers. No kernel between 6.2 and 6.11 could be run.",
    ends(1, "rmap removals, "),
)


def proofs() -> Table:
    """Return how each kernel is known to be right."""
    by_proof: dict[str, list[str]] = {}
    for key in KERNELS:
        by_proof.setdefault(kernels.KERNELS[key].proof, []).append(label(key))
    rows = tuple(("; ".join(names), proof) for proof, names in by_proof.items())
    return Table(
        "How the model’s kernels are known",
        ("kernels", "compared with"),
        rows,
        "From the registry of kernels.",
        long("way"),
    )


def numbers(values: Values) -> tuple[Table, ...]:
    """Return this munmap under every kernel, where its atomics are, births on the queue, and how all this is known."""
    return outcome(values), split_up(values), births(), RECORDED, proofs()


def answer() -> tuple[int, str]:
    """Return which released kernel is the first that does not queue a folio that goes as a whole, and why."""
    query = text(4, 16)
    found = {key: unmapped(query, key) for key in RELEASED}
    first = next(key for key, one in found.items() if one.visit != NOTHING)
    before = [
        f"{label(key)} {times(one.costs['sqlock'])}" for key, one in found.items() if one.visit == NOTHING
    ]
    return RELEASED.index(first), (
        f"For a whole order-4 folio split_queue_lock is taken by {' and by '.join(before)}: whatever lost a page was "
        f"queued, although v6.9 takes all 16 PTEs down in one run. {label(first)} takes it "
        f"{count(found[first].costs['sqlock'], 'time')}: it asks again what v4 2/3 had asked, whether anything is "
        "still mapped."
    )


STORY = Story(
    "from-3n-to-2",
    make,
    (order(9, low=1), RANGE, WHO, kernel("a", BASE, KERNELS), kernel("b", "v7.3", KERNELS, none=True)),
    Question(
        "The series of July 2023 does not queue a folio that one munmap takes away as a whole. It was not merged. "
        "Which release is the first that does not queue such a folio either?",
        tuple(map(label, RELEASED)),
        answer,
        case={"order": 4},
    ),
    numbers,
    left=("unmap_bars", "transport", "shares", "unmap_orders"),
    right=("costs", "queue"),
)
