"""What a person has chosen on the screen: pages, folio, order, target, zoom, filter, counter; each is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folioviz.errors import LimitError
from folioviz.machine.memory import NR_VPNS
from folioviz.views.player.curve import COUNTED
from folioviz.views.session import mark
from folioviz.views.session.action import Chosen
from folioviz.views.session.aim import aimed
from folioviz.views.session.asks import ASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op
    from folioviz.views.player.history import History
    from folioviz.views.session.frame import Frame

MOST = 2**31 - 1
GRAIN = 16
"""Lanes begin and end at multiples of this."""
LEAST_VIEW = 16
"""A zoomed lane shows at least so many pages."""
MANY_PAGES = 65536
"""Of more pages, only some near the selection are shown unless all are asked for."""
NEAR_PAGES = 1024
"""Of very many pages, only so many around the selection are shown at first, below an overview."""
READINGS = ("trace", "code", "apart", "proc")
PROC = ("smaps", "rollup", "vmstat", "memory", "sizes", "page")
"""The files of a kernel that can be read, and the dump of a page."""
FILTERS = ("all", "queued", "changed", "partial")


def whole(what: str, value: Any, low: int, high: int) -> int:
    """Return a whole number that came from outside.

    Raises:
        LimitError: if it is none, or not within its bounds.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise LimitError.of(what, value, f"a whole number, {low} to {high}")
    return value


def setting(machines: Sequence[Machine], name: str) -> int:
    """Return a setting of the first machine whose kernel has it, else 0."""
    return next((int(getattr(one, name)[0]) for one in machines if getattr(one, name).size), 0)


def beyond(cut: Sequence[tuple[int, int]], pages: tuple[int, int], lo: int, hi: int) -> tuple[int, int]:
    """Return where pages are that were moved by ``lo`` and ``hi``, once they are out of a gap that is cut short.

    Pages that were moved leave a gap that holds all of them; of those whose end was, it leaves a gap that holds it.
    """
    first, after = pages
    for start, end in cut:
        if lo == hi and start <= first and after <= end:
            size = after - first
            first = end if lo > 0 else max(start - size, 0)
            return first, first + size
        if lo != hi and first < start < after <= end:
            return first, end + 1 if hi > 0 else start
    return first, after


