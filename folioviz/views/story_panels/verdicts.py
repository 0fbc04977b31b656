"""Verdicts: every recorded scenario on every running kernel, compared when asked to."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz.evidence.recordings import scenarios
from folioviz.evidence.recordings.verdict import DIFFERS, EQUAL, IN_PART, SKIPPED, WITH_EXCEPTIONS
from folioviz.readout.words import count
from folioviz.stories.truth import KERNELS, NAMES, Place, cannot, judged, place
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work
from folioviz.views.story_panels.recorded import breakable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from folioviz.evidence.recordings import Verdict
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

KINDS = {
    EQUAL: ("=", "equal"),
    WITH_EXCEPTIONS: ("≈", "excepted"),
    IN_PART: ("≈", "excepted"),
    DIFFERS: ("≠", "differs"),
    SKIPPED: ("–", "alone"),
}
"""State -> its sign and its class."""
REDRAWN = 12
"""The table is drawn again after so many verdicts."""


def said(found: Verdict) -> str:
    """Return a verdict in a few words."""
    if found.state == SKIPPED:
        return "could not run"
    if found.state == EQUAL:
        return f"{count(found.compared, 'step')} equal"
    if found.state == DIFFERS:
        return count(len(found.unexplained), "difference")
    if found.state == IN_PART:
        return f"equal, {found.compared} of {found.steps} steps compared"
    return count(len(found.findings), "exception")


class Verdicts(Panel):
    """The table of all scenarios and kernels; a cell chooses its scenario."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.chosen = Place(KERNELS[0], NAMES[0])
        self.about = scenarios(KERNELS[-1])
        self.found = {where: judged(where) for where in self.places() if cannot(where)}
        self.skipped = len(self.found)
        self.drawn = 0
        self.work = Work(self._draw)
        self.actions = {"verdicts": self.start, "verdictstop": self.work.stop}
        self.actions |= {self._name(where): partial(self._take, where) for where in self.places()}
        row = alike(w.HBox, [slot("verdictgo", "fv-buttons"), slot("verdictsum")])
        row.add_class("fv-bar")
        row.add_class("fv-sums")
        self.widget = alike(w.VBox, [slot("verdicthead"), row, slot("verdicttable")])

    @staticmethod
    def places() -> tuple[Place, ...]:
        """Return every scenario on every kernel."""
        return tuple(Place(kernel, name) for name in NAMES for kernel in KERNELS)

    @staticmethod
    def _name(where: Place) -> str:
        """Return how a click calls a cell."""
        return f"cell{KERNELS.index(where.kernel)}x{NAMES.index(where.name)}"

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what the story's choices say: its verdict is known, for it is looked at."""
        self.chosen = place(values)
        self.found[self.chosen] = judged(self.chosen)

    def _take(self, where: Place) -> None:
        """Choose the scenario of a cell."""
        self.pick({"kernel": where.kernel, "recording": where.name})

    def start(self) -> None:
        """Begin to compare what has not been compared."""
        self.work.start(self._compare())

    def _compare(self) -> Iterator[None]:
        """Compare every scenario on every kernel."""
        for where in self.places():
            if where not in self.found:
                self.found[where] = judged(where)
                yield

    def _draw(self) -> None:
        """Show how far it is."""
        self._progress()
        if self.work.task is None or len(self.found) - self.drawn >= REDRAWN:
            self._table()
        self.screen.flush()

    def update(self, _frame: Frame) -> None:
        """Show the button or the progress, and the table."""
        self.screen.put(
            "verdicthead",
            heading(
                "Every scenario, every kernel",
                "a cell chooses its scenario; arrow keys go about",
                "scenario",
            ),
        )
        self._progress()
        self._table()

    def _progress(self) -> None:
        """Show the button, or how far it is; and the sum of what has been found."""
        total = len(self.places())
        go = button("verdicts", "Compare all", "replay every recorded scenario; takes some seconds")
        done = len(self.found) == total
        self.screen.put(
            "verdictgo", {} if done else self.work.pieces(go, "verdictstop", len(self.found), total)
        )
        states = Counter(one.state for one in self.found.values())
        parts: list[str] = [
            f"{states[EQUAL]} equal",
            f"{states[WITH_EXCEPTIONS]} with exceptions",
            f"{states[IN_PART]} compared in part",
        ]
        parts += [
            html(
                "<b class=fv-{}>{} differ without a reason</b>",
                "differs" if states[DIFFERS] else "equal",
                states[DIFFERS],
            )
        ]
        parts += [f"{states[SKIPPED]} could not run"]
        parts += [f"{total - len(self.found)} not compared yet"] if not done else []
        self.screen.put(
            "verdictsum", html('<p class="fv-verdict-sum" role="status">{}</p>', Markup(" · ").join(parts))
        )

    def _table(self) -> None:
        """Show a row per scenario."""
        self.drawn = len(self.found)
        names = joined(html('<th scope="col">{}</th>', kernel) for kernel in KERNELS)
        rows = joined(
            html(
                '<tr><th scope="row"><code>{}</code><small>{}</small></th>{}</tr>',
                breakable(name),
                self.about[name],
                joined(self._cell(Place(kernel, name)) for kernel in KERNELS),
            )
            for name in NAMES
        )
        grid = html(
            '<table role="grid" aria-label="verdicts"><thead><tr><th scope="col">scenario</th>{}</tr></thead>'
            "<tbody>{}</tbody></table>",
            names,
            rows,
        )
        box = html('<div class="fv-rows-box fv-verdicts">{}</div>', grid)
        self.screen.put("verdicttable", {"": box})

    def _cell(self, where: Place) -> Markup:
        """Return the button of one verdict."""
        found = self.found.get(where)
        sign, kind = KINDS[found.state] if found else ("", "open")
        text = said(found) if found else "look"
        now = Markup(' aria-current="true"') if where == self.chosen else ""
        label = f"{where.name} on {where.kernel}: {text if found else 'not compared yet'}"
        return html(
            '<td><button class="fv-{}" data-fv="do:{}" aria-label="{}"{}>{}{}</button></td>',
            kind,
            self._name(where),
            label,
            now,
            html("<b>{}</b> ", sign) if sign else "",
            text,
        )
