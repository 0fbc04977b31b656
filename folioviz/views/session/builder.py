"""The builder of frames: reads the labs of a history once per change and keeps what did not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.compare.sentence import sentence
from folioviz.readout import state
from folioviz.views.player.alongside import Alongside
from folioviz.views.player.apart import along
from folioviz.views.player.coming import events
from folioviz.views.player.curve import Curve, curve, usual
from folioviz.views.player.running import ran, running
from folioviz.views.player.snapshot import Footprint, footprint
from folioviz.views.session.actions import ACTIONS
from folioviz.views.session.ahead import as_shown, fitting
from folioviz.views.session.expected import expected
from folioviz.views.session.extent import areas, breaks, whole
from folioviz.views.session.frame import Frame, side
from folioviz.views.session.mark import NO_ROW, Noted, kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from folioviz.ops.op import Op
    from folioviz.views.player.alongside import Pair
    from folioviz.views.player.history import History
    from folioviz.views.player.running import Running
    from folioviz.views.player.track import Track
    from folioviz.views.session.action import Chosen
    from folioviz.views.session.frame import Side
    from folioviz.views.session.selection import Selection


class Opened(NamedTuple):
    """A scenario that was opened; all is "" once something else has been done.

    Attributes:
        name: its name in the library, "" for one from elsewhere.
        title: what it shows, one line.
        about: what to notice.
        expect: statements of what is so once all is done (:mod:`folioviz.files.expect`).
    """

    name: str = ""
    title: str = ""
    about: str = ""
    expect: tuple[str, ...] = ()


class Builder:
    """Builds the frames of a history and a selection.

    What depends on the operation alone is kept while the playhead stays in it.
    """

    def __init__(self, history: History, selection: Selection) -> None:
        """Begin with no frame."""
        self.history = history
        self.selection = selection
        self._kept: dict[str, tuple[Any, Any]] = {}

    def _keep(self, name: str, key: Any, make: Any) -> Any:
        """Return what was made for this key last time, or make it."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != key:
            kept = self._kept[name] = (key, make())
        return kept[1]

    def build(self, opened: Opened, pending: Op | None, messages: Mapping[str, str]) -> Frame:
        """Return the frame of this moment; ``pending`` is the operation that waits for a "yes"."""
        s, past = self.selection, self.history
        index, offset = past.at
        story = past.by_progress, *((track.lab, track.version) for track in past.tracks)
        history, refused, failed, begins, mapped = self._keep("story", story, self._story)
        everything = whole(mapped)
        view = s.view(everything, sum(hi - lo for lo, hi in mapped))
        span = (0, begins[-1]) if s.whole_history or index < 0 else (begins[index], begins[index + 1])
        counting = s.counting or usual(past.machines)
        sides = []
        for track in past.tracks:
            began = self._keep(f"began {track.side}", (story, index), lambda t=track: self._began(t, index))
            line = self._keep(
                f"curve {track.side}",
                (story, s.focus, counting, span),
                lambda t=track, seen=began: self._curve(t, span, seen, counting),
            )
            coming = self._keep(
                f"coming {track.side}", (story, index), lambda t=track: events(t, past.axis, index)
            )
            step = past.axis.step(track, index, offset)
            sides.append(side(track, index, step, began, line, coming))
        chosen = self.chosen()
        shown = tuple((one.step == one.steps, one.doomed) for one in sides)
        refusals, halves = self._keep(
            "refusals", (story, past.done, s.picked, shown), lambda: self._refusals(chosen, sides)
        )
        return Frame(
            sides=tuple(sides),
            scenario=opened.name,
            mmu_gather=past.mmu_gather,
            gather_limit=int(past.machines[0].tlb_limit[0]),
            ops=history,
            race=past.race,
            refused=refused,
            failed=failed,
            index=index,
            position=past.position,
            plain=past.plain,
            pace=past.axis.paces[index] if index >= 0 else None,
            by_progress=past.by_progress,
            begins=begins,
            span=span,
            mm=s.mm,
            lo=s.lo,
            hi=s.hi,
            view=view,
            whole=everything,
            breaks=breaks(mapped, view),
            focus=s.focus,
            counting=counting,
            refusals=refusals,
            halves=halves,
            lacking=self._keep("lacking", past.kernels, lambda: self._lacking(chosen)),
            more=s.more,
            chosen=chosen,
            only=s.only,
            tracing=s.tracing if len(sides) > 1 else "A",
            reading=s.reading,
            large=s.large,
            trace=self._trace(story, index, [one.at for one in sides]),
            noted=self._noted(story, index),
            code=self._code(story, index, sides) if s.reading == "code" else None,
            along=self._keep("along", (story, span), lambda: along(past, span))
            if s.reading == "apart"
            else None,
            pending=(pending, len(history) - past.done) if pending else None,
            dropped=len(past.dropped[1]) if past.dropped else 0,
            messages=dict(messages),
            told=self._keep("told", (story, index), lambda: self._told(index)),
            so_far=self._keep("so far", (story, index), lambda: self._so_far(index)),
            title=opened.title,
            about=opened.about,
            expected=self._keep(
                "expected",
                (story, opened.expect, past.position == begins[-1]),
                lambda: expected(opened.expect, past, ended=past.position == begins[-1]),
            ),
        )

    def chosen(self) -> Chosen:
        """Return what the controls say, with an order that fits where there is one."""
        s, past = self.selection, self.history
        key = (past.by_progress, past.done, s.picked, *((track.lab, track.version) for track in past.tracks))
        chosen = s.chosen(past.machines)
        order = self._keep("order", key, lambda: fitting(past, chosen).order)
        return chosen._replace(order=order)

    def _told(self, index: int) -> str:
        """Return what an operation comes to under the kernels on the screen, in a sentence."""
        if index < 0:
            return ""
        told = sentence([track.accounts[index] for track in self.history.tracks])
        if self.history.race is None or index < len(self.history.ops) - 1:
            return told
        law = self.history.tracks[0].law
        broken = f"breaks a law: {law}" if self.history.failed_by[-1] else law or "breaks no law"
        return f"{broken}; {told}"

    def _so_far(self, index: int) -> str:
        """Return what all operations up to one come to, if they are more than one, in a sentence."""
        return sentence([track.so_far(index) for track in self.history.tracks]) if index > 0 else ""

    def _story(
        self,
    ) -> tuple[tuple[Op, ...], tuple[str, ...], tuple[str, ...], tuple[int, ...], list[tuple[int, int]]]:
        """Return the operations; per one who refused it, where it failed, where it begins; the pages ever mapped."""
        past = self.history
        return (
            tuple(past.ops),
            tuple(past.refused_by),
            tuple(past.failed_by),
            tuple(past.axis.begins),
            areas(past.ops),
        )

    def _trace(self, story: object, index: int, rows: list[int]) -> tuple[Pair, ...]:
        """Return the rows of the traces near the rows that each kernel has just done."""
        return self._alongside(story, index).window(rows) if index >= 0 else ()

    def _alongside(self, story: object, index: int) -> Alongside:
        """Return the traces of an operation."""
        made: Alongside = self._keep("trace", (story, index), lambda: Alongside(self.history.tracks, index))
        return made

    def _noted(self, story: object, index: int) -> Noted:
        """Return what this moment is called, and what is highlighted of this history."""
        mark = kept(self.selection.marked, self.history)
        row = NO_ROW
        if mark and mark.kind == "row" and index >= 0:
            row = self._alongside(story, index).number(mark.name, mark.of)
        return Noted(self.selection.called, mark, mark.words(self.history) if mark else "", row)

    def _code(self, story: object, index: int, sides: Sequence[Side]) -> Running | None:
        """Return the function that runs on the side that is followed."""
        place = min("AB".index(self.selection.tracing), len(sides) - 1)
        if index < 0:
            return None
        track = self.history.tracks[place]
        found = self._keep(f"ran {track.side}", (story, index), lambda: ran(track, index))
        return running(track, index, found, sides[place].at)

    def _began(self, track: Track, index: int) -> dict[int, Footprint]:
        """Return the footprints, by id, of the folios that were live when an operation began."""
        if index < 0:
            return {}
        lab = track.lab
        back = lab.cursor
        lab.seek(track.end(index))
        began = {folio.id: footprint(folio) for folio in state.folios(lab.machine)}
        lab.seek(back)
        return began

    def _curve(
        self, track: Track, span: tuple[int, int], began: dict[int, Footprint], counting: str
    ) -> Curve:
        """Return the timeline's line of the folio in focus."""
        s = self.selection
        there = bool(span[0]) and s.focus in began  # nothing was there at the beginning of the history
        return curve(track, self.history.axis, s.focus, span, there=there, counted=counting)

    def _refusals(self, chosen: Chosen, sides: Sequence[Side]) -> tuple[dict[str, str], dict[str, str]]:
        """Return per action why no kernel can do it now ("" if one can), and which one alone cannot, and why."""
        past = self.history
        made = [action.make(chosen) for action in ACTIONS.values()]
        linked = [track.lab.linked.sources for track in past.tracks]
        reasons = {
            name: [
                as_shown(reason, op, one) if op.call in sources else reason
                for reason, one, sources in zip(said, sides, linked, strict=True)
            ]
            for name, op, said in zip(ACTIONS, made, past.reasons(made), strict=True)
        }
        refused = {name: past.in_words(said) if all(said) else "" for name, said in reasons.items()}
        halves = {name: "" if all(said) else past.in_words(said) for name, said in reasons.items()}
        return refused, halves

    def _lacking(self, chosen: Chosen) -> frozenset[str]:
        """Return the actions of which no kernel on the screen has the function."""
        calls = {name: action.make(chosen).call for name, action in ACTIONS.items()}
        linked = [track.lab.linked.sources for track in self.history.tracks]
        return frozenset(
            name for name, call in calls.items() if not any(call in sources for sources in linked)
        )
