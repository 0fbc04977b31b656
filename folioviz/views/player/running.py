"""The function that has just run on a track, as its kernel links it, and the line that made the row just done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.readout import source

if TYPE_CHECKING:
    from folioviz.readout.source import Ran, Source
    from folioviz.views.player.track import Track


class Running(NamedTuple):
    """A function, and where it is.

    Attributes:
        side: "A" or "B".
        source: the function.
        line: the line of its file that made the row just done; 0 if nothing has run yet: this is where it begins; -1 in
            a schedule of several CPUs, whose lines are not followed.
    """

    side: str
    source: Source
    line: int


def ran(track: Track, index: int) -> Ran | None:
    """Return where the rows of an operation were made, None if it made none; O(rows), see :func:`source.ran`."""
    part = track.parts[index]
    if part.end == part.start:
        return None
    several = (track.lab.cpus_of(part.start, part.end) >= 0).any()
    return (source.called if several else source.ran)(track.lab, track.lab.op_at(part.start + 1))


def running(track: Track, index: int, found: Ran | None, row: int) -> Running | None:
    """Return what has just run after a journal row (-1: what is going to), None where nothing runs."""
    if found is None:
        return None
    part = track.parts[index]
    if row < 0:
        name, line = track.lab.applied[track.lab.op_at(part.start + 1)].op.call, 0
        name = name if name in track.lab.linked.code else ""
    else:
        name, line = found.at(row - part.start)
    return Running(track.side, source.read(track.lab, name), line) if name else None
