"""Operations: the selection as fields that one can type into, and a button per operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz.machine import NR_VPNS
from folioviz.ops import Glimit
from folioviz.views.actions import ACTIONS, Action
from folioviz.views.screen import slot
from folioviz.views.text import address, esc, vpn_of

if TYPE_CHECKING:
    from folioviz.views.frame import Frame
    from folioviz.views.screen import Screen
    from folioviz.views.session import Session

TYPED = "a hexadecimal address such as 0x7f0000010000, at the start of a 4 KiB page, or a page number, 0 to 262143"


def message(text: str) -> str:
    """Return an error as it stands beside its control."""
    return f'<span class="fv-error" role="alert">{esc(text)}</span>' if text else ""


class Controls:
    """Fields, buttons and their messages."""

    def __init__(self, session: Session, screen: Screen) -> None:
        """Make the controls."""
        self.session = session
        self.screen = screen
        self._quiet = False
        self.mm = w.Dropdown(options=[("1", 1)], description="process", tooltip="the process to act on")
        self.start = self._field("from", "first selected page: " + TYPED, "138px")
        self.pages = self._field("pages", "how many pages are selected", "64px")
        self.order = w.Dropdown(
            options=[
                (f"order {n} · {4 << n} KiB" if n < 8 else f"order {n} · {(4 << n) >> 10} MiB", n)
                for n in range(10)
            ],
            value=4,
            description="order",
            tooltip="order of the folio to fault in",
        )
        self.target = self._field("move to", "where to move the selected pages: " + TYPED, "138px")
        self.scan = self._field("scan at most", "up to how many folios the shrinker takes", "56px")
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
        selection = w.HBox([self.mm, self.start, self.pages, slot("act:select"), slot("selected")])
        pages = w.HBox([slot("act:fault"), self.order, slot("act:pages")])
        move = w.HBox([slot("act:move"), self.target, slot("act:rest"), self.scan, self.limit, slot("moved")])
        for box in (selection, pages, move):
            box.add_class("fv-row")
        self.mm.add_class("fv-field")
        self.order.add_class("fv-field")
        self.limit.add_class("fv-field")
        for field in (self.order, self.target, self.scan):
            field.add_class("fv-quiet")
        return w.VBox([selection, pages, move, slot("said")])

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
            s.select(self.mm.value or 0, lo, lo + int(pages))

    def _ordered(self, change: Any) -> None:
        """Take the order."""
        if not self._quiet:
            self.session.set_order(change["new"])

    def _aimed(self, _change: Any) -> None:
        """Take the target of a move."""
        if self._quiet:
            return
        vpn = vpn_of(self.target.value)
        if vpn is None:
            self.session.complain("move", f"{self.target.value[:40]!r} is no page: it must be {TYPED}")
        else:
            self.session.set_target(vpn)

    def _counted(self, _change: Any) -> None:
        """Take the number of folios to scan."""
        if self._quiet:
            return
        text = self.scan.value.strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else text[:40]
        self.session.set_scan(number)

    def _limited(self, change: Any) -> None:
        """Limit mmu_gather, from the playhead on: an operation like the others."""
        if not self._quiet and change["new"] is not None:
            self.session.act(Glimit(change["new"]), branch=False)

    # -------------------------------------------------------------------------------- what is shown

    def show(self, frame: Frame) -> None:
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
            self.target.value = address(self.session.target)
        if not frame.messages.get("operations", ""):
            self.scan.value = str(self.session.scan)
        self.order.value = self.session.order
        limit = frame.gather_limit
        self.limit.value = limit if limit in dict(LIMITS).values() else None
        self._quiet = False
        for name, actions in ROWS.items():
            self.screen.put(
                f"act:{name}",
                {one: act(frame, one) if one in ACTIONS else RULE for one in actions},
            )
        self.screen.put("selected", message(wrong))
        self.screen.put("moved", message(frame.messages.get("move", "")))
        said = frame.messages.get("operations", "") or frame.messages.get("transport", "")
        self.screen.put("said", message(said))


LIMITS = (("no limit", -1), ("8 pages", 0), ("+ 1 batch", 1), ("+ 2 batches", 2))
"""What mmu_gather may hold -> so many batches."""

ROWS = {
    "select": ("mmap", "|", "fork", "exit", "mm"),
    "fault": ("fault",),
    "pages": ("munmap", "dontneed", "write", "|", "faultpmd", "splitpmd"),
    "move": ("mremap",),
    "rest": ("|", "get", "put", "split", "||", "shrink"),
}
"""Slot -> its buttons, between rules."""

RULE = '<span class="fv-rule"></span>'


def act(frame: Frame, name: str) -> str:
    """Return an operation's button; one that cannot work now says why."""
    action: Action = ACTIONS[name]
    reason = frame.refusals.get(name, "")
    title = f"not now: {reason}" if reason else action.tooltip
    return (
        f'<button class="fv-btn fv-do fv-do-{name}" data-fv="act:{name}" title="{esc(title)}"'
        f"{' disabled' if reason else ''}>{esc(action.label)}</button>"
    )
