"""Who may reuse the folio after fork? Copy or write in place, from v6.1 to v7.3, and what it costs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from folioviz import kernels
from folioviz.lab import Lab
from folioviz.machine import journal as j
from folioviz.ops.ops import parse_line
from folioviz.readout import explain, state
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import kernel, label, linked, side_by_side
from folioviz.stories.parts.results import ends, told

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.stories.parts.parts import Values

TODAY, BEFORE = "v7.3", "v6.12"
GENERATIONS = ("v6.1", "v6.5-rc3", "v6.8", "v6.10", "v6.12", TODAY, "v7.3+no-page-mapcount")
PAGES = 16
"""So many pages are shared; of a 2 MiB folio that is mapped by PTEs, the others are dropped before the fork."""
KINDS = {
    "pte": "an order-4 folio",
    "part": "16 pages of a 2 MiB folio",
    "one": "1 page of an order-4 folio",
    "pmd": "2 MiB, by PMDs",
    "late": "2 MiB, PMD split late",
}
BEGIN = {
    "pte": "fault 1 0 4",
    "part": f"faultpmd 1 0; dontneed 1 {PAGES} {512 - PAGES}",
    "one": f"fault 1 0 4; dontneed 1 1 {PAGES - 1}",
    "page": "faultpmd 1 0; dontneed 1 1 511",
    "pmd": "faultpmd 1 0",
    "late": "faultpmd 1 0",
}
INSTEAD = {"pte": "part", "one": "page"}
"""Kind -> what comes nearest to it in a kernel that has 2 MiB folios only."""
EXITS = {"all": "all the others", "some": "all but one", "none": "nobody"}
WRITES = {"first": "its first page", "last": "its last page", "every": "every page, in turn"}
NAMES = {1: "parent", 2: "child", 3: "grandchild"}


class Outcome(NamedTuple):
    """What the writes lead to.

    Attributes:
        first: "copied" or "in place": the first write; "" if nobody writes.
        copied: pages copied.
        reused: faults answered in place.
        allocated: pages that the writes have allocated.
        held: pages that all folios hold in the end.
        place: where the shared folio is in the end: "freed", "not queued", "on the queue" or "queued at birth".
    """

    first: str = ""
    copied: int = 0
    reused: int = 0
    allocated: int = 0
    held: int = 0
    place: str = ""


def writer(values: Values) -> int:
    """Return which process writes: the parent, or the youngest."""
    number: int = 1 if values["writer"] == "parent" else values["processes"]
    return number


def leavers(values: Values) -> list[int]:
    """Return which processes exit before that, oldest first."""
    others = [mm for mm in range(1, values["processes"] + 1) if mm != writer(values)]
    return {"all": others, "some": others[: len(others) - 1], "none": []}[values["exits"]]


def written(values: Values) -> list[int]:
    """Return the pages that are written, in order."""
    if values["kind"] in ("one", "page"):
        return [0]
    return {"first": [0], "last": [PAGES - 1], "every": list(range(PAGES))}[values["writes"]]


def shared(values: Values) -> str:
    """Return the operations up to the writes: a folio, forks, exits."""
    parts = [f"mm; mmap 1 0 512; {BEGIN[values['kind']]}"]
    parts += [f"fork {mm}" for mm in range(1, values["processes"])]
    parts += [f"exit {mm}" for mm in leavers(values)]
    if values["kind"] == "late":
        parts.append(f"splitpmd {writer(values)} 0")
    return "; ".join(parts)


def ops(values: Values) -> str:
    """Return all operations."""
    return "; ".join([shared(values), *(f"write {writer(values)} {page}" for page in written(values))])


make = side_by_side(ops)


@lru_cache(maxsize=1024)
def outcome(text: str, key: str) -> Outcome:
    """Return what the writes at the end of a text lead to under a kernel."""
    lab = Lab(key)
    start = -1
    for op in parse_line(text):
        if op.word == "write" and start < 0:
            start = lab.cursor
        lab.apply(op)
    rows = lab.journal[start:]
    codes = rows[rows[:, 0] == j.WHY, 1]
    copied, reused = np.isin(codes, explain.COPIES), np.isin(codes, explain.REUSES)
    both = np.flatnonzero(copied | reused)
    first = "" if not both.size else "copied" if copied[both[0]] else "in place"
    folios = state.folios(lab.machine)
    return Outcome(
        first,
        int(copied.sum()),
        int(reused.sum()),
        lab.costs(start)["palloc"],
        sum(1 << one.order for one in folios),
        place_of(next((one for one in folios if one.id == 1), None)),
    )


def place_of(folio: Folio | None) -> str:
    """Return where the shared folio is."""
    if folio is None:
        return "freed"
    if not folio.queue_place:
        return "not queued"
    return "queued at birth" if folio.flagged == 0 else "on the queue"


def named(key: str, values: Values | None = None) -> str:
    """Return what a reader calls a kernel, and, if that is so, that its folio is another one."""
    other = values is not None and asked(values, key) != values
    return label(key) + (", 2 MiB" if other else "")


def asked(values: Values, key: str) -> Values:
    """Return what a kernel is asked about: v6.1 has no folio between one page and 2 MiB."""
    kind = values["kind"]
    return values if 4 in kernels.find(key).orders else dict(values) | {"kind": INSTEAD.get(kind, kind)}


def chosen(values: Values) -> Table:
    """Return what is chosen under every kernel."""
    rows = []
    for key in kernels.KERNELS:
        text = ops(asked(values, key))
        found = outcome(text, key)
        mark = {"in place": "good", "copied": "bad"}.get(found.first, "")
        first = linked(found.first or "no fault", text, key, mark=mark)
        numbers = (found.copied, found.reused, found.allocated, found.held)
        rows.append((named(key, values), first, *numbers, found.place))
    columns = (
        "first write",
        "copied",
        "in place",
        "pages allocated",
        "pages held in the end",
        "the folio then",
    )
    return Table(
        f"The {NAMES[writer(values)]} writes {WRITES[values['writes']]}, under each kernel",
        ("kernel", *columns),
        tuple(rows),
        "Computed by the model, now. One fault on a PMD makes all 512 pages writable. v6.1 has no folio between one "
        "page and 2 MiB: as many pages of one of 2 MiB, which is queued once the others are dropped.",
    )


SITUATIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("2 processes", {}),
    ("2 processes, 2 MiB by PMDs", {"kind": "pmd"}),
    ("3 processes, the parent writes", {"processes": 3}),
    ("3 processes, the grandchild writes", {"processes": 3, "writer": "youngest"}),
    ("2 processes, 1 page left", {"kind": "one"}),
    ("2 processes, nobody exits", {"exits": "none"}),
)


def generations() -> Table:
    """Return what every generation does in typical situations: every page is written, all others have exited."""
    base = STORY.values | {"writes": "every"}
    rows = []
    for key in GENERATIONS:
        row: list[object] = [named(key, base)]
        for _, changes in SITUATIONS:
            text = ops(asked(base | changes, key))
            found = outcome(text, key)
            mark = "bad" if found.copied else "good"
            row.append(linked(f"{found.copied} + {found.reused}", text, key, mark=mark))
        rows.append(tuple(row))
    return Table(
        "Every page of an order-4 folio is written once the others are gone: copied + in place",
        ("kernel", *(name for name, _ in SITUATIONS)),
        tuple(rows),
        "Computed by the model, now. The patches of July 2023 change nothing here: all of the series copies as "
        "v6.5-rc3. v6.1: 16 pages of a 2 MiB folio, mapped by PTEs. v6.8 has v6.9’s rule here; as released it still "
        "wrote the last page in place.",
        ends(1, f"{SITUATIONS[0][0]}, "),
    )


RECORDED = Table(
    "Seen on running kernels",
    ("the folio", "6.1.192", "6.12.117", "6.16 to 7.3"),
    (
        ("2 MiB by PTEs, the child gone", "all copied but the last", "all copied", "all in place"),
        ("2 MiB by a PMD, the child gone", "in place", "in place", "in place"),
        ("order 4, only the grandchild left", "–", "no owners kept", "“maybe shared” stays"),
    ),
    "Not computed here. Debian’s kernels, recorded in an emulator for this project; 6.2 to 6.11 were not. The cover "
    "letter of MM owner tracking (3 Mar 2025) reports faults shorter by about 65 % (x86-64) and 54 % (arm64).",
    told(-1, what="6.16 to 7.3, "),
)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what is chosen under every kernel, typical situations, and what running kernels do."""
    return (chosen(values), generations(), RECORDED)


