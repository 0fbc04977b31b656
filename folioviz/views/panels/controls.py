"""Operations: the selection as fields that one can type into, and a button per operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz.machine.memory import NR_VPNS
from folioviz.ops.ops import Glimit
from folioviz.readout.words import size
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html, truth
from folioviz.views.page.screen import slot
from folioviz.views.page.text import address, vpn_of
from folioviz.views.panels.panel import Panel
from folioviz.views.session.actions import ACTIONS, standing
from folioviz.views.session.asks import ASKS, TYPED
from folioviz.views.session.lacking import why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.action import Action, Row
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

ROWS: tuple[Row, ...] = ("process", "pages", "roomy")
"""The rows of buttons, from above."""


def message(text: str) -> Markup:
    """Return an error as it stands beside its control."""
    return html('<span class="fv-error" role="alert">{}</span>', text) if text else EMPTY


class Controls(Panel):
    """Fields, buttons and their messages."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self._quiet = False
        self.mm = alike(
            w.Dropdown, options=[("1", 1)], description="process", tooltip="the process to act on"
        )
        self.start = self._field("from", "first selected page: " + TYPED, "138px")
        self.pages = self._field("pages", "how many pages are selected", "64px")
        self.order = alike(
            w.Dropdown,
            options=[(f"order {n} · {size(n)}", n) for n in range(10)],
            value=4,
            description="order",
            tooltip="order of the folio to fault in",
        )
        self.asks = {
            name: self._field(ASKS[name].label, ASKS[name].title, "138px" if ASKS[name].page else "44px")
            for action in standing("roomy")
            for name in action.asks
        }
        self.limit = alike(
            w.Dropdown,
            options=LIMITS,
            value=-1,
            description="gather",
            tooltip="what mmu_gather may hold from now on, as if memory were short: a batch is 510 pages",
        )
        self.finder = slot("finder", "fv-more")
        self.widget = self._layout()
        self.mm.observe(self._typed, "value")
        for field in (self.start, self.pages):
            field.observe(self._typed, "value")
        self.order.observe(self._ordered, "value")
        for name, field in self.asks.items():
            field.observe(lambda change, name=name: self._asked(name, change["new"]), "value")
        self.limit.observe(self._limited, "value")

    @staticmethod
    def _field(label: str, tooltip: str, width: str) -> w.Text:
        """Make a field; it takes effect when one leaves it or presses Enter."""
        field = alike(
            w.Text,
            description=label,
            continuous_update=False,
            tooltip=tooltip,
            layout={"width": "auto", "flex": "0 0 auto"},
            style={"description_width": "auto"},
        )
        field.add_class("fv-field")
        field.add_class("fv-w-" + width.removesuffix("px"))
        return field

    def _layout(self) -> w.VBox:
        """Put the controls in rows: what is selected and its process, its pages, and folios."""
        selection = alike(
            w.HBox, [self.mm, self.start, self.pages, *self._row("process"), slot("act:more", "fv-last")]
        )
        pages = alike(w.HBox, self._row("pages", {"order": self.order}))
        rare = alike(w.HBox, [*self._row("roomy", self.asks), self.limit])
        rare.add_class("fv-rare")
        for box in (selection, pages, rare):
            box.add_class("fv-row")
        self.mm.add_class("fv-field")
        self.order.add_class("fv-field")
        self.limit.add_class("fv-field")
        for field in (self.order, *self.asks.values()):
            field.add_class("fv-quiet")
        says = alike(w.HBox, [slot("selected"), slot("moved"), slot("said")])
        says.add_class("fv-says")
        below = alike(w.VBox, [rare, self.finder])
        below.add_class("fv-below")
        return alike(w.VBox, [selection, pages, below, says])

    def _row(self, row: Row, fields: Mapping[str, w.Widget] | None = None) -> list[w.Widget]:
        """Return the slots of a row, each before a field that its last button asks for."""
        parts: list[w.Widget] = []
        for name, run in runs(row):
            parts.append(slot(f"act:{run[0].name}"))
            if fields and name:
                parts.append(fields[name])
        return parts

    # -------------------------------------------------------------------------------- what a person does

    def _typed(self, _change: Any) -> None:
        """Select what was typed; what does not read as a page changes nothing."""
        if self._quiet:
            return
        s = self.session
        lo = vpn_of(self.start.value)
        pages = self.pages.value.strip()
        if lo is None:
            self.session.complain(
                "selection", f"{self.start.value[:40]!r} is no page of the address space: it must be {TYPED}"
            )
        elif not (
            pages.isascii() and pages.isdigit() and 0 < len(pages) <= 6 and 1 <= int(pages) <= NR_VPNS - lo
        ):
            self.session.complain(
                "selection", f"{pages[:40]!r} pages from {address(lo)}: it must be 1 to {NR_VPNS - lo}"
            )
        else:
            s.selection.select(self.mm.value or 0, lo, lo + int(pages))

    def _ordered(self, change: Any) -> None:
        """Take the order."""
        if not self._quiet:
            self.session.selection.ask("order", change["new"])

    def _asked(self, name: str, text: str) -> None:
        """Take what a field beside a button says."""
        if self._quiet:
            return
        value = ASKS[name].read(text)
        if ASKS[name].page and isinstance(value, str):
            self.session.complain("move", f"{text[:40]!r} is no page: it must be {TYPED}")
        else:
            self.session.selection.ask(name, value)

    def _limited(self, change: Any) -> None:
        """Limit mmu_gather, from the playhead on: an operation like the others."""
        if not self._quiet and change["new"] is not None:
            self.session.act(Glimit(change["new"]), branch=False)

    # -------------------------------------------------------------------------------- what is shown

    def update(self, frame: Frame) -> None:
        """Let the fields and buttons show what is selected and possible."""
        self._quiet = True
        ids = sorted({process.id for side in frame.sides for process in side.processes})
        options = tuple((str(mm), mm) for mm in ids)
        if options != self.mm.options:
            self.mm.options = options
        self.mm.value = frame.mm if frame.mm in ids else None
        wrong = frame.messages.get("selection", "")
        if not wrong:
            self.start.value = address(frame.lo)
            self.pages.value = str(frame.hi - frame.lo)
        asked = self.session.selection.asked
        for name, field in self.asks.items():
            if not frame.messages.get(ASKS[name].place, ""):
                field.value = ASKS[name].text(asked[name])
        self.order.value = asked["order"]
        limit = frame.gather_limit
        self.limit.value = limit if limit in dict(LIMITS).values() else None
        self._quiet = False
        self.screen.put("act:more", {"more": more(on=frame.more)})
        for row in ROWS:
            for _, run in runs(row):
                self.screen.put(f"act:{run[0].name}", group(frame, row, run))
        self.screen.put("selected", message(wrong))
        self.screen.put("moved", message(frame.messages.get("move", "")))
        said = frame.messages.get("operations", "") or frame.messages.get("transport", "")
        done = html('<span class="fv-good" role="status">{}</span>', frame.messages.get("done", ""))
        self.screen.put("said", message(said) or done)


