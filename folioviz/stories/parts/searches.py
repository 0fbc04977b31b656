"""Searches of races that pages ask for: on a thread of their own, with an end, kept for the next page."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.errors import FoliovizError
from folioviz.race import document, link
from folioviz.race.explore import MAX_STATES
from folioviz.race.library import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.race.document import RaceDocument
    from folioviz.race.explored import Explored, Found

OWN_STATES: Final = 100_000
"""After so many states (some 10 CPU s) the search of a race that a reader has written stops."""
KEPT: Final = 3
"""So many searches are kept whole; a map needs that."""


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


class Search(Thread):
    """A search on a thread of its own: a page that asked for it goes on to react.

    Attributes:
        race: the race.
        states: how many states were found so far.
        enough: whether it is to stop.
        found: what came of it, once it has ended.
        error: what went wrong instead, or "".
    """

    def __init__(self, race: RaceDocument) -> None:
        """Search nothing yet."""
        super().__init__(daemon=True)
        self.race = race
        self.states, self.enough = 0, False
        self.found: Explored | None = None
        self.error = ""

    def run(self) -> None:
        """Search, and work out what a page asks of it."""
        try:
            found = self.race.race().explore(states=most_states(self.race), progress=self._go_on)
        except FoliovizError as error:
            self.error = str(error)
            return
        kept(self.race, found)
        self.found = found

    def _go_on(self, states: int) -> bool:
        """Take how far it is; tell whether to go on."""
        self.states = states
        return not self.enough

    def steps(self) -> Iterator[None]:
        """Begin, and yield until it has ended; where there are no threads, as in a browser, it runs in one go."""
        try:
            self.start()
        except RuntimeError:
            yield
            self.run()
        while self.is_alive():
            self.join(0.02)
            yield


_lock = Lock()
_whole: OrderedDict[RaceDocument, Explored] = OrderedDict()
_summaries: dict[RaceDocument, Summary] = {}


def of(name: str) -> RaceDocument:
    """Return a race of the library."""
    return document.of(LIBRARY[name])


def most_states(race: RaceDocument) -> int:
    """Return after how many states a search stops: a page does not work for ever at what somebody has written."""
    return MAX_STATES if link.name_of(race) != link.OWN else OWN_STATES


def kept(race: RaceDocument, found: Explored) -> Summary:
    """Return what a search came to; keep it for the next page, if it is complete."""
    summary = Summary(found.complete, found.states, found.schedules, found.odds, found.violations)
    if found.complete:
        with _lock:
            if link.name_of(race) != link.OWN:
                _summaries[race] = summary
            _whole[race] = found
            while len(_whole) > KEPT:
                _whole.popitem(last=False)
    return summary


def known(race: RaceDocument) -> Explored | None:
    """Return a complete search that is kept."""
    return _whole.get(race)


def summary(race: RaceDocument) -> Summary | None:
    """Return what a complete search came to, if there was one."""
    return _summaries.get(race)


def explored(race: RaceDocument) -> Explored:
    """Return the search of a race, complete if it may be so long; takes up to some seconds the first time."""
    found = known(race)
    if found is None:
        found = race.race().explore(states=most_states(race))
        kept(race, found)
    return found
