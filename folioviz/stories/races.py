"""Can two CPUs lose a folio? Every schedule of a race is tried; the worst is seen step by step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from folioviz import kernels
from folioviz.errors import LimitError
from folioviz.kernels import CHANGES, KERNELS
from folioviz.kernels.variants import CHANGES as OF_VARIANTS
from folioviz.race import link, schedule
from folioviz.race.library import LIBRARY
from folioviz.race.memory import MAX_CPUS
from folioviz.race.report import chance
from folioviz.race.words import OWN
from folioviz.readout.words import count
from folioviz.stories.parts import searches
from folioviz.stories.parts.parts import Choice, Question, Story, Table, Written
from folioviz.stories.parts.pieces import scenario
from folioviz.stories.parts.results import long

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.race.document import RaceDocument
    from folioviz.race.library import Known
    from folioviz.stories.parts.parts import Values

CANDIDATE: Final = "candidate, not confirmed on a kernel"
"""Stands beside the name of a race that no report tells of, wherever that is."""
ASKED: Final = "k1"
FIXED: Final = {name: f"{name}-fixed" for name in ("k1", "k1b", "k2", "k3")}
"""Race -> the same after the change that ends it."""
CHANGED: Final = {
    "k1": "scan_unlocked",
    "k1b": "scan_batch",
    "k2": "migrate_memcg",
    "k3": "migrate_requeue_first",
}
"""Race -> the module that cites the change."""
STEP_DIGITS: Final = 7
MANY: Final = 10**9
"""From so many schedules on their number is rounded."""


def scientific(number: int) -> str:
    """Return a number of schedules, rounded to two digits where it is long."""
    if number < MANY:
        return f"{number:,}"
    digits, power = f"{number:.1e}".split("e+")
    return f"{digits}·10{power.lstrip('0').translate(RAISED)}"


RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def called(known: Known) -> str:
    """Return a race's name; a candidate is called one."""
    return f"{known.name} ({CANDIDATE})" if known.candidate else known.name


# ------------------------------------------------------------------------------------------------ the story


def check_schedule(text: str) -> str:
    """Return a schedule's text as it is, if it is one.

    Raises:
        DocumentError: naming the part that is none.
    """
    schedule.parse(text, MAX_CPUS)
    return text


def check_step(text: str) -> str:
    """Return a number of steps as it is written, if it is one; of a schedule that has fewer, all are done.

    Raises:
        LimitError: naming what is none.
    """
    if text and not (text.isascii() and text.isdigit() and len(text) <= STEP_DIGITS):
        raise LimitError.of("step", text, f"a whole number of at most {STEP_DIGITS} digits")
    return text


def chosen(values: Values) -> RaceDocument:
    """Return the race that is chosen, of the library or a reader's own; without a schedule."""
    return searches.of(values["race"]) if values["race"] != link.OWN else link.own(values)


def make(values: Values) -> Scenario:
    """Return the operations before a race, as far as all of the model has them: before the guess, more is not shown."""
    race = chosen(values)
    parts = [part.strip() for part in race.setup.split(";") if part.strip()]
    ops = "; ".join(part for part in parts if part.split()[0] not in OWN)
    key = race.kernel if race.kernel in KERNELS else kernels.find(race.kernel).parent
    return scenario(ops, key, mmu_gather=race.mmu_gather, title=f"what the race {race.title} begins with")


def fixes(_values: Values) -> tuple[Table, ...]:
    """Return which change upstream ends each of the races, as the registry cites it."""
    rows = []
    for name, after in FIXED.items():
        change = (CHANGES | OF_VARIANTS)[CHANGED[name]][0]
        pair = (LIBRARY[one].kernel for one in (name, after))
        rows.append((called(LIBRARY[name]), *pair, change.title, change.release, change.commit))
    return (
        Table(
            "Before and after a change",
            ("race", "before", "after", "the change", "released in", "commit"),
            tuple(rows),
            "Titles, releases and commits as the registry cites them. Beside k1b stands the text in which the "
            "model finds nothing.",
            long("race"),
        ),
    )


def answer() -> tuple[int, str]:
    """Return how likely it is that v6.12-rc's shrinker breaks the queue, and what is left of that with the fix."""
    before, after = searches.explored(searches.of(ASKED)), searches.explored(searches.of(FIXED[ASKED]))
    right = 0 if not before.odds else 1 if before.odds < 0.01 else 2
    fewest = before.violations[0].preemptions if before.violations else 0
    return right, (
        f"In {chance(before.odds)} of random runs, and never with fewer than {count(fewest, 'preemption')}: "
        f"{scientific(before.schedules or 0)} schedules were covered, in {count(before.states, 'state')}. In the text "
        f"that v6.12 was released with, {'some' if after.violations else 'none'} of "
        f"{scientific(after.schedules or 0)} schedules breaks a law."
    )


OWN_FIELDS: Final = {
    "kernel": "under which kernel",
    "gather": "how the architecture frees what a zap unmaps",
    "setup": "what one CPU does before",
    "cpus": "what each CPU does",
    "laws": "which laws hold that are asked for",
}
"""What a race of one's own is made of, by the names of its fields in a link."""

STORY = Story(
    "races",
    make,
    (
        Choice(
            "race",
            "race",
            (*((called(race), name) for name, race in LIBRARY.items()), ("a race of your own", link.OWN)),
            ASKED,
            "what each CPU does, under which kernel",
            resets=(*OWN_FIELDS, "schedule", "step"),
        ),
        *(
            Written(name, name, (), "", tip, resets=("schedule", "step"), check=partial(link.checked, name))
            for name, tip in OWN_FIELDS.items()
        ),
        Written(
            "schedule",
            "schedule",
            (),
            "",
            "which CPU does how many steps, in turn",
            resets=("step",),
            check=check_schedule,
        ),
        Written("step", "step", (), "", "how many steps are done where one looks", check=check_step),
    ),
    Question(
        "v6.12-rc’s shrinker unlinks a folio that it drops without taking split_queue_lock. On another CPU the folio "
        "beside it is unmapped and freed. A scheduler picks a CPU at random at every step: how often is the queue "
        "left broken, or a folio freed while it is on a list?",
        ("never", "in fewer than 1 of 100 runs", "in more than that"),
        answer,
        asked=0,
    ),
    fixes,
    left=("race_desk", "race_own", "race_library"),
    right=(),
    notice="left",
    where="left",
)
