"""What a scenario expects, as the page says it: true or not under the kernels on the screen, once all is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.files import expect

if TYPE_CHECKING:
    from folioviz.views.player.history import History


class Expected(NamedTuple):
    """A statement of a scenario.

    Attributes:
        text: as the document has it.
        words: as a sentence, without its full stop.
        fails: the sides of which it is not true, "A", "B"; None before the end.
    """

    text: str
    words: str
    fails: tuple[str, ...] | None


def expected(texts: tuple[str, ...], past: History, *, ended: bool) -> tuple[Expected, ...]:
    """Return what statements come to where the machines of a history are; nothing is computed before the end."""
    found = []
    for text in texts:
        one = expect.parse(text)
        fails = (
            tuple(track.side for track in past.tracks if not one.holds(track.lab.machine)) if ended else None
        )
        found.append(Expected(text, one.words(), fails))
    return tuple(found)
