"""What a story is made of: choices, a scenario made from them, a question asked first, and numbers computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from folioviz.errors import NEAR, FoliovizError, LimitError, near

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario

Values: TypeAlias = Mapping[str, Any]
"""What is chosen, by the names of the choices."""


MOST = 8
"""So many options are all named where a value is none of them; of more, those that come close."""


@dataclass(frozen=True)
class Choice:
    """Something that the reader may vary.

    Attributes:
        name: how a link calls it: a-z only.
        label: what stands before it.
        options: (what a reader sees, value) pairs; values are text or whole numbers.
        value: the one chosen at first.
        tooltip: what it means.
        resets: choices that are about this one's value: they are as at first when it changes.
    """

    name: str
    label: str
    options: tuple[tuple[str, Any], ...]
    value: Any
    tooltip: str = ""
    resets: tuple[str, ...] = ()

    def read(self, text: str) -> Any:
        """Return the value that a text stands for.

        Raises:
            LimitError: if it is not one of the options.
        """
        names = [str(value) for _, value in self.options]
        if text not in names:
            bound = ", ".join(names)
            if len(names) > MOST:
                bound = f"{', '.join(near(text, names) or names[:NEAR])} or another of its {len(names)}"
            raise LimitError.of(f"the choice {self.name}", text, f"one of {bound}")
        return self.options[names.index(text)][1]


@dataclass(frozen=True)
class Slider(Choice):
    """A choice along a scale, which a panel shows as a slider; it changes what is simulated, never the scenario.

    Attributes:
        source: where the value at first is from, in words: measured, counted or assumed.
    """

    source: str = ""


@dataclass(frozen=True)
class Written(Choice):
    """A choice that is a text, with no menu; it changes what a panel shows, never the scenario.

    Attributes:
        check: returns a text that may be chosen, and raises a FoliovizError that names what is wrong with another.
    """

    check: Callable[[str], str] = str

    def read(self, text: str) -> str:
        """Return a text, if it may be chosen.

        Raises:
            FoliovizError: naming what is wrong.
        """
        return self.check(text)


UNLISTED = (Slider, Written)
"""Choices that have no menu: a panel shows them."""


@dataclass(frozen=True)
class Drawn:
    """A counter over the steps of an operation, to be drawn before it is seen.

    Attributes:
        what: the counter.
        most: the highest value that may be drawn.
        values: what it is at evenly spaced steps, the first and the last one among them.
    """

    what: str
    most: int
    values: tuple[int, ...]

    @property
    def start(self) -> int:
        """Return what it is at first: that much is told."""
        return self.values[0]

    @property
    def columns(self) -> int:
        """Return at how many steps there is a value."""
        return len(self.values)


@dataclass(frozen=True)
class Question:
    """A guess to make before the answer is seen.

    Attributes:
        text: what is asked.
        options: the answers to choose from.
        answer: computes (which option is right, why), with the model's numbers in it.
        case: the choices that make the scenario that is asked about, where they are not the first ones.
        asked: how many operations, the last ones, the question is about: before them the folio is at rest.
        drawn: the curve that may be drawn instead.
        pages: the first so many options are the pages of a folio, to be pointed at.
        figures: so many folios are drawn at rest, at most; the others are counted.
        hints: words of the glossary that tell the answer: they are explained after it.
    """

    text: str
    options: tuple[str, ...]
    answer: Callable[[], tuple[int, str]]
    case: Values = field(default_factory=dict)
    asked: int = 1
    drawn: Callable[[], Drawn] | None = None
    pages: int = 0
    figures: int = 3
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A value of a table, with the query string of the scenario that it comes from, or its source."""

    value: object
    query: str = ""
    mark: str = ""
    """"good", "bad" or ""."""


def bare(cell: object) -> str:
    """Return what a cell says, without its colour and link."""
    return str(cell.value if isinstance(cell, Cell) else cell)


Rows: TypeAlias = tuple[tuple[object, ...], ...]
Result: TypeAlias = Callable[[Rows], str]


@dataclass(frozen=True)
class Table:
    """Numbers.

    Attributes:
        caption: what they are.
        columns: the headings; the first is of the rows' names.
        rows: their values: text, numbers or cells.
        note: what to know about them: who computed or measured them.
    """

    caption: str
    columns: tuple[str, ...]
    rows: Rows
    note: str = "Computed by the model, now."
    result: Result = lambda _: ""
    """Says in one line what the rows come to: that is read of a table that is folded."""


@dataclass(frozen=True)
class Story:
    """One question, and what is needed to answer it.

    Attributes:
        key: its name; its notebook is ``NN-key.ipynb``.
        make: a scenario for what is chosen.
        choices: what the reader may vary.
        question: what is asked first, if anything.
        numbers: tables for what is chosen.
        left, right: the panels, by their names in :mod:`folioviz.views.boards.story`.
        actions: the operations that the reader may do.
        below: the panels that stand below all of it, before the guess, too: they tell nothing of the answer.
        notice: the column that has what to notice, "left" or "right": the shorter one.
        where: the column that has where it is; "" for the other one.
    """

    key: str
    make: Callable[[Values], Scenario]
    choices: tuple[Choice, ...] = ()
    question: Question | None = None
    numbers: Callable[[Values], tuple[Table, ...]] = field(default=lambda _: ())
    left: tuple[str, ...] = ("folios", "timeline")
    right: tuple[str, ...] = ("queue", "costs")
    actions: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    notice: str = "right"
    where: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """Return what is chosen at first."""
        return {choice.name: choice.value for choice in self.choices}

    @property
    def case(self) -> dict[str, Any]:
        """Return what is chosen in the scenario that the question is about."""
        return self.values | dict(self.question.case if self.question else {})

    @property
    def played(self) -> bool:
        """Tell whether one can go through its steps."""
        return not {"transport", "timeline"}.isdisjoint(self.left)

    def chosen(self, text: str) -> dict[str, Any]:
        """Return the question's case with other choices, ``name=value&name=value``.

        Raises:
            LimitError: if there is no such choice, or it has no such value.
        """
        wanted = dict(part.split("=", 1) for part in text.split("&"))
        by_name = {choice.name: choice for choice in self.choices}
        for name in wanted:
            if name not in by_name:
                raise LimitError.of("the choice", name, f"one of {', '.join(by_name)}")
        return self.case | {name: by_name[name].read(value) for name, value in wanted.items()}

    def changed(self, values: Values, new: Values) -> dict[str, Any]:
        """Return values of which some are new; what is about one that changes is as at first, unless it is new, too."""
        about = {
            name
            for choice in self.choices
            if new.get(choice.name, values[choice.name]) != values[choice.name]
            for name in choice.resets
        }
        first = self.values
        return {**values, **{name: first[name] for name in about}, **new}

    def asked(self, fields: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the choices of a link's fields, the first ones where it has none, and a sentence for each fault."""
        values, faults = self.values, []
        for choice in self.choices:
            try:
                if choice.name in fields:
                    values[choice.name] = choice.read(fields[choice.name])
            except FoliovizError as error:
                faults.append(str(error))
        return values, tuple(faults)
