"""The laws of what only some kernels keep: total mapcounts, flags, owners, statistics per size, and v6.1's DoubleMap.

A law is silent about a machine that does not keep its fields (they have no element there).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from folioviz.laws.census import Census, require, require_least, require_most, require_none, require_one
from folioviz.machine.fields import FIELDS, FOLIO_SWAP
from folioviz.machine.memory import (
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    LOWEST_QUEUED_ORDER,
    MAX_MMS,
    MAX_ORDER,
    MTHP_STAT_NR_ANON,
    MTHP_STAT_NR_ANON_PARTIALLY_MAPPED,
    NO_ACCESS,
    NR_MTHP_STATS,
    NR_VPNS,
    PG_DIRTY,
    PG_LAZYFREE,
    PMD_WRITE,
    PTE_WRITE,
    VM_DONTCOPY,
    VM_LOCKED,
    VM_MAYBE_GUARD,
    VM_UFFD_MISSING,
)

AT_REST: Final = [row for row in FIELDS if row.by == "folio" and row.some and row.number != FOLIO_SWAP]
"""The fields of large folios that are idle on a page that is not the head of one."""
OWNERS: Final = (("mm_id_0", "mm_id_mapcount_0"), ("mm_id_1", "mm_id_mapcount_1"))
SETTINGS: Final = {
    "folio_flags": (0, PG_DIRTY | PG_LAZYFREE),
    "page_zero_filled": (0, 1),
    "vma_account": (0, 1),
    "vma_fork_child": (0, 1),
    "vma_readonly": (0, NO_ACCESS),
    "vma_flags": (0, VM_MAYBE_GUARD | VM_DONTCOPY | VM_LOCKED | VM_UFFD_MISSING),
    "thp_enabled": (0, (1 << HPAGE_PMD_ORDER + 1) - 4),
    "max_ptes_none": (0, HPAGE_PMD_NR - 1),
    "shrink_underused": (0, 1),
}
"""Switches and settings: the lowest and the highest value."""


def _settings(c: Census) -> None:
    # In their bounds (max_ptes_none_store(), mm/khugepaged.c); sizes begin at order 2 (THP_ORDERS_ALL_ANON).
    for field, (low, high) in SETTINGS.items():
        values = getattr(c.m, field)
        require_least(field + "[{}]", np.arange(values.size), values, low)
        require_most(field + "[{}]", np.arange(values.size), values, high)
    require("orders 0 and 1 of thp_enabled[{}]", [0] * c.m.thp_enabled.size, c.m.thp_enabled & 3, 0)


def _at_rest(c: Census) -> None:
    # The tail pages' fields are as they must be for the next folio (prep_compound_head(), mm/internal.h).
    rest = np.delete(np.arange(c.m.sizes.pages), c.heads[c.nr_pages > 1])
    for row in AT_REST:
        values = getattr(c.m, row.name)
        if values.size:
            require(row.label + " at page {}, no large folio's head", rest, values[rest], row.idle)


def _flags(c: Census) -> None:
    # A folio's flags are its head page's, and a free page has none (PF_HEAD, linux/page-flags.h; free_pages_prepare()).
    if c.m.folio_flags.size:
        rest = np.delete(np.arange(c.m.sizes.pages), c.heads)
        require("flags of page {}, no folio's head", rest, c.m.folio_flags[rest], 0)


def _vmas(c: Census) -> None:
    # What is not accounted is read-only (mprotect_fixup(), mm/mprotect.c); an anon_vma is one process's
    # (anon_vma_fork(), mm/rmap.c).
    if not c.m.vma_account.size:
        return
    vmas, anon = c.vmas, c.m.vma_anon[c.vmas]
    bare = vmas[c.m.vma_account[vmas] == 0]
    require_least("vma_readonly of VMA {}, not accounted", bare, c.m.vma_readonly[bare], 1)
    require(
        "VM_UFFD_MISSING of VMA {}, within an operation only", vmas, c.m.vma_flags[vmas] & VM_UFFD_MISSING, 0
    )
    require_most("anon_vma of VMA {}", vmas, anon, c.m.next_anon_vma[0] - 1)
    pairs = {*zip(anon.tolist(), (c.start // NR_VPNS).tolist(), strict=True)}
    users = Counter(anon_vma for anon_vma, _ in pairs if anon_vma)
    require("processes with anon_vma {}", [*users], [*users.values()], 1)


def _huge_zero(c: Census) -> None:
    # The huge zero page is all of its PMD entry, and one VMA with an anon_vma has it whole (do_huge_pmd_wp_page() and
    # vma_adjust_trans_huge(), mm/huge_memory.c).
    vpn = c.huge_zero_vpn
    if vpn.size:
        place = np.minimum(np.searchsorted(c.end, vpn, side="right"), c.end.size - 1)
        inside = (c.start[place] <= vpn) & (vpn + HPAGE_PMD_NR <= c.end[place])
        require("VMAs around the zero PMD at {}", vpn, inside.astype(int), 1)
        require_least("anon_vma for the zero PMD at {}", vpn, c.m.vma_anon[c.vmas[place]], 1)


def _large_mapcount(c: Census) -> None:
    # All mappings of a large folio, less one; they decide on a split (can_split_folio(), mm/huge_memory.c).
    if c.m.folio_large_mapcount.size:
        want = np.where(c.nr_pages > 1, c.per_folio(c.ptes) + c.pmds[c.heads] - 1, -1)
        require("_large_mapcount of folio at page {}", c.heads, c.m.folio_large_mapcount[c.heads], want)


def _partially_mapped(c: Census) -> None:
    # What is flagged waits, else nobody would ever split it (deferred_split_scan(), mm/huge_memory.c).
    if c.m.folio_partially_mapped.size:
        flagged = c.heads[c.m.folio_partially_mapped[c.heads] != 0]
        require("PG_partially_mapped of folio at page {}", flagged, c.m.folio_partially_mapped[flagged], 1)
        order = c.m.folio_order[flagged]
        require_least("order of flagged folio at page {}", flagged, order, LOWEST_QUEUED_ORDER)
        queued = c.among(flagged, c.queued)
        require("places on the split queue of flagged folio at page {}", flagged, queued.astype(int), 1)


def _mthp_stats(c: Census) -> None:
    # The gauges are what lives, and what of it is flagged (mod_mthp_stat(), include/linux/huge_mm.h).
    if not c.m.mthp_stat.size:
        return
    stats = c.m.mthp_stat.reshape(-1, NR_MTHP_STATS)
    order = c.m.folio_order[c.heads]
    kept = c.m.folio_partially_mapped.size > 0
    flagged = c.m.folio_partially_mapped[c.heads] > 0 if kept else np.zeros(order.size, bool)
    for name, item, which in (
        ("nr_anon", MTHP_STAT_NR_ANON, (order > 0) & kept),
        ("nr_anon_partially_mapped", MTHP_STAT_NR_ANON_PARTIALLY_MAPPED, flagged),
    ):
        want = np.bincount(order[which], minlength=MAX_ORDER + 1)
        require(name + " of order {}", np.arange(MAX_ORDER + 1), stats[:, item], want)


def _owners(c: Census) -> None:
    # No slot claims more than there is, and what is not SHARED has one user (wp_can_reuse_anon_folio(), mm/memory.c).
    if not c.m.folio_mm_id_0.size:
        return
    heads = c.heads[c.nr_pages > 1]
    mapped = _mappings_by_process(c)[c.nr_pages > 1]
    shared = c.m.folio_mm_ids_shared[heads]
    total = mapped.sum(axis=1)
    for number, (owner, mapcount) in enumerate(OWNERS):
        ids, count = (getattr(c.m, f"folio_{field}")[heads] for field in (owner, mapcount))
        free = ids == 0
        require(f"mapcount of free owner {number} of folio at page {{}}", heads[free], count[free], -1)
        require_least(f"mapcount of owner {number} of folio at page {{}}", heads[~free], count[~free], 0)
        own = (mapped * (c.m.mm_id == ids[:, None])).sum(axis=1)
        claims = f"mappings that owner {number} of folio at page {{}} claims"
        require_most(claims, heads[~free], count[~free] + 1, own[~free])
    twice = (c.m.folio_mm_id_0[heads] == c.m.folio_mm_id_1[heads]) & (c.m.folio_mm_id_0[heads] > 0)
    require_none("an owner of both slots of folio at page {}", heads, twice)
    require("FOLIO_MM_IDS_SHARED of unmapped folio at page {}", heads[total == 0], shared[total == 0], 0)
    alone = (shared == 0) & (total > 0)
    users = np.count_nonzero(mapped, axis=1)
    require("processes that map the unshared folio at page {}", heads[alone], users[alone], 1)


def _mappings_by_process(c: Census) -> np.ndarray:
    # Return how often each process slot maps each folio, int64 of shape (folios, MAX_MMS).
    folio = np.searchsorted(c.heads, np.concatenate([c.m.page_folio[c.pte_page], c.pmd_page]))
    slot = np.concatenate([c.pte_vpn, c.pmd_vpn]) // NR_VPNS
    found = np.bincount(folio * MAX_MMS + slot, minlength=c.heads.size * MAX_MMS)
    return found.reshape(-1, MAX_MMS)


def _protection(c: Census) -> None:
    # Nothing is writable in a read-only VMA (can_change_pte_writable(), mm/mprotect.c).
    if c.m.vma_readonly.size:
        for name, vpn, entry, bit in (
            ("PTE", c.pte_vpn, c.pte, PTE_WRITE),
            ("PMD", c.pmd_vpn, c.pmd, PMD_WRITE),
        ):
            writable = vpn[entry & bit > 0]
            vma = c.vmas[np.searchsorted(c.end, writable, side="right")]
            law = "a writable " + name + " in a read-only VMA, at {}"
            require_none(law, writable, c.m.vma_readonly[vma] > 0)


def _double_map(c: Census) -> None:
    # Set where PMDs and PTEs map a huge page, never without a PMD (page_remove_anon_compound_rmap(), mm/rmap.c, v6.1).
    if not c.m.folio_double_map.size:
        return
    flag, pmds = c.m.folio_double_map[c.heads], c.pmds[c.heads] > 0
    mapped = c.per_folio(c.ptes > 0)
    both = pmds & (mapped > 0)
    require("DoubleMap of folio at page {}, mapped by PMD and PTE", c.heads[both], flag[both], 1)
    require("DoubleMap of folio at page {}, mapped by no PMD", c.heads[~pmds], flag[~pmds], 0)
    # v6.1 asks for the queue at every unmapped page, so whatever is mapped in part waits (page_remove_rmap()).
    some = (c.nr_pages > 1) & (pmds | (mapped > 0))
    queued = c.among(c.heads, c.queued)
    want = ~pmds & (mapped < c.nr_pages)
    law = "places on the split queue of mapped folio at page {}"
    require(law, c.heads[some], queued[some].astype(int), want[some].astype(int))


def _guards(c: Census) -> None:
    # Fork copies a marker, and munmap() drops it (vma_needs_copy(), mm/memory.c; unmap_vmas(), mm/memory.c).
    if c.guard_vpn.size:
        place = np.minimum(np.searchsorted(c.end, c.guard_vpn, side="right"), c.end.size - 1)
        require_one("a VMA around the guard marker at {}", c.guard_vpn, c.start[place] <= c.guard_vpn)
        vma = c.vmas[place]
        require_one("an anon_vma for the guard marker at {}", c.guard_vpn, c.m.vma_anon[vma] > 0)
        marked = c.m.vma_flags[vma] & VM_MAYBE_GUARD > 0 if c.m.vma_flags.size else False
        require_one("VM_MAYBE_GUARD for the guard marker at {}", c.guard_vpn, marked)


OF_RIGHTS: Final = (_protection,)
OF_SOME_KERNELS: Final = (
    _settings,
    _at_rest,
    _flags,
    _vmas,
    _guards,
    _huge_zero,
    _large_mapcount,
    _partially_mapped,
    _mthp_stats,
    _owners,
    _double_map,
)
