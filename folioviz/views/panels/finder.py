"""The search for operations: what is rarely done, by what it is for; or what a search finds, with what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.ops.ops import NOT_MODELLED
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.panels.controls import act
from folioviz.views.panels.panel import Panel
from folioviz.views.session.actions import ACTIONS, INTENTS, standing
from folioviz.views.session.asks import ASKS
from folioviz.views.session.finding import MOST, found
from folioviz.views.session.lacking import why

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

UNDER = {
    heading: tuple(one.name for one in standing("") if (one.under or one.intent) == heading)
    for heading in INTENTS
}
"""Heading -> the buttons below it that stand in no row."""


class Finder(Panel):
    """A field, and below it buttons; it is filled while it is open."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.query = ""
        self.texts = {"find": self.find, "dofind": self.do, "asked": self.ask}
        screen.put("finder", box())

    def find(self, query: str) -> None:
        """Search."""
        self.query = query[:MOST]
        self.redraw()

    def do(self, query: str) -> None:
        """Do the first operation that a search finds."""
        self.query = query[:MOST]
        if names := found(self.query):
            self.session.do(names[0])
        else:
            self.redraw()

    def ask(self, text: str) -> None:
        """Take what was typed beside a button: the field's name, a space, and the text."""
        name, _, typed = text.partition(" ")
        if name in ASKS:
            self.session.selection.ask(name, ASKS[name].read(typed))

    def update(self, frame: Frame) -> None:
        """Show all that stands in no row, or what is found."""
        names = found(self.query) if frame.more else []
        browses = frame.more and not self.query.strip()
        for heading, under in UNDER.items():
            self.screen.put(f"under:{heading}", shelf(frame, heading, under) if browses else {})
        self.screen.put("found", rows(frame, names))
        self.screen.put("finds", said(self.query, len(names)) if frame.more else EMPTY)


def box() -> Markup:
    """Return the field and the places of buttons."""
    shelves = joined(
        html('<div class="fv-shelf" role="group" aria-label="{0}" data-slot="under:{1}"></div>', words, name)
        for name, words in INTENTS.items()
    )
    return html(
        '<div class="fv-finder" data-finder role="search" aria-label="operations">'
        '<label class="fv-finds"><span>operation</span><input data-find type="search" spellcheck="false" '
        'autocomplete="off" maxlength="{}" placeholder="guard, MADV_, pin, zap_pte_range …">'
        '<span data-slot="finds" role="status"></span></label>'
        '{}<div class="fv-found" data-slot="found"></div></div>',
        MOST,
        shelves,
    )


def shelf(frame: Frame, heading: str, names: tuple[str, ...]) -> dict[str, Markup]:
    """Return the buttons below a heading, each with its fields."""
    out = {"title": html('<span class="fv-dim fv-group">{}</span>', INTENTS[heading])} if names else {}
    for name in names:
        out |= {name: act(frame, name)} | fields(frame, name)
    return out


def rows(frame: Frame, names: list[str]) -> dict[str, Markup]:
    """Return what is found: button, fields, and what it does, or why it cannot be done; what no kernel has is last."""
    out: dict[str, Markup] = {}
    for name in sorted(names, key=lambda one: one in frame.lacking):
        kind = f"fv-do-{name}" if not ACTIONS[name].row else "fv-again"
        asked = joined(fields(frame, name).values())
        out[name] = act(frame, name, kind)
        out[f"{name} asks"] = html("<span>{}</span>", asked)
        out[f"{name} does"] = does(frame, name)
    return out


def does(frame: Frame, name: str) -> Markup:
    """Return what an operation does, and the kernel function that it calls, or why it cannot be done now."""
    kind = ACTIONS[name].kind
    reason = frame.refusals.get(name, "")
    if name in frame.lacking:
        reason = f"not with these kernels: {why(kind)}"
    return html(
        '<span class="fv-finding{}">{} <code>{}</code></span>',
        " fv-refusal" if reason else "",
        reason or ACTIONS[name].tooltip,
        "" if reason else f"{kind.call}()",
    )


def fields(frame: Frame, name: str) -> dict[str, Markup]:
    """Return the fields that an operation asks for."""
    return {
        f"{name}.{ask}": html(
            '<input class="fv-asks" aria-label="{}" data-asked="{}" title="{}" value="{}" size="{}" '
            'spellcheck="false">',
            ASKS[ask].label,
            ask,
            ASKS[ask].title,
            ASKS[ask].text(frame.chosen.asked[ask]),
            14 if ASKS[ask].page else len(str(ASKS[ask].most)),
        )
        for ask in ACTIONS[name].asks
    }


def said(query: str, count: int) -> Markup:
    """Return what is said of a search: how many it finds, or why there is none."""
    if not query.strip():
        return EMPTY
    word = query.strip().lower()
    if not count and word in NOT_MODELLED:
        return html("not modelled: {}", NOT_MODELLED[word])
    return html("{}", str(count) if count else "no operation is called so")
