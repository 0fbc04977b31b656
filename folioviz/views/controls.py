"""Operations: the selection as fields that one can type into, and a button per operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz.machine import NR_VPNS
from folioviz.views.actions import ACTIONS, Action
from folioviz.views.text import address, esc, vpn_of

if TYPE_CHECKING:
    from folioviz.views.frame import Frame
    from folioviz.views.session import Session

TYPED = "a hexadecimal address such as 0x7f0000010000, at the start of a 4 KiB page, or a page number, 0 to 262143"
GROUPS = ("pages", "process", "folio in focus", "machine")


def message(text: str) -> str:
    """Return an error as it stands beside its control."""
    return f'<span class="fv-error" role="alert">{esc(text)}</span>' if text else ""


class Controls:
    """Fields, buttons and their messages."""

    def __init__(self, session: Session) -> None:
        """Make the controls."""
        self.session = session
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
            tooltip="order of the folio to fault in",
        )
        self.target = self._field("", "where to move the selected pages: " + TYPED, "138px")
        self.scan = self._field("", "up to how many folios the shrinker takes", "56px")
        self.selected = w.HTML()
        self.said = w.HTML()
        self.moved = w.HTML()
        self.buttons = {name: self._button(action) for name, action in ACTIONS.items()}
        self.zoom = w.Button(
            description="Zoom to selection", tooltip="show only the selected pages in the lanes"
        )
        self.zoom.add_class("fv-small")
        self.zoom.on_click(lambda _: self._zoomed())
        self.widget = self._layout()
        self.mm.observe(self._typed, "value")
        for field in (self.start, self.pages):
            field.observe(self._typed, "value")
        self.order.observe(self._ordered, "value")
        self.target.observe(self._aimed, "value")
        self.scan.observe(self._counted, "value")

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

    def _button(self, action: Action) -> w.Button:
        """Make an operation's button."""
        button = w.Button(description=action.label, tooltip=action.tooltip)
        button.add_class("fv-do")
        button.add_class(f"fv-do-{action.name}")
        button.on_click(lambda _: self.session.do(action.name))
        return button

    def _layout(self) -> w.VBox:
        """Put the controls in rows: what is selected, then a row per kind of thing to act on."""
        b = self.buttons
        selection = w.HBox([self.mm, self.start, self.pages, b["mmap"], self.zoom, self.selected])
        pages = w.HBox(
            [b["fault"], self.order, b["munmap"], b["dontneed"], b["write"], b["faultpmd"], b["splitpmd"]]
        )
        move = w.HBox([b["mremap"], self.target, self.moved])
        rest = w.HBox(
            [
                b["fork"],
                b["exit"],
                b["mm"],
                _rule(),
                b["get"],
                b["put"],
                b["split"],
                _rule(),
                b["shrink"],
                self.scan,
            ]
        )
        for box in (selection, pages, move, rest):
            box.add_class("fv-row")
        self.mm.add_class("fv-field")
        self.order.add_class("fv-field")
        return w.VBox([selection, pages, w.HBox([move, rest]), self.said])

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

    def _zoomed(self) -> None:
        """Zoom to the selection, or back."""
        s = self.session
        s.zoom_to(None if s.zoom else (s.lo, max(s.hi, s.lo + 2)))

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
        self._quiet = False
        for name, button in self.buttons.items():
            reason = frame.refusals.get(name, "")
            button.disabled = bool(reason)
            button.tooltip = f"not now: {reason}" if reason else ACTIONS[name].tooltip
        self.zoom.description = "Show all pages" if self.session.zoom else "Zoom to selection"
        self.selected.value = message(wrong)
        self.moved.value = message(frame.messages.get("move", ""))
        self.said.value = message(frame.messages.get("operations", "") or frame.messages.get("transport", ""))


def _rule() -> w.HTML:
    """Make a thin line between groups of buttons."""
    return w.HTML('<span class="fv-rule"></span>')
