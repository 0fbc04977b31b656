"""What MADV_FREE and MADV_COLD split over random layouts, and whose bits they clear: decided page by page here."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.lab import Lab
from folioviz.machine.journal import SPLIT_DONE, SPLIT_PINNED, SPLIT_UNMAPPED, WHY, costs
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    LOWEST_QUEUED_ORDER,
    PG_DIRTY,
    PTRS_PER_PTE,
)
from folioviz.mm.headers import entry_page
from folioviz.ops import ops
from folioviz.ops.walk import live_mms, mm_slot
from folioviz.readout.state import mappings
from tests.kernels.cases import BEFORE_V6_10, LATER
from tests.strategies import SMALL

PAGES = 256
"""All in one page table, so that a visit that ends is over."""


def layout(dice):
    """Return operations that map folios of many sizes; two processes share some, and somebody holds some."""
    plan = [ops.Mm(), ops.Mmap(1, 0, PAGES)]
    count = 0
    for vpn in range(0, PAGES, 32):
        if dice.random() < 0.8:
            plan.append(ops.Fault(1, vpn, int(dice.choice([0, 2, 3, 4, 5]))))
            count += 1
        if vpn == 96 and count and dice.random() < 0.4:
            plan.append(ops.Split(int(dice.integers(1, count + 1))))
        if vpn == 96 and dice.random() < 0.6:
            plan.append(ops.Fork(1))
            plan += [ops.Dontneed(int(dice.integers(1, 3)), int(dice.integers(128)), 9) for _ in range(3)]
    plan += [ops.Dontneed(1, int(dice.integers(8)) * 32, 1) for _ in range(dice.integers(4))]
    plan += [ops.Write(1, int(dice.integers(PAGES))) for _ in range(dice.integers(4))]
    plan += [ops.Dontneed(1, int(dice.integers(PAGES - 8)), 3) for _ in range(dice.integers(3))]
    plan += [ops.Get(int(dice.integers(1, count + 1)))] if count and dice.random() < 0.4 else []
    return plan


def bits(machine, slot, vpn):
    """Return what MADV_FREE and MADV_COLD may set in the PTE of a page."""
    table = entry_page(int(machine.pmd[slot * 512 + vpn // PTRS_PER_PTE]))
    return int(machine.pte[table * PTRS_PER_PTE + vpn % PTRS_PER_PTE]) & (ENTRY_OLD | ENTRY_CLEAN)


class Before:
    """What process 1 maps before the advice, and what is known of the folios."""

    def __init__(self, lab):
        self.machine, self.slot = lab.machine, mm_slot(lab.machine, 1)
        self.page_at = {vpn: page for vpn, page, *_ in mappings(self.machine, self.slot).tolist()}
        slots = live_mms(self.machine)
        self.times = Counter(page for slot in slots for page in mappings(self.machine, slot)[:, 1].tolist())
        self.bits = {vpn: bits(self.machine, self.slot, vpn) for vpn in self.page_at}
        self.soiled = {
            int(self.machine.page_folio[page])
            for slot in slots
            for vpn, page, *_ in mappings(self.machine, slot).tolist()
            if not bits(self.machine, slot, vpn) & ENTRY_CLEAN
        }
        self.head = {vpn: int(self.machine.page_folio[page]) for vpn, page in self.page_at.items()}

    def pages(self, head):
        """Return the pages of a folio."""
        return range(head, head + (1 << int(self.machine.folio_order[head])))

    def mapcounts(self, head):
        """Return how often each page of a folio is mapped."""
        return [self.times[page] for page in self.pages(head)]

    def shared(self, kernel, head):
        """Tell whether a folio counts as shared."""
        counts = self.mapcounts(head)
        if kernel == "v6.8":
            return counts[0] != 1
        if kernel == "v6.9":
            return counts[0] > 1
        if kernel in {"v6.10", "v6.12"}:
            return sum(counts) > 1 and (sum(counts) > len(counts) or counts[0] > 1)
        return bool(self.machine.folio_mm_ids_shared[head])

    def dirty(self, head):
        """Tell whether a folio is PG_dirty; a split makes it so if any PTE that maps it is dirty."""
        return bool(self.machine.folio_flags[head] & PG_DIRTY)

    def held(self, head):
        """Tell whether a folio has references besides its mappings."""
        return int(self.machine.folio_refcount[head]) != sum(self.mapcounts(head))


def visit(before, kernel, start, end, free):
    """Return (heads that are split, how many splits failed, pages whose bits are cleared)."""
    split, failed, cleared, vpn = set(), 0, set(), start
    while vpn < end:
        if vpn not in before.page_at:
            vpn += 1
            continue
        page, head = before.page_at[vpn], before.head[vpn]
        order = int(before.machine.folio_order[head])
        if head in split or order == 0:
            dirty = before.dirty(head) or (head in split and head in before.soiled)
            cleared |= {page} if before.times[page] == 1 or (free and not dirty) else set()
            vpn += 1
            continue
        run = 1
        while (
            vpn + run < end
            and before.page_at.get(vpn + run) == page + run
            and page + run in before.pages(head)
        ):
            run += 1
        whole = run == len(before.pages(head))
        if kernel not in BEFORE_V6_10 and whole:
            alone = sum(before.mapcounts(head)) == run
            cleared |= set(before.pages(head)) if alone or (free and not before.dirty(head)) else set()
        elif order >= LOWEST_QUEUED_ORDER and not before.shared(kernel, head):
            if not before.held(head):
                split.add(head)
                continue
            failed += 1
            if kernel in BEFORE_V6_10:
                break
        elif kernel in BEFORE_V6_10:
            break
        vpn += run
    return split, failed, cleared


@pytest.mark.parametrize("kernel", LATER)
@settings(max_examples=max(60, settings.default.max_examples))
@given(seed=st.integers(0, 2**32))
def test_advice_splits_and_clears_what_each_page_says(kernel, seed):
    """Splits, failed splits and accessed and dirty bits; before v6.10 a folio that stays whole ends the visit."""
    dice = np.random.default_rng(seed)
    lab = Lab(kernel, sizes=SMALL)
    for op in layout(dice):
        if lab.refusal(op) is None:
            lab.apply(op)
    for _ in range(3):
        start = int(dice.integers(PAGES - 1))
        end = int(dice.integers(start + 1, PAGES + 1))
        advise(
            lab, kernel, *((0, PAGES) if dice.random() < 0.3 else (start, end)), free=bool(dice.integers(2))
        )


def advise(lab, kernel, start, end, *, free):
    """Advise, and compare with what was expected."""
    machine, before = lab.machine, Before(lab)
    ids = machine.folio_id.copy()
    split, failed, cleared = visit(before, kernel, start, end, free)
    lab.apply((ops.Free if free else ops.Cold)(1, start, end - start))
    rows = lab.rows(len(lab.applied) - 1)
    whys = rows[rows[:, 0] == WHY]

    assert set(whys[whys[:, 1] == SPLIT_DONE, 2].tolist()) == {int(ids[head]) for head in split}
    assert int(np.isin(whys[:, 1], [SPLIT_PINNED, SPLIT_UNMAPPED]).sum()) == failed
    marks = ENTRY_OLD | (ENTRY_CLEAN if free else 0)
    wanted = {
        vpn: before.bits[vpn] | (marks if page in cleared else 0) for vpn, page in before.page_at.items()
    }
    assert {vpn: bits(machine, before.slot, vpn) for vpn in wanted} == wanted
    assert costs(rows)["thw"] == (wanted != before.bits)
