"""The parts of a story that are words: the question with its answer, and tables of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.stories.parts.parts import Cell
from folioviz.views.page.text import esc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.stories.parts.parts import Question, Table

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


def bare(cell: object) -> str:
    """Return what a cell says, without its colour and link."""
    return str(cell.value if isinstance(cell, Cell) else cell)


def verbal(column: Iterable[object]) -> bool:
    """Tell whether a column holds words, not numbers: it stands left."""
    return any(bare(cell)[:1].isalpha() or len(bare(cell)) > SHORT for cell in column)


def title(name: str, left: str = "") -> str:
    """Return a column's heading; one that says nothing is none."""
    return f'<th scope="col"{left}>{esc(name)}</th>' if name else "<td></td>"


def value(cell: object, *, left: bool = False) -> str:
    """Return a table's cell."""
    text = bare(cell)
    kinds = ["fv-left"] if left else []
    kinds += ["fv-words"] if len(text) > SHORT else []
    kinds += [f"fv-{cell.mark}-cell"] if isinstance(cell, Cell) and cell.mark else []
    mark = f' class="{" ".join(kinds)}"' if kinds else ""
    text = esc(text)
    if isinstance(cell, Cell) and cell.query:
        text = (
            f'<a href="{EXPLORER}?{esc(cell.query)}" target="_blank" title="open in the explorer">{text}</a>'
        )
    return f"<td{mark}>{text}</td>"


def table(found: Table) -> str:
    """Return a table of numbers with its caption and its source."""
    left = [verbal(row[place] for row in found.rows) for place in range(1, len(found.columns))]
    kinds = (' class="fv-left"' if one else "" for one in (True, *left))
    head = "".join(map(title, found.columns, kinds))
    rows = "".join(
        f'<tr><th scope="row">{esc(str(row[0]))}</th>'
        f"{''.join(value(cell, left=one) for cell, one in zip(row[1:], left, strict=True))}</tr>"
        for row in found.rows
    )
    grid = f'<table class="fv-costs"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return (
        f'<figure class="fv-panel fv-table"><figcaption><h2>{esc(found.caption)}</h2></figcaption>'
        f'<div tabindex="0" role="group" aria-label="numbers">{grid}</div>'
        f'<p class="fv-dim">{esc(found.note)}</p></figure>'
    )
