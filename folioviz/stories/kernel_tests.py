"""What does the kernel's own test ask? Cases of cow.c: what each demands, and who copies for it, and when."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.files import expect
from folioviz.files.scenario import find, replace, selftests
from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.ops.kinds.share import Fork
from folioviz.ops.kinds.write import Read
from folioviz.ops.walk import folio_head
from folioviz.readout import state
from folioviz.readout.words import count
from folioviz.stories.parts.parts import Cell, Choice, Question, Story, Table
from folioviz.stories.parts.pieces import kernel, label, opened
from folioviz.stories.parts.results import long

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Values

OF: Final = "Selftest cow.c: "
CASES: Final = {
    name: one
    for name, one in selftests().items()
    if one.title.startswith(OF) and not any(isinstance(op, Read) for op in one.ops)
}
"""Those in which nothing is read: what is allocated is a copy."""
TODAY, BEFORE = "v7.3", "v6.12"
ASKED: Final = "cow-child-holds"
EVERY: Final = tuple(key for key in KERNELS if all(key in one.kernels for one in CASES.values()))
"""The kernels under which every case can be done."""


class Outcome(NamedTuple):
    """What a case comes to under a kernel.

    Attributes:
        true: per statement whether it is so at the end.
        fork: pages that fork allocates.
        after: pages that what follows the last fork allocates; without a fork, all after the first fault.
    """

    true: tuple[bool, ...]
    fork: int
    after: int


@lru_cache(maxsize=128)
def outcome(name: str, key: str) -> Outcome:
    """Return what a case comes to under a kernel, computed once."""
    return computed(name, key)


def computed(name: str, key: str) -> Outcome:
    """Return what a case comes to under a kernel."""
    one, lab = CASES[name], Lab(key)
    for op in one.ops:
        lab.apply(op)
    allocated = [lab.costs(done.start, done.end)["palloc"] for done in lab.applied]
    forks = [place for place, op in enumerate(one.ops) if isinstance(op, Fork)]
    first = allocated.index(next(pages for pages in allocated if pages))
    return Outcome(
        tuple(expect.parse(text).holds(lab.machine) for text in one.expect),
        sum(allocated[place] for place in forks),
        sum(allocated[(forks[-1] if forks else first) + 1 :]),
    )


def make(values: Values) -> Scenario:
    """Return the case under kernels A and B."""
    keys = tuple(dict.fromkeys(key for key in (values["a"], values["b"]) if key != "none"))
    return replace(find(values["case"]), kernels=keys, step=None)


def called(name: str) -> str:
    """Return what a case is called."""
    return CASES[name].title.removeprefix(OF)


def demanded(values: Values) -> Table:
    """Return the statements of the case, and where they are so."""
    name = values["case"]
    rows = []
    for place, text in enumerate(CASES[name].expect):
        cells = [outcome(name, key).true[place] for key in EVERY]
        told = [Cell("true", mark="good") if true else Cell("not true", mark="bad") for true in cells]
        rows.append((expect.parse(text).words(), *told))
    return Table("What this case demands", ("at the end", *map(label, EVERY)), tuple(rows))


def every() -> Table:
    """Return all cases under today's kernel: what is so, and who allocates."""
    rows = []
    for name, one in CASES.items():
        found = outcome(name, TODAY)
        good = all(found.true)
        said = Cell(f"{sum(found.true)} of {len(found.true)}", mark="good" if good else "bad")
        rows.append((opened_as(name, one), said, found.fork, found.after))
    return Table(
        f"All cases under {label(TODAY)}: how many statements are true, and the pages that were allocated",
        ("case", "true", "by fork", "by writes"),
        tuple(rows),
        "Computed by the model, now. Pages for page tables do not count; without a fork, writes are those after the "
        "first fault.",
        long("case"),
    )


def opened_as(name: str, one: Scenario) -> Cell:
    """Return a case's words, which open it in the explorer."""
    return Cell(called(name), opened(name, one.ops, TODAY, one.mmu_gather).query)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what the case demands, and all cases."""
    return (demanded(values), every())


def answer() -> tuple[int, str]:
    """Return whether the parent's write goes to the page that the child holds, or to a copy."""
    one, lab = CASES[ASKED], Lab(TODAY)
    for op in one.ops[:-1]:
        lab.apply(op)
    (page,) = state.folios(lab.machine)
    before = folio_head(lab.machine, page.id)
    lab.apply(one.ops[-1])
    (process, *_) = state.processes(lab.machine)
    copied = int(process.maps[0, 1]) != before
    kernels = sum(all(outcome(ASKED, key).true) for key in EVERY)
    return (1 if copied else 0), (
        f"{count(page.total_mapcount, 'mapping')}, but {count(page.refcount, 'reference')}: the pipe of the child "
        f"still reads the page. Were it written in place, the child would see it. {kernels} of the {len(EVERY)} "
        "kernels here copy."
    )


STORY = Story(
    "kernel-tests",
    make,
    (
        Choice(
            "case",
            "case",
            tuple((called(name), name) for name in CASES),
            ASKED,
            "a case of tools/testing/selftests/mm/cow.c",
        ),
        kernel("a", TODAY, EVERY),
        kernel("b", BEFORE, EVERY, none=True),
    ),
    Question(
        "A child shares a page with its parent. It takes a reference, as vmsplice does, and unmaps the page. The "
        "parent, the only one who maps it now, writes. Where to?",
        ("to the page, in place", "to a copy of the page"),
        answer,
    ),
    numbers,
    left=("lanes", "folios", "transport"),
    right=("trace",),
)
