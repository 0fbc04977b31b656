"""The session: what a person does, in one place, and one Frame per change."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from traitlets import HasTraits, Instance

from folioviz.errors import FoliovizError, KernelError, LimitError, OperationError, shown
from folioviz.files import scenario
from folioviz.ops.walk import folio_head, live_folios
from folioviz.race.document import RaceDocument
from folioviz.readout.words import count
from folioviz.views.player.history import History
from folioviz.views.session import opening
from folioviz.views.session.actions import ACTIONS
from folioviz.views.session.ahead import smaller
from folioviz.views.session.builder import Builder, Opened
from folioviz.views.session.described import described
from folioviz.views.session.first import BLANK, FIRST, PAGES
from folioviz.views.session.frame import Frame
from folioviz.views.session.opening import NONE, pair_of
from folioviz.views.session.selection import MOST, Selection, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.files.scenario import Scenario
    from folioviz.ops.op import Op


class Session(HasTraits):
    """Kernels, operations, playhead, and what is selected. Views observe :attr:`frame` and call the methods.

    A method that gets something impossible changes nothing and puts a message beside the control that asked for it
    (``place``); none raises a FoliovizError.

    Attributes:
        history: the operations under each kernel, and the playhead.
        selection: what a person has chosen on the screen.
        opened: the scenario that is on the screen.
        pending: the operation that waits for a "yes", and its place on the screen.
        messages: per place on the screen the error or the note that belongs there.
    """

    frame = Instance(Frame)

    def __init__(self, found: str | Scenario = FIRST) -> None:
        """Open a scenario, or one of the library by name; by default, the one that greets a newcomer."""
        super().__init__()
        self.history: History = History()
        self.selection: Selection = Selection(self.attempt)
        self.opened: Opened = Opened()
        self.pending: tuple[Op, str] | None = None
        self.messages: dict[str, str] = {}
        self.builder: Builder = Builder(self.history, self.selection)
        first = scenario.find(FIRST)
        self.history.run(first.kernels, first.mmu_gather, ())
        if isinstance(found, str):
            self.open(found)
        else:
            self.load(found)

    @contextmanager
    def attempt(self, place: str) -> Iterator[None]:
        """Do something that may fail; then show the outcome: a frame, and the error beside its control."""
        self.messages = {}
        self.pending = None
        try:
            yield
        except FoliovizError as error:
            self.messages = {place: str(error)}
        self.show()

    def show(self) -> None:
        """Build the frame of this moment and hand it to the views."""
        self._settle_focus()
        self.frame = self.builder.build(self.opened, self.pending[0] if self.pending else None, self.messages)

    def _settle_focus(self) -> None:
        """Focus on some folio if there is one and none is in focus."""
        for machine in self.history.machines:
            if self.selection.focus:
                break
            live = live_folios(machine)
            if live.size:
                self.selection.focus = int(machine.folio_id[live[0]])

    # ------------------------------------------------------------------------------------------ what is run

    def open(self, name: object) -> None:
        """Open a scenario of the library: its operations, kernels and gather mode; a blank start keeps those."""
        with self.attempt("scenario"):
            if not isinstance(name, str):
                raise LimitError.of("the scenario", name, "a name of the library")
            if name == BLANK.name:
                kernels, gather = tuple(self.history.kernels), self.history.mmu_gather
                self._open(scenario.replace(BLANK, kernels=kernels, mmu_gather=gather))
            else:
                self._open(scenario.find(name))

    def load(self, found: object) -> None:
        """Open a scenario or a race from elsewhere, or whatever text holds one (:func:`opening.read`)."""
        with self.attempt("scenario"):
            asked = opening.read(found)
            self._play(asked) if isinstance(asked, RaceDocument) else self._open(asked)

    def _play(self, found: RaceDocument) -> None:
        """Show a schedule of a race: from where it begins, or where a law is broken."""
        history = self.history
        history.play(found)
        history.dropped, self.selection.zoom, self.selection.focus = None, None, 0
        self.selection.forget()
        self.selection.about(history.ops[0])
        history.go(history.axis.begins[-1 if history.failed_by[-1] else -2])
        self.opened = opening.opened(found)

    def _open(self, found: Scenario) -> None:
        """Run a scenario and bring the playhead to where it says."""
        self._begin(pair_of(found.kernels), found.mmu_gather, found.ops, found.step)
        if found.at is not None:
            self.history.go(found.at)
        known = BLANK if found.ops == BLANK.ops else scenario.shipped().get(found.name)
        name = known.name if known is not None and known.ops == found.ops else ""
        self.opened = Opened(name, found.title, found.about, found.expect)
        if name in PAGES:
            self.selection.lo, self.selection.hi = PAGES[name]

    def run(
        self, ops: Iterable[Op], kernel_a: str, kernel_b: str = NONE, mmu_gather: str = "batched"
    ) -> None:
        """Run operations of your own under one kernel or two; the playhead is where there is something to see."""
        with self.attempt("scenario"):
            pair = tuple(key for key in (kernel_a, kernel_b) if key != NONE)
            self._begin(pair, mmu_gather, tuple(ops), None)
            self.opened = Opened()

    def _begin(self, pair: tuple[str, ...], mmu_gather: str, ops: tuple[Op, ...], done: int | None) -> None:
        """Run operations, look at the last one (or at number ``done``), and select what it is about."""
        history = self.history
        history.run(pair, mmu_gather, ops)
        self.selection.forget()
        history.dropped = self.selection.zoom = None
        done = len(ops) if done is None else min(done, len(ops))
        sight = history.sight(done - 1) if done else None
        position, self.selection.focus = sight or (history.axis.begins[done], 0)
        history.go(position)
        self.selection.about(ops[done - 1] if done else None)

    def miss(self, name: str) -> None:
        """Say that an address names work that is not there."""
        self.complain(
            "scenario",
            f"This address cannot be opened: kept is {shown(name, 40)}: it is known to the tab that made it alone, as "
            "long as that is open. A link or a file holds what can be opened elsewhere",
        )

    def choose(self, side: int, key: object) -> None:
        """Take another kernel for A (0) or B (1); "none" for B shows A alone. The same operations are done again."""
        with self.attempt("kernels"):
            if not isinstance(key, str):
                raise KernelError(f"no kernel {key!r}")
            pair = [*self.history.kernels, NONE][:2]
            if key == pair[1 - side] != NONE:
                pair.reverse()
            pair[side] = key
            if pair[0] == NONE:
                raise KernelError("kernel A cannot be none: choose one of the list")
            self.history.run_again([name for name in pair if name != NONE], self.history.mmu_gather)

    def gather(self, mode: object) -> None:
        """Take another mmu_gather mode; the same operations are done again."""
        with self.attempt("kernels"):
            self.history.run_again(self.history.kernels, str(mode))

    # ------------------------------------------------------------------------------------------ time

    def seek(self, position: object) -> None:
        """Move the playhead; a position beyond an end is that end."""
        with self.attempt("transport"):
            self.history.go(whole("the position", position, -MOST, MOST))

    def step(self, by: int) -> None:
        """Go some steps forward, or back."""
        self.seek(self.history.position + by)

    def skip(self, by: int) -> None:
        """Go to the end of the next operation (1), or to where this or the one before began (-1)."""
        begins, done = self.history.axis.begins, self.history.done
        if by > 0 and self.history.position == begins[done]:
            done += 1
        self.seek(begins[min(done, len(begins) - 1)] if by > 0 else begins[max(done - 1, 0)])

    def call(self, by: int) -> None:
        """Go to where the next kernel function begins to write (1), or the one before (-1), in the trace shown."""
        with self.attempt("transport"):
            self.history.go(self.history.call(by, self.selection.tracing))

    def align(self, *, by_progress: bool) -> None:
        """Let positions go by progress through operations, or by step; A stays where it is."""
        with self.attempt("transport"):
            if by_progress != self.history.by_progress:
                self.history.align(by_progress=by_progress)

    def go_to_row(self, side: str, row: int) -> None:
        """Go to where a row of the journal of A or B has just been done."""
        position = self.history.position_of(side, row)
        if position is not None:
            self.seek(position)

    def go_to_op(self, index: int) -> None:
        """Go to the end of an operation."""
        if 0 <= index < len(self.history.ops):
            self.seek(self.history.axis.begins[index + 1])

    # ------------------------------------------------------------------------------------------ operations

    def do(self, name: object) -> None:
        """Press a button."""
        action = ACTIONS.get(name) if isinstance(name, str) else None
        if action is not None:
            op, place = action.make(self.builder.chosen()), action.place
            if reason := self.frame.refusals[action.name]:
                with self.attempt(place):
                    raise OperationError(reason)
                return
            self.act(op, place, branch=False)

    def act(self, op: Op, place: str = "operations", *, branch: bool = True) -> None:
        """Do an operation after the one under the playhead; what came later is dropped and can be restored.

        With ``branch`` false it is only done if nothing would be dropped; else the frame asks (:attr:`Frame.pending`).
        """
        history = self.history
        asks = not branch and history.done < len(history.ops)
        with self.attempt(place):
            if asks:
                self.pending = (op, place) if (reason := history.refused(op)) is None else None
                if reason is not None:
                    raise OperationError(reason)
                return
            later = history.act(op)
            self.opened = Opened()
            if refused := history.refused_now():
                self.messages = {place: refused}
            elif less := smaller(op, self.selection.asked["order"]):
                self.messages = {"done": less}
            if later:
                dropped = f"{count(len(later), 'later operation')} ({described(later[0])}, …)"
                self.messages |= {"history": f"Acting in the past dropped {dropped}"}
            self._follow(op)

    def forget_scenario(self) -> None:
        """Take note that what is on the screen is no scenario's any more."""
        self.opened = Opened()

    def branch(self) -> None:
        """Do the operation that was asked about."""
        if self.pending is not None:
            self.act(*self.pending)

    def cancel(self) -> None:
        """Do not do it."""
        with self.attempt("history"):
            self.pending = None

    def _follow(self, op: Op) -> None:
        """Move on after an operation: to the process or folio just made, or to the folio that it is about."""
        machine = self.history.machines[0]
        sight = self.history.sight(len(self.history.ops) - 1)
        if op.word == "mm":
            self.selection.mm = int(machine.next_mm_id[0]) - 1
        elif op.word in {"fault", "faultpmd", "migrate"}:
            self.selection.focus = int(machine.next_folio_id[0]) - 1
        elif sight:
            self.selection.focus = sight[1]
        elif folio_head(machine, self.selection.focus) < 0:
            self.selection.focus = 0

    def undo(self) -> None:
        """Go back to where the operation under the playhead, or last done, began."""
        self.skip(-1)

    def redo(self) -> None:
        """Go forward to the end of the next operation; at the end, bring back what was dropped."""
        if self.history.position < self.history.axis.last:
            self.skip(1)
        else:
            self.restore()

    def restore(self) -> None:
        """Swap what acting in the past dropped with what came instead."""
        with self.attempt("history"):
            self.history.restore()

    def complain(self, place: str, text: str) -> None:
        """Say what is wrong with what a person typed, beside its control; nothing changes."""
        self.messages = {place: text}
        self.show()
