"""Stages: what a process's pages are made of after each operation, and what is kept that nobody maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.readout.words import count
from folioviz.stories.parts.wholeness import HUGE, KINDS, LARGE, NOTHING, PART, SMALL, ZERO, makeup, spans
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel
from folioviz.views.session.described import described

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.stories.parts.wholeness import Makeup
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

LOOKS = {HUGE: "huge", LARGE: "large", PART: "part", SMALL: "small", ZERO: "zero"}
KEPT = "kept, though nobody maps it"
FEWEST = 16
"""So many pages are drawn at least."""


class Stage(NamedTuple):
    """What one operation left: its place among all, what the pages are made of, and why it was refused, if it was."""

    place: int
    made: Makeup
    refused: str


def stages(track: Track) -> tuple[Stage, ...]:
    """Return what each operation left, from the first one on that mapped something."""
    lab = track.lab
    back, found = lab.cursor, list[Stage]()
    for index in range(len(track.parts)):
        lab.seek(track.end(index + 1))
        made = makeup(lab.machine)
        if found or made.rss:
            found.append(Stage(index, made, track.refused[index]))
    lab.seek(back)
    return tuple(found)


def width(found: tuple[Stage, ...]) -> int:
    """Return how many pages are drawn: a power of two that has all that were ever mapped."""
    last = max((spans(one.made)[-1][1] for one in found if one.made.kinds.any()), default=FEWEST)
    return max(FEWEST, 1 << (last - 1).bit_length())


def piece(kind: str, first: float, size: float, whole: float) -> Markup:
    """Return a part of a strip."""
    return html(
        '<i class="fv-stage-{}" style="left:{}%;width:{}%"></i>',
        kind,
        f"{100 * first / whole:.3f}",
        f"{100 * size / whole:.3f}",
    )


def strip(made: Makeup, pages: int, kept: int) -> Markup:
    """Return the pages as a strip, and what is kept to the right of it, to the same scale."""
    whole = pages * (1.03 if kept else 1) + kept
    parts = [piece("room", 0, pages, whole)]
    parts += [piece(LOOKS[kind], first, end - first, whole) for first, end, kind in spans(made)]
    if made.kept:
        parts.append(piece("kept", pages * 1.03, made.kept, whole))
    return html('<div class="fv-stage-strip" role="img" aria-label="{}">{}</div>', said(made), joined(parts))


def said(made: Makeup) -> str:
    """Return what the pages are made of, and what is kept."""
    return made.words + (f", {count(made.kept, 'page')} kept" if made.kept else "")


class Stages(Panel):
    """A strip per operation, for every kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("stages", "fv-stages")
        self._kept: dict[str, tuple[tuple[object, ...], tuple[Stage, ...]]] = {}

    def read(self, track: Track) -> tuple[Stage, ...]:
        """Return the stages of a kernel, read once."""
        key = (track.lab, track.version)
        kept = self._kept.get(track.side)
        if kept is None or kept[0] != key:
            kept = self._kept[track.side] = (key, stages(track))
        return kept[1]

    def update(self, frame: Frame) -> None:
        """Draw all operations; the one under the playhead is marked."""
        found = [self.read(track) for track in self.session.history.tracks]
        shown = [stage for one in found for stage in one]
        pages, kept = width(tuple(shown)), max((stage.made.kept for stage in shown), default=0)
        kinds = {int(kind) for stage in shown for kind in set(stage.made.kinds.tolist())} - {NOTHING}
        signs = [(LOOKS[kind], word) for kind, word in KINDS.items() if kind in kinds]
        signs += [("kept", KEPT)] if kept else []
        legend = joined(
            html('<span><i class="fv-stage-{}"></i>{}</span>', look, word) for look, word in signs
        )
        head = heading("Stage by stage", f"pages 0–{pages - 1} after each operation", "collapse")
        pieces = {"head": html('<div>{}<p class="fv-stage-signs">{}</p></div>', head, legend)}
        for side, own in zip(frame.sides, found, strict=True):
            rows = joined(self.row(frame, stage, pages, kept) for stage in own)
            pieces[side.name] = html("<section>{}{}</section>", self.name(side), rows)
        self.screen.put("stages", pieces)

    @staticmethod
    def name(side: Side) -> Markup:
        """Return the line with a kernel's name."""
        return html('<div class="fv-side">{}</div>', side_name(side.name, side.kernel.label))

    @staticmethod
    def row(frame: Frame, stage: Stage, pages: int, kept: int) -> Markup:
        """Return one operation: its name, which leads to it, what it left, and the strip."""
        now = "now" if stage.place == frame.index else "later" if stage.place > frame.index else "done"
        made = stage.made
        kind = " fv-bad" if made.kept else ""
        told = stage.refused or said(made)
        return html(
            '<div class="fv-stage" data-stage="{0}"><button class="fv-link" data-fv="op:{1}">{2}</button>'
            '<b class="fv-stage-said{3}">{4}</b>{5}</div>',
            now,
            stage.place,
            described(frame.ops[stage.place]),
            kind,
            told,
            strip(made, pages, kept),
        )
