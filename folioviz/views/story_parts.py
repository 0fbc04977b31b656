"""The parts of a story that are words: the question with its answer, and tables of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.stories.parts import Cell
from folioviz.views.text import esc

if TYPE_CHECKING:
    from folioviz.stories.parts import Question, Table

EXPLORER = "explorer.ipynb"
SHORT = 24
"""A longer text of a table stands left and may wrap."""


def question(asked: Question, guess: int, answer: tuple[int, str] | None) -> str:
    """Return the question; once a guess is made, which option is right, and why."""
    buttons = "".join(option(asked, place, guess, answer) for place in range(len(asked.options)))
    if answer is None:
        more = '<button class="fv-link" data-fv="guess:skip">show me</button>'
    else:
        right = {True: "Right. ", False: "Not so. "}[guess == answer[0]] if guess >= 0 else ""
        more = f'<p class="fv-because" role="status"><b>{right}</b>{esc(answer[1])}</p>'
    return (
        f'<section class="fv-guess" aria-label="Before you look"><p><b>Before you look:</b> {esc(asked.text)}</p>'
        f'<div class="fv-options">{buttons}{more}</div></section>'
    )


def option(asked: Question, place: int, guess: int, answer: tuple[int, str] | None) -> str:
    """Return one answer to choose, or, after the guess, how it fared."""
    sign, kind = "", ""
    if answer is not None:
        sign, kind = (
            ("✓ ", " fv-right") if place == answer[0] else ("✗ ", " fv-wrong") if place == guess else ("", "")
        )
    return (
        f'<button class="fv-btn fv-option{kind}" data-fv="guess:{place}" aria-pressed="{str(place == guess).lower()}"'
        f"{' disabled' if answer is not None else ''}>{sign}{esc(asked.options[place])}</button>"
    )


def value(cell: object) -> str:
    """Return a table's cell."""
    if not isinstance(cell, Cell):
        words = ' class="fv-words"' if len(str(cell)) > SHORT else ""
        return f"<td{words}>{esc(str(cell))}</td>"
    mark = f' class="fv-{cell.mark}-cell"' if cell.mark else ""
    text = esc(str(cell.value))
    if cell.query:
        text = (
            f'<a href="{EXPLORER}?{esc(cell.query)}" target="_blank" title="open in the explorer">{text}</a>'
        )
    return f"<td{mark}>{text}</td>"


def table(found: Table) -> str:
    """Return a table of numbers with its caption and its source."""
    head = "".join(f'<th scope="col">{esc(name)}</th>' for name in found.columns)
    rows = "".join(
        f'<tr><th scope="row">{esc(str(row[0]))}</th>{"".join(map(value, row[1:]))}</tr>'
        for row in found.rows
    )
    return (
        f'<figure class="fv-panel fv-table"><figcaption><h2>{esc(found.caption)}</h2></figcaption>'
        f"<div><table class='fv-costs'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="fv-dim">{esc(found.note)}</p></figure>'
    )
