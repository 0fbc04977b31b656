"""The programs of examples/ in numbers: what each loses, by kernel and by advice, and what gives it back."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, PAGE_SHIFT
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import queue
from folioviz.proc.node import totals
from folioviz.readout import state
from folioviz.stories.parts.comers import OLDEST, TODAY, ground
from folioviz.stories.parts.parts import Cell, Table, bare
from folioviz.stories.parts.pieces import label, linked, ran
from folioviz.stories.parts.programs import OTHER, OWN, PROGRAMS, SIZES, THEN, text
from folioviz.stories.parts.programs_seen import had
from folioviz.stories.parts.results import long, told
from folioviz.stories.parts.standing import called

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Rows, Values

COMPARED: Final = (OLDEST, "v6.8", "v6.12", TODAY)
NO_SUCH: Final = "–"
COMERS: Final = {**THEN, "khugepaged": "khugepaged", "both": "the shrinker, then khugepaged"}
AFTER: Final = "khugepaged 1"
REMOVES: Final = ("page_remove_rmap", "folio_remove_rmap_ptes", "folio_remove_rmap_pmd")
QUEUES: Final = ("deferred_split_huge_page", "deferred_split_folio")


class Amount(NamedTuple):
    """What some operations come to, in pages: what processes map, what folios hold, and how many folios are queued.

    ``mapped`` counts what several map for each, as Rss does; ``lost`` is what is held and nobody maps.
    """

    mapped: int
    held: int
    lost: int
    queued: int


@lru_cache(maxsize=1024)
def amount(line: str, key: str) -> Amount | None:
    """Return what some operations come to under a kernel, computed once; None if it refuses one of them."""
    return computed(line, key)


def computed(line: str, key: str) -> Amount | None:
    """Return what some operations come to under a kernel; None if it refuses one of them."""
    here = ground(key)
    here.reset()
    if not all(map(here.does, parse_line(line))):
        return None
    sums = totals(here.machine)
    mapped = sum(one.rss for one in state.processes(here.machine))
    return Amount(mapped, sums.held, sums.lost, len(queue(here.machine)))


def memory(pages: int) -> str:
    """Return pages as memory."""
    kib = pages << PAGE_SHIFT >> 10
    return f"{kib / 1024:.4g} MiB" if kib >= 1024 else f"{kib} KiB" if kib else "0"


def lost(found: Amount, line: str, key: str, times: int = 1) -> Cell:
    """Return what is held and mapped by nobody, as a link; red if there is any."""
    return linked(memory(found.lost * times), line, key, mark="bad" if found.lost else "good")


def row(line: str, key: str, times: int = 1) -> tuple[object, ...]:
    """Return what is mapped, held, mapped by nobody and queued; and then, once the shrinker has run."""
    short = f"{line}; shrink {HPAGE_PMD_NR}"
    was, now = amount(line, key), amount(short, key)
    if was is None or now is None:
        return (NO_SUCH,) * 5
    mapped, held = (memory(pages * times) for pages in (was.mapped, was.held))
    return mapped, held, lost(was, line, key, times), was.queued * times, lost(now, short, key, times)


HEADS: Final = ("mapped", "held", "mapped by nobody", "folios queued", "after the shrinker")
"""What :func:`row` returns; the last is what is held and mapped by nobody then."""


def whole(values: Values) -> Table:
    """Return what all of the chosen program comes to at its end, by kernel."""
    program = PROGRAMS[values["program"]]
    line = text(program.key, values["size"], values["way"])
    return Table(
        f"All of {program.key}.py at its end, kernel by kernel",
        ("kernel", *HEADS),
        tuple((label(key), *row(line, key, program.blocks)) for key in COMPARED),
        f"Computed by the model, now: 2 MiB of it, times {program.blocks}. The last column is what is mapped by nobody "
        "once the shrinker has run. Since v6.12 a huge page is queued by its fault already: that is no sign of loss.",
        told(3, what="mapped by nobody, "),
    )


@lru_cache(maxsize=256)
def work(line: str, key: str) -> tuple[int, ...] | None:
    """Return what some operations take: PMDs split, calls that unmap, calls for the queue, joins of it, its lock."""
    if amount(line, key) is None:
        return None
    lab = ran(line, key)
    calls, costs = called(lab, 0, lab.cursor), lab.costs()
    unmap, queued = (sum(calls.get(name, 0) for name in names) for names in (REMOVES, QUEUES))
    return calls.get("__split_huge_pmd", 0), unmap, queued, costs["qadd"], costs["sqlock"]


def by_kernel(values: Values) -> Table:
    """Return what the chosen program's calls take, by kernel."""
    line = text(values["program"], values["size"], values["way"])
    rows = []
    for key in COMPARED:
        took = work(line, key)
        rows.append((label(key), *([NO_SUCH] * 5 if took is None else took)))
    heads = (
        "PMDs split",
        "rmap removals called",
        "deferred split called",
        "queued",
        "split_queue_lock taken",
    )
    return Table(
        f"{values['program']}.py: the same loss, by other ways",
        ("kernel", *heads),
        tuple(rows),
        "Computed by the model, now, of 2 MiB of the program, from its first fault to its end. v6.1 calls "
        "page_remove_rmap() and deferred_split_huge_page() page by page; since v6.9 folio_remove_rmap_ptes() takes "
        "neighbours at once.",
        told(2, what="rmap removals, "),
    )


