"""A reader that looks now: what can_split_folio() and compaction would conclude about the folio in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.readout.words import count
from folioviz.stories.refcount_order import Moment, can_split_folio, moments, seems_pinned
from folioviz.views.page.markup import html
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.work import PerOperation

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session


def rightness(*, alone: bool, pins: int) -> tuple[str, str]:
    """Return how right a reader is who finds that only mappings hold the folio, or that somebody else does."""
    if alone:
        return ("bad", "✗ overlooks the pin") if pins else ("good", "✓ right")
    return ("good", "✓ right") if pins else ("calm", "△ careful: nobody outside has one")


def reader(name: str, test: str, said: str, *, alone: bool, pins: int) -> Markup:
    """Return one reader: its test with the numbers in it, what it says, and whether that is so."""
    kind, word = rightness(alone=alone, pins=pins)
    return html(
        '<li><b>{0}</b><code>{1}</code><span>{2}</span><em class="fv-{3}" data-reader="{3}">{4}</em></li>',
        name,
        test,
        said,
        kind,
        word,
    )


def readers(folio: Folio | None) -> Markup:
    """Return both readers, or why none can look."""
    if folio is None:
        return Markup('<p class="fv-dim">The folio in focus does not live here now.</p>')
    refcount, mapcount = folio.refcount, folio.total_mapcount
    if refcount <= 0:
        return Markup('<p class="fv-dim">The refcount is 0: no reader gets a reference any more.</p>')
    now = refcount + 1
    split, pinned = can_split_folio(now, mapcount), seems_pinned(now, mapcount)
    first = reader(
        "can_split_folio()",
        f"{mapcount} == {now} − 0 − 1",
        "only mappings hold it" if split else "there are other references",
        alone=split,
        pins=folio.pins,
    )
    second = reader(
        "compaction",
        f"{now} − 1 > {mapcount}",
        "it is pinned" if pinned else "it is not pinned",
        alone=not pinned,
        pins=folio.pins,
    )
    truth = f"in truth {count(folio.pins, 'pin')}" if folio.pins else "in truth nobody outside holds it"
    return html(
        '<p class="fv-dim">refcount {} and the reader’s own: {}; {}</p><ul>{}{}</ul>',
        refcount,
        now,
        truth,
        first,
        second,
    )


class Reader(Panel):
    """Both readers for every kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("reader", "fv-reader")
        self.actions = {"fooledA": lambda: self.go(0), "fooledB": lambda: self.go(1)}
        self.found = PerOperation(session, self._read, lambda: session.selection.focus)

    def _read(self, track: Track, index: int) -> tuple[Moment, ...]:
        """Return the moments of an operation at which a reader overlooks a pin of the folio in focus."""
        part, focus = track.parts[index], self.session.selection.focus
        same = (
            at for at, one in enumerate(track.lab.applied) if (one.start, one.end) == (part.start, part.end)
        )
        step = next(same, -1)
        all_of = moments(track.lab, step, focus) if step >= 0 and focus else ()
        return tuple(one for one in all_of if any(one.fooled))

    def go(self, place: int) -> None:
        """Go to the next moment at which a reader is fooled; after the last comes the first."""
        history = self.session.history
        if history.ops and place < len(history.tracks):
            self.found.go([one.row for one in self.found[place]], 1, place)

    def update(self, frame: Frame) -> None:
        """Draw what a reader would see at the playhead."""
        title = heading(
            "A reader that looks now", "with a reference of its own, at both counters at once", "refcount"
        )
        pieces = {"head": html("<div>{}</div>", title)}
        for place, side in enumerate(frame.sides):
            pieces[side.name] = self.side(frame, place, side)
        self.screen.put("reader", pieces)

    def side(self, frame: Frame, place: int, side: Side) -> Markup:
        """Return one kernel's section."""
        folio = side.folio(frame.focus)
        fooled = len(self.found[place]) if frame.index >= 0 else 0
        name = side_name(side.name, side.kernel.label)
        more = "nobody is fooled in this operation"
        if fooled:
            more = html(
                '<button class="fv-btn" data-fv="do:fooled{}">a reader is fooled at {}: next ▶</button>',
                side.name,
                count(fooled, "write"),
            )
        return html(
            '<section><div class="fv-side">{}<span>{}</span></div>{}</section>', name, more, readers(folio)
        )
