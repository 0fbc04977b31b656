"""A visit to the queue: the pages still mapped, as one operation takes the folio's mappings step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.costs import PMF, QDEL, SQLOCK
from folioviz.mm.headers import deferred_list
from folioviz.ops.walk import queue
from folioviz.readout import state
from folioviz.readout.explain import ASKED
from folioviz.readout.words import count, times
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.work import PerOperation

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.lab import Lab
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

MOST = 34
"""So many bars are drawn; of more steps, the first two and the last, and evenly what is between."""
FEW = 18
"""So many bars have room for the number on the second, too."""
BECAME = {j.MIGRATED: "moved", j.SPLIT_DONE: "split", j.FREED: "freed"}
"""Decision -> what became of the folio; the first that was made counts."""
WORDS = {
    "off": "not queued",
    "born": "queued since its birth, unflagged",
    "on": "on the queue as partially mapped",
}


class Moment(NamedTuple):
    """The folio after some of its mappings went.

    Attributes:
        row: the journal row of the decision.
        mapped: how many mappings its counters say are left.
        place: "off", "born" (queued, unflagged) or "on" the queue.
    """

    row: int
    mapped: int
    place: str


class Passage(NamedTuple):
    """What an operation did to one folio.

    Attributes:
        folio: its id.
        pages: how many it has.
        moments: before, and after each step.
        end: what became of it: "freed", "split", "moved" or "" for mapped as it is.
        new: the folio that has its mappings in the end: itself, or the one that it moved to.
        locks: how often split_queue_lock was taken.
    """

    folio: int
    pages: int
    moments: tuple[Moment, ...]
    end: str
    new: Folio | None
    locks: int


def place_of(lab: Lab, head: int) -> str:
    """Return where a folio is now: "off", "born" or "on"."""
    machine = lab.machine
    node = deferred_list(head)
    if int(machine.list_next[node]) in (node, -1) or head not in queue(machine):
        return "off"
    flags = machine.folio_partially_mapped
    return "born" if flags.size and not flags[head] else "on"


def left(lab: Lab, head: int, pages: int) -> int:
    """Return how many pages are mapped, as the counters have it."""
    machine = lab.machine
    if machine.folio_large_mapcount.size:
        return min(int(machine.folio_large_mapcount[head]) + 1, pages)
    return int(np.count_nonzero(machine.page_mapcount[head : head + pages] >= 0))


def passage(lab: Lab, start: int, end: int) -> Passage | None:
    """Read the operation that has the rows ``[start, end)``; None if no mapping of a large folio went."""
    rows, back = lab.journal[start:end], lab.cursor
    told = rows[:, 0] == j.WHY
    at = np.flatnonzero(told & np.isin(rows[:, 1], ASKED))
    ident = int(rows[at[0], 2]) if at.size else 0
    lab.seek(start)
    found = next((one for one in state.folios(lab.machine) if one.id == ident and one.order), None)
    if found is None:
        lab.seek(back)
        return None
    pages, about = found.mapcount.size, told & (rows[:, 2] == ident)
    steps = at[rows[at, 2] == ident].tolist()
    leaves = (
        (rows[:, 0] == QDEL) | ((rows[:, 0] == PMF) & (rows[:, 3] == 0)) | (about & (rows[:, 1] == j.FREED))
    )
    over = np.flatnonzero(leaves[steps[-1] :])
    stop = steps[-1] + int(over[0]) if over.size else end - start
    moments = [Moment(start - 1, left(lab, found.head, pages), place_of(lab, found.head))]
    for row, after in zip(steps, [*steps[1:], stop], strict=True):
        lab.seek(start + row)
        mapped = left(lab, found.head, pages)
        lab.seek(start + after)
        moments.append(Moment(start + row, mapped, place_of(lab, found.head)))
    lab.seek(end)
    live = {one.id: one for one in state.folios(lab.machine)}
    lab.seek(back)
    reasons = set(rows[about, 1].tolist())
    became = next((word for reason, word in BECAME.items() if reason in reasons), "")
    new = live[max(live)] if became == "moved" else live.get(ident)
    locks = int(np.count_nonzero(rows[:, 0] == SQLOCK))
    return Passage(ident, pages, tuple(moments), became, new, locks)


def drawn(moments: tuple[Moment, ...]) -> list[Moment]:
    """Return the moments that are drawn."""
    if len(moments) <= MOST:
        return list(moments)
    picks = np.linspace(2, len(moments) - 1, MOST - 2).astype(int).tolist()
    return [moments[pick] for pick in (0, 1, *picks)]


def column(mapped: int, pages: int, kind: str, said: str) -> Markup:
    """Return one bar with its number."""
    high = f"--h:{mapped / pages:.3f}"
    return html('<i title="{}"><u>{}</u><b class="{}" style="{}"></b></i>', said, mapped, kind, high)


def bars(was: Passage, side: Side) -> Markup:
    """Return a bar per step, as high as what is mapped after it, in the colour of the folio's place."""
    out = []
    for one in drawn(was.moments):
        kind = f"fv-visit-{one.place}" + (" fv-todo" if one.row >= side.row else "")
        said = f"{one.mapped} mapped, {WORDS[one.place]}"
        out.append(column(one.mapped, was.pages, kind, said))
    if was.new and was.end != "freed":
        mapped, where = was.new.pages_mapped, standing(was.new)
        said = f"in the end: {mapped} mapped, {WORDS[where]}"
        out.append(
            html('<em aria-hidden="true">→</em>{}', column(mapped, was.pages, f"fv-visit-{where}", said))
        )
    told = f"{was.pages} pages, in {count(len(was.moments) - 1, 'step')}"
    few = " fv-visit-few" if len(was.moments) <= FEW else ""
    return html('<div class="fv-visit-bars{}" role="img" aria-label="{}">{}</div>', few, told, joined(out))


