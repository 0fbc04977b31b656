"""What is read beside the state: the trace of both kernels, or the code that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.page.markup import html, joined, truth
from folioviz.views.page.screen import slot
from folioviz.views.panels import code_view, trace_view
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session


def chooser(frame: Frame) -> Markup:
    """Return the switch between trace and code."""
    names = {"trace": "Trace", "code": "Code"}
    buttons = joined(
        html(
            '<button data-fv="read:{}" aria-pressed="{}" title="{} (c)">{}</button>',
            name,
            truth(name == frame.reading),
            "what the kernels call and write" if name == "trace" else "the function that runs",
            text,
        )
        for name, text in names.items()
    )
    return html('<span class="fv-switch" role="group" aria-label="what to read">{}</span>', buttons)


def owner(frame: Frame, side: Side) -> Markup:
    """Return a kernel's name, which heads its column; a click follows it."""
    return html(
        '<button class="fv-owner fv-{0}" data-fv="trace:{0}" aria-pressed="{1}" '
        'title="{0} is {2}: let steps by function, and the code, follow it (t)">{0}<span> · {2}</span></button>',
        side.name,
        truth(side.name == frame.tracing),
        side.kernel.label,
    )


def head(frame: Frame) -> Markup:
    """Return the heading: what is read, whose it is, and a button that gives it all the room."""
    large = html(
        '<button class="fv-btn fv-large" data-fv="do:large" aria-pressed="{}" title="{} (x)" '
        'aria-label="large">⤢</button>',
        truth(frame.large),
        "back to its place" if frame.large else "all the room there is",
    )
    owners = [owner(frame, side) for side in frame.sides]
    return html(
        '<div class="fv-head fv-reading{}"><div>{}{}</div><div>{}{}</div></div>',
        " fv-is-large" if frame.large else "",
        chooser(frame),
        owners[0],
        joined(owners[1:]),
        large,
    )


class Reading(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("trace")

    def update(self, frame: Frame) -> None:
        """Draw what is read."""
        if frame.reading == "code":
            pieces = {"head": head(frame), **code_view.head(frame), "code": code_view.place(frame)}
        else:
            pieces = {"head": head(frame), "lines": trace_view.place(frame)}
        self.screen.put("trace", pieces)
        self.screen.put("tracelines", trace_view.rows(frame) if frame.reading == "trace" else {})
        self.screen.put("codelines", code_view.lines(frame))
