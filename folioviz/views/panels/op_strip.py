"""The strip of operations: a chip each; of a long history, one for those of a kind that follow one another."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.ops import ops
from folioviz.readout.words import count
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.session.described import described, label

if TYPE_CHECKING:
    from folioviz.ops.op import Op
    from folioviz.views.session.frame import Frame

MAX_CHIPS = 8
"""So many chips are shown, and all operations by themselves if they are no more."""


@lru_cache(maxsize=1 << 12)
def kind(op: Op) -> str:
    """Return what operations have in common that stand on one chip; it is asked of all of them at every step."""
    return f"fault order {op.order}" if isinstance(op, ops.Fault) else label(op)


def runs(frame: Frame) -> list[range]:
    """Return the places of the operations that each chip stands for.

    That under the playhead, and one that a kernel refused or that had an error, stand alone.
    """
    places = range(len(frame.ops))
    if len(places) <= MAX_CHIPS:
        return [range(place, place + 1) for place in places]

    def apart(place: int) -> tuple[str, int, bool]:
        alone = place == frame.index or bool(frame.refused[place] or frame.failed[place])
        return kind(frame.ops[place]), place if alone else -1, place > frame.index

    groups = [list(found) for _, found in groupby(places, apart)]
    return [range(found[0], found[-1] + 1) for found in groups]


def trouble(refused: str, failed: str, *, race: bool = False) -> tuple[Markup | str, str]:
    """Return an operation's sign and tooltip: which sides refused it, and where it had an error or broke a law."""
    said = [f"refused by {' and '.join(refused)}"] if refused else []
    wrong = "broke a law" if race else "ended with an error"
    said += [f"{wrong} under {' and '.join(failed)}"] if failed else []
    signs = [f"✗ {refused}"] if refused else []
    signs += [f"! {failed}"] if failed else []
    sign = html('<span class="fv-bad">{}</span> ', " ".join(signs)) if signs else ""
    return sign, "; ".join(said) or "go to where this operation is complete"


def chip(frame: Frame, run: range) -> Markup:
    """Return the chip of some operations; it leads to where the last of them is complete."""
    first, last = run[0], run[-1]
    now = Markup(' aria-current="true"') if frame.index in run else ""
    later = " later" if frame.begins[first] >= frame.position and not now else ""
    if len(run) > 1:
        return html(
            '<button class="fv-chip{}" data-fv="op:{}" title="go to where the last of them is complete">'
            "<small>{}–{}</small> {} × {}</button>",
            later,
            last,
            first + 1,
            last + 1,
            len(run),
            kind(frame.ops[last]),
        )
    op = frame.ops[first]
    sign, title = trouble(frame.refused[first], frame.failed[first], race=frame.race is not None)
    return html(
        '<button class="fv-chip{}" data-fv="op:{}" data-place="{}" data-short="{}"{} title="{}; Enter edits it, '
        'Delete deletes it">'
        "<small>{}</small> {}{}</button>",
        later,
        first,
        first,
        op.short(),
        now,
        title,
        first + 1,
        sign,
        described(op),
    )


def chips(frame: Frame) -> Markup:
    """Return the operations as a row of buttons, and the offer to bring back what was dropped."""
    found = runs(frame)
    middle = next((place for place, run in enumerate(found) if frame.index in run), 0)
    start = max(0, min(middle - MAX_CHIPS // 2, len(found) - MAX_CHIPS))
    seen = found[start : start + MAX_CHIPS]
    out = [chip(frame, run) for run in seen]
    if seen and seen[0][0]:
        out.insert(0, html('<span class="fv-dim">+{} before</span>', seen[0][0]))
    if seen and (after := len(frame.ops) - 1 - seen[-1][-1]):
        out.append(html('<span class="fv-dim">+{} more</span>', after))
    text = joined(out) or Markup('<span class="fv-empty">No operation yet.</span>')
    return html('<nav class="fv-chips" aria-label="operations">{}{}</nav>', text, dropped(frame))


def dropped(frame: Frame) -> Markup:
    """Return what became of operations, and the offer to bring back those that were dropped."""
    note = frame.messages.get("history", "")
    if not (note or frame.dropped):
        return EMPTY
    note = note or f"{count(frame.dropped, 'operation')} dropped"
    offer = (
        Markup('<button class="fv-link" data-fv="do:restore">Bring back</button>') if frame.dropped else ""
    )
    return html('<span class="fv-note" role="status">{}. {}</span>', note, offer)
