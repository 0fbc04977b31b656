"""What a link calls this moment and highlights: a line over the page, and an outline, till they are taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.machine.costs import COSTS
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.panels.controls import message
from folioviz.views.panels.costs import rows as costs
from folioviz.views.panels.op_strip import runs
from folioviz.views.panels.panel import Panel
from folioviz.views.session.mark import COUNTERS

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.mark import Mark
    from folioviz.views.session.session import Session

MOST = 12
"""So many folios are offered besides that in focus; a click reaches each."""
AWAY = Markup(
    '<button class="fv-btn" data-fv="do:forget" title="take the name and the outline away (Esc)" '
    'aria-label="take the name and the outline away">✕</button>'
)


class Called(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        selection = session.selection
        self.widget = slot("called", "fv-called")
        self.actions = {"forget": self.away}
        self.texts = {
            "name": selection.call,
            "mark": lambda text: selection.highlight(self.whole(text), session.history),
            "turn": lambda text: selection.turn_to(text, session.history),
        }

    def whole(self, text: str) -> str:
        """Return what is to be highlighted, with the row where the menu, which is the same at each step, has none."""
        rows = {f"row.{side.name}": side.at for side in self.session.frame.sides}
        return f"{text}.{rows[text]}" if text in rows else text

    def away(self) -> None:
        """Forget name and highlight."""
        with self.session.attempt("share"):
            self.session.selection.forget()

    def update(self, frame: Frame) -> None:
        """Show the line, outline what is highlighted, and offer what can be."""
        noted = frame.noted
        there = noted.mark is not None and on_screen(frame, noted.mark)
        self.screen.put(
            "called", {"line": line(frame, there=there), "look": look(frame, self.screen.model_id)}
        )
        self.screen.give("noted", noted.name)
        error = message(frame.messages.get("share", ""))
        self.screen.put("marks", {"marks": choices(frame)} | ({"error": error} if error else {}))


def line(frame: Frame, *, there: bool) -> Markup:
    """Return the line; nothing where there is neither name nor highlight."""
    noted = frame.noted
    if not (noted.name or noted.mark):
        return html("<p></p>")
    words = f"outlined: {noted.words}" if there else f"{noted.words} is not on the screen now"
    said = html("<span>{}</span>", words) if noted.mark else EMPTY
    name = html("<b>{}</b>", noted.name) if noted.name else EMPTY
    tip = " · ".join(filter(None, [noted.name, words if noted.mark else ""]))
    return html(
        '<div role="note" aria-label="what the link says" title="{}">{}{}{}</div>', tip, name, said, AWAY
    )


def on_screen(frame: Frame, mark: Mark) -> bool:
    """Tell whether something that can be highlighted is on the screen at this step."""
    if mark.kind == "op":
        return True
    if mark.kind == "cost":
        return frame.op is not None and mark.name in costs(frame)[1]
    if mark.kind == "row":
        shown = frame.trace if frame.reading == "trace" else ()
        return any(pair.number == frame.noted.row for pair in shown)
    if mark.kind == "pages":
        return any(side.process(mark.of) for side in frame.sides)
    folios = [folio for side in frame.sides if (folio := side.folio(mark.of))]
    if mark.kind == "counter":
        return any(COUNTERS[mark.name].number in folio.counters for folio in folios)
    gone = not mark.pages[1] and any(one.id == mark.of for side in frame.sides for one in side.gone)
    return gone or any(mark.pages[0] < folio.mapcount.size for folio in folios)


def one(name: str, value: object) -> str:
    """Return the selector of what has an attribute of this value; no letter of it is one that HTML escapes."""
    escaped = "".join(
        letter if letter.isascii() and letter.isalpha() else f"\\{ord(letter):x} " for letter in str(value)
    )
    return f"[{name}={escaped}]"


def places(frame: Frame, mark: Mark) -> list[str]:
    """Return the selectors of what is outlined; the lanes paint the pages of processes."""
    found: list[str] = []
    folio = one("data-folio", mark.of)
    if mark.kind == "op":
        last = next(run[-1] for run in runs(frame) if mark.of - 1 in run)
        found = [f".fv-chip{one('data-fv', f'op:{last}')}"]
    elif mark.kind == "cost":
        found = [one("data-cost", mark.name)]
    elif mark.kind == "row":
        found = [f".fv-trace {one('data-row', frame.noted.row)}"]
    elif mark.kind == "counter":
        found = [f"{folio} {one('data-counter', mark.name)}"]
    elif mark.kind == "folio" and mark.pages[1]:
        first, after = mark.pages
        pages = f"i:nth-child(n + {first + 1}):nth-child(-n + {after})"
        found = [f".fv-cells{one('data-pages-of', mark.of)} {pages}", f".fv-line{folio}"]
    elif mark.kind == "folio":
        found = [folio, one("data-queued", mark.of), one("data-gone", mark.of)]
    return found


def look(frame: Frame, page: str) -> Markup:
    """Return the style of what is outlined, on this page alone."""
    found = places(frame, frame.noted.mark) if frame.noted.mark else []
    rules = ", ".join(f".fv-root:has({one('data-noted', page)}) {place}" for place in found)
    inside = f"{rules} {{ outline: 2.5px solid var(--fv-marked); outline-offset: -1px; }}" if rules else ""
    return html('<style data-noted="{}">{}</style>', page, inside)


def choices(frame: Frame) -> Markup:
    """Return the menu of what can be highlighted: what is in focus, selected, just done, and each cost."""
    chosen = frame.noted.mark.text if frame.noted.mark else ""
    found = {"": "nothing"}
    live = sorted({folio.id for side in frame.sides for folio in side.folios} - {frame.focus})
    if frame.focus:
        found[f"folio.{frame.focus}"] = f"folio {frame.focus}, in focus"
    found |= {f"folio.{ident}": f"folio {ident}" for ident in live[:MOST]}
    if frame.focus:
        for name, row in COUNTERS.items():
            if any(
                row.number in folio.counters for side in frame.sides if (folio := side.folio(frame.focus))
            ):
                found[f"counter.{frame.focus}.{name}"] = f"{row.word} of folio {frame.focus}"
    if frame.mm:
        found[f"pages.{frame.mm}.{frame.lo}-{frame.hi - 1}"] = "the selected pages"
    if frame.op is not None:
        found[f"op.{frame.index + 1}"] = f"operation {frame.index + 1}"
        for side in frame.sides:
            if side.at >= 0:
                found[f"row.{side.name}"] = f"the line that {side.name} has just done"
        found |= {f"cost.{name}": f"cost: {COSTS[name].words}" for name in costs(frame)[1]}
    if chosen not in found:
        found[chosen] = frame.noted.words
    options = joined(
        html('<option value="{}"{}>{}</option>', text, Markup(" selected") if text == chosen else "", words)
        for text, words in found.items()
    )
    return html(
        '<div class="fv-copy"><label>highlight<select data-mark data-fv="marks">{}</select></label></div>',
        options,
    )
