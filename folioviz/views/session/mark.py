"""What a link highlights: a folio, pages, a counter, a cost, an operation, a row of the trace; and what it is called.

``mark=folio.2``, ``mark=folio.2.4-7`` (pages of a folio, from its head, both ends included), ``mark=counter.2.mapped``,
``mark=pages.1.16-23`` (pages of process 1), ``mark=cost.sqlock``, ``mark=op.6``, ``mark=row.A.153`` (of A's journal).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.errors import DocumentError, LimitError
from folioviz.files import scenario
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import ON_CARD
from folioviz.machine.memory import HPAGE_PMD_NR, NR_VPNS
from folioviz.readout.words import dashed
from folioviz.views.session.described import described

if TYPE_CHECKING:
    from folioviz.views.player.history import History

COUNTERS: Final = {row.shown: row for row in ON_CARD}
"""A counter of a card, as a mark names it -> its field."""
NUMBER: Final = "0|[1-9][0-9]{0,9}"
FORMS: Final = {
    "folio": rf"({NUMBER})(?:\.({NUMBER})-({NUMBER}))?",
    "pages": rf"({NUMBER})\.({NUMBER})-({NUMBER})",
    "counter": rf"({NUMBER})\.({'|'.join(COUNTERS)})",
    "cost": f"({'|'.join(COSTS)})",
    "op": f"({NUMBER})",
    "row": rf"([AB])\.({NUMBER})",
}
"""Kind -> what stands behind its name and a dot."""
NEVER: Final = "(?!)"
NO_ROW: Final = -1
ALLOWED: Final = "folio.N, folio.N.0-3, pages.N.0-3, counter.N.NAME, cost.NAME, op.N or row.A.N"


class Mark(NamedTuple):
    """What is highlighted.

    Attributes:
        text: as a link has it.
        kind: a key of :data:`FORMS`.
        of: the number of the folio, process, operation (from 1) or row; 0 for a cost.
        pages: [first, after last) page of the folio or the process; (0, 0) for all of a folio, and of anything else.
        name: the counter's, the cost's, or the side of a row.
    """

    text: str
    kind: str
    of: int
    pages: tuple[int, int]
    name: str

    def words(self, history: History) -> str:
        """Return what it is, as a person reads it."""
        folio, pages = f"folio {self.of}", dashed(*self.pages)
        page = f"page{'' if self.pages[1] - self.pages[0] == 1 else 's'} {pages}"
        if self.kind == "folio":
            return f"{page} of {folio}" if self.pages[1] else folio
        if self.kind == "pages":
            return f"{page} of process {self.of}"
        if self.kind == "counter":
            return f"{COUNTERS[self.name].word} of {folio}"
        if self.kind == "cost":
            return COSTS[self.name].words
        if self.kind == "op":
            return f"operation {self.of}: {described(history.ops[self.of - 1])}"
        return f"row {self.of} of {self.name}’s trace"


class Noted(NamedTuple):
    """What a link calls a moment, what it highlights, that in words, and in which row of the traces it is."""

    name: str = ""
    mark: Mark | None = None
    words: str = ""
    row: int = NO_ROW


def called(text: object) -> str:
    """Return what a moment is called, if it is one line of text; without blanks around it.

    Raises:
        LimitError: if it is not, or is too long.
    """
    try:
        return scenario.from_builtins({"ops": [], "title": text}).title.strip()
    except DocumentError:
        raise LimitError.of("name", text, scenario.ALLOWED["title"]) from None


def kept(mark: Mark | None, history: History) -> Mark | None:
    """Return a mark; None for none, and if its history has what it highlights no more."""
    if mark is None or not all(low <= value <= high for _, value, low, high in _bounds(mark, history)):
        return None
    return mark


def made(history: History) -> int:
    """Return how many folios a history has made, under the kernel that made most."""
    return max((ident - 1 for track in history.tracks for ident in track.next_ids[-1:]), default=0)


def read(text: object, history: History) -> Mark:
    """Return what a link's field says.

    Raises:
        LimitError: if it is of no such form, or of a folio, page, process, operation or row that a history never has.
    """
    kind, _, rest = text.partition(".") if isinstance(text, str) else ("", "", "")
    found = re.fullmatch(FORMS.get(kind, NEVER), rest)
    if found is None:
        raise LimitError.of("mark", text, ALLOWED)
    words = [word or "" for word in found.groups()]
    numbers = [int(word) for word in words if word.isdigit()]
    name = next((word for word in words if word and not word.isdigit()), "")
    first, last = numbers[1:] or (0, -1)
    mark = Mark(str(text), kind, numbers[0] if numbers else 0, (first, last + 1), name)
    for what, value, low, high in _bounds(mark, history):
        if not low <= value <= high:
            allowed = f"{low} to {high}" if high >= low else "left out: there is none"
            raise LimitError.of(f"mark: {what}", value, allowed)
    return mark


def _bounds(mark: Mark, history: History) -> list[tuple[str, int, int, int]]:
    """Return the numbers of a mark: what each is, its value, the least and the most that it can be."""
    if mark.kind == "op":
        return [("the operation", mark.of, 1, len(history.ops))]
    if mark.kind == "row":
        rows = {track.side: len(track.lab.journal) for track in history.tracks}
        return [(f"the row of {mark.name}", mark.of, 0, rows.get(mark.name, 0) - 1)]
    if mark.kind == "cost":
        return []
    first, after = mark.pages
    if mark.kind == "pages":
        found = [("the process", mark.of, 1, sum(op.word in {"mm", "fork"} for op in history.ops))]
        most = NR_VPNS
    else:
        found = [("the folio", mark.of, 1, made(history))]
        most = HPAGE_PMD_NR
    if after:
        found += [("the last page", after - 1, 0, most - 1), ("the first page", first, 0, after - 1)]
    return found
