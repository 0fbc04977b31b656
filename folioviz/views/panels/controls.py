"""Operations: the selection as fields that one can type into, and a button per operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz.machine.memory import NR_VPNS
from folioviz.ops.ops import Glimit
from folioviz.readout.words import size
from folioviz.views.page.markup import EMPTY, html, truth
from folioviz.views.page.screen import slot
from folioviz.views.page.text import address, vpn_of
from folioviz.views.panels.panel import Panel
from folioviz.views.session.actions import ACTIONS, ROWS

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.action import Action
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

TYPED = "a hexadecimal address such as 0x7f0000010000, at the start of a 4 KiB page, or a page number, 0 to 262143"


def message(text: str) -> Markup:
    """Return an error as it stands beside its control."""
    return html('<span class="fv-error" role="alert">{}</span>', text) if text else EMPTY


class Controls(Panel):
    """Fields, buttons and their messages."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self._quiet = False
        self.mm = w.Dropdown(options=[("1", 1)], description="process", tooltip="the process to act on")
        self.start = self._field("from", "first selected page: " + TYPED, "138px")
        self.pages = self._field("pages", "how many pages are selected", "64px")
        self.order = w.Dropdown(
            options=[(f"order {n} · {size(n)}", n) for n in range(10)],
            value=4,
            description="order",
            tooltip="order of the folio to fault in",
        )
        self.target = self._field("move to", "where to move the selected pages: " + TYPED, "138px")
        self.scan = self._field("scan at most", "up to how many folios the shrinker takes", "56px")
        self.none = self._field("to", "the max_ptes_none that the button beside it sets, 0 to 511", "56px")
        self.limit = w.Dropdown(
            options=LIMITS,
            value=-1,
            description="gather",
            tooltip="what mmu_gather may hold from now on, as if memory were short: a batch is 510 pages",
        )
        self.widget = self._layout()
        self.mm.observe(self._typed, "value")
        for field in (self.start, self.pages):
            field.observe(self._typed, "value")
        self.order.observe(self._ordered, "value")
        self.target.observe(self._aimed, "value")
        self.scan.observe(self._counted, "value")
        self.limit.observe(self._limited, "value")
        self.none.observe(self._allowed, "value")

    @staticmethod
    def _field(label: str, tooltip: str, width: str) -> w.Text:
        """Make a field; it takes effect when one leaves it or presses Enter."""
        field = w.Text(description=label, continuous_update=False, tooltip=tooltip)
        field.add_class("fv-field")
        field.style.description_width = "auto"
        field.layout.width = "auto"
        field.layout.flex = "0 0 auto"
        field.add_class("fv-w-" + width.removesuffix("px"))
        return field

    def _layout(self) -> w.VBox:
        """Put the controls in rows: what is selected and its process, its pages, and folios."""
        selection = w.HBox([self.mm, self.start, self.pages, slot("act:select"), slot("act:more", "fv-last")])
        pages = w.HBox([slot("act:fault"), self.order, slot("act:pages")])
        move = w.HBox(
            [
                slot("act:move"),
                self.target,
                slot("act:rest"),
                self.scan,
                self.limit,
            ]
        )
        settings = w.HBox([slot("act:sizes"), slot("act:early"), slot("act:maxnone"), self.none])
        advice = w.HBox([slot("act:advice"), slot("act:rule"), slot("act:folio")])
        move.add_class("fv-rare")
        self.more = w.VBox([settings, advice])
        self.more.add_class("fv-more")
        for box in (selection, pages, move, settings, advice):
            box.add_class("fv-row")
        self.mm.add_class("fv-field")
        self.order.add_class("fv-field")
        self.limit.add_class("fv-field")
        for field in (self.order, self.target, self.scan, self.none):
            field.add_class("fv-quiet")
        says = w.HBox([slot("selected"), slot("moved"), slot("said")])
        says.add_class("fv-says")
        below = w.VBox([move, self.more])
        below.add_class("fv-below")
        return w.VBox([selection, pages, below, says])

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
            self.session.selection.set_order(change["new"])

    def _aimed(self, _change: Any) -> None:
        """Take the target of a move."""
        if self._quiet:
            return
        vpn = vpn_of(self.target.value)
        if vpn is None:
            self.session.complain("move", f"{self.target.value[:40]!r} is no page: it must be {TYPED}")
        else:
            self.session.selection.set_target(vpn)

    def _counted(self, _change: Any) -> None:
        """Take the number of folios to scan."""
        if self._quiet:
            return
        self.session.selection.set_scan(typed_number(self.scan.value))

    def _allowed(self, _change: Any) -> None:
        """Take the max_ptes_none to set."""
        if not self._quiet:
            self.session.selection.set_none(typed_number(self.none.value))

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
        if not frame.messages.get("move", ""):
            self.target.value = address(self.session.selection.target)
        if not frame.messages.get("operations", ""):
            self.scan.value = str(self.session.selection.scan)
            self.none.value = str(self.session.selection.none)
        self.order.value = self.session.selection.order
        limit = frame.gather_limit
        self.limit.value = limit if limit in dict(LIMITS).values() else None
        self._quiet = False
        self.more.layout.display = None if frame.more else "none"
        self.none.layout.display = "none" if "maxnone" in frame.lacking else None
        for name, actions in ROWS.items():
            self.screen.put(f"act:{name}", group(frame, name, actions))
        self.screen.put("selected", message(wrong))
        self.screen.put("moved", message(frame.messages.get("move", "")))
        said = frame.messages.get("operations", "") or frame.messages.get("transport", "")
        done = html('<span class="fv-good" role="status">{}</span>', frame.messages.get("done", ""))
        self.screen.put("said", message(said) or done)