def less(values: Values) -> Table:
    """Return what the chosen program loses under kernel A, by other advice and by other sizes of folios."""
    program, key = PROGRAMS[values["program"]], values["a"]
    ways = [
        ("as it does", HPAGE_PMD_ORDER, OWN),
        (program.other, HPAGE_PMD_ORDER, OTHER),
        *((f"folios of {SIZES[order]}", order, OWN) for order in SIZES if order < HPAGE_PMD_ORDER),
    ]
    return Table(
        f"{program.key}.py: what would lose less, under {label(key)}",
        ("what is different", *HEADS),
        tuple((name, *row(text(program.key, order, way), key)) for name, order, way in ways),
        f"Computed by the model, now, of 2 MiB of the program. {NO_SUCH}: the kernel has no such folios or advice.",
        long("way"),
    )


def comes(values: Values) -> Table:
    """Return what becomes of the chosen program's memory under kernel A, by who comes."""
    program, key, rows = values["program"], values["a"], []
    own = text(program, values["size"], values["way"])
    for then, name in COMERS.items():
        line = text(program, values["size"], values["way"], then) if then in THEN else f"enabled 9 1; {own}"
        line += {"khugepaged": f"; {AFTER}", "both": f"; shrink {HPAGE_PMD_NR}; {AFTER}"}.get(then, "")
        rows.append((name, *row(line, key)[: len(HEADS) - 1]))
    return Table(
        f"{program}.py: who comes then, under {label(key)}",
        ("who comes", *HEADS[:-1]),
        tuple(rows),
        "Computed by the model, now, of 2 MiB of the program. khugepaged copies what is mapped to a new huge page and "
        "fills the rest with zeros: then nothing is held in vain, for all of it is mapped. It takes no 2 MiB that are "
        "of two VMAs, as those of a stack with a PROT_NONE guard zone are.",
        long("comer"),
    )


def running() -> Table:
    """Return what the programs had on a running kernel, beside what the model has."""
    rows = []
    for key, program in PROGRAMS.items():
        seen = had(key)
        mapped, _, nobody, queued, _ = row(text(key), TODAY, program.blocks)
        rows.append(
            (f"{key}.py", memory(seen.mapped), memory(seen.held), seen.partial, mapped, nobody, queued)
        )
    release = had(next(iter(PROGRAMS))).release
    return Table(
        "What a running kernel had, and what the model has",
        (
            "program",
            f"{release}: mapped",
            "by nobody",
            "folios",
            f"{label(TODAY)}: mapped",
            "by nobody",
            "folios",
        ),
        tuple(rows),
        f"Linux {release}: captured where the program waits, with folioviz capture; its folios are those that are "
        "mapped in part. The model: computed, now; its folios are those that are queued.",
        agrees,
    )


def agrees(rows: Rows) -> str:
    """Return of how many programs the model has what the kernel had."""
    same = sum([*map(bare, one[1:4])] == [*map(bare, one[4:7])] for one in rows)
    return f"the same for {same} of {len(rows)}"
