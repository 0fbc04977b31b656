"""Changes of the past: an operation is deleted, inserted or changed, and all that came later is done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.errors import LimitError
from folioviz.ops.ops import parse
from folioviz.views.player.rewrite import rewrite
from folioviz.views.session.described import described
from folioviz.views.session.selection import whole

if TYPE_CHECKING:
    from folioviz.views.session.session import Session

KINDS = ("change", "insert", "delete")


def edit(session: Session, what: object, place: object, text: object) -> None:
    """Change the operations of a session: what could have been.

    Args:
        session: whose operations.
        what: "change" or "delete" an operation, or "insert" one after it.
        place: the operation's number, from 0; -1 inserts before the first.
        text: the new operation in the short form; not looked at by "delete".

    What is wrong with it is said beside the operations, and nothing changes then. What was there can be brought back.
    """
    with session.attempt("operations"):
        if what not in KINDS:
            raise LimitError.of("the change", what, f"one of {', '.join(KINDS)}")
        ops = session.history.ops
        least = -1 if what == "insert" else 0
        index = whole("the operation", place, least, len(ops) - 1)
        new = [] if what == "delete" else [parse(text if isinstance(text, str) else "")]
        old = described(ops[index]) if what != "insert" else ""
        rewrite(session.history, index + (what == "insert"), int(what != "insert"), new)
        session.forget_scenario()
        said = {
            "delete": f"Deleted operation {index + 1}, {old}",
            "insert": f"Inserted operation {index + 2}",
            "change": f"Changed operation {index + 1}, which was {old}",
        }
        session.messages = {"history": said[str(what)]}