LIMITS = (("no limit", -1), ("8 pages", 0), ("+ 1 batch", 1), ("+ 2 batches", 2))
"""What mmu_gather may hold -> so many batches."""

RULE = Markup('<span class="fv-rule"></span>')


def runs(row: Row) -> Iterator[tuple[str, list[Action]]]:
    """Yield a row's buttons in runs, each with the field that its last one asks for, "" for none."""
    run: list[Action] = []
    for action in standing(row):
        run.append(action)
        if action.asks:
            yield action.asks[0], run
            run = []
    if run:
        yield "", run


def group(frame: Frame, row: Row, run: list[Action]) -> dict[str, Markup]:
    """Return the buttons of a run; a rule stands where what they are for changes, also from the run before."""
    there = standing(row)
    out: dict[str, Markup] = {}
    for action in run:
        place = there.index(action)
        if place and there[place - 1].intent != action.intent:
            out[f"|{action.intent}"] = RULE
        out[action.name] = act(frame, action.name)
    return out


def more(*, on: bool) -> Markup:
    """Return the button that opens the search for operations."""
    return html(
        '<button class="fv-btn fv-do-more" data-fv="do:more" aria-expanded="{}" '
        'title="all operations: a list, and a search (/)">{}</button>',
        truth(on),
        "Less ▴" if on else "More ▾",
    )


def act(frame: Frame, name: str, kind: str = "") -> Markup:
    """Return an operation's button; one that cannot work now says why, one that works under one kernel says that."""
    action: Action = ACTIONS[name]
    reason, half = frame.refusals.get(name, ""), frame.halves.get(name, "")
    title = f"not now: {reason}" if reason else f"{action.tooltip}. {half}" if half else action.tooltip
    if name in frame.lacking:
        title = f"{action.tooltip}. Not with these kernels: {why(action.kind)}"
    pressed = ""
    if action.on is not None:
        pressed = html(' aria-pressed="{}"', truth(action.on(frame.chosen)))
    return html(
        '<button class="fv-btn fv-do {0}" data-fv="act:{1}" title="{2}"{3}{4}>{5}</button>',
        kind or f"fv-do-{name}",
        name,
        title,
        pressed,
        " disabled" if reason else "",
        action.label,
    )
