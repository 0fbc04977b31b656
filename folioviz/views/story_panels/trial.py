"""The trial: a patch's source, and what it does to every scenario; it shows its progress and can be cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz.compare.quick import RANDOM, Quick
from folioviz.compare.shortest import law_of, shortest
from folioviz.compare.trial import ENDLESS, Effect
from folioviz.compare.walks import AT_RANDOM, many
from folioviz.errors import FoliovizError
from folioviz.machine.costs import COSTS
from folioviz.readout.words import count
from folioviz.stories.own_patch import PATCHES, base_of
from folioviz.stories.parts.parts import Cell, Table
from folioviz.stories.parts.pieces import label, opened
from folioviz.stories.parts.sources import patched
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import html
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading
from folioviz.views.panels.controls import message
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import table
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work
from folioviz.views.story_panels.patches import source, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FunctionType, ModuleType

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

DIFFERING = 20
"""So many random scenarios have a line of their own that differ without breaking anything."""
LAWS = 8
"""So many laws that a patch breaks are shown with their shortest scenario."""

RAN = {"compiled": "as machine code", "python": "in plain Python"}
"""What ran -> what the verdict calls it."""


def row(effect: Effect, base: str, mode: str) -> tuple[object, ...]:
    """Return a scenario's line of the table; it opens in the explorer as the kernel does it without the patch."""
    costs = ", ".join(f"{COSTS[name].words} {more:+d}" for name, more in effect.costs.items())
    law = Cell(effect.broken, mark="bad") if effect.broken else "holds"
    return opened(effect.name, effect.ops, base, mode), costs or "–", "yes" if effect.state else "no", law


class Trial(Panel):
    """Tries the chosen patch, or the reader's own."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.found: list[Effect] = []
        self.broken: dict[str, Effect] = {}
        """Law -> the shortest random scenario so far that breaks it."""
        self.rows: list[tuple[object, ...]] = []
        """Lines of the library's scenarios that differ, and of the first random ones."""
        self.said = ""
        self.ran = ""
        """What ran, in words."""
        self.work = Work(self.redraw)
        self.actions = {"try": self.start, "trystop": self.work.stop}
        head = filled(
            heading("The patch", "folioviz’s own Python, in the place of a kernel’s functions", "patch")
        )
        self.widget = alike(
            w.VBox, [head, slot("trialsource", "fv-patches"), slot("trialgo", "fv-buttons"), slot("trial")]
        )

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take the patch that is chosen; what another one did is no longer shown."""
        if dict(values) != dict(self.values):
            self.work.stop()
            self._forget()
        super().choose(values)

    def _forget(self) -> None:
        """Show nothing of what was tried."""
        self.found, self.broken, self.rows, self.said = [], {}, [], ""

    @property
    def patches(self) -> Sequence[FunctionType | ModuleType]:
        """Return what is tried."""
        return self.own or (PATCHES[self.values["patch"]][1],)

    @property
    def base(self) -> str:
        """Return the kernel that it is tried on."""
        return base_of(self.patches)

    def start(self) -> None:
        """Begin; a function that replaces nothing is told at once."""
        if self.work.task is not None:
            return
        self._forget()
        try:
            quick = Quick(self.patches, self.base, self.values["gather"])
        except FoliovizError as error:
            self.said = str(error)
            self.redraw()
            return
        self.work.start(self._try(quick, self.values["gather"]))

    def _try(self, quick: Quick, mode: str) -> Iterator[None]:
        """Judge every scenario; then shorten the first random one that breaks a law, for each law."""
        differing = 0
        for one in quick.effects(RANDOM):
            self.ran = RAN[quick.engine]
            self.found.append(one)
            at_random = one.name.startswith(AT_RANDOM)
            if at_random and one.broken and len(self.broken) < LAWS:
                self.broken.setdefault(law_of(one.broken), one)
            elif not (one.same or (at_random and (one.broken or differing >= DIFFERING))):
                differing += at_random
                self.rows.append(row(one, quick.kernel, mode))
            yield
        if one.broken.endswith(ENDLESS):
            self.said = f"Stopped: {ENDLESS}."
            return
        for law, one in self.broken.items():
            for shorter in shortest(one, quick):
                self.broken[law] = shorter
                yield

    def update(self, _frame: Frame) -> None:
        """Show the source, the button or the progress, and the table."""
        changes = patched(self.base, self.patches)
        self.screen.put(
            "trialsource",
            {
                one.name: html("<div><p>{}</p>{}</div>", summary(one), source(one, fold=True))
                for one in changes
            },
        )
        total = many(self.base, RANDOM)
        go = button(
            "try",
            f"Try it on {label(self.base)}, {total:,} scenarios",
            "the library’s and random ones, with the patch and without",
        )
        parts = self.work.pieces(go, "trystop", len(self.found), total)
        self.screen.put("trialgo", parts | ({"said": message(self.said)} if self.said else {}))
        if not self.found:
            self.screen.put("trial", {})
            return
        short = (
            one._replace(walk=one.walk._replace(name=f"{one.name}, shortened"))
            for one in self.broken.values()
        )
        rows = [*self.rows, *(row(one, self.base, self.values["gather"]) for one in short)]
        columns = ("scenario", "costs, with the patch", "state differs", "laws")
        made = Table("What the patch changes", columns, tuple(rows), note(self.base))
        verdict = html('<p class="fv-verdict-sum" role="status">{}</p>', verdict_on(self.found, self.ran))
        nothing = Markup("<p>The patch makes no difference.</p>")
        self.screen.put(
            "trial", {"verdict": verdict, "table": table(made, self.come_from) if rows else nothing}
        )


def verdict_on(found: Sequence[Effect], ran: str) -> str:
    """Return how many scenarios were tried, by what, and what came of them."""
    changed = [one for one in found if not one.same]
    reached, broken = sum(one.reached for one in found), sum(bool(one.broken) for one in changed)
    tried = count(len(found), "scenario")
    return (
        f"{tried} tried, {reached:,} reached the patch, {len(changed):,} differ, "
        f"a law or the kernel breaks in {broken:,}. They ran {ran}."
    )


def note(base: str) -> str:
    """Return what is in the table, and what its links open."""
    return (
        f"Computed by the model, now: {label(base)} with the patch. Of random scenarios the first {DIFFERING} that "
        "differ are shown, and for each law that breaks one in its shortest form: no operation of it can be left out. "
        f"The explorer has no patch of yours: a scenario opens in it as {label(base)} does it."
    )
