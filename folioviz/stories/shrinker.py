"""When do dropped pages go back? It splits what it can; the rest goes back to the tail, reversed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.machine.memory import THP_SPLIT_PAGE_FAILED
from folioviz.readout import state
from folioviz.readout.attempts import attempts
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import (
    FIRST,
    SERIES,
    V4,
    kernel,
    label,
    linked,
    order,
    ran,
    side_by_side,
)
from folioviz.stories.parts.reports import CADVISOR
from folioviz.stories.parts.results import told

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Values

STATES = (
    ("half unmapped", "half"),
    ("half unmapped, pinned", "pinned"),
    ("all unmapped, pinned", "gone"),
    ("untouched", "whole"),
)
FOLIOS = ("one", "two", "three")
RUNS = 3
NOTE = "Computed by the model, now. In the model every trylock and every folio_try_get() succeeds."


class Run(NamedTuple):
    """One run of the shrinker.

    Attributes:
        before, after: ids of the folios on the queue.
        tried: (folio id, what came of it), in order.
        freed: pages given back.
        failed: how far THP_SPLIT_PAGE_FAILED rises.
        result: what deferred_split_scan() returns.
    """

    before: tuple[int, ...]
    tried: tuple[tuple[int, str], ...]
    after: tuple[int, ...]
    freed: int
    failed: int
    result: int


def setup(values: Values) -> str:
    """Return the operations before the shrinker: three folios, and what happens to each."""
    size = 1 << values["order"]
    parts = [f"mm; mmap 1 0 {max(64, 3 * size)}"]
    parts += [f"fault 1 {place * size} {values['order']}" for place in range(3)]
    for place, name in enumerate(FOLIOS):
        what = values[name]
        if what in {"pinned", "gone"}:
            parts.append(f"get {place + 1}")
        if what != "whole":
            parts.append(f"dontneed 1 {place * size} {size if what == 'gone' else size // 2}")
    return "; ".join(parts)


def ops(values: Values, runs: int = 1) -> str:
    """Return the operations, with as many runs of the shrinker as are chosen."""
    return "; ".join([setup(values), *[f"shrink {values['scan']}"] * runs])


make = side_by_side(ops)


@lru_cache(maxsize=64)
def runs_of(text: str, key: str) -> tuple[Run, ...]:
    """Return what each run of the shrinker at the end of some operations does."""
    lab = ran(text, key)
    found = []
    for run in [one for one in lab.applied if one.op.word == "shrink"]:
        ends = []
        for row in (run.start, run.end):
            lab.seek(row)
            folios = [one for one in state.folios(lab.machine) if one.queue_place]
            queue = tuple(one.id for one in sorted(folios, key=lambda one: one.queue_place))
            ends.append((queue, int(lab.machine.vm_event[THP_SPLIT_PAGE_FAILED])))
        made = attempts(lab.linked.names, lab.journal[run.start : run.end])
        tried = tuple((one.folio, f"−{one.error}" if one.error else "split") for one in made)
        freed = lab.costs(run.start, run.end)["pfree"]
        found.append(Run(ends[0][0], tried, ends[1][0], freed, ends[1][1] - ends[0][1], run.result))
    return tuple(found)


def listed(folios: tuple[int, ...]) -> str:
    """Return folio ids as text."""
    return ", ".join(map(str, folios)) or "empty"


def achieved(run: Run) -> str:
    """Return what a run has achieved."""
    return f"{run.freed} pages back, {run.failed} failed"


PUBLISHED = Table(
    "What operators saw: memory mapped, and memory charged",
    ("report", "mapped", "charged", "charged after splitting"),
    (
        (
            CADVISOR.source,
            f"total_rss {CADVISOR.stat['total_rss']:,}",
            f"usage_in_bytes {CADVISOR.usage:,}; total_inactive_anon {CADVISOR.stat['total_inactive_anon']:,}",
            f"usage_in_bytes {CADVISOR.usage_split:,}",
        ),
        ("a Go program in a pod", "smaps Anonymous 203.8 MiB", "active_anon 385.6 MiB", "not split"),
    ),
    f"Published, not computed. {CADVISOR.source}, in bytes: {CADVISOR.cited} "
    "Go: “What a family provider pod actually costs”, The Crossplane Authors, undated, repeated baseline run, kernel "
    "6.12.76, with thp_deferred_split_page at 952 and thp_split_page at 0.",
    told(2, slice(1, None)),
)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what one run does under each kernel, and whether more runs help."""
    text, rows, again = ops(values), [], []
    for key in SERIES:
        runs = runs_of(ops(values, RUNS), key)
        one = runs[0]
        tried = ", ".join(f"{folio}: {what}" for folio, what in one.tried) or "none"
        rows.append(
            (
                label(key),
                listed(one.before),
                linked(tried, text, key),
                listed(one.after),
                one.freed,
                "SHRINK_STOP" if one.result < 0 else one.result,
            )
        )
        again.append((label(key), *(achieved(run) for run in runs)))
    first = Table(
        f"One run of the shrinker over up to {values['scan']} folios",
        ("kernel", "queue before", "tried, in this order", "queue after", "pages given back", "returns"),
        tuple(rows),
        NOTE,
    )
    names = [f"run {run}" for run in range(1, RUNS + 1)]
    last = told(-1, slice(-1, None), f"{names[-1]}, ")
    second = Table("Does it help to run it again?", ("kernel", *names), tuple(again), NOTE, last)
    return first, second, PUBLISHED


def answer() -> tuple[int, str]:
    """Return how many pages come back when half a folio is dropped, and how many when the shrinker has been there."""
    text = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 8"
    lab = ran(text, V4)
    freed = lab.costs(lab.applied[-1].start, lab.applied[-1].end)["pfree"]
    [folio] = state.folios(lab.machine)
    [run] = runs_of(f"{text}; shrink 1", V4)
    right = {0: 0, 8: 1}.get(freed, 2)
    return right, (
        f"MADV_DONTNEED gives back {freed} pages: a folio is freed as a whole or not at all, and {folio.pages_mapped} "
        f"of its {folio.mapcount.size} pages are still mapped. It waits on the queue. Once the shrinker splits it, "
        f"{run.freed} pages go back."
    )


def folio_choice(number: int, name: str, value: str) -> Choice:
    """Return the choice of what has happened to a folio."""
    return Choice(
        name, f"folio {number}", STATES, value, "what happens to the folio before the shrinker runs"
    )


STORY = Story(
    "shrinker",
    make,
    (
        kernel("a", FIRST),
        kernel("b", V4, none=True),
        folio_choice(1, "one", "half"),
        folio_choice(2, "two", "pinned"),
        folio_choice(3, "three", "gone"),
        order(4, 2, 9),
        Choice(
            "scan",
            "scan up to",
            tuple((f"{number} folio{'s' if number > 1 else ''}", number) for number in (1, 2, 3)),
            3,
            "nr_to_scan",
        ),
    ),
    Question(
        "A process drops half of a 64 KiB folio with MADV_DONTNEED. With the v4 series the folio is queued. How many "
        "pages go back to the system at once?",
        ("none", "the eight that were dropped", "all sixteen, after eight are copied"),
        answer,
        case={"a": V4, "b": "none", "two": "whole", "three": "whole"},
        asked=2,
        hints=("folio",),
    ),
    numbers,
    left=("memory", "folios", "transport"),
    right=("queue", "trace"),
    actions=("put", "shrink"),
    notice="left",
)
