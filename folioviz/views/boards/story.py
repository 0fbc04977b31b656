"""A story's dashboard: a question asked first, choices, the panels that it needs, and its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz import stories
from folioviz.views import story_panels
from folioviz.views.boards.board import CARDS, Board, card, columns
from folioviz.views.page.screen import slot
from folioviz.views.panels.controls import act, message
from folioviz.views.panels.story_parts import question, table
from folioviz.views.session.actions import ACTIONS
from folioviz.views.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FunctionType, ModuleType

    from folioviz.stories.parts.parts import Choice
    from folioviz.views.boards.board import P
    from folioviz.views.session.frame import Frame


class Story(Board):
    """One question of the gallery, and what is needed to answer it.

    Args:
        key: which one, of :data:`folioviz.stories.KEYS`.
        patches: in the story of that name, the reader's own functions.
        link: what Share has copied on this story's page.
    """

    def __init__(self, key: str, *patches: FunctionType | ModuleType, link: str = "") -> None:
        """Lay out the story's panels."""
        self.story = stories.find(key)
        self.patches = patches
        self.values = self.story.values
        super().__init__(Session(self.story.make(self.values)))
        self.add_class("fv-story")
        self.add_class(f"fv-story-{key}")
        self.guess = -1
        self._answer: tuple[int, str] | None = None
        self._quiet = False
        self._made: tuple[object, ...] = ()
        self.menus.named = self._named
        self.pickers = {choice.name: self._picker(choice) for choice in self.story.choices}
        self.events.guessed = self._guessed
        if self.story.question:
            self.add_class("fv-asking")
        left, right = ([*map(self.panel, names)] for names in (self.story.left, self.story.right))
        pickers = w.HBox([*self.pickers.values()])
        pickers.add_class("fv-pickers")
        choices = w.HBox([pickers, self.menus.widget])
        choices.add_class("fv-choices")
        acts = slot("acts", "fv-acts")
        body = w.VBox([choices, slot("story"), acts, columns(left, right), slot("numbers", "fv-numbers")])
        body.add_class("fv-answer")
        self.lay(slot("question"), body)
        self.follow_link(link)

    def add(self, kind: type[P]) -> P:
        """Make a panel that knows what is chosen and may choose."""
        made = super().add(kind)
        made.own, made.pick = self.patches, self._picked
        made.choose(self.values)
        return made

    def panel(self, name: str) -> w.VBox:
        """Make a card that the explorer has, too, or one that only stories have."""
        if name == "transport":
            return self.steps()
        if name == "lanes":
            return self.lanes(controls=False)
        if name == "timeline":
            return self.timeline()
        if name in CARDS:
            return super().panel(name)
        return card(name, self.add(story_panels.find(name)).widget)

    def _picker(self, choice: Choice) -> w.Dropdown:
        """Make the menu of a choice."""
        menu = w.Dropdown(
            options=choice.options, value=choice.value, description=choice.label, tooltip=choice.tooltip
        )
        menu.add_class("fv-field")
        menu.style.description_width = "auto"
        menu.observe(lambda change: self._chosen(choice.name, change["new"]), "value")
        return menu

    def _chosen(self, name: str, value: Any) -> None:
        """Take a choice: the story's scenario is made again."""
        if not self._quiet:
            self._take({**self.values, name: value})

    def _picked(self, values: Mapping[str, Any]) -> None:
        """Take several choices at once, from a panel."""
        self._take({**self.values, **values})

    def _take(self, values: dict[str, Any], at: int | None = None) -> None:
        """Show the scenario of what is chosen."""
        self.values = values
        for panel in self.panels:
            panel.choose(values)
        self._quiet = True
        for name, menu in self.pickers.items():
            menu.value = values[name]
        self._quiet = False
        self.session.load(self.story.make(values))
        if at is not None:
            self.session.seek(at)

    def _guessed(self, option: int) -> None:
        """Take a guess, and show the answer."""
        if self.story.question is None or not -1 <= option < len(self.story.question.options):
            return
        self.guess = option
        self._answer = self._answer or self.story.question.answer()
        self.remove_class("fv-asking")
        self.session.show()

    # ------------------------------------------------------------------------------------------ links

    def _named(self, frame: Frame) -> dict[str, str] | None:
        """Return the fields of a link to what is shown, if it is what the choices make."""
        made = self.story.make(self.values)
        same = made.ops == frame.ops and made.mmu_gather == frame.mmu_gather
        same = same and made.kernels == tuple(side.kernel.key for side in frame.sides)
        return {name: str(value) for name, value in self.values.items()} if same else None

    def follow(self, fields: Mapping[str, str]) -> None:
        """Open what a link asks for: choices of this story, or any scenario."""
        if "s" in fields or "scenario" in fields:
            super().follow(fields)
        elif any(choice.name in fields for choice in self.story.choices):
            at = fields.get("at", "")
            values = {one.name: one.read(fields.get(one.name, str(one.value))) for one in self.story.choices}
            self._take(values, int(at) if at.isascii() and at.isdigit() and len(at) < 10 else None)
        else:
            return
        self._guessed(self.guess if self._answer else -1)

    # ------------------------------------------------------------------------------------------ what is shown

    def show(self, frame: Frame) -> None:
        """Repaint the story's own words, and the panels."""
        self._own(frame)
        super().show(frame)

    def _own(self, frame: Frame) -> None:
        """Show the question, the buttons and the numbers."""
        if self.story.question:
            self.screen.put("question", question(self.story.question, self.guess, self._answer))
        said = frame.messages.get("scenario", "") or frame.messages.get("kernels", "")
        said = said or frame.messages.get("operations", "")
        self.screen.put("story", message(said))
        self.screen.put("acts", {name: act(frame, name) for name in self.story.actions if name in ACTIONS})
        key = tuple(self.values.items())
        if key != self._made:
            self._made = key
            tables = self.story.numbers(self.values)
            self.screen.put("numbers", {str(place): table(one) for place, one in enumerate(tables)})