LIMITS = (("no limit", -1), ("8 pages", 0), ("+ 1 batch", 1), ("+ 2 batches", 2))
"""What mmu_gather may hold -> so many batches."""

TITLES = {"sizes": "sizes at a fault", "advice": "selected pages", "folio": "folio"}
"""Slot -> what stands before its buttons."""
SINCE = {
    "sizes": "Folio sizes and max_ptes_none can be set under v6.1 and from v6.8 on, shrink_underused from v6.12 on.",
    "advice": "mprotect, MADV_FREE and MADV_COLD: under v6.1, and from v6.8 on.",
    "folio": "Zero-filled pages and migration: from v6.8 on.",
}
"""Slot -> what stands there if no kernel on the screen has what its buttons do."""

RULE = Markup('<span class="fv-rule"></span>')


def typed_number(text: str) -> int | str:
    """Return the number that a person typed, or the beginning of what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else text[:40]


def group(frame: Frame, name: str, actions: tuple[str, ...]) -> dict[str, Markup]:
    """Return the buttons of a slot; those that no kernel on the screen has are left out."""
    there = [one for one in actions if one not in frame.lacking]
    title = {"title": html('<span class="fv-dim fv-group">{}</span>', TITLES[name])} if name in TITLES else {}
    if name == "more":
        return {"more": more(on=frame.more)}
    if name != "rule" and not any(one in ACTIONS for one in there):
        return {"": html('<span class="fv-dim">{}</span>', SINCE[name])} if name in SINCE else {}
    return title | {one: act(frame, one) if one in ACTIONS else RULE for one in there}


def more(*, on: bool) -> Markup:
    """Return the button that opens the rarely used controls."""
    return html(
        '<button class="fv-btn fv-do-more" data-fv="do:more" aria-expanded="{}" '
        'title="sizes and settings, advice, migration">{}</button>',
        truth(on),
        "Less ▴" if on else "More ▾",
    )


def act(frame: Frame, name: str) -> Markup:
    """Return an operation's button; one that cannot work now says why, one that works under one kernel says that."""
    action: Action = ACTIONS[name]
    reason, half = frame.refusals.get(name, ""), frame.halves.get(name, "")
    title = f"not now: {reason}" if reason else f"{action.tooltip}. {half}" if half else action.tooltip
    pressed = ""
    if action.on is not None:
        pressed = html(' aria-pressed="{}"', truth(action.on(frame.chosen)))
    return html(
        '<button class="fv-btn fv-do fv-do-{0}" data-fv="act:{0}" title="{1}"{2}{3}>{4}</button>',
        name,
        title,
        pressed,
        " disabled" if reason else "",
        action.label,
    )
