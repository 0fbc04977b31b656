"""What is read beside the state: the traces, the code that runs, what differs, or what the kernel's files say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.views.page.markup import html, joined, truth
from folioviz.views.page.screen import slot
from folioviz.views.panels import apart_view, code_view, proc_view, trace_view
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session


NAMES = {
    "trace": ("Trace", "what the kernels call and write"),
    "code": ("Code", "the function that runs"),
    "apart": ("A≠B", "what differs between A and B at this step, as one picture"),
    "proc": ("/proc", "what the kernels’ files say: smaps, vmstat, memory.stat, sizes; a page’s dump"),
}
"""What can be read -> its button and its tooltip."""


def chooser(frame: Frame) -> Markup:
    """Return the switch between trace, code, differences and files."""
    buttons = joined(
        html(
            '<button data-fv="read:{}" aria-pressed="{}" title="{} (c)">{}</button>',
            name,
            truth(name == frame.reading),
            tip,
            text,
        )
        for name, (text, tip) in NAMES.items()
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


PLACE = Markup('<div class="fv-apart-view" data-slot="apart"></div>')


class Reading(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("trace")

    def update(self, frame: Frame) -> None:
        """Draw what is read."""
        if frame.reading == "code":
            pieces = {"head": head(frame), **code_view.head(frame), "code": code_view.place(frame)}
        elif frame.reading == "apart":
            pieces = {"head": head(frame), "apart": PLACE}
        elif frame.reading == "proc":
            chosen = self.session.selection.file
            file = proc_view.chooser(chosen)
            pieces = {"head": head(frame), "file": file, "proc": proc_view.place(frame, chosen)}
        else:
            pieces = {"head": head(frame), "lines": trace_view.place(frame)}
        self.screen.put("trace", pieces)
        along = frame.along
        self.screen.put("apart", apart_view.pieces(frame, self.session.history, along) if along else {})
        self.screen.put("tracelines", trace_view.rows(frame) if frame.reading == "trace" else {})
        self.screen.put("codelines", code_view.lines(frame))
        self.screen.put("proclines", self._files(frame) if frame.reading == "proc" else {})

    def _files(self, frame: Frame) -> dict[str, Markup]:
        """Return what the chosen file says of the selected process or page under each kernel."""
        chosen = self.session.selection.file
        labs = [track.lab for track in self.session.history.tracks]
        return proc_view.rows([proc_view.read(lab, chosen, frame.mm, frame.lo) for lab in labs], frame.sides)
