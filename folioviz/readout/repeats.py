"""The lines of an operation with what repeats folded: "_refcount 433 → 333", 100 times, is one line."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.fields import (
    FIELDS,
    MTHP_STAT,
    PMD,
    PTE,
    SPLIT_QUEUE_LOCK,
    TLB_PAGE,
    VM_EVENT,
    VMSTAT,
)
from folioviz.machine.memory import COMPOUND_MAPPED, ENTRY_SHIFT, PMD_HUGE, PMD_ZERO, PTE_GUARD, PTE_ZERO
from folioviz.readout.explain import sentence
from folioviz.readout.folds import Fold, fold
from folioviz.readout.owners import Owners
from folioviz.readout.plural import agree
from folioviz.readout.trace import COST_TEXT

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from folioviz.lab import Lab

COUNTED = (VMSTAT, VM_EVENT, MTHP_STAT)
"""Fields of which each element is a counter with a name of its own: what counts is by how much it changes."""
ENTRIES = (PTE, PMD, TLB_PAGE)
"""Fields whose values say which page."""
ROOM = 62
"""Numbers of more bits are numbered again before more is put into them; what is put in has at most 33."""
NUMBER = re.compile(r"(?<![\w.])-?(?:0x[0-9a-f]+|\d+)\b")
NO_FIELD = -1
OF_FOLIO, OF_PAGE, IS_COUNTED, IS_ENTRY = (
    np.array([*found, False])  # the last is that of NO_FIELD
    for found in (
        [row.by == "folio" for row in FIELDS],
        [row.by == "page" and not row.quiet for row in FIELDS],
        [row.number in COUNTED for row in FIELDS],
        [row.number in ENTRIES for row in FIELDS],
    )
)


class Words(NamedTuple):
    """What a line says.

    Attributes:
        kind: a kind of :mod:`folioviz.machine.journal`; EXIT for the head of a loop.
        name: the function, or what was written or counted, of all that it stands for.
        what: the change from the first to the last, the sum of the amounts, or the sentence of a decision.
    """

    kind: int
    name: str
    what: str


class Repeats:
    """The folded lines of one operation.

    Args:
        lab: whose operation; it stands somewhere in it, or where it begins or ends.
        start: the operation's first row.
        end: the row after its last.
        lines: the rows that are lines (:attr:`folioviz.views.player.scan.Scan.lines`), int64.
        depths: how deep each line is, int64.

    Attributes:
        lines: those rows.
        folds: what is left of them, in order.
        keys: per fold what it is, whatever the kernel: function, field or kind of cost; of two kernels, lines with
            the same key are about the same.
    """

    def __init__(self, lab: Lab, start: int, end: int, lines: np.ndarray, depths: np.ndarray) -> None:
        """Fold; O(rows), of which the first kernel of the series has 133,000 lines for a gather that overflows."""
        self._lab = lab
        self._start = start
        rows, self._cpus = lab.journal[start:end], lab.cpus_of(start, end)
        self._owners = Owners(lab, rows)
        self.lines = lines
        self._rows = np.ascontiguousarray(rows[lines - start].T).T  # column by column, as they are read
        kind, address = self._rows[:, 0], self._rows[:, 1]
        plain = (kind < j.WHY) & (address >= 0)
        field = np.where(plain, lab.machine.fields_of(address), 0)
        self._field = np.where(plain, field, NO_FIELD)
        self._index = address - np.array(lab.machine.base)[field]
        marks = [depths, *self._what()]
        self.folds: list[Fold] = fold(depths, numbered([*marks, self._folios()]), numbered(marks))
        self._firsts = list(accumulate((one.first for one in self.folds), max))
        self.keys: list[Hashable] = []
        for one in reversed(self.folds):
            self.keys.append(self._key(one) if one.first >= 0 else ("loop", self.keys[-1]))
        self.keys.reverse()
        self._words: dict[int, Words] = {}

    def of(self, line: int) -> int:
        """Return the number of the fold that stands for a line; it is among the last that begin up to there."""
        number = bisect_right(self._firsts, line) - 1
        while not self.folds[number].holds(line):
            number -= 1
        return number

    def _what(self) -> list[np.ndarray]:
        """Return per line what it is, int64 each: kind, what of that kind, which of these, which way; and whose CPU."""
        kind, address, old, new = self._rows.T
        field, index = self._field, self._index
        value = np.where(new != 0, new, old)
        which = np.where(IS_COUNTED[field], index, 0)
        which = np.where(field == SPLIT_QUEUE_LOCK, new, which)
        which = np.where(field == PTE, value & PTE_ZERO | (value == PTE_GUARD), which)
        which = np.where(field == PMD, value & PMD_HUGE | PMD_ZERO * (value == PMD_ZERO), which)
        way = np.where(IS_ENTRY[field], new != 0, (new > old).astype(np.int8) - (new < old))
        what = np.where(field >= 0, field, address)
        found = [kind, what, which, np.where(field >= 0, way, 0)]
        cpus = self._cpus[self.lines - self._start]
        return [cpus, *found] if (cpus >= 0).any() else found

    def _folios(self) -> np.ndarray:
        """Return per line the folio that it is about, int64: the page of its head, or its id; 0 for none."""
        kind, _, old, new = self._rows.T
        field = self._field
        value = np.where(new != 0, new, old)
        page = np.where(IS_ENTRY[field], np.where(field == TLB_PAGE, new, value >> ENTRY_SHIFT), self._index)
        about = np.flatnonzero(OF_PAGE[field] | IS_ENTRY[field])
        heads = np.where(OF_FOLIO[field], self._index, 0)
        heads[about] = self._owners.heads.at(self.lines[about] - self._start, page[about])
        return np.where(kind == j.WHY, old, heads)

    def _key(self, one: Fold) -> Hashable:
        """Return what a fold that stands for lines is, whatever the kernel."""
        kind, address, _, new = self._rows[one.first].tolist()
        if kind == j.ENTER:
            return str(self._lab.linked.names[address])
        field, index = int(self._field[one.first]), int(self._index[one.first])
        if field < 0:
            return kind, address
        lock = new if field == SPLIT_QUEUE_LOCK else 0
        return "field", field, index if field in COUNTED else lock

    def rows(self, number: int) -> np.ndarray:
        """Return the journal rows that a fold stands for, in order, int64."""
        found: np.ndarray = self.lines[self.folds[number].lines.ravel()]
        return found

    def words(self, number: int) -> Words:
        """Return what a fold says; it is kept."""
        if number not in self._words:
            one = self.folds[number]
            self._words[number] = self._say(one.lines) if one.first >= 0 else Words(j.EXIT, "repeated", "")
        return self._words[number]

    def cpu(self, number: int) -> int:
        """Return the CPU of a fold's lines; -1 where there is no other one, and of the head of a loop."""
        one = self.folds[number]
        return int(self._cpus[self.lines[one.first] - self._start]) if one.first >= 0 else -1

    def one(self, line: int) -> Words:
        """Return what a single line says."""
        return self._say(np.array([line]))

    def _say(self, lines: np.ndarray) -> Words:
        """Return what lines say, in the shape of a fold's."""
        flat = lines.ravel()
        first, last = int(flat[0]), int(flat[-1])
        kind, address = self._rows[first, :2].tolist()
        field = int(self._field[first])
        if kind == j.ENTER:
            return Words(kind, self._lab.linked.names[address], "")
        if kind == j.WHY:
            several = (_few(self._rows[flat, column]) for column in (2, 3))
            return Words(kind, "why", agree(sentence(address, *several)))
        if field < 0:
            return Words(kind, COST_TEXT[kind], f"+{int(self._rows[flat, 3].sum())}")
        (name, what), (last_name, last_what) = self._named(first), self._named(last)
        name = _ranged(name, last_name, self._index[lines])
        if field in COUNTED:
            return Words(kind, name, f"{int((self._rows[flat, 3] - self._rows[flat, 2]).sum()):+d}")
        if field in ENTRIES:
            value = np.where(self._rows[lines, 3] != 0, self._rows[lines, 3], self._rows[lines, 2])
            pages = value if field == TLB_PAGE else value >> ENTRY_SHIFT
            return Words(kind, name, _ranged(what, last_what, pages))
        if flat.size > 1 and field != SPLIT_QUEUE_LOCK:
            what = self._change(lines, what, last_what)
        return Words(kind, name, what)

    def _named(self, line: int) -> tuple[str, str]:
        """Return the name of what a line writes, and the change."""
        self._owners.row = int(self.lines[line]) - self._start
        _, _, old, new = self._rows[line].tolist()
        return self._owners.write(int(self._field[line]), int(self._index[line]), old, new)[:2]

    def _change(self, lines: np.ndarray, first: str, last: str) -> str:
        """Return how values change over lines: from the start to the end where each goes on from the one before."""
        place, old, new = self._index[lines], self._rows[lines, 2], self._rows[lines, 3]
        each = False
        while place.ndim:
            if (place == place[..., :1]).all() and (old[..., 1:] == new[..., :-1]).all() and not each:
                place, old, new = place[..., 0], old[..., 0], new[..., -1]
            elif (old == old[..., :1]).all() and (new == new[..., :1]).all():
                place, old, new = place[..., 0], old[..., 0], new[..., 0]
                each = True
            else:
                return f"{first} … {last}"
        change = " → ".join(hex(one) if one >= COMPOUND_MAPPED else str(one) for one in (int(old), int(new)))
        return f"{change} each" if each else change


