"""Which processes have folios in common: they are made together, as forks of the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.rebuild.goal import Goal


class Family:
    """Processes that have folios in common, and whose folios they are.

    Attributes:
        members: the numbers of the processes; all others are forks of the first.
        shared: the folios that several processes map.
        alone: member -> the folios that it alone maps.
    """

    def __init__(self, goal: Goal, members: list[int]) -> None:
        """Sort the folios."""
        self.members = members
        users: dict[int, list[int]] = {}
        for member in members:
            for folio in folios_of(goal, member):
                users.setdefault(folio, []).append(member)
        self.shared = [folio for folio, by in users.items() if len(by) > 1 or folio in goal.others]
        kept = {*self.shared}
        self.alone = {
            one: [folio for folio, by in users.items() if by == [one] and folio not in kept]
            for one in members
        }
        self.intervals = _intervals(goal, members, homes(goal, users))


def folios_of(goal: Goal, member: int) -> list[int]:
    """Return the folios that a process maps."""
    folio = goal.folio[member]
    return [*np.unique(folio[folio >= 0]).tolist()]


def homes(goal: Goal, folios: Iterable[int]) -> list[tuple[int, int]]:
    """Return the ranges ``[start, end)`` in which faults bring folios, of those that have one."""
    numbers = np.array([*folios], int)
    start = goal.home[numbers]
    end = start + (1 << goal.order[numbers])
    return [*zip(start[start >= 0].tolist(), end[start >= 0].tolist(), strict=True)]


def families(goal: Goal) -> list[Family]:
    """Return the processes, those together that have folios in common."""
    family = [*range(len(goal.processes))]
    first: dict[int, int] = {}
    for member in range(len(family)):
        for folio in folios_of(goal, member):
            one, other = family[first.setdefault(folio, member)], family[member]
            if one != other:
                family = [one if number == other else number for number in family]
    return [
        Family(goal, [member for member, number in enumerate(family) if number == one])
        for one in dict.fromkeys(family)
    ]


def _intervals(goal: Goal, members: list[int], ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges that are one VMA at first: those that were seen, joined where folios lie in several."""
    found: list[tuple[int, int]] = []
    for start, end in sorted({*ranges, *((vma[0], vma[1]) for one in members for vma in goal.vmas[one])}):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
