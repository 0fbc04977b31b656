"""A story's dashboard: a question asked first, then choices, the panels that it needs, its words and its numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz import stories
from folioviz.files import share
from folioviz.files.scenario import Scenario
from folioviz.stories import ways
from folioviz.stories.parts.parts import UNLISTED
from folioviz.views import story_panels
from folioviz.views.boards.board import CARDS, Board, card, columns
from folioviz.views.page.alike import alike
from folioviz.views.page.screen import filled, slot
from folioviz.views.panels.at_rest import at_rest
from folioviz.views.panels.controls import act, message
from folioviz.views.panels.guess_curve import curve
from folioviz.views.panels.prose import prose
from folioviz.views.panels.story_parts import cases, instruction, picker, question, tables
from folioviz.views.panels.timeline_head import Steps
from folioviz.views.panels.underlined import Underlined
from folioviz.views.session import looks
from folioviz.views.session.actions import ACTIONS
from folioviz.views.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FunctionType, ModuleType

    from markupsafe import Markup

    from folioviz.race.document import RaceDocument
    from folioviz.views.boards.board import P
    from folioviz.views.session.frame import Frame

ONE = "A and B are the same kernel: it is shown once, as A."


class Story(Board):
    """One question of the gallery, and what is needed to answer it.

    Before the guess the folios stand at rest, and nothing that tells the answer is on the page. The answer makes the
    choices that the question is about, and plays what it asks about once.

    Args:
        key: which one, of :data:`folioviz.stories.KEYS`.
        patches: in the story of that name, the reader's own functions.
        link: what Share has copied on this story's page.
    """

    def __init__(self, key: str, *patches: FunctionType | ModuleType, link: str = "") -> None:
        """Ask the story's question; without one, tell it."""
        self.story = stories.find(key)
        self.patches = patches
        self.values = self.story.case
        super().__init__(Session(self.story.make(self.values)))
        self.add_class("fv-story")
        self.add_class(f"fv-story-{key}")
        self.guess = -1
        self._answer: tuple[int, str] | None = None
        self._quiet = False
        self._made: tuple[object, ...] = ()
        self.menus.named = self._named
        menus = (choice for choice in self.story.choices if not isinstance(choice, UNLISTED))
        self.pickers = {one.name: picker(one, self.values[one.name], self._chosen) for one in menus}
        self.events.guessed = self._guessed
        self.events.drew = self._drew
        self.mine: tuple[int, ...] | None = None
        self.events.extra |= {"case": partial(self._play, self.story.case), "first": self._first}
        self.body = self._body()
        self.told, self.docked = alike(w.VBox), alike(w.VBox)
        for place in (self.told, self.docked):
            place.add_class("fv-told")
        self.lay(slot("question"), self.told, *map(self.panel, self.story.below), self.docked)
        if self.story.question is None:
            self._tell()
        self._goal = self._rest()
        self.follow_link(link)

    def add(self, kind: type[P]) -> P:
        """Make a panel that knows what is chosen and may choose."""
        made = super().add(kind)
        made.own, made.pick = self.patches, self._picked
        made.come_from = self.come_from
        made.choose(self.values)
        return made

    def panel(self, name: str) -> w.VBox:
        """Make a card that the explorer has, too, or one that only stories have."""
        if name == "transport":
            return card("timeline", self.add(Steps).widget)
        if name == "lanes":
            return self.lanes(controls=False)
        if name == "timeline":
            return self.chart()
        if name in CARDS:
            return super().panel(name)
        return card(name, self.add(story_panels.find(name)).widget)

    @property
    def come_from(self) -> str:
        """Return what links into the explorer say of this page."""
        return ways.origin(self.story.key, self.values)

    @property
    def _doubled(self) -> bool:
        """Tell whether one kernel is chosen twice."""
        return "b" in self.values and self.values["b"] == self.values.get("a")

    @property
    def asking(self) -> bool:
        """Tell whether the guess is waited for."""
        return self.story.question is not None and self._answer is None

    # ------------------------------------------------------------------------------------------ layout

    def _body(self) -> list[w.Widget]:
        """Return what is on the page once the answer is, and what plays it, if it is played: nobody has it before."""
        left, right = ([*map(self.panel, names)] for names in (self.story.left, self.story.right))
        pickers = alike(w.HBox, [*self.pickers.values()])
        pickers.add_class("fv-pickers")
        choices = alike(w.HBox, [pickers, self.menus.widget])
        choices.add_class("fv-choices")
        parts = (prose(part, self._instruction, Underlined()) for part in stories.words(self.story.key))
        notice, where = (card("words", filled(part)) for part in parts)
        where.add_class("fv-where")
        places, other = {"left": left, "right": right}, {"left": "right", "right": "left"}
        places[self.story.notice].append(notice)
        places[self.story.where or other[self.story.notice]].append(where)
        acts = slot("acts", "fv-acts")
        rows = [choices, slot("story"), acts, columns(left, right), slot("numbers", "fv-numbers")]
        body = alike(w.VBox, rows)
        body.add_class("fv-answer")
        return [body, self.dock()] if self.story.played else [body]

    def _instruction(self, text: str, target: str) -> Markup:
        """Return a link of the story's words: a button that does what the words say, or one to another page."""
        kind, _, what = target.partition(":")
        if kind != "try":
            return instruction(text, target)
        name = f"try{len([known for known in self.events.extra if known.startswith('try')])}"
        self.events.extra[name] = partial(self._picked, self.story.chosen(what))
        return instruction(text, f"do:{name}")

    # ------------------------------------------------------------------------------------------ choices

    def _chosen(self, name: str, value: Any) -> None:
        """Take a choice: the story's scenario is made again."""
        if not self._quiet:
            self._take(self.story.changed(self.values, {name: value}))

    def _picked(self, values: Mapping[str, Any]) -> None:
        """Take several choices at once, from a panel or from the words."""
        self._take(self.story.changed(self.values, values))

    def _first(self) -> None:
        """Take the case that the story begins with once its question is answered."""
        self._take(self.story.values)

    def _take(self, values: dict[str, Any], at: int | None = None) -> None:
        """Show the scenario of what is chosen; until it is there, the page says that it is worked at."""
        self.add_class("fv-busy")
        self.values = values
        for panel in self.panels:
            panel.come_from = self.come_from
            panel.choose(values)
        self._quiet = True
        for name, menu in self.pickers.items():
            menu.value = values[name]
        self._quiet = False
        if self.story.played:
            self.transport.stop()
        if not self._show_instead():
            made = self.story.make(values)
            if self.story.played or not self._is_shown(made, self.session.frame):
                self.session.load(made)
            else:
                with self.session.attempt("scenario"):
                    pass
        if at is not None:
            self.session.seek(at)
        self.remove_class("fv-busy")

    @property
    def _instead(self) -> tuple[RaceDocument, int] | None:
        """Return what a panel shows in the place of the story's scenario, once the answer is told."""
        return None if self.asking else next((one.instead for one in self.panels if one.instead), None)

    def _show_instead(self) -> bool:
        """Show that, if there is such a panel."""
        if self._instead is None:
            return False
        race, row = self._instead
        if not self._is_shown(race, self.session.frame):
            self.session.load(race)
        self.session.go_to_row("A", row)
        return True

    # ------------------------------------------------------------------------------------------ the question

    def _rest(self) -> int:
        """Go to where nothing of what the question is about has happened; return where the playhead was."""
        history, asked = self.session.history, self.story.question.asked if self.story.question else 0
        goal = history.position
        self.session.seek(history.axis.begins[max(0, len(history.ops) - asked)])
        return goal

    def _play(self, values: dict[str, Any]) -> None:
        """Show a case, and play what the question is about once, where there is something to play it with."""
        self._take(values)
        if self.story.played:
            self._play_to(self._rest())

    def _play_to(self, goal: int) -> None:
        """Play from where everything is at rest to a position, or to the end if nothing happens until there."""
        history = self.session.history
        self.transport.play_to(goal if goal > history.position else history.axis.last)

    def _guessed(self, option: int) -> None:
        """Take a guess, show the answer, and play it."""
        asked = self.story.question
        if asked is None or not -1 <= option < len(asked.options):
            return
        again = self._answer is not None
        self.guess = option
        self._tell()
        if again or self.story.played:
            self.session.show()
        if again:
            return
        if self.story.played:  # it stands at rest with the question's case: nothing jumps
            self._play_to(self._goal)
        else:
            self.session.seek(self._goal)

    def _tell(self) -> None:
        """Put the answer, and all that tells it, on the page."""
        if self.story.question:
            self._answer = self._answer or self.story.question.answer()
        self.told.children, self.docked.children = self.body[:1], self.body[1:]
        self._show_instead()

    def _drew(self, said: object) -> None:
        """Take a curve that was drawn for a guess; one that does not fit, or comes after the answer, is none."""
        drawn = self.story.question.drawn if self.story.question else None
        if drawn and self._answer is None and (mine := curve(drawn(), said)):
            self.mine = mine
            self._guessed(-1)

    # ------------------------------------------------------------------------------------------ links

    def _named(self, frame: Frame) -> dict[str, str] | None:
        """Return the fields of a link to what is shown, if it is what the choices make."""
        made = self._instead[0] if self._instead else self.story.make(self.values)
        same = self._is_shown(made, frame)
        return {name: str(value) for name, value in self.values.items() if value != ""} if same else None

    @staticmethod
    def _is_shown(made: Scenario | RaceDocument, frame: Frame) -> bool:
        """Tell whether a frame is one of a scenario."""
        if not isinstance(made, Scenario):
            return frame.race == made
        kernels = tuple(side.kernel.key for side in frame.sides)
        return (made.ops, made.mmu_gather, made.kernels) == (frame.ops, frame.mmu_gather, kernels)

    def follow(self, fields: Mapping[str, str]) -> None:
        """Open what a link asks for: choices of this story, or any scenario; who follows one is told the answer."""
        if "s" in fields or "scenario" in fields:
            self._tell()
            super().follow(fields)
        elif any(choice.name in fields for choice in self.story.choices):
            values, faults = self.story.asked(fields)
            place, more = share.read({"at": fields["at"]} if "at" in fields else {}, self.story.make(values))
            self._tell()
            self._take(values, place.at if place else None)
            self.complain((*faults, *more, *looks.take(self.session, fields)))

    # ------------------------------------------------------------------------------------------ what is shown

    def show(self, frame: Frame) -> None:
        """Repaint the question with the folios at rest; after the guess the panels, and the story's own parts."""
        if asked := self.story.question:
            more = at_rest(frame, asked.figures) if self.asking else cases(self.story)
            self.screen.put("question", question(asked, self.guess, self._answer, more, self.mine))
        if self.asking:
            self.screen.flush()
            return
        said = frame.messages.get("scenario", "") or frame.messages.get("kernels", "")
        said = said or frame.messages.get("operations", "")
        self.screen.put("story", message(said or (ONE if self._doubled else "")))
        self.screen.put("acts", {name: act(frame, name) for name in self.story.actions if name in ACTIONS})
        key = tuple(self.values.items())
        if key != self._made:
            self._made = key
            self.screen.put("numbers", tables(self.story.numbers(self.values), self.come_from))
        super().show(frame)
