"""The desk of a race: its verdict, the map of its states, what breaks, and a schedule step by step."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from msgspec.structs import replace

from folioviz.errors import FoliovizError
from folioviz.race.report import ASSUMED
from folioviz.stories import races
from folioviz.stories.parts import searches
from folioviz.stories.parts.staircase import at_random, one_after_the_other, staircase, through
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels import race_lanes, race_map, race_walk, race_words
from folioviz.views.panels.controls import message
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from folioviz.race.document import RaceDocument
    from folioviz.race.explored import Explored
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

MAX_PLACE = 5
"""So many digits has a place of the map, at most."""


class RaceDesk(Panel):
    """Searches the chosen race at once, and plays a schedule of it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.work = Work(self.redraw)
        self.search: searches.Search | None = None
        self.found: Explored | None = None
        self.map: race_map.Map | None = None
        self.lanes: race_lanes.Lanes | None = None
        self.done, self.seed, self.first = 0, 0, 0
        self.race: RaceDocument | None = None
        self.said, self.fault, self.unplayed = "", "", ""
        self.actions = {
            "racestop": self.stop,
            "raceagain": self.begin,
            "bad": self.bad,
            "fewest": partial(self.law, 0),
            "serial": self.serial,
        }
        for name, _, _, key, _ in race_walk.MOVES:
            self.actions[name] = self.actions[key] = partial(self.move, name)
        self.actions |= {f"law{number}": partial(self.law, number) for number in range(race_words.LAWS)}
        self.actions |= {
            f"lane{number}": partial(self.go, number) for number in range(1, race_lanes.MOST + 1)
        }
        self.texts = {"race": self.pointed}
        left = alike(
            w.VBox,
            [
                slot("racehead", "fv-race-head"),
                slot("racego", "fv-racego"),
                slot("racemap", "fv-racemap"),
                slot("racelaws"),
                slot("raceassumed"),
            ],
        )
        right = alike(
            w.VBox,
            [slot("racelanehead", "fv-racelanehead"), slot("racefacts"), slot("racelanes"), slot("raceend")],
        )
        self.widget = alike(w.HBox, [left, right])
        self.widget.add_class("fv-race")

    # ------------------------------------------------------------------------------------------ the search

    @property
    def last(self) -> int:
        """Return how many steps the schedule has."""
        return min(len(self.lanes.history.steps), race_lanes.MOST) if self.lanes else 0

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what the story's choices say: another race is searched, another schedule is played."""
        before, now = self.race, races.chosen(values)
        schedule = None if before is None else self.values["schedule"]
        super().choose(values)
        if before != now:
            self.stop()
            self.race, self.work = now, Work(self.redraw)
            self.found, self.map, self.lanes, self.search = searches.known(now), None, None, None
            self.fault, self.said = "", ""
        if before != now or schedule != values["schedule"]:
            self._play()
        self._stand()

    def begin(self) -> None:
        """Search the race, unless somebody has: on a thread where the page can react meanwhile."""
        if self.race is None or self.fault:
            return
        if searches.known(self.race) or not self.work.able:
            self._take(searches.explored(self.race))
            return
        self.found = None
        self.search = searches.Search(self.race)
        self.work.start(self._steps(self.search))

    def _steps(self, search: searches.Search) -> Iterator[None]:
        """Wait for a search, and take what it found, if it is still wanted."""
        yield from search.steps()
        if search is self.search:
            self.search, self.fault = None, search.error
            if search.found:
                self._take(search.found)
            self.pick({})

    def _take(self, found: Explored) -> None:
        """Take what a search found."""
        self.found, self.search = found, None
        self._play()

    def stop(self) -> None:
        """Let the search end; it says how far it came."""
        if self.search:
            self.search.enough = True

    # ------------------------------------------------------------------------------------------ the schedule

    def _play(self) -> None:
        """Play the chosen schedule; without one, that of fewest preemptions, or one CPU after the other."""
        if self.race is None:
            return
        if self.found:
            self.map = self.map or race_map.drawn(self.found)
        try:
            race, self.fault = self.race.race(), ""
        except FoliovizError as error:
            self.fault, self.lanes = f"This race cannot be: {error}", None
            return
        try:
            history = race.play(self.values["schedule"] or self._first())
        except FoliovizError as error:
            self.said, history = "", race.play(self._first())
            self.unplayed = f"This schedule cannot be played: {error}"
        else:
            self.unplayed = ""
        self.lanes = race_lanes.Lanes(history)
        self._stand()

    def _stand(self) -> None:
        """Stand at the step that is chosen; at first, where a law is broken, or before the first step."""
        if self.race is None or self.lanes is None:
            self.instead = None
            return
        history = self.lanes.history
        self.done = min(int(self.values["step"] or (self.last if history.violation else 0)), self.last)
        self.instead = replace(self.race, schedule=history.schedule), self.lanes.rows[self.done] - 1

    def _first(self) -> str:
        """Return the schedule that is shown first."""
        if self.found is None:
            return ""
        return self.found.violations[0].schedule if self.found.violations else one_after_the_other(self.found)

    def _show(self, text: str, said: str) -> None:
        """Show a schedule, and say where it is from."""
        self.said = said
        self.pick({"schedule": text, "step": ""})

    def law(self, number: int) -> None:
        """Show the schedule of fewest preemptions that breaks a law."""
        if self.found and number < len(self.found.violations):
            one = self.found.violations[number]
            self._show(one.schedule, f"fewest preemptions: {one.preemptions}")

    def bad(self) -> None:
        """Let a random scheduler look for a schedule that breaks a law; each time it finds another one."""
        if not (self.found and self.found.violations):
            return
        self.seed += 1
        text, number = at_random(self.found, self.seed)
        if text:
            self._show(text, f"random schedule {number:,} is the first that breaks a law")
        else:
            one = self.found.violations[0]
            self._show(
                one.schedule,
                f"none of {number:,} random schedules breaks a law: this is the one of fewest preemptions",
            )

    def serial(self) -> None:
        """Show the schedule in which each CPU goes on as long as it can; pressed again, from the next CPU on."""
        if self.found:
            text = one_after_the_other(self.found, self.first)
            self.first, first = (self.first + 1) % len(self.found.operations), self.first
            self._show(text, f"one after the other, CPU {first} first")

    def pointed(self, text: str) -> None:
        """Take a place of the map, ``CPU 0's steps.CPU 1's``: the staircase goes through it."""
        parts = text.split(".")
        if not (self.found and self.map and len(parts) == len(self.found.operations)):
            return
        if all(part.isascii() and part.isdigit() and len(part) <= MAX_PLACE for part in parts):
            place = tuple(map(int, parts))
            schedule = through(self.found, place)
            if schedule:
                self.said = f"through step {place[0]} of CPU 0 and step {place[1]} of CPU 1"
                self.pick({"schedule": schedule})
                events = next(
                    (one.events for one in staircase(self.found, schedule) if one.place == place), 0
                )
                self.go(bisect_left(self.lanes.events, events) if self.lanes else 0)

    def go(self, done: int) -> None:
        """Show the moment after so many steps; the address says which."""
        self.pick({"step": str(max(0, min(done, self.last)))})

    def move(self, name: str) -> None:
        """Go along the schedule as a button or a key says."""
        steps = self.lanes.history.steps[: self.last] if self.lanes else ()
        self.go(race_walk.goal(steps, self.done, name))

    # ------------------------------------------------------------------------------------------ what is shown

    def update(self, _frame: Frame) -> None:
        """Search if nobody has yet; show the race, its map and its schedule."""
        if self.race is None:
            return
        if self.found is None and self.search is None:
            self.begin()
        states = self.search.states if self.search else 0
        self.screen.put("racehead", race_words.head(self.race, self.found, states, self.fault))
        self.screen.put("racego", race_words.buttons(self.found, searching=self.search is not None))
        self.screen.put("racemap", self._map())
        self.screen.put("racelaws", race_words.laws(self.found) if self.found else EMPTY)
        self.screen.put("raceassumed", html('<p class="fv-dim">{}</p>', ASSUMED))
        self._lanes()

    def _map(self) -> dict[str, Markup]:
        """Return the map with the schedule on it, or why there is none."""
        lanes = self.lanes
        if self.found and self.map and lanes:
            stops = staircase(self.found, lanes.history.schedule)
            now, bad = f"step {self.done} of {self.last}", bool(lanes.history.violation)
            return race_map.pieces(self.map, stops, lanes.events[self.done], now, bad=bad)
        why = "The map is drawn when the search has ended"
        if self.found:
            why = "One CPU" if len(self.found.operations) == 1 else "A race of other than two CPUs"
            why += " has no map: the lanes show the schedule"
        return {"none": html('<div class="fv-chances fv-nothing"><p>{}.</p></div>', why)}

    def _lanes(self) -> None:
        """Show the schedule: a lane for each CPU, and what the folios hold."""
        lanes = self.lanes
        if lanes is None:
            for name in ("racelanehead", "racefacts", "racelanes", "racesteps", "raceend"):
                self.screen.put(name, {})
            return
        title = heading(
            "The schedule", self.said or "each row is a step on memory that others could see", "schedule"
        )
        text = lanes.history.schedule.replace(".", ".\u200b")
        pieces = {
            "head": html("<div>{}</div>", title),
            "moves": race_walk.buttons(self.done, self.last),
            "text": html('<p class="fv-race-text"><code>{}</code></p>', text or "no step"),
            "fault": html("<div>{}</div>", message(self.unplayed)),
        }
        facts = race_lanes.strip(lanes, self.done)
        self.screen.put("racelanehead", pieces)
        self.screen.put(
            "racefacts",
            html(
                '<div class="fv-race-facts" tabindex="0" role="group" aria-label="folios now">{}</div>', facts
            ),
        )
        self.screen.put("racelanes", {"": race_lanes.box(len(lanes.history.many.bases))})
        self.screen.put("racesteps", race_lanes.rows(lanes, self.done))
        self.screen.put("raceend", race_lanes.ending(lanes))