def numbered(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return a number for each row of columns, int64, 0 or more: rows have the same where they are equal."""
    found, size = np.zeros(len(columns[0]), np.int64), 1
    for column in columns if len(found) else ():
        least, most = int(column.min()), int(column.max())
        if size * (most - least + 1) >> ROOM:
            found = np.unique(found, return_inverse=True)[1].astype(np.int64)
            size = int(found.max()) + 1
        size *= most - least + 1
        found *= most - least + 1
        found += column
        found -= least
    return found


def _few(numbers: np.ndarray) -> int | str:
    """Return numbers as a text: one, or the first and the last, with a dash where all between are there."""
    first, last = int(numbers[0]), int(numbers[-1])
    if (numbers == first).all():
        return first
    steps = np.diff(numbers)
    whole = np.isin(steps, (0, 1)).all() or np.isin(steps, (0, -1)).all()
    return f"{first}{'–' if whole else '…'}{last}"


def _ranged(first: str, last: str, places: np.ndarray) -> str:
    """Return a text whose numbers go from those of one text to those of another.

    Args:
        first: the first line's.
        last: the last line's, which differs in numbers alone.
        places: what the numbers count, in the shape of a fold's lines; a dash says that none is left out.
    """
    if first == last:
        return first
    once = places.reshape(-1, places.shape[-1])  # one row for each time that the innermost loop runs
    starts = once[:, 0]
    alike = (starts == starts[0]).all() or (np.diff(starts) == once.shape[1]).all()
    whole = alike and (np.diff(once) == 1).all()
    dash = "–" if whole else "…"
    ends = iter(NUMBER.findall(last))
    return agree(
        NUMBER.sub(lambda one: one[0] if (end := next(ends)) == one[0] else f"{one[0]}{dash}{end}", first)
    )
