"""The parts of a story that are words: the question with its answer, instructions, and tables of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz.stories import ways
from folioviz.stories.parts.parts import Cell, bare
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html, joined, unbroken
from folioviz.views.panels import guess_curve, guess_pages
from folioviz.views.panels.underlined import Underlined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from folioviz.stories.parts.parts import Choice, Question, Story, Table

SHORT = 24
"""A longer text of a table stands left and may wrap."""


def picker(choice: Choice, value: object, chosen: Callable[[str, Any], None]) -> w.Dropdown:
    """Make the menu of a choice; it tells ``chosen`` its name and the new value."""
    menu = alike(
        w.Dropdown,
        options=choice.options,
        value=value,
        description=choice.label,
        tooltip=choice.tooltip,
        style={"description_width": "auto"},
    )
    menu.add_class("fv-field")
    menu.observe(lambda change: chosen(choice.name, change["new"]), "value")
    return menu


def pointed(asked: Question, guess: int, right: int | None, mine: Sequence[int] | None) -> Markup:
    """Return what is drawn on or pointed at, if the question has it; ``right`` is None before the answer."""
    if asked.drawn and right is None:
        return guess_curve.asking(asked.drawn())
    if asked.drawn:
        return guess_curve.answered(asked.drawn(), mine)
    return guess_pages.pages(asked, guess, right) if asked.pages else EMPTY


def question(
    asked: Question,
    guess: int,
    answer: tuple[int, str] | None,
    more: Markup = EMPTY,
    mine: Sequence[int] | None = None,
) -> Markup:
    """Return the question; once a guess is made, which option is right, and why; ``more`` stands below.

    ``mine`` is the curve that was drawn for a guess.
    """
    buttons = joined(option(asked, place, guess, answer) for place in range(asked.pages, len(asked.options)))
    if answer is None:
        told = Markup('<button class="fv-link" data-fv="guess:skip">show me</button>')
    else:
        right = {True: "Right. ", False: "Not so. "}[guess == answer[0]] if guess >= 0 else ""
        told = html('<p class="fv-because" role="status"><b>{}</b>{}</p>', right, Underlined()(answer[1]))
    words = html(
        '<section class="fv-guess" aria-label="Before you look"><p><b>Before you look:</b> {}</p>'
        '{}<div class="fv-options">{}{}</div>{}</section>',
        Underlined(asked.hints if answer is None else ())(asked.text),
        pointed(asked, guess, answer[0] if answer else None, mine),
        buttons,
        told,
        more,
    )
    return unbroken(words)


def cases(story: Story) -> Markup:
    """Return how to see the question's case once more, and what to look at next, if that is another one."""
    again = instruction("▶ play it again" if story.played else "the case that was asked about", "do:case")
    differing = [one for one in story.choices if story.values[one.name] != story.case[one.name]]
    if not differing:
        return html('<p class="fv-cases">{}</p>', again)
    said = "; ".join(
        f"{one.label}: {name}" for one in differing for name, value in one.options if value == one.value
    )
    return html('<p class="fv-cases">{} · now try {}</p>', again, instruction(said, "do:first"))


def instruction(text: str, target: str) -> Markup:
    """Return words that do what they say when they are pressed, or that lead to another page."""
    if target.startswith(("do:", "act:", "folio:")):
        return html('<button class="fv-link" data-fv="{}">{}</button>', target, text)
    return html('<a href="{}">{}</a>', target, text)


def option(asked: Question, place: int, guess: int, answer: tuple[int, str] | None) -> Markup:
    """Return one answer to choose, or, after the guess, how it fared."""
    sign, kind = "", ""
    if answer is not None:
        sign, kind = (
            ("✓ ", " fv-right") if place == answer[0] else ("✗ ", " fv-wrong") if place == guess else ("", "")
        )
    return html(
        '<button class="fv-btn fv-option{}" data-fv="guess:{}" aria-pressed="{}"{}>{}{}</button>',
        kind,
        place,
        str(place == guess).lower(),
        " disabled" if answer is not None else "",
        sign,
        asked.options[place],
    )


