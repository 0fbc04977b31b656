"""What an operation came to, in one sentence: under one kernel, or under two.

Every word is computed from what the journal holds: which folios were queued and taken off again, what it cost, and
which bug fired. Only costs that both kernels count are compared (:meth:`folioviz.machine.costs.Cost.is_known`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz import kernels
from folioviz.machine import journal as j
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import BUG
from folioviz.machine.memory import BUG_NAMES
from folioviz.ops.walk import queue
from folioviz.readout.words import times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.lab import Lab

ON = (j.QUEUED, j.BORN_QUEUED)
"""Decisions that put a folio on the queue."""
LONG = 3
"""So many folios are named; of more only their number is told."""

TOLD = sorted((name for name, row in COSTS.items() if row.weight), key=lambda name: COSTS[name].weight)
"""The costs that a sentence counts; what weighs most comes first."""
LOCK = COSTS["sqlock"].words
ALONE = ("nrpm", "tforce", "thw", "pfree")
"""What is told of one kernel alone."""
SAID = {"sqlock", "qadd", "qdel"}
"""Costs that what is told of the queue holds already."""
MOST = 2
"""So many differences are told; the table of costs has them all."""
FITS = 160
"""Characters; a longer sentence tells one difference, so that it fits on a line of the screen, after its subject."""


class Account(NamedTuple):
    """What one kernel did in some rows of its journal.

    Attributes:
        name: what the sentence calls it, "A" or "B".
        costs: what it cost, every name of :data:`folioviz.machine.costs.COSTS`.
        known: the costs whose count is true of the kernel.
        queued: ids of folios that went on the deferred split queue, in order, each once.
        wasted: those of them that left it because they were freed, in the same rows.
        left: ids of folios that were on the queue before, and left it.
        bugs: names of the bugs that fired.
        refused: why the kernel did not do it, or "".
        failed: why its call ended with an error, or "".
    """

    name: str
    costs: dict[str, int]
    known: frozenset[str]
    queued: tuple[int, ...] = ()
    wasted: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    bugs: tuple[str, ...] = ()
    refused: str = ""
    failed: str = ""


def account(
    lab: Lab,
    name: str,
    start: int,
    end: int,
    refused: str = "",
    failed: str = "",
    queues: tuple[list[int], list[int]] | None = None,
) -> Account:
    """Read what a lab did in the rows ``[start, end)`` of its journal; the lab stays where it is; O(rows).

    ``refused`` and ``failed`` say why it did not do what was asked, or why its call ended with an error; ``queues``
    are :func:`on_the_queue` at start and end, where they are known.
    """
    rows = lab.journal[start:end]
    before, after = queues or _at_the_ends(lab, start, end)
    whys = rows[rows[:, 0] == j.WHY]
    queued = dict.fromkeys(whys[np.isin(whys[:, 1], ON), 2].tolist())
    freed = set(whys[whys[:, 1] == j.UNQUEUED_FREED, 2].tolist())
    queued |= dict.fromkeys(folio for folio in after if folio not in before)  # handed on by a migration
    bits = rows[(rows[:, 0] == j.STORE) & (rows[:, 1] == lab.machine.base[BUG])]
    fired = int(bits[-1, 3]) & ~int(bits[0, 2]) if len(bits) else 0
    keeps = kernels.keeps(lab.kernel)
    return Account(
        name,
        j.costs(rows),
        frozenset(cost for cost, row in COSTS.items() if row.is_known(keeps)),
        tuple(queued),
        tuple(folio for folio in queued if folio in freed),
        tuple(folio for folio in before if folio not in after and folio not in queued),
        tuple(bug for bit, bug in BUG_NAMES.items() if fired & bit),
        refused,
        failed,
    )


def together(accounts: Sequence[Account]) -> Account:
    """Return what operations that followed one another came to, from the first on, under one kernel.

    A folio was queued for nothing if that was so within one of them.
    """
    last = accounts[-1]
    costs = {name: sum(one.costs[name] for one in accounts) for name in last.costs}
    queued = tuple(dict.fromkeys(folio for one in accounts for folio in one.queued))
    wasted = tuple(dict.fromkeys(folio for one in accounts for folio in one.wasted))
    bugs = tuple(dict.fromkeys(bug for one in accounts for bug in one.bugs))
    return Account(last.name, costs, last.known, queued, wasted, (), bugs)


def on_the_queue(lab: Lab) -> list[int]:
    """Return the ids of the folios on the deferred split queue where a lab stands, head first."""
    return [int(lab.machine.folio_id[head]) for head in queue(lab.machine)]


def _at_the_ends(lab: Lab, start: int, end: int) -> tuple[list[int], list[int]]:
    """Return what is on the queue before and after some rows; the lab stays where it is."""
    cursor, found = lab.cursor, []
    for row in (start, end):
        lab.seek(row)
        found.append(on_the_queue(lab))
    lab.seek(cursor)
    return found[0], found[1]


def sentence(accounts: Sequence[Account]) -> str:
    """Return what one or two kernels did, in one sentence without its subject, which is the operation."""
    told = _alone(accounts[0]) if len(accounts) == 1 else _pair(*accounts)
    errors = {one.failed for one in accounts}
    if len(errors) == 1:
        return ". ".join(filter(None, [told, *errors])) + "."
    return ". ".join([told, *(f"{one.name}: {one.failed}" for one in accounts if one.failed)]) + "."


def _alone(one: Account) -> str:
    """Return what one kernel did."""
    if one.refused:
        return f"not done: {one.refused}"
    parts = [_queues(one, "s"), _locks(one)]
    parts += [COSTS[name].counted(one.costs[name]) for name in ALONE if one.costs[name]]
    parts += [_bug(one)] if one.bugs else []
    return ", ".join(part for part in parts if part)


def _pair(a: Account, b: Account) -> str:
    """Return what two kernels did, and what B does more or less often than A."""
    odd = [one for one in (a, b) if one.refused or one.bugs]
    if odd:
        told = [
            f"{one.name} does not do it: {one.refused}" if one.refused else f"{one.name} {_bug(one)}"
            for one in odd
        ]
        return "; ".join([*told, *(f"{one.name} {_queues(one, 's')}" for one in (a, b) if one not in odd)])
    queues = _both_queues(a, b)
    whole = f"{queues}; {_difference(a, b, MOST)}"
    return whole if len(whole) < FITS else f"{queues}; {_difference(a, b, 1)}"


def verdict(accounts: Sequence[Account]) -> str:
    """Return the shortest of it, for a title: the queue, and if both do the same to it, what weighs most beside it."""
    a, b = accounts[0], accounts[-1]
    if any(one.refused or one.bugs for one in accounts):
        return sentence(accounts).rstrip(".")
    if len(accounts) == 1:
        return _queues(a, "s")
    if (a.queued, a.wasted, a.left) != (b.queued, b.wasted, b.left):
        return "; ".join(f"{one.name} {_queues(one, 's')}" for one in accounts)
    return f"{_same_queues(a)}; {_difference(a, b, 1)}"


def _same_queues(a: Account) -> str:
    """Return what both do to the queue, which is what one of them does."""
    return f"both {_queues(a, '')}" if a.queued or a.left else "neither queues a folio"


def _both_queues(a: Account, b: Account) -> str:
    """Return what both do to the queue, and how often they take its lock."""
    if (a.queued, a.wasted, a.left) != (b.queued, b.wasted, b.left):
        told = [f"{one.name} {_queues(one, 's')}" for one in (a, b)]
        if a.costs["sqlock"] and b.costs["sqlock"]:
            return f"{'; '.join(told)}; {_both_locks(a, b)}"
        return "; ".join(
            ", ".join(filter(None, (text, _locks(one)))) for text, one in zip(told, (a, b), strict=True)
        )
    queues = _same_queues(a)
    return f"{queues}, {_both_locks(a, b)}" if a.costs["sqlock"] or b.costs["sqlock"] else queues


def _both_locks(a: Account, b: Account) -> str:
    """Return how often each takes split_queue_lock."""
    if a.costs["sqlock"] == b.costs["sqlock"]:
        return f"{_locks(a)} each"
    each = [f"{times(one.costs['sqlock'])} by {one.name}" for one in (a, b)]
    return f"{LOCK} {' and '.join(each)}"


def _queues(one: Account, ending: str) -> str:
    """Return what goes on the queue and what leaves it; ``ending`` is that of the verb."""
    if not one.queued:
        return f"take{ending} {_folios(one.left)} off the queue" if one.left else f"queue{ending} no folio"
    told = f"queue{ending} {_folios(one.queued)}"
    if one.wasted == one.queued:
        told += " for nothing (then freed)"
    elif one.wasted:
        told += f", {_folios(one.wasted)} of them for nothing"
    return f"{told} and take{ending} {_folios(one.left)} off" if one.left else told


def _folios(ids: tuple[int, ...]) -> str:
    """Return folios by their ids, or how many there are."""
    if len(ids) == 1:
        return f"folio {ids[0]}"
    if len(ids) > LONG:
        return f"{len(ids):,} folios"
    return f"folios {', '.join(map(str, ids[:-1]))} and {ids[-1]}"


def _locks(one: Account) -> str:
    """Return how often split_queue_lock is taken, "" for never."""
    number = one.costs["sqlock"]
    return f"{LOCK} {times(number)}" if number else ""


def _difference(a: Account, b: Account, most: int) -> str:
    """Return what B does more or less often than A, of what both count: so many, what weighs most first."""
    both = a.known & b.known
    found = [
        (name, b.costs[name] - a.costs[name])
        for name in TOLD
        if name in both and a.costs[name] != b.costs[name]
    ]
    if not found:
        same = all(a.costs[name] == b.costs[name] for name in both - SAID)
        return "the rest costs the same" if same else "the rest costs nearly the same"
    told = [_more(name, by) for name, by in found[:most]]
    return f"{b.name} has {' and '.join(told)}"


def _more(cost: str, by: int) -> str:
    """Return by how much more often, or less often if it is negative, something is done."""
    number, what = COSTS[cost].counted(abs(by)).split(" ", 1)
    return f"{number} {'more' if by > 0 else 'fewer'} {what}"


def _bug(one: Account) -> str:
    """Return which bug fired."""
    return f"hits a kernel bug ({', '.join(one.bugs)})"
