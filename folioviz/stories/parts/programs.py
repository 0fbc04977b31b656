"""The programs of examples/ as operations: what each line asks the kernel for, for one huge page or for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER

if TYPE_CHECKING:
    from collections.abc import Callable

RUN: Final = 16
"""examples/allocator.py: pages of a run, of which one stays in use."""
GUARD: Final = 4
USED: Final = 16
"""examples/stacks.py: pages of a guard zone, and pages that a thread uses."""
WRITTEN: Final = 64
"""examples/saver.py: pages of each huge page that are written while the child saves."""
OWN, OTHER = "own", "other"
"""The advice that a program gives, and another one for the same wish."""
SIZES: Final = {HPAGE_PMD_ORDER: "2 MiB", 4: "64 KiB", 2: "16 KiB", 0: "4 KiB"}
"""Orders of the folios that a fault brings -> what a reader chooses."""
Ops = tuple[str, ...]


class Step(NamedTuple):
    """A line of a program.

    Attributes:
        code: the line, or what happens to the program.
        asks: what it asks the kernel for.
        ops: its operations on the huge page that begins at a page.
        once: whether it is done once, not for each huge page.
    """

    code: str
    asks: str
    ops: Callable[[int], Ops]
    once: bool = False


class Program(NamedTuple):
    """A program of examples/.

    Attributes:
        key: its file's name without ``.py``.
        about: what it does, in few words.
        blocks: how many huge pages it has.
        steps: what it does once its memory is written, by the advice: its own, and another.
        other: what the other advice is.
    """

    key: str
    about: str
    blocks: int
    steps: dict[str, tuple[Step, ...]]
    other: str


class Part(NamedTuple):
    """A step as it stands in a scenario: its operations there are ``[first, end)``."""

    step: Step
    first: int
    end: int


def _give_back(word: str) -> Callable[[int], Ops]:
    """Return the advice for 15 pages of every 16."""
    return lambda at: tuple(f"{word} 1 {page + 1} {RUN - 1}" for page in range(at, at + HPAGE_PMD_NR, RUN))


_UNUSED: Final = Step(
    "arena.give_back(start, HUGE - USED)",
    "MADV_DONTNEED, once: all but 16 pages",
    lambda at: (f"dontneed 1 {at} {HPAGE_PMD_NR - USED}",),
)
_FORK: Final = Step("os.fork()", "fork: the child saves", lambda _: ("fork 1",), once=True)
_WRITE: Final = Step(
    "arena.write(start, WRITTEN * PAGE)", "writes to 64 pages", lambda at: (f"touch 1 {at} {WRITTEN}",)
)
_ENDED: Final = Step(
    "os.waitpid(child, 0)", "the child has saved, and exits", lambda _: ("exit 2",), once=True
)

PROGRAMS: Final = {
    one.key: one
    for one in (
        Program(
            "allocator",
            "gives 15 of every 16 pages back",
            16,
            {
                OWN: (
                    Step(
                        "arena.give_back(start + PAGE, (RUN - 1) * PAGE)",
                        "MADV_DONTNEED, 32 times: 15 of every 16 pages",
                        _give_back("dontneed"),
                    ),
                ),
                OTHER: (
                    Step("madvise(start + PAGE, ..., MADV_FREE)", "MADV_FREE, 32 times", _give_back("free")),
                ),
            },
            "MADV_FREE instead of MADV_DONTNEED",
        ),
        Program(
            "stacks",
            "stacks with guard zones, mostly unused",
            8,
            {
                OWN: (
                    Step(
                        "arena.forbid(start, GUARD)",
                        "mprotect(PROT_NONE), once: 4 pages",
                        lambda at: (f"protnone 1 {at} {GUARD}",),
                    ),
                    _UNUSED,
                ),
                OTHER: (
                    Step(
                        "madvise(start, GUARD, MADV_GUARD_INSTALL)",
                        "guard markers, once: 4 pages",
                        lambda at: (f"guard 1 {at} {GUARD}",),
                    ),
                    _UNUSED,
                ),
            },
            "guard markers instead of PROT_NONE",
        ),
        Program(
            "saver",
            "writes while a forked child saves",
            16,
            {
                OWN: (_FORK, _WRITE, _ENDED),
                OTHER: (
                    _FORK,
                    Step(
                        "arena.give_back(start, HUGE), in the child",
                        "MADV_DONTNEED of what is saved already",
                        lambda at: (f"dontneed 2 {at} {HPAGE_PMD_NR}",),
                    ),
                    _WRITE,
                    _ENDED,
                ),
            },
            "the child gives back what it has saved, before it is written",
        ),
    )
}
THEN: Final = {
    "nothing": "nothing",
    "shrinker": "the shrinker",
    "exit": "exit",
}
COMES: Final = {
    "nothing": (),
    "shrinker": (
        Step(
            "memory is short",
            "the shrinker visits the queue",
            lambda _: (f"shrink {HPAGE_PMD_NR}",),
            once=True,
        ),
    ),
    "exit": (Step("Enter", "the program exits", lambda _: ("exit 1",), once=True),),
}


def _fill(order: int) -> Step:
    """Return the first line: a byte is written to each page, and folios of an order come."""
    if order == HPAGE_PMD_ORDER:
        return Step("arena.write()", "a write to each page: one fault", lambda at: (f"faultpmd 1 {at}",))
    asks = f"a write to each page: {HPAGE_PMD_NR >> order} faults"
    return Step("arena.write()", asks, lambda at: (f"touch 1 {at} {HPAGE_PMD_NR}",))


def parts(
    program: str,
    order: int = HPAGE_PMD_ORDER,
    way: str = OWN,
    then: str = "nothing",
    blocks: int = 1,
) -> tuple[list[str], list[Part]]:
    """Return a program's operations in the short form, and which of them are of which step.

    Args:
        program: a key of :data:`PROGRAMS`.
        order: of the folios that its faults bring; smaller ones than 2 MiB are enabled first.
        way: OWN or OTHER.
        then: a key of :data:`THEN`.
        blocks: of how many huge pages.
    """
    ops = [f"enabled {order} 1"] if 0 < order < HPAGE_PMD_ORDER else []
    ops += ["mm", f"mmap 1 0 {blocks * HPAGE_PMD_NR}"]
    found = []
    for step in (_fill(order), *PROGRAMS[program].steps[way], *COMES[then]):
        first = len(ops)
        for block in range(1 if step.once else blocks):
            ops += step.ops(block * HPAGE_PMD_NR)
        found.append(Part(step, first, len(ops)))
    return ops, found


def text(
    program: str,
    order: int = HPAGE_PMD_ORDER,
    way: str = OWN,
    then: str = "nothing",
    blocks: int = 1,
) -> str:
    """Return a program's operations in the short form; arguments as of :func:`parts`."""
    return "; ".join(parts(program, order, way, then, blocks)[0])
