"""VMAs over random operations: as a second, smaller calculation has them, which knows nothing but VMAs."""

from __future__ import annotations

from itertools import count, pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.lab import Lab
from folioviz.machine.memory import EFAULT, ENOMEM
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot
from folioviz.readout.state import mappings
from tests.kernels.cases import MODERN, V6_1, V7_3
from tests.strategies import SMALL


class Area(NamedTuple):
    """A VMA.

    ``chain`` are the anon_vmas that it is linked to, the one of its own pages last.
    """

    start: int
    end: int
    pgoff: int
    readonly: bool = False
    account: bool = True
    chain: tuple[int, ...] = ()


class Space:
    """The VMAs of one process, sorted, and the pages that it has."""

    def __init__(self, kernel, numbers, areas=(), pages=()):
        self.kernel, self.numbers = kernel, numbers
        self.areas, self.pages = sorted(areas), set(pages)

    def at(self, page):
        """Return the VMA that has a page, or None."""
        return next((area for area in self.areas if area.start <= page < area.end), None)

    def inside(self, start, end):
        """Return the parts of VMAs that lie in a range, without changing anything."""
        clipped = [part(area, max(area.start, start), min(area.end, end)) for area in self.areas]
        return [area for area in clipped if area.start < area.end]

    def munmap(self, start, end):
        """Take a range out."""
        left = [part(area, area.start, min(area.end, start)) for area in self.areas]
        right = [part(area, max(area.start, end), area.end) for area in self.areas]
        self.areas = sorted({area for area in left + right if area.start < area.end})
        self.pages -= set(range(start, end))

    def put(self, new):
        """Put an area into a free place, or in place of what is there, and join it with neighbours that agree."""
        before = next((area for area in self.areas if area.end == new.start), None)
        behind = next((area for area in self.areas if area.start == new.end), None)
        takes = [area for area in (before, behind) if area and self.joins(area, new)]
        if len(takes) == 2 and before.chain and behind.chain and before.chain[-1] != behind.chain[-1]:
            takes.remove(behind)
        for area in takes:
            self.areas.remove(area)
        chain = next((area.chain for area in (*takes, new) if area.chain), ())
        whole = sorted([*takes, new])
        self.areas = sorted([*self.areas, whole[0]._replace(end=whole[-1].end, chain=chain)])

    def joins(self, area, new):
        """Tell whether two neighbours may be one."""
        first, second = sorted([area, new])
        if first.pgoff + first.end - first.start != second.pgoff:
            return False
        if (area.readonly, area.account) != (new.readonly, new.account):
            return False
        if area.chain[-1:] == new.chain[-1:]:
            return True
        if area.chain and new.chain:
            return False
        has = area if area.chain else new
        return len(has.chain) == 1 and (has is area or self.kernel in V7_3)

    def touch(self, start, end):
        """Write to one page after the other; -EFAULT at the first that may not be written."""
        for page in range(start, end):
            area = self.at(page)
            if area is None or area.readonly:
                return -EFAULT
            if not area.chain:
                self.areas[self.areas.index(area)] = area._replace(chain=self.anon_vma(area))
            self.pages.add(page)
        return 0

    def anon_vma(self, area):
        """Return the chain that a VMA gets at its first page: a neighbour's, first the next one's, or a new one."""
        for first, second in [*pairwise(self.areas)][::-1]:
            other = second if first == area else first
            alike = first.account == second.account and first.pgoff + first.end - first.start == second.pgoff
            if area in {first, second} and first.end == second.start and alike and len(other.chain) == 1:
                return other.chain
        return (next(self.numbers),)

    def mprotect(self, start, end, *, writable):
        """Change VMA by VMA; -ENOMEM at the first page that has none."""
        while start < end:
            area = self.at(start)
            if area is None:
                return -ENOMEM
            after = min(end, area.end)
            if area.readonly == writable:
                account = writable or bool(area.chain) or self.kernel in V6_1
                self.areas.remove(area)
                rest = [part(area, area.start, start), part(area, after, area.end)]
                self.areas = sorted([*self.areas, *(one for one in rest if one.start < one.end)])
                self.put(part(area, start, after)._replace(readonly=not writable, account=account))
            start = after
        return 0

    def mremap(self, start, end, to):
        """Move what a range has; before v6.17 out of one VMA alone, or else the destination is lost for nothing.

        What was moved is not joined with its new neighbours: docs/kernel/readings.md says why.
        """
        if self.kernel not in V7_3 and self.at(start).end < end:
            self.munmap(to, to + end - start)
            return -EFAULT
        for area in self.inside(start, end):
            place = area.start + to - start
            self.munmap(place, place + area.end - area.start)
            pgoff = area.pgoff if area.chain else place
            moved = area._replace(start=place, end=place + area.end - area.start, pgoff=pgoff)
            self.areas = sorted([*self.areas, moved])
            pages = {page for page in self.pages if area.start <= page < area.end}
            self.munmap(area.start, area.end)
            self.pages |= {page + to - start for page in pages}
        return 0

    def fork(self):
        """Return the child's: every VMA that has pages gets an anon_vma of its own besides."""
        areas = [
            area._replace(chain=(*area.chain, next(self.numbers)) if area.chain else ())
            for area in self.areas
        ]
        return Space(self.kernel, self.numbers, areas, self.pages)


