"""The timeline's heading: what is drawn, which step it is, how A and B stand beside each other, and the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button
from folioviz.views.player.curve import COUNTED, OF_MACHINE
from folioviz.views.session.described import described

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

BY_PROGRESS = (
    "A and B have dealt with the same entries of page tables: an entry is dealt with at the operation's last write to "
    "it, and the k-th of both is one step here; who has fewer steps between two entries waits. Operations whose "
    "entries A and B do not deal with in one order stay by step."
)


class Steps(Panel):
    """The heading alone, where nothing is drawn."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("timeline", "fv-titleline")

    def update(self, frame: Frame) -> None:
        """Say which step it is."""
        self.screen.put("timeline", {"title": title(frame, "Step by step")})


def subject(frame: Frame) -> str:
    """Return what the drawn counter is of."""
    text = "" if frame.counting in OF_MACHINE or not frame.focus else f"of folio {frame.focus}"
    if text and frame.counting == "mapped" and all(side.curve.pages < 2 for side in frame.sides):
        text += ": one page, PTEs that map it"
    elif text and frame.counting == "mapped" and any(side.curve.split for side in frame.sides):
        text += ": once it is split, PTEs that map its first page"
    return text + unkept(frame)


def title(frame: Frame, text: str) -> Markup:
    """Return the heading: a text, and which step of which operation it is."""
    if frame.op is None:
        return heading(text, about="step")
    begin, end = frame.begins[frame.index], frame.begins[frame.index + 1]
    done = f"step {frame.position - begin} of {end - begin}{progress(frame)}"
    return heading(
        text, f"{done} · operation {frame.index + 1} of {len(frame.ops)}: {described(frame.op)}", "step"
    )


def progress(frame: Frame) -> str:
    """Return how far both kernels are by progress, or that they do not share it; "" by step."""
    if not frame.by_progress or len(frame.sides) == 1:
        return ""
    if frame.pace is None:
        return " (A and B share no order of entries)"
    return f", entry {frame.pace.dealt(frame.position - frame.begins[frame.index])} of {frame.pace.entries}"


def aligned(frame: Frame) -> Markup:
    """Return the switch between positions by step and by progress."""
    buttons = (
        ("bystep", "by step", "A and B have done as many steps", not frame.by_progress),
        ("byprogress", "by progress", BY_PROGRESS, frame.by_progress),
    )
    return html(
        '<span class="fv-switch fv-align" role="group" aria-label="how A and B stand beside each other">{}</span>',
        joined(button(name, text, tip, on=on) for name, text, tip, on in buttons),
    )


def unkept(frame: Frame) -> str:
    """Return which kernels do not keep what is drawn, "" if all do."""
    if not frame.focus or frame.counting in OF_MACHINE:
        return ""
    names = [side.name for side in frame.sides if side.curve.pages > 1 and not side.curve.kept]
    return f" · {' and '.join(names)} {'keep' if len(names) > 1 else 'keeps'} none" if names else ""


def counter(chosen: str) -> Markup:
    """Return the menu of what is drawn; it is the first half of the heading."""
    options = joined(
        html('<option value="{}"{}>{}</option>', key, " selected" if key == chosen else "", label)
        for key, label in COUNTED.items()
    )
    tip = "what the timeline draws: of the folio in focus, or of the machine"
    named = Markup('data-count data-fv="count" aria-label="drawn counter"')
    return html('<select class="fv-counted" {} title="{}">{}</select>', named, tip, options)


def zoomed(*, on: bool, can: bool) -> Markup:
    """Return the switch that zooms the chart to what happens to the folio."""
    tip = "the chart shows from the first write to the folio's counter to the last"
    return html(
        '<span class="fv-switch">{}</span>', button("zoomfolio", "zoom to folio", tip, on=on, off=not can)
    )


def legend(frame: Frame) -> Markup:
    """Return what the lines and marks mean, and how many TLB flushes there are."""
    signs = {"queued": "▼ queued", "unqueued": "▲ taken off", "freed": "■ freed"}
    kinds = {kind for side in frame.sides for kind, _, _ in side.curve.marks}
    lines = [Markup('<span class="fv-A">━ A</span>'), Markup('<span class="fv-B">╍ B</span>')]
    marks = [html("<span>{}</span>", sign) for kind, sign in signs.items() if kind in kinds]
    flushes = [side.curve.flushes for side in frame.sides]
    if "flush" in kinds:
        which = " and ".join(map(str, flushes)) if len(set(flushes)) > 1 else str(flushes[0])
        marks.append(
            html(
                '<span data-flushes="{}">✚ {} TLB {}</span>',
                which,
                which,
                "flush" if which == "1" else "flushes",
            )
        )
    lines = lines[: len(frame.sides)]
    return html('<div class="fv-legend">{}</div>', joined([*lines, *marks]))
