"""Three programs that lose memory: what each asks the kernel for, what stays held, and what would give it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.files.scenario import MAX_AT
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER
from folioviz.stories.parts.comers import OLDEST, TODAY
from folioviz.stories.parts.parts import Choice, Question, Story
from folioviz.stories.parts.pieces import kernel, scenario
from folioviz.stories.parts.programs import OTHER, OWN, PROGRAMS, SIZES, THEN, WRITTEN, text
from folioviz.stories.parts.programs_told import amount, by_kernel, comes, less, memory, running, whole

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Table, Values

KERNELS: Final = (OLDEST, "v6.8", "v6.9", "v6.10", "v6.12", TODAY)


def make(values: Values) -> Scenario:
    """Return the scenario: one huge page of the program; the playhead stands at its end."""
    line = text(values["program"], values["size"], values["way"], values["then"])
    return scenario(line, values["a"], values["b"], at=MAX_AT)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what is lost, what that takes, what would lose less, who comes then, and what was captured."""
    return whole(values), by_kernel(values), less(values), comes(values), running()


def answer() -> tuple[int, str]:
    """Return how much the kernel holds for the saver when its child has ended."""
    program = PROGRAMS["saver"]
    mapped, held, lost, _ = (
        pages * program.blocks for pages in amount(text(program.key), TODAY) or (0, 0, 0, 0)
    )
    short = amount(text(program.key, then="shrinker"), TODAY)
    back = held - short.held * program.blocks if short else 0
    right = {mapped: 0, 2 * mapped: 2}.get(held, 1)
    return right, (
        f"{memory(held)}, for {memory(mapped)} that are mapped. The server has a page of its own for each that it "
        f"wrote, so the last mapping of the old one goes with the child: {memory(lost)} in {program.blocks} huge "
        "pages. A huge page is freed whole or not at all. It waits on the deferred split queue; when memory is "
        f"short, the shrinker splits it, and {memory(back)} go back."
    )


SAVED: Final = memory(PROGRAMS["saver"].blocks * HPAGE_PMD_NR)

STORY = Story(
    "three-programs",
    make,
    (
        Choice(
            "program",
            "program",
            tuple((f"{key}.py", key) for key in PROGRAMS),
            "allocator",
            "; ".join(f"{key}.py {one.about}" for key, one in PROGRAMS.items()),
            resets=("way",),
        ),
        Choice(
            "size",
            "folios of",
            tuple((name, order) for order, name in SIZES.items()),
            HPAGE_PMD_ORDER,
            "the size that the program's faults bring",
        ),
        Choice(
            "way",
            "advice",
            (("the program's own", OWN), ("another", OTHER)),
            OWN,
            "; ".join(f"{key}.py: {one.other}" for key, one in PROGRAMS.items()),
        ),
        Choice(
            "then",
            "then comes",
            tuple((name, key) for key, name in THEN.items()),
            "nothing",
            "what comes once the program waits",
        ),
        kernel("a", TODAY, KERNELS),
        kernel("b", OLDEST, KERNELS, none=True),
    ),
    Question(
        f"A server writes to 16 huge pages, {SAVED}, and forks a child that saves them, as databases do. Meanwhile it "
        f"writes to {WRITTEN} pages of each, and copy-on-write gives it small pages for them. Then the child exits. "
        f"The server maps {SAVED}, as before. How much does the kernel hold?",
        ("32 MiB: what is mapped", "36 MiB: the old pages, too", "64 MiB: all of it twice"),
        answer,
        case={"program": "saver"},
        figures=1,
    ),
    numbers,
    left=("program", "transport", "captured_program"),
    right=("queue", "trace"),
    notice="right",
    where="left",
)