def part(area, start, end):
    """Return a part of a VMA."""
    return area._replace(start=start, end=end, pgoff=area.pgoff + start - area.start)


def expected(spaces, op, numbers, kernel):
    """Do an operation in the second calculation and return its result; None: the result does not matter."""
    if isinstance(op, ops.Mm):
        spaces[len(spaces) + 1] = Space(kernel, numbers)
        return None
    space, end = spaces[op.mm], getattr(op, "vpn", 0) + getattr(op, "pages", 0)
    if isinstance(op, ops.Fork):
        spaces[len(spaces) + 1] = space.fork()
    elif isinstance(op, ops.Mmap):
        space.areas = sorted([*space.areas, Area(op.vpn, end, op.vpn)])
    elif isinstance(op, ops.Munmap):
        space.munmap(op.vpn, end)
    elif isinstance(op, ops.Touch):
        return space.touch(op.vpn, end)
    elif isinstance(op, ops.Mprotect):
        return space.mprotect(op.vpn, end, writable=bool(op.writable))
    elif isinstance(op, ops.Mremap):
        return space.mremap(op.vpn, end, op.to)
    return None


def found(lab, mm_id):
    """Return the VMAs of a process and the pages that it maps, as the machine has them."""
    machine, slot = lab.machine, mm_slot(lab.machine, mm_id)
    areas, vma = [], int(machine.mm_mmap[slot])
    while vma >= 0:
        fields = (
            machine.vma_start,
            machine.vma_end,
            machine.vma_pgoff,
            machine.vma_readonly,
            machine.vma_account,
        )
        areas.append((*(int(field[vma]) for field in fields), bool(machine.vma_anon[vma])))
        vma = int(machine.vma_next[vma])
    return areas, set(mappings(machine, slot)[:, 0].tolist())


RARE = (ops.Fork(1), ops.Mmap(1, 24, 8), ops.Mmap(2, 8, 8), ops.Munmap(1, 8, 4), ops.Munmap(2, 22, 2))


def plan(seed):
    """Return random operations on parts of two VMAs of 12 pages; few write, so that many VMAs have no page."""
    dice = np.random.default_rng(seed)
    plans = [ops.Mm(), ops.Mmap(1, 0, 12), ops.Mmap(1, 12, 12)]
    for _ in range(30):
        mm, start = int(dice.integers(1, 3)), int(dice.integers(6)) * 4
        pages = int(dice.choice([4, 4, 8, 12, 24]))
        kind = dice.choice(["mprotect", "touch", "mremap", "rare"], p=[0.6, 0.2, 0.1, 0.1])
        plans.append(
            {
                "mprotect": ops.Mprotect(mm, start, pages, int(dice.integers(2))),
                "touch": ops.Touch(mm, start, int(dice.choice([1, 1, 1, 24]))),
                "mremap": ops.Mremap(mm, start, pages, int(dice.choice([0, 8, 20, 24, 32, 36]))),
                "rare": RARE[dice.integers(len(RARE))],
            }[kind]
        )
    return plans


@pytest.mark.parametrize("kernel", MODERN)
@settings(max_examples=max(100, settings.default.max_examples))
@given(seed=st.integers(0, 2**32))
def test_vmas_are_what_a_second_calculation_has(kernel, seed):
    """Borders, page offsets, flags, who has an anon_vma, the pages and each result; for two processes."""
    lab, spaces, numbers = Lab(kernel, sizes=SMALL), {}, count(1)
    for op in plan(seed):
        if lab.refusal(op) is not None or (isinstance(op, ops.Fork) and len(spaces) == 2):
            continue
        step = lab.apply(op)
        result = expected(spaces, op, numbers, kernel)

        assert result in {None, step.result}, op
        for mm_id, space in spaces.items():
            areas = [(*area[:5], bool(area.chain)) for area in space.areas]
            assert found(lab, mm_id) == (areas, space.pages), (op, mm_id)