def answer() -> tuple[int, str]:
    """Return how many pages are copied once the child is gone, before owner tracking and with it."""
    text = ops(STORY.values | {"writes": "every"})
    old, new, base = outcome(text, BEFORE), outcome(text, TODAY), outcome(text, "v6.5-rc3")
    right = {(0, 0): 0, (PAGES, 0): 1, (PAGES, PAGES): 3}.get((old.copied, new.copied), 2)
    return right, (
        f"{label(BEFORE)} copies {old.copied}: a page of a large folio that fork has shared is never written in place "
        f"again. {label(TODAY)} copies {new.copied}: it remembers two owners, sees that one of them has all mappings "
        f"and that nobody else holds a reference. v6.5-rc3 copied {base.copied} and wrote {base.reused} in place: the "
        "last, when one reference was left."
    )


STORY = Story(
    "reuse-after-fork",
    make,
    (
        Choice(
            "kind",
            "shared",
            tuple((name, key) for key, name in KINDS.items()),
            "pte",
            "the folio before the fork",
        ),
        Choice(
            "processes", "processes", (("2", 2), ("3", 3)), 2, "a parent, its child, and the child’s child"
        ),
        Choice(
            "exits",
            "exits",
            tuple((name, key) for key, name in EXITS.items()),
            "all",
            "who exits before the write",
        ),
        Choice(
            "writer",
            "writes",
            (("the parent", "parent"), ("the youngest", "youngest")),
            "parent",
            "who writes: process 1, or the last that was forked",
        ),
        Choice(
            "writes",
            "what",
            tuple((name, key) for key, name in WRITES.items()),
            "first",
            "which pages are written",
        ),
        kernel("a", TODAY, kernels.KERNELS),
        kernel("b", BEFORE, kernels.KERNELS, none=True),
    ),
    Question(
        "A child shares a folio of 16 pages, and exits. The parent, alone now, writes to every page. How many "
        "pages are copied?",
        ("v6.12: 0, v7.3: 0", "v6.12: 16, v7.3: 0", "v6.12: 15, v7.3: 0", "v6.12: 16, v7.3: 16"),
        answer,
        case={"writes": "every"},
        asked=PAGES + 1,
    ),
    numbers,
    left=("owners", "lanes", "folios", "transport"),
    right=("memory", "trace"),
    actions=("write", "fork", "exit"),
)