def standing(folio: Folio) -> str:
    """Return where a folio that lives is: "off", "born" or "on"."""
    if not folio.queue_place:
        return "off"
    return "born" if folio.flagged == 0 else "on"


def first_on(was: Passage) -> Moment | None:
    """Return the first moment on the queue as partially mapped, if the operation brought the folio there."""
    if was.moments[0].place == "on":
        return None
    return next((one for one in was.moments if one.place == "on"), None)


def words(was: Passage) -> list[str]:
    """Return what happened, in sentences."""
    first, steps = was.moments[0], len(was.moments) - 1
    out = [f"{first.mapped} of {was.pages} pages mapped, {WORDS[first.place]}."]
    on = first_on(was)
    number = was.moments.index(on) if on else 0
    if on:
        still = f"{on.mapped} of {was.pages} pages still mapped" if on.mapped else "nothing mapped any more"
        out.append(f"After step {number} of {steps}, {still}: it goes on the queue as partially mapped.")
    elif first.place == "on":
        out.append(f"It is flagged: what is partially mapped is split, page by page in {steps} steps.")
    new = was.new
    if was.end == "moved" and new:
        all_of = f"with all {was.pages} pages mapped" if new.pages_mapped == was.pages else "mapped in part"
        flagged = "on the queue as partially mapped" if standing(new) == "on" else "not queued"
        out.append(f"In the end folio {new.id} has taken its place: {flagged}, {all_of}.")
    elif was.end == "split":
        out.append(
            "It is split into single pages"
            + (", and leaves the queue." if was.moments[-1].place != "off" else ".")
        )
    elif was.end == "freed":
        out.append(
            "All of it has gone: it "
            + ("leaves the queue, and " if was.moments[-1].place != "off" else "")
            + "is freed."
        )
    elif new:
        out.append(
            f"In the end {new.pages_mapped} of {was.pages} pages are mapped: it is {WORDS[standing(new)]}."
        )
    return out


def judged(was: Passage) -> tuple[str, str]:
    """Return whether the visit gained anything, and the colour of that."""
    on, locks = first_on(was), f"split_queue_lock is taken {times(was.locks)}"
    if was.moments[0].place == "on" and was.moments[0].mapped == was.pages and was.end == "split":
        return f"A healthy folio is split, only because it is flagged; {locks}.", "bad"
    whole = was.end or (was.new and was.new.pages_mapped == was.pages)
    if on and whole:
        return f"Queued for nothing: no page of it could have been given back; {locks}.", "bad"
    if on:
        return f"Queued, and rightly so: some of it could be given back; {locks}.", "good"
    return f"It goes on no queue on the way; {locks}.", "good"


class Visit(Panel):
    """What the operation under the playhead does to a folio, for every kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("visit", "fv-visit")
        self.found = PerOperation(session, self._read)

    @staticmethod
    def _read(track: Track, index: int) -> Passage | None:
        """Return what an operation did under a kernel."""
        part = track.parts[index]
        return passage(track.lab, part.start, part.end)

    def update(self, frame: Frame) -> None:
        """Draw the operation under the playhead."""
        signs = joined(
            html('<span><b class="fv-visit-{}"></b>{}</span>', key, word) for key, word in WORDS.items()
        )
        head = heading(
            "On the way", "pages mapped after each step of the operation under the playhead", "queue"
        )
        pieces = {"head": html('<div>{}<p class="fv-visit-signs">{}</p></div>', head, signs)}
        for place, side in enumerate(frame.sides):
            pieces[side.name] = self.side(frame, place, side)
        self.screen.put("visit", pieces)

    def side(self, frame: Frame, place: int, side: Side) -> Markup:
        """Return one kernel's section."""
        name = side_name(side.name, side.kernel.label)
        was = self.found[place] if frame.index >= 0 and not side.refused else None
        if was is None:
            nothing = side.refused or "This operation takes no mapping of a large folio."
            return html(
                '<section><div class="fv-side">{}</div><p class="fv-dim">{}</p></section>', name, nothing
            )
        said, kind = judged(was)
        told = joined(html("<li>{}</li>", line) for line in words(was))
        head = html('<div class="fv-side">{} <small>folio {}</small></div>', name, was.folio)
        return html(
            '<section>{0}{1}<ol>{2}</ol><p class="fv-visit-note fv-{3}-note" data-visit="{3}">{4}</p></section>',
            head,
            bars(was, side),
            told,
            kind,
            said,
        )