def verbal(column: Iterable[object]) -> bool:
    """Tell whether a column holds words, not numbers with a word between: it stands left."""
    texts = [bare(cell) for cell in column]
    words = sum(text[:1].isalpha() for text in texts)
    return 2 * words >= len(texts) > 0 or any(len(text) > SHORT for text in texts)


def title(name: str, left: Markup = EMPTY) -> Markup:
    """Return a column's heading; one that says nothing is none."""
    return html('<th scope="col"{}>{}</th>', left, name) if name else Markup("<td></td>")


def value(cell: object, row: str, column: str, come_from: str, *, left: bool = False) -> Markup:
    """Return a table's cell."""
    text = bare(cell)
    kinds = ["fv-left"] if left else []
    kinds += ["fv-words"] if len(text) > SHORT else []
    kinds += [f"fv-{cell.mark}-cell"] if isinstance(cell, Cell) and cell.mark else []
    mark = html(' class="{}"', " ".join(kinds)) if kinds else ""
    return html("<td{}>{}</td>", mark, opening(cell, f"row “{row}”, {column}", come_from))


def opening(cell: object, title: str, come_from: str) -> object:
    """Return what a cell says, as a link to its scenario in the explorer if it has one."""
    if not (isinstance(cell, Cell) and cell.query):
        return bare(cell)
    return into(cell.query, cell.value, title, come_from)


def into(query: str, text: object, title: str, come_from: str) -> Markup:
    """Return a link into the explorer, where the scenario has this title, and a way back to the story."""
    link = '<a href="{}" target="_blank" title="open in the explorer">{}</a>'
    return html(link, ways.explorer(query, come_from, title), text)


def grid(found: Table, come_from: str) -> Markup:
    """Return a table's numbers and its source; where cells are links, arrow keys go from one to the next."""
    left = [verbal(row[place] for row in found.rows) for place in range(1, len(found.columns))]
    kinds = (Markup(' class="fv-left"') if one else EMPTY for one in (True, *left))
    head = joined(map(title, found.columns, kinds))
    rows = joined(
        html(
            '<tr><th scope="row">{}</th>{}</tr>',
            opening(row[0], f"row “{bare(row[0])}”", come_from),
            joined(
                value(cell, bare(row[0]), column, come_from, left=one)
                for cell, column, one in zip(row[1:], found.columns[1:], left, strict=True)
            ),
        )
        for row in found.rows
    )
    linked = any(isinstance(cell, Cell) and cell.query for row in found.rows for cell in row)
    return html(
        '<div{}><table class="fv-costs"{}><thead><tr>{}</tr></thead>'
        '<tbody>{}</tbody></table></div><p class="fv-dim">{}</p>',
        EMPTY if linked else Markup(' tabindex="0" role="group" aria-label="numbers"'),
        Markup(' role="grid" aria-label="numbers"') if linked else EMPTY,
        head,
        rows,
        found.note,
    )


def table(found: Table, come_from: str) -> Markup:
    """Return a table with its caption; ``come_from`` is what its links into the explorer say of the story."""
    caption = html("<figcaption><h2>{}</h2></figcaption>", found.caption)
    return html('<figure class="fv-panel fv-table">{}{}</figure>', caption, grid(found, come_from))


def tables(found: Iterable[Table], come_from: str) -> dict[str, Markup]:
    """Return tables, each below one line that says what it comes to; the first is open."""
    return {
        str(place): html(
            '<details class="fv-panel fv-table"{}><summary><h2>{}</h2> <span>{}</span></summary>{}</details>',
            EMPTY if place else Markup(" open"),
            one.caption,
            one.result(one.rows),
            grid(one, come_from),
        )
        for place, one in enumerate(found)
    }
