"""Where along a history two kernels differ: at each position, or, where that is too much, as operations end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.compare.state import common_stats, differs, state
from folioviz.ops.walk import live_folios

if TYPE_CHECKING:
    from folioviz.compare.state import State
    from folioviz.views.player.history import History

MOST = 9_000
"""At most so many folios are looked at for one answer, over all positions: some hundred milliseconds."""
A_MOMENT = 4
"""What a position costs besides its folios, in folios."""


class Along(NamedTuple):
    """Where two kernels differ.

    Attributes:
        runs: [first, last) of the positions at which they do, ascending; the last one has its own position as its end.
        each: whether each position was looked at; if not, a run begins and ends where operations do.
        known: whether anything was looked at: a very long history is not.
    """

    runs: tuple[tuple[int, int], ...]
    each: bool
    known: bool


def along(history: History, span: tuple[int, int]) -> Along:
    """Return where the kernels differ between two positions, both included; every lab stands where it was, after."""
    first, last = span
    if len(history.tracks) < 2:
        return Along((), each=True, known=True)
    weight = A_MOMENT + max(live_folios(machine).size for machine in history.machines)
    ends = [end for end in history.axis.begins if first <= end <= last]
    each = (last - first + 1) * weight <= MOST
    places = list(range(first, last + 1)) if each else ends
    if len(places) * weight > MOST:
        return Along((), each=False, known=False)
    back = [track.lab.cursor for track in history.tracks]
    found = [place for place, other in zip(places, _differ(history, places), strict=True) if other]
    for track, cursor in zip(history.tracks, back, strict=True):
        track.lab.seek(cursor)
    after = dict(zip(places, [*places[1:], last], strict=True))
    runs: list[tuple[int, int]] = []
    for place in found:
        if runs and runs[-1][1] == place:
            runs[-1] = runs[-1][0], after[place]
        else:
            runs.append((place, after[place]))
    return Along(tuple(runs), each=each, known=True)


def _differ(history: History, places: list[int]) -> list[bool]:
    """Return at which positions the machines differ; what did not move since the one before is not read again."""
    stats = common_stats(history.machines)
    rows, found = [-1, -1], list[bool]()
    states: list[State] = [{}, {}]
    for place in places:
        index, offset = history.axis.at(place) if history.ops else (-1, 0)
        moved = False
        for side, track in enumerate(history.tracks):
            row = track.row(index, history.axis.step(track, index, offset)) if index >= 0 else 0
            if row != rows[side]:
                track.lab.seek(row)
                rows[side], states[side], moved = row, state(track.lab.machine, stats), True
        found.append(differs(states) if moved else found[-1])
    return found
