"""Can two CPUs lose a folio? Every schedule of a race is tried; the worst is seen step by step."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz import kernels
from folioviz.errors import LimitError
from folioviz.kernels import CHANGES, KERNELS
from folioviz.kernels.variants import CHANGES as OF_VARIANTS
from folioviz.race import document, schedule
from folioviz.race.library import LIBRARY
from folioviz.race.memory import MAX_CPUS
from folioviz.race.report import chance
from folioviz.race.words import OWN
from folioviz.readout.words import count
from folioviz.stories.parts.parts import Choice, Question, Story, Table, Written
from folioviz.stories.parts.pieces import scenario
from folioviz.stories.parts.results import long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.files.scenario import Scenario
    from folioviz.race.explored import Explored, Found
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
KEPT: Final = 3
"""So many searches are kept whole; a map needs that."""


MANY: Final = 10**9
"""From so many schedules on their number is rounded."""


def scientific(number: int) -> str:
    """Return a number of schedules, rounded to two digits where it is long."""
    if number < MANY:
        return f"{number:,}"
    digits, power = f"{number:.1e}".split("e+")
    return f"{digits}·10{power.lstrip('0').translate(RAISED)}"


RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Summary(NamedTuple):
    """What a search came to.

    Attributes:
        complete: whether every schedule is covered.
        states: how many states there are.
        schedules: the exact number of schedules, or None.
        odds: the chance that a random scheduler breaks a law.
        violations: the laws that are broken, the one of fewest preemptions first.
    """

    complete: bool
    states: int
    schedules: int | None
    odds: float
    violations: tuple[Found, ...]


def called(known: Known) -> str:
    """Return a race's name; a candidate is called one."""
    return f"{known.name} ({CANDIDATE})" if known.candidate else known.name


class Search(Thread):
    """A search on a thread of its own: a page that asked for it goes on to react.

    Attributes:
        name: the race.
        states: how many states were found so far.
        enough: whether it is to stop.
        found: what came of it, once it has ended; ``error``: what went wrong instead.
    """

    def __init__(self, name: str) -> None:
        """Search nothing yet."""
        super().__init__(name=name, daemon=True)
        self.states, self.enough = 0, False
        self.found: Explored | None = None

    def run(self) -> None:
        """Search, and work out what a page asks of it."""
        found = document.of(LIBRARY[self.name]).race().explore(progress=self._go_on)
        kept(self.name, found)
        self.found = found

    def _go_on(self, states: int) -> bool:
        """Take how far it is; tell whether to go on."""
        self.states = states
        return not self.enough

    def steps(self) -> Iterator[None]:
        """Begin, and yield until it has ended."""
        self.start()
        while self.is_alive():
            self.join(0.02)
            yield


_lock = Lock()
_whole: OrderedDict[str, Explored] = OrderedDict()
_summaries: dict[str, Summary] = {}


def kept(name: str, found: Explored) -> Summary:
    """Return what a search came to; keep it for the next page, if it is complete."""
    summary = Summary(found.complete, found.states, found.schedules, found.odds, found.violations)
    if found.complete:
        with _lock:
            _summaries[name] = summary
            _whole[name] = found
            while len(_whole) > KEPT:
                _whole.popitem(last=False)
    return summary


def known(name: str) -> Explored | None:
    """Return a complete search that is kept."""
    return _whole.get(name)


def summary(name: str) -> Summary | None:
    """Return what a complete search came to, if there was one."""
    return _summaries.get(name)


def explored(name: str) -> Explored:
    """Return the complete search of a race; takes up to some seconds the first time."""
    found = known(name)
    if found is None:
        found = document.of(LIBRARY[name]).race().explore()
        kept(name, found)
    return found


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


def make(values: Values) -> Scenario:
    """Return the operations before a race, as far as all of the model has them; its CPUs do theirs elsewhere."""
    race = LIBRARY[values["race"]]
    ops = "; ".join(part.strip() for part in race.setup.split(";") if part.split()[0] not in OWN)
    key = race.kernel if race.kernel in KERNELS else kernels.find(race.kernel).parent
    return scenario(ops, key, mmu_gather=race.mmu_gather, title=f"what the race {race.name} begins with")


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
    before, after = explored(ASKED), explored(FIXED[ASKED])
    right = 0 if not before.odds else 1 if before.odds < 0.01 else 2
    fewest = before.violations[0].preemptions if before.violations else 0
    return right, (
        f"In {chance(before.odds)} of random runs, and never with fewer than {count(fewest, 'preemption')}: "
        f"{scientific(before.schedules or 0)} schedules were covered, in {count(before.states, 'state')}. In the text "
        f"that v6.12 was released with, {'some' if after.violations else 'none'} of "
        f"{scientific(after.schedules or 0)} schedules breaks a law."
    )


STORY = Story(
    "races",
    make,
    (
        Choice(
            "race",
            "race",
            tuple((called(race), name) for name, race in LIBRARY.items()),
            ASKED,
            "what each CPU does, under which kernel",
            resets=("schedule", "step"),
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
    left=("race_desk", "race_library"),
    right=(),
    notice="left",
    where="left",
)
