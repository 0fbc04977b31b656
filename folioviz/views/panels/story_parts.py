"""The parts of a story that are words: the question with its answer, and tables of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.stories.parts.parts import Cell
from folioviz.views.page.markup import EMPTY, html, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.stories.parts.parts import Question, Table

EXPLORER = "explorer.ipynb"
SHORT = 24
"""A longer text of a table stands left and may wrap."""


def question(asked: Question, guess: int, answer: tuple[int, str] | None) -> Markup:
    """Return the question; once a guess is made, which option is right, and why."""
    buttons = joined(option(asked, place, guess, answer) for place in range(len(asked.options)))
    if answer is None:
        more = Markup('<button class="fv-link" data-fv="guess:skip">show me</button>')
    else:
        right = {True: "Right. ", False: "Not so. "}[guess == answer[0]] if guess >= 0 else ""
        more = html('<p class="fv-because" role="status"><b>{}</b>{}</p>', right, answer[1])
    return html(
        '<section class="fv-guess" aria-label="Before you look"><p><b>Before you look:</b> {}</p>'
        '<div class="fv-options">{}{}</div></section>',
        asked.text,
        buttons,
        more,
    )


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


def bare(cell: object) -> str:
    """Return what a cell says, without its colour and link."""
    return str(cell.value if isinstance(cell, Cell) else cell)


def verbal(column: Iterable[object]) -> bool:
    """Tell whether a column holds words, not numbers: it stands left."""
    return any(bare(cell)[:1].isalpha() or len(bare(cell)) > SHORT for cell in column)


def title(name: str, left: Markup = EMPTY) -> Markup:
    """Return a column's heading; one that says nothing is none."""
    return html('<th scope="col"{}>{}</th>', left, name) if name else Markup("<td></td>")


def value(cell: object, *, left: bool = False) -> Markup:
    """Return a table's cell."""
    text: str = bare(cell)
    kinds = ["fv-left"] if left else []
    kinds += ["fv-words"] if len(text) > SHORT else []
    kinds += [f"fv-{cell.mark}-cell"] if isinstance(cell, Cell) and cell.mark else []
    mark = html(' class="{}"', " ".join(kinds)) if kinds else ""
    if isinstance(cell, Cell) and cell.query:
        text = html(
            '<a href="{}?{}" target="_blank" title="open in the explorer">{}</a>', EXPLORER, cell.query, text
        )
    return html("<td{}>{}</td>", mark, text)


def table(found: Table) -> Markup:
    """Return a table of numbers with its caption and its source."""
    left = [verbal(row[place] for row in found.rows) for place in range(1, len(found.columns))]
    kinds = (Markup(' class="fv-left"') if one else EMPTY for one in (True, *left))
    head = joined(map(title, found.columns, kinds))
    rows = joined(
        html(
            '<tr><th scope="row">{}</th>{}</tr>',
            row[0],
            joined(value(cell, left=one) for cell, one in zip(row[1:], left, strict=True)),
        )
        for row in found.rows
    )
    grid = html('<table class="fv-costs"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', head, rows)
    return html(
        '<figure class="fv-panel fv-table"><figcaption><h2>{}</h2></figcaption>'
        '<div tabindex="0" role="group" aria-label="numbers">{}</div><p class="fv-dim">{}</p></figure>',
        found.caption,
        grid,
        found.note,
    )
