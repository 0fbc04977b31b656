"""All races of the library: which breaks a law, in how many schedules that were covered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import ipywidgets as w

from folioviz.race.library import LIBRARY
from folioviz.race.report import chance
from folioviz.readout.words import count
from folioviz.stories import races
from folioviz.stories.parts import searches
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from folioviz.race.library import Known
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session


class RaceLibrary(Panel):
    """A row for each race, searched when asked to; its name chooses it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.work = Work(self.redraw)
        self.search: searches.Search | None = None
        self.wanted = False
        self.actions = {"races": self.start, "racesstop": self.stop}
        names = enumerate(LIBRARY)
        self.actions |= {f"race{number}": partial(self._take, name) for number, name in names}
        row = alike(w.HBox, [slot("racesgo", "fv-buttons"), slot("racessum")])
        row.add_class("fv-bar")
        row.add_class("fv-sums")
        head = filled(heading("All races", "a name chooses the race; arrow keys go about", "race"))
        self.widget = alike(w.VBox, [head, row, slot("racestable")])

    def _take(self, name: str) -> None:
        """Choose a race."""
        self.pick({"race": name, "schedule": ""})

    def start(self) -> None:
        """Begin to search what has not been searched."""
        self.wanted = True
        self.work.start(self._all())

    def stop(self) -> None:
        """Stop; what has been found stays."""
        self.wanted = False
        if self.search:
            self.search.enough = True

    def _all(self) -> Iterator[None]:
        """Search one race after the other."""
        for name in LIBRARY:
            if self.wanted and searches.summary(searches.of(name)) is None:
                self.search = searches.Search(searches.of(name))
                yield from self.search.steps()

    def update(self, _frame: Frame) -> None:
        """Show the button or the progress, the sum, and the table."""
        found = {name: summary for name in LIBRARY if (summary := searches.summary(searches.of(name)))}
        go = button("races", "Explore all", "try every schedule of every race; takes some seconds")
        done = len(found) == len(LIBRARY)
        self.screen.put(
            "racesgo", {} if done else self.work.pieces(go, "racesstop", len(found), len(LIBRARY))
        )
        broken = sum(bool(one.violations) for one in found.values())
        schedules = sum(one.schedules or 0 for one in found.values() if not one.violations)
        parts = f"{count(len(found), 'race')} of {len(LIBRARY)} explored · a law is broken in {broken}"
        if schedules:
            parts += f" · none in the others’ {races.scientific(schedules)} schedules"
        self.screen.put("racessum", html('<p class="fv-verdict-sum" role="status">{}</p>', parts))
        heads = ("race", "kernel", "schedules", "states", "broken", "fewest preemptions", "at random")
        rows = joined(
            row(number, known, found.get(name), now=name == self.values["race"])
            for number, (name, known) in enumerate(LIBRARY.items())
        )
        table = html(
            '<table role="grid" aria-label="races"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
            joined(html('<th scope="col">{}</th>', name) for name in heads),
            rows,
        )
        self.screen.put("racestable", {"": html('<div class="fv-rows-box fv-races">{}</div>', table)})


def row(number: int, known: Known, found: searches.Summary | None, *, now: bool) -> Markup:
    """Return a race's row."""
    name = html(
        '<th scope="row"><button class="fv-link" data-fv="do:race{}"{}>{}</button>{}<small>{}</small></th>',
        number,
        html(' aria-current="true"') if now else EMPTY,
        known.name,
        html(" <em>{}</em>", races.CANDIDATE) if known.candidate else EMPTY,
        known.about,
    )
    if found is None:
        cells = ("not explored yet", "", "", "", "")
    elif found.violations:
        one = found.violations[0]
        laws = count(len(found.violations), "law")
        cells = (
            races.scientific(found.schedules or 0),
            f"{found.states:,}",
            laws,
            str(one.preemptions),
            chance(found.odds),
        )
    else:
        cells = (races.scientific(found.schedules or 0), f"{found.states:,}", "none", "–", "–")
    kinds = ["", "", "fv-bad" if found and found.violations else "fv-good" if found else "", "", ""]
    parts = joined(
        html('<td class="{}">{}</td>', kind, cell) for kind, cell in zip(kinds, cells, strict=True)
    )
    return html("<tr>{}<td><code>{}</code></td>{}</tr>", name, known.kernel, parts)
