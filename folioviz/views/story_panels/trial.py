"""The trial: a patch's source, and what it does to every scenario; it shows its progress and can be cancelled."""

from __future__ import annotations

import inspect
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz import kernels
from folioviz.compare.trial import RANDOM, Effect, food, judge
from folioviz.errors import FoliovizError
from folioviz.files.scenario import library
from folioviz.machine.costs import COSTS
from folioviz.readout.words import count
from folioviz.stories.own_patch import PREPARED
from folioviz.stories.parts.parts import Cell, Table
from folioviz.stories.parts.pieces import V4
from folioviz.views.page.markup import html
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading
from folioviz.views.panels.controls import message
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import table
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FunctionType, ModuleType

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session


def source(patches: Sequence[FunctionType | ModuleType]) -> str:
    """Return the source of a patch's functions."""
    parts = []
    for patch in patches:
        functions = [patch]
        if inspect.ismodule(patch):
            functions = [
                one
                for _, one in inspect.getmembers(patch, inspect.isfunction)
                if one.__module__ == patch.__name__
            ]
        for one in sorted(functions, key=lambda one: one.__code__.co_firstlineno):
            try:
                parts.append(dedent(inspect.getsource(one)).rstrip())
            except (OSError, TypeError):
                parts.append(f"# the source of {one.__name__}() is not at hand")
    return "\n\n\n".join(parts)


def row(effect: Effect) -> tuple[object, ...]:
    """Return a scenario's line of the table."""
    costs = ", ".join(f"{COSTS[name].words} {more:+d}" for name, more in effect.costs.items())
    law = Cell(effect.broken, mark="bad") if effect.broken else "holds"
    return effect.name, costs or "–", "yes" if effect.state else "no", law


class Trial(Panel):
    """Tries the chosen patch, or the reader's own."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.found: list[Effect] = []
        self.said = ""
        self.work = Work(self.redraw)
        self.actions = {"try": self.start, "trystop": self.work.stop}
        head = filled(heading("The patch", "folioviz’s own Python, on top of the whole series"))
        self.widget = w.VBox([head, slot("trialsource"), slot("trialgo", "fv-buttons"), slot("trial")])

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take the patch that is chosen; what another one did is no longer shown."""
        if dict(values) != dict(self.values):
            self.work.stop()
            self.found, self.said = [], ""
        super().choose(values)

    @property
    def patches(self) -> Sequence[FunctionType | ModuleType]:
        """Return what is tried."""
        return self.own or (PREPARED[self.values["patch"]][1],)

    def start(self) -> None:
        """Begin; a function that replaces nothing is told at once."""
        if self.work.task is not None:
            return
        self.found, self.said = [], ""
        try:
            kernels.link(V4, self.values["gather"], *self.patches)
        except FoliovizError as error:
            self.said = str(error)
            self.redraw()
            return
        self.work.start(self._try(self.values["gather"]))

    def _try(self, mode: str) -> Iterator[None]:
        """Judge every scenario."""
        for name, ops in food(V4, mode):
            self.found.append(judge(name, ops, self.patches, V4, mode))
            yield

    def update(self, _frame: Frame) -> None:
        """Show the source, the button or the progress, and the table."""
        self.screen.put(
            "trialsource",
            html('<pre class="fv-source" tabindex="0" aria-label="source">{}</pre>', source(self.patches)),
        )
        total = len(library()) + RANDOM
        go = button(
            "try", f"Try it on {total} scenarios", "the library’s and random ones, with the patch and without"
        )
        parts = self.work.pieces(go, "trystop", len(self.found), total)
        self.screen.put("trialgo", parts | ({"said": message(self.said)} if self.said else {}))
        changed = [one for one in self.found if not one.same]
        if not self.found:
            self.screen.put("trial", {"": Markup("<div></div>")})
            return
        broken = sum(bool(one.broken) for one in changed)
        tried = count(len(self.found), "scenario")
        note = f"{tried} tried, {len(changed)} differ, a law or the kernel breaks in {broken}."
        rows = tuple(row(one) for one in changed)
        columns = ("scenario", "costs, with the patch", "state differs", "laws")
        shown = (
            table(Table("What the patch changes", columns, rows, f"{note} Computed by the model, now."))
            if rows
            else ""
        )
        self.screen.put(
            "trial",
            {"": html("<div>{}</div>", shown or html("<p>{} The patch makes no difference.</p>", note))},
        )
