"""Write bits and flushes of mprotect() over random layouts: each page by itself, from what the machine held before."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.kernels import find
from folioviz.lab import Lab
from folioviz.machine.journal import costs
from folioviz.machine.memory import ENTRY_CLEAN, HPAGE_PMD_NR, PTRS_PER_PTE
from folioviz.mm.headers import entry_page
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot
from folioviz.readout.state import mappings
from tests.kernels.cases import MODERN, V6_1
from tests.strategies import SMALL

PAGES = 1024


class Entry(NamedTuple):
    """What maps a page: its write and dirty bits, whether it is a PMD, and whether the page is AnonExclusive."""

    writable: bool
    dirty: bool
    huge: bool
    exclusive: bool


def entries(lab, mm_id):
    """Return what maps each page of a process: vpn -> entry, where a PMD maps 512."""
    machine, slot = lab.machine, mm_slot(lab.machine, mm_id)
    found = {}
    for vpn, page, writable, huge, _ in mappings(machine, slot).tolist():
        pmd = int(machine.pmd[slot * 512 + vpn // HPAGE_PMD_NR])
        raw = pmd if huge else int(machine.pte[entry_page(pmd) * PTRS_PER_PTE + vpn % PTRS_PER_PTE])
        entry = Entry(
            bool(writable), not raw & ENTRY_CLEAN, bool(huge), bool(machine.page_anon_exclusive[page])
        )
        found |= dict.fromkeys(range(vpn, vpn + (HPAGE_PMD_NR if huge else 1)), entry)
    return found


def layout(kernel, dice):
    """Return operations that map pages in many ways; the second process is the first one's child."""
    orders = find(kernel).orders
    mms = 1 + int(dice.random() < 0.5)
    plan = [ops.Mm(), ops.Mmap(1, 0, PAGES)]
    places = dice.permutation(np.arange(0, 512, 32))[:6].tolist()
    plan += [
        ops.Fault(1, vpn, int(dice.choice([order for order in orders if order in {0, 2, 3, 5}])))
        for vpn in places
    ]
    plan += [ops.FaultPmd(1, 512)] if dice.random() < 0.7 else []
    plan += [ops.Free(1, int(dice.integers(600)), int(dice.integers(1, 400)))] if dice.random() < 0.5 else []
    plan += [ops.Fork(1)] if mms == 2 else []
    for _ in range(dice.integers(6)):
        mm, vpn = int(dice.integers(1, mms + 1)), int(dice.integers(PAGES))
        plan.append(ops.Write(mm, vpn) if dice.random() < 0.7 else ops.Dontneed(mm, vpn, 40))
    plan += [ops.Exit(1)] if mms == 2 and dice.random() < 0.4 else []
    return plan


def changed(entry, *, writable, old):
    """Return an entry's write bit behind mprotect(); ``old``: under v6.1."""
    if not writable:
        return False
    if entry.huge:
        return entry.exclusive and not old
    return entry.exclusive and (entry.dirty or not old)


@pytest.mark.parametrize("kernel", MODERN)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_write_bits_and_flushes_are_those_of_each_page(kernel, seed):
    """A page gets its write bit back if it is AnonExclusive; under v6.1 not by a PMD, and only if it is dirty."""
    dice, old = np.random.default_rng(seed), kernel in V6_1
    lab = Lab(kernel, sizes=SMALL)
    for op in layout(kernel, dice):
        lab.apply(op)
    mm_id = int(lab.machine.mm_id.max())
    readonly = np.zeros(PAGES, bool)
    after = entries(lab, mm_id)
    for _ in range(8):
        start = int(dice.choice([0, 8, 100, 512, 512, 512, 520, 700]))
        pages = min(int(dice.choice([1, 8, 64, 412, 512, 512, 512, PAGES])), PAGES - start)
        writable = bool(dice.integers(2))
        part = np.zeros(PAGES, bool)
        part[start : start + pages] = readonly[start : start + pages] == writable
        before = after
        wanted = {}
        for vpn, entry in before.items():
            table = part[vpn // HPAGE_PMD_NR * HPAGE_PMD_NR :][:HPAGE_PMD_NR]
            if entry.huge and table.any() and not table.all():
                entry = entry._replace(huge=False, dirty=entry.dirty and not old)
            wanted[vpn] = changed(entry, writable=writable, old=old) if part[vpn] else entry.writable
        step = lab.apply(ops.Mprotect(mm_id, start, pages, int(writable)))
        readonly[part] = not writable
        cost, after = costs(lab.rows(len(lab.applied) - 1)), entries(lab, mm_id)

        assert {vpn: entry.writable for vpn, entry in after.items()} == wanted
        assert cost["tflush"] == 1
        assert cost["thw"] == any(wanted[vpn] != entry.writable for vpn, entry in before.items())
        assert step.result == 0