class Selection:
    """The choices, and the methods that check and take them.

    Args:
        attempt: what every choice is made within: given the choice's place on the screen, it shows the outcome there,
            and takes the LimitError of a choice that cannot be; such a choice changes nothing.
    """

    def __init__(self, attempt: Callable[[str], AbstractContextManager[None]]) -> None:
        """Choose nothing yet."""
        self.attempt = attempt
        self.mm: int = 0
        self.lo: int = 0
        self.hi: int = 16
        self.zoom: tuple[int, int] | None = None
        self.focus: int = 0
        self.asked: dict[str, int] = {name: ask.first for name, ask in ASKS.items()}
        self.more: bool = False
        self.only: str = FILTERS[0]
        self.tracing: str = "A"
        self.reading: str = READINGS[0]
        self.file: str = PROC[0]
        self.large: bool = False
        self.counting: str = ""
        self.whole_history: bool = False
        self.near: bool = False
        self.called: str = ""
        self.marked: mark.Mark | None = None

    @property
    def picked(self) -> tuple[int, ...]:
        """Return what a person picked of :meth:`chosen`: all of it that is no machine's."""
        return self.mm, self.lo, self.hi, self.focus, *self.asked.values()

    def chosen(self, machines: Sequence[Machine]) -> Chosen:
        """Return what the controls say, beside what the machines are set to."""
        return Chosen(
            mm=self.mm,
            lo=self.lo,
            hi=self.hi,
            folio=self.focus,
            order=self.asked["order"],
            asked=self.asked,
            empty=aimed(machines[0], self.mm, self.lo, self.hi, self.focus),
            sizes=setting(machines, "thp_enabled"),
            early=setting(machines, "shrink_underused"),
        )

    # ------------------------------------------------------------------------------------------ pages and folios

    def about(self, op: Op | None) -> None:
        """Select the pages that an operation is about; the first ones of process 1 if it is about none."""
        self.mm = int(getattr(op, "mm", 1))
        self.lo = int(min(max(getattr(op, "vpn", 0), 0), NR_VPNS - 1))
        self.hi = int(min(self.lo + max(getattr(op, "pages", 16), 1), NR_VPNS))

    def select(self, mm: object, lo: object, hi: object) -> None:
        """Select pages [lo, hi) of a process."""
        with self.attempt("selection"):
            process = whole("the process", mm, 0, MOST)
            first = whole("the first page", lo, 0, NR_VPNS - 1)
            after = whole("the page after the last", hi, first + 1, NR_VPNS)
            self.mm, self.lo, self.hi = process, first, after

    def move(self, lo: int, hi: int, cut: Sequence[tuple[int, int]] = ()) -> None:
        """Move where the selected pages begin and end by so many pages; over gaps that the lanes cut short."""
        self.select(self.mm, *beyond(cut, (self.lo + lo, self.hi + hi), lo, hi))

    def focus_on(self, folio: object) -> None:
        """Put a folio into focus: the timeline, Pin, Unpin and Split folio are about it."""
        with self.attempt("folios"):
            self.focus = whole("the folio", folio, 1, MOST)

    def show_only(self, name: object) -> None:
        """Show all folios, or only those queued, changed by this operation, or partially mapped."""
        with self.attempt("folios"):
            if name not in FILTERS:
                raise LimitError.of("the filter", name, f"one of {', '.join(FILTERS)}")
            self.only = str(name)

    # ------------------------------------------------------------------------------------------ the past

    def count(self, name: object) -> None:
        """Let the timeline draw another counter."""
        with self.attempt("transport"):
            if name not in COUNTED:
                raise LimitError.of("the counter to draw", name, f"one of {', '.join(COUNTED)}")
            self.counting = str(name)

    def show_whole(self, all_of_it: object) -> None:
        """Let the timeline show the whole history, or the operation under the playhead."""
        with self.attempt("transport"):
            self.whole_history = bool(all_of_it)

    def show_near(self, only: object) -> None:
        """Let the timeline show no more than what happens to the folio in focus, or all that it can."""
        with self.attempt("transport"):
            self.near = bool(only)

    def trace(self, side: object) -> None:
        """Follow A or B: steps by kernel function do, the code shown is its, and where one trace has room it is its."""
        with self.attempt("trace"):
            if side not in ("A", "B"):
                raise LimitError.of("the kernel to trace", side, "A or B")
            self.tracing = str(side)

    def read(self, name: object) -> None:
        """Show the trace, the code that runs, what differs, or what files say."""
        with self.attempt("trace"):
            if name not in READINGS:
                raise LimitError.of("what to read", name, f"one of {', '.join(READINGS)}")
            self.reading = str(name)

    def turn(self) -> None:
        """Show the next of trace, code, differences and files."""
        self.read(READINGS[(READINGS.index(self.reading) + 1) % len(READINGS)])

    def read_file(self, name: object) -> None:
        """Show what one of the kernel's files says."""
        with self.attempt("trace"):
            if name not in PROC:
                raise LimitError.of("the file to read", name, f"one of {', '.join(PROC)}")
            self.file = str(name)

    def swap(self) -> None:
        """Follow the other kernel."""
        self.trace("B" if self.tracing == "A" else "A")

    def enlarge(self) -> None:
        """Give trace and code all the room there is, or their place back."""
        with self.attempt("trace"):
            self.large = not self.large

    # ------------------------------------------------------------------------------------------ what a link carries

    def call(self, text: object) -> None:
        """Take what this moment is called; "" for nothing."""
        with self.attempt("share"):
            self.called = mark.called(text)

    def highlight(self, text: object, history: History) -> None:
        """Highlight something of a history, or, for "", nothing; see :mod:`folioviz.views.session.mark`."""
        with self.attempt("share"):
            self.marked = mark.read(text, history) if text else None

    def turn_to(self, text: str, history: History) -> None:
        """Highlight something, or nothing any more if it is what was."""
        self.highlight("" if self.marked and text == self.marked.text else text, history)

    def forget(self) -> None:
        """Forget what the moment is called, and what is highlighted."""
        self.called, self.marked = "", None

    # ------------------------------------------------------------------------------------------ what buttons take

    def ask(self, name: str, value: object) -> None:
        """Take what the field beside a button says."""
        if name in ASKS:
            ask = ASKS[name]
            with self.attempt(ask.place):
                self.asked = self.asked | {name: whole(ask.what, value, ask.least, ask.most)}

    def show_more(self) -> None:
        """Open the rarely used controls, or close them."""
        with self.attempt("operations"):
            self.more = not self.more

    # ------------------------------------------------------------------------------------------ lanes

    def view(self, everything: tuple[int, int], mapped: int) -> tuple[int, int]:
        """Return the pages that the lanes show: those zoomed to, or all; of very many, those selected and near.

        ``mapped`` is how many were ever mapped: gaps between them take no room.
        """
        first, last = everything
        if self.zoom and first <= self.zoom[0] < self.zoom[1] <= last:
            return self.zoom
        if mapped <= MANY_PAGES:
            return everything
        lo = min(max(self.lo // GRAIN * GRAIN - GRAIN, first), last - NEAR_PAGES)
        return lo, lo + NEAR_PAGES

    def zoom_to(self, view: tuple[int, int] | None, frame: Frame) -> None:
        """Show these pages in the lanes, moved into what a frame has to show; None shows all that was ever mapped."""
        with self.attempt("selection"):
            first, last = frame.whole
            everything = (first, last) if last - first > MANY_PAGES else None
            if view is None:
                self.zoom = everything
                return
            lo, hi = whole("the first page", view[0], -MOST, MOST), whole("the end", view[1], -MOST, MOST)
            size = min(max(hi - lo, LEAST_VIEW), last - first)
            start = min(max(lo, first), last - size)
            self.zoom = (start, start + size) if size < last - first else everything

    def zoom_by(self, factor: float, frame: Frame) -> None:
        """Show fewer pages (factor < 1) than a frame does, around the selection, or more."""
        lo, hi = frame.view
        size = max(int((hi - lo) * factor), LEAST_VIEW)
        inside = self.lo < hi and self.hi > lo
        middle = (self.lo + self.hi) // 2 if inside else (lo + hi) // 2
        self.zoom_to((middle - size // 2, middle - size // 2 + size), frame)

    def zoom_to_selection(self, frame: Frame) -> None:
        """Show the selected pages with a margin."""
        margin = max((self.hi - self.lo) // 8, 4)
        self.zoom_to((self.lo - margin, self.hi + margin), frame)
