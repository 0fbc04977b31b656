"""A program line by line: what each asked the kernel for, what the pages are then, and what folios hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.stories.parts.programs import PROGRAMS, parts
from folioviz.stories.parts.programs_told import memory
from folioviz.stories.parts.standing import MAPPED, Standing, called, standing
from folioviz.stories.parts.wholeness import HUGE, LARGE, PART, SMALL, ZERO, spans
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel
from folioviz.views.story_panels.stages import piece

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from folioviz.stories.parts.programs import Part
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

WHOLE = 512
"""Pages of a strip: the 2 MiB of the program that are shown."""
ALONE = {1: "program"}
TWO = {1: "server", 2: "child"}
"""What processes are called, by their ids: where there is one, and where it forks."""
LOOKS = {HUGE: "huge", LARGE: "large", PART: "large", SMALL: "small", ZERO: "zero"}
"""What an entry stands for -> how it is drawn; whether others map the rest of a folio, its own strip shows."""
SIGNS = (
    ("huge", "by a PMD"),
    ("large", "by PTEs, of a large folio"),
    ("small", "single pages"),
    ("kept", "of the folio, mapped by nobody"),
)
DONE, NOW, LATER = "done", "now", "later"


class Line(NamedTuple):
    """A line of the program at one moment.

    Attributes:
        part: the step, and its operations.
        upto: its operations up to this one are done; ``part.first`` if none is.
        when: DONE, NOW or LATER.
    """

    part: Part
    upto: int
    when: str


def lines(frame: Frame, steps: list[Part]) -> list[Line]:
    """Return the lines; the playhead is in the one that is NOW, at its end, or before it."""
    finished = all(side.step >= side.steps for side in frame.sides)
    done = frame.index + finished
    found = []
    for part in steps:
        when = LATER if frame.index < part.first else DONE if frame.index >= part.end else NOW
        found.append(Line(part, min(max(done, part.first), part.end), when))
    return found


def strip(runs: list[tuple[int, int, str]], label: str, said: str) -> Markup:
    """Return runs (first, end, look) of pages as a strip behind its name."""
    drawn = [piece("room", 0, WHOLE, WHOLE)]
    drawn += [piece(look, first, end - first, WHOLE) for first, end, look in runs]
    return html(
        '<span class="fv-prog-of">{}</span><div class="fv-stage-strip" role="img" aria-label="{}">{}</div>',
        label,
        f"{label}: {said}",
        joined(drawn),
    )


def strips(found: Standing, names: Mapping[int, str]) -> Markup:
    """Return a strip for each process, and one for the pages of the large folios."""
    drawn = [
        strip(
            [(first, end, LOOKS[kind]) for first, end, kind in spans(made)],
            names[ident],
            made.words,
        )
        for ident, made in found.processes.items()
    ]
    if found.folios:
        runs = [(first, end, "folio" if kind == MAPPED else "kept") for first, end, kind in found.folios]
        name = "its folio" if found.large == 1 else "its folios"
        drawn.append(strip(runs, name, f"{memory(found.lost)} mapped by nobody"))
    return html('<div class="fv-prog-strips">{}</div>', joined(drawn)) if drawn else EMPTY


def sums(found: Standing) -> Markup:
    """Return what is mapped, what is held, what nobody maps, and what waits on the queue."""
    mapped = " + ".join(memory(made.rss) for made in found.processes.values()) or "0"
    return html(
        '<p class="fv-prog-sums">Rss <b>{}</b> · held <b>{}</b> · <span class="{}">mapped by nobody <b>{}</b></span>'
        " · queued <b>{}</b></p>",
        mapped,
        memory(found.held),
        "fv-bad" if found.lost else "",
        memory(found.lost),
        found.queued,
    )


def functions(found: dict[str, int]) -> Markup:
    """Return the kernel functions that ran, and how often."""
    told = joined(
        html("<code>{}</code>{} ", f"{name}()", html("&nbsp;×&nbsp;{}", times) if times > 1 else EMPTY)
        for name, times in found.items()
    )
    return html('<p class="fv-prog-calls">{}</p>', told)


class Program(Panel):
    """The program's lines under the one or two kernels; what is not reached yet is not shown."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("program", "fv-prog")
        self._kept: dict[tuple[str, int], tuple[tuple[object, ...], Standing]] = {}

    def stand(self, track: Track, count: int) -> Standing:
        """Return what a kernel's machine stands at after so many operations, read once."""
        key = (track.lab, track.version)
        kept = self._kept.get((track.side, count))
        if kept is None or kept[0] != key:
            back = track.lab.cursor
            track.lab.seek(track.end(count))
            kept = self._kept[track.side, count] = (key, standing(track.lab.machine))
            track.lab.seek(back)
        return kept[1]

    def update(self, frame: Frame) -> None:
        """Draw the lines up to the playhead."""
        chosen = self.values
        ops, steps = parts(chosen["program"], chosen["size"], chosen["way"], chosen["then"])
        program = PROGRAMS[chosen["program"]]
        title = heading(f"{program.key}.py, line by line", f"2 MiB of its {2 * program.blocks}", "trace")
        signs = joined(html('<span><i class="fv-stage-{}"></i>{}</span>', look, word) for look, word in SIGNS)
        pieces = {"head": html('<div>{}<p class="fv-stage-signs">{}</p></div>', title, signs)}
        if [op.short() for op in frame.ops] != ops:
            pieces["other"] = html("<p>Other operations than the program’s are played.</p>")
        else:
            for place, line in enumerate(lines(frame, steps)):
                pieces[f"line{place}"] = self.line(frame, line)
        self.screen.put("program", pieces)

    def line(self, frame: Frame, line: Line) -> Markup:
        """Return a line: what it asks for, and what came of that."""
        step, first, end = line.part
        many = html(" <small>{} of {}</small>", line.upto - first, end - first) if end - first > 1 else EMPTY
        told = EMPTY
        if line.upto > first:
            tracks = self.session.history.tracks
            told = joined(
                self.side(side, track, line, named=len(tracks) > 1)
                for side, track in zip(frame.sides, tracks, strict=True)
            )
        return html(
            '<section class="fv-prog-line" data-stage="{}"><header><button class="fv-link" data-fv="op:{}">'
            '<code>{}</code></button> <span class="fv-dim">{}</span>{}</header><div class="fv-prog-sides">{}</div>'
            "</section>",
            line.when,
            end - 1,
            step.code,
            step.asks,
            many if line.when == NOW else EMPTY,
            told,
        )

    def side(self, side: Side, track: Track, line: Line, *, named: bool) -> Markup:
        """Return what came of a line under one kernel, up to the playhead."""
        name = (
            html('<div class="fv-side">{}</div>', side_name(side.name, side.kernel.label)) if named else EMPTY
        )
        refused = next((why for why in track.refused[line.part.first : line.upto] if why), "")
        if refused:
            return html('<div>{}<p class="fv-dim">Not done: {}</p></div>', name, refused)
        found = self.stand(track, line.upto)
        ran = called(track.lab, track.end(line.part.first), track.end(line.upto))
        names = TWO if self.values["program"] == "saver" else ALONE
        return html("<div>{}{}{}{}</div>", name, strips(found, names), sums(found), functions(ran))
