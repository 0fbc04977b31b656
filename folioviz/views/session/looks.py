"""How a moment is looked at, in an address: what is read beside the state, and how much the timeline shows.

``read=code``, ``read=proc``, or another file that is read there, as ``read=vmstat``; ``span=all`` if the timeline shows
all operations, and ``zoom=3`` if of these only what happens to folio 3; ``align=98`` if positions go by progress and
the playhead is at the 98th, which ``at``, a position by step, does not say; ``name=Look+here``, what its sender calls
it, and ``mark=folio.2``, what is highlighted (:mod:`folioviz.views.session.mark`). What is as at first is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from folioviz.errors import LimitError
from folioviz.files.scenario import MAX_AT
from folioviz.files.share import LOOKS
from folioviz.views.session.mark import called, kept, made, read
from folioviz.views.session.selection import PROC, READINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from folioviz.views.session.session import Session

READ: Final = {
    **{name: (name, PROC[0]) for name in READINGS},
    **{file: (READINGS[-1], file) for file in PROC[1:]},
}
"""What ``read`` may say -> what is read, and of which file that is."""


def said(session: Session) -> str:
    """Return the fields that bring its choices back, each after an ``&``; "" if all is as at first."""
    selection, history = session.selection, session.history
    file = selection.file if selection.reading == READINGS[-1] else PROC[0]
    marked = kept(selection.marked, history)
    looked = next(name for name, one in READ.items() if one == (selection.reading, file))
    fields = {
        "read": "" if looked == READINGS[0] else looked,
        "span": "all" if selection.whole_history else "",
        "zoom": str(selection.focus) if selection.near and selection.focus else "",
        "align": str(history.position) if history.by_progress and len(history.tracks) > 1 else "",
        "name": selection.called,
        "mark": marked.text if marked else "",
    }
    return "".join(f"&{urlencode({name: value})}" for name, value in fields.items() if value)


def take(session: Session, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Take the fields that there are; return a sentence for each that is wrong, which is left out."""
    faults = []
    for name, follow in FIELDS.items():
        if name in fields:
            try:
                follow(session, fields[name])
            except LimitError as error:
                faults.append(str(error))
    return tuple(faults)


def _read(session: Session, name: str) -> None:
    """Read trace, code or a file."""
    if name not in READ:
        raise LimitError.of("read", name, f"one of {', '.join(READ)}")
    reading, file = READ[name]
    session.selection.read_file(file)
    session.selection.read(reading)


def _span(session: Session, name: str) -> None:
    """Let the timeline show all operations."""
    if name != "all":
        raise LimitError.of("span", name, "all")
    session.selection.show_whole(True)


def _zoom(session: Session, text: str) -> None:
    """Let the timeline show what happens to a folio of this history."""
    last = made(session.history)
    if not re.fullmatch("[0-9]{1,10}", text) or not 1 <= int(text) <= last:
        raise LimitError.of("zoom", text, f"a folio, 1 to {last}" if last else "left out: there is no folio")
    session.selection.focus_on(int(text))
    session.selection.show_near(True)


def _align(session: Session, text: str) -> None:
    """Let positions go by progress, and go to one; beyond the last is the last."""
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > MAX_AT:
        raise LimitError.of("align", text, f"a position by progress, 0 to {MAX_AT}")
    session.align(by_progress=True)
    session.seek(int(text))


def _name(session: Session, text: str) -> None:
    """Call the moment something."""
    session.selection.call(called(text))


def _mark(session: Session, text: str) -> None:
    """Highlight something; a folio gets into focus, so that its card is there."""
    mark = read(text, session.history)
    session.selection.highlight(text, session.history)
    if mark.kind in {"folio", "counter"} and not session.selection.near:
        session.selection.focus_on(mark.of)


FIELDS: Final[Mapping[str, Callable[[Session, str], None]]] = dict(
    zip(LOOKS, (_read, _span, _zoom, _align, _name, _mark), strict=True)
)
"""Field -> what takes it."""
