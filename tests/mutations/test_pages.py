"""Rules that pages show: a page says what its kernel does, so breaking the rule in the kernel changes the page."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from folioviz import kernels
from folioviz.files.scenario import from_builtins
from folioviz.kernels.series import batch_zap, defer_any_order, remove_rmap_range
from folioviz.kernels.since_v6_8 import (
    cow_small_only,
    large_mapcount,
    mthp_stats,
    rmap_overhaul_huge,
)
from folioviz.kernels.since_v6_12 import owner_tracking, partially_mapped, underused
from folioviz.kernels.v6_1 import double_map_split, split_ebusy
from folioviz.mm import huge_memory, memory, rmap
from folioviz.views.panels.split_queue import SplitQueue
from folioviz.views.session.session import Session
from folioviz.views.story_panels.condition import Condition, condition
from folioviz.views.story_panels.flushes import Flushes
from folioviz.views.story_panels.owners import Owners
from tests.mutations.breaking import linked_in

if TYPE_CHECKING:
    from types import FunctionType

HUGE = "mm; mmap 1 0 1024; faultpmd 1 0; splitpmd 1 0"
PMD = "mm; mmap 1 0 1024; faultpmd 1 0"
FOUR = "mm; mmap 1 0 64; fault 1 0 4"
ZERO = f"{PMD}; faultpmd 1 512; zero 1 0 300"
FLUSH = f"{FOUR}; fault 1 16 4; dontneed 1 0 32"


class Shown(NamedTuple):
    """One rule broken, and a page that shows it.

    Attributes:
        function: the function of which text is replaced.
        old: the text, which stands there once.
        new: what it becomes.
        kernel: the key of the kernel that has the rule.
        panel: what shows it, after some operations.
        ops: the operations; the playhead is at their end.
        says: what it says, and does not say any more once the rule is broken.
        under: the kernel whose machine it is, if that is another one.
    """

    function: FunctionType
    old: str
    new: str
    kernel: str
    panel: type
    ops: str
    says: str
    under: str = ""


SHOWN = {
    # the deferred split queue: what the shrinker would do
    "v6.1 as released: -EBUSY for a folio that is held": Shown(
        split_ebusy.split_huge_page_to_list, "return -EBUSY\n    try", "return -EAGAIN\n    try", "v6.1.0", SplitQueue,
        f"{HUGE}; dontneed 1 0 5; get 1", "could not split it: 1 reference without a mapping -EBUSY",
    ),
    "v6.1: the bias of DoubleMap is no mapping": Shown(
        double_map_split.total_mapcount, "    if m.folio_double_map[folio]:\n        total -= nr\n",
        "    total -= nr\n", "v6.1", SplitQueue, f"{HUGE}; dontneed 1 0 5", "the shrinker would free 5 pages",
    ),
    "v6.5: -EAGAIN for a folio that is held": Shown(
        huge_memory.split_huge_page_to_list, "return -EAGAIN if", "return -EBUSY if", "v6.5-rc3", SplitQueue,
        f"{HUGE}; dontneed 1 0 5; get 1", "could not split it: 1 reference without a mapping -EAGAIN",
    ),
    "v6.5: one reference is enough": Shown(
        huge_memory.split_huge_page_to_list, "extra != 0", "extra > 1", "v6.5-rc3", SplitQueue,
        f"{HUGE}; dontneed 1 0 5; get 1", "could not split it: 1 reference without a mapping",
    ),
    "v6.5: what nothing maps is not split": Shown(
        huge_memory.split_huge_page_to_list, "SPLIT_PINNED if mapcount else SPLIT_UNMAPPED", "SPLIT_PINNED",
        "v6.5-rc3", SplitQueue,
        f"{HUGE}; get 1; dontneed 1 0 512", "could not split it: nothing maps it -EBUSY",
    ),
    "v6.5: PMDs are mappings": Shown(
        rmap.total_mapcount, "+ 1\n    for", "\n    for", "v6.5-rc3", SplitQueue,
        f"{HUGE}; dontneed 1 0 5", "the shrinker would free 5 pages",
    ),
    "v6.12: -EAGAIN for a folio that is held": Shown(
        mthp_stats.split_huge_page_to_list, "return -EAGAIN if", "return -EBUSY if", "v6.12", SplitQueue,
        f"{FOUR}; dontneed 1 0 5; get 1", "could not split it: 1 reference without a mapping -EAGAIN",
    ),
    "v7.3: what nothing maps is not split": Shown(
        mthp_stats.split_huge_page_to_list, "SPLIT_PINNED if mapcount else SPLIT_UNMAPPED", "SPLIT_PINNED",
        "v7.3", SplitQueue,
        f"{FOUR}; get 1; dontneed 1 0 5; dontneed 1 5 11", "could not split it: nothing maps it -EBUSY",
    ),
    "v6.10: all mappings are counted in one place": Shown(
        large_mapcount.folio_large_mapcount, " + 1", "", "v6.10", SplitQueue,
        f"{FOUR}; dontneed 1 0 5", "the shrinker would free 5 pages",
    ),
    "v6.12: what is flagged is split": Shown(
        underused.shrink_one, "flagged or thp_u", "thp_u", "v6.12", SplitQueue,
        f"{FOUR}; dontneed 1 0 5", "the shrinker would free 5 pages",
    ),
    "v6.12: what is underused is split": Shown(
        underused.shrink_one, "flagged or thp_underused(m, folio)", "flagged", "v7.3", SplitQueue,
        f"{ZERO}; maxnone 250", "the shrinker would free 300 zero-filled pages",
    ),
    "v6.12: as many zeros as allowed are not too many": Shown(
        underused.thp_underused, "zero > allowed", "zero >= allowed", "v6.12", SplitQueue,
        f"{ZERO}; maxnone 300", "would drop it: neither flagged nor underused … would drop it",
    ),
    "v6.12: one zero more than allowed is too many": Shown(
        underused.thp_underused, "zero > allowed", "zero > allowed + 1", "v7.3", SplitQueue,
        f"{ZERO}; maxnone 299", "the shrinker would free 300 zero-filled pages",
    ),
    "v6.12: the search for zeros ends when enough is filled": Shown(
        underused.thp_underused, "filled >= HPAGE_PMD_NR - allowed", "filled >= 1", "v6.12", SplitQueue,
        f"{PMD}; zero 1 100 300; maxnone 250", "the shrinker would free 300 zero-filled pages",
    ),
    "v6.12: 511 switches the search for zeros off": Shown(
        underused.thp_underused, "allowed == HPAGE_PMD_NR - 1", "allowed > 0", "v6.12", SplitQueue,
        f"{ZERO}; maxnone 250", "the shrinker would free 300 zero-filled pages",
    ),
    # the three patches: would the folio be queued?
    "v6.5-rc3 queues order 9 only": Shown(
        rmap.page_remove_rmap, ">= HPAGE_PMD_ORDER", ">= 4", "v6.5-rc3", Condition, FOUR, "no its order is 4",
    ),
    "v6.5-rc3: the text of the condition": Shown(
        rmap.page_remove_rmap, ">= HPAGE_PMD_ORDER", ">= 8", "v6.5-rc3", Condition, FOUR,
        "v6.5-rc3 nr && order >= 9 && (!compound || nr < nr_pmdmapped)",
    ),
    "v6.5-rc3 does not queue what goes with its last PMD": Shown(
        rmap.page_remove_rmap, "nr < nr_pmdmapped)", "nr <= nr_pmdmapped)", "v6.5-rc3", Condition, PMD,
        "the only PMD no then nothing maps it any more no",
    ),
    "1/3 queues any large folio": Shown(
        defer_any_order.page_remove_rmap, "folio_test_large(m, folio) and (not", "m.folio_order[folio] >= 9 and (not",
        "v6.5-rc3+v4.1", Condition, FOUR,
        "the only PTE of page 0 no its order is 4 queue 1 page unmapped, 15 still mapped", "v6.5-rc3",
    ),
    "1/3 does not count what a PMD still maps": Shown(
        defer_any_order.page_remove_rmap, "nr = int(mapped < COMPOUND_MAPPED)", "nr = 1", "v6.5-rc3+v4.1", Condition,
        f"{PMD}; fork 1; splitpmd 2 0", "the only PTE of page 0 no a PMD maps all of it no a PMD maps all of it no",
        "v6.5-rc3",
    ),
    "2/3 does not queue what is wholly unmapped": Shown(
        remove_rmap_range.__dict__["__remove_rmap_finish"], "if nr_unmapped and nr_mapped:", "if nr_unmapped:",
        "v6.5-rc3+v4.2", Condition, f"{FOUR}; dontneed 1 1 15",
        "queue 1 page unmapped, 0 still mapped no then nothing maps it any more no then nothing",
        "v6.5-rc3",
    ),
    "2/3 does not count what a PMD still maps": Shown(
        remove_rmap_range.folio_remove_rmap_range, "if nr_mapped >= COMPOUND_MAPPED:", "if nr_mapped < 0:",
        "v6.5-rc3+v4.2", Condition, f"{PMD}; fork 1; splitpmd 2 0",
        "the only PTE of page 0 no a PMD maps all of it no a PMD maps all of it no a PMD maps all of it", "v6.5-rc3",
    ),
    "3/3 takes a run of pages at once": Shown(
        batch_zap.folio_nr_pages_cont_mapped, "nr = min(end - addr, to_folio_end)", "nr = 1", "v6.5-rc3+v4", Condition,
        FOUR, "16 pages, in one zap no its order is 4 queue 1 page unmapped, 15 still mapped queue 1 page unmapped, "
        "15 still mapped no then nothing maps it any more", "v6.5-rc3",
    ),
    "an order-1 folio has no room for the link": Shown(
        huge_memory.deferred_split_folio, "< 2", "< 1", "v6.5-rc3+v4.1", Condition, "mm; mmap 1 0 64; fault 1 0 1",
        "the only PTE of page 0 no its order is 1 queue: VM_BUG_ON folio_order(folio) < 2", "v6.5-rc3",
    ),
    # reuse after fork: what would a write do?
    "v6.5 reuses the last reference": Shown(
        memory.do_wp_page, "m.folio_refcount[folio] == 1", "m.folio_refcount[folio] == 0", "v6.5-rc3", Owners,
        f"{FOUR}; fork 1; exit 2; dontneed 1 1 15", "in place 1 reference",
    ),
    "v6.5 copies while there are two": Shown(
        memory.do_wp_page, "m.folio_refcount[folio] == 1", "m.folio_refcount[folio] <= 2", "v6.5-rc3+v4", Owners,
        f"{FOUR}; fork 1; exit 2; dontneed 1 2 14", "copies 2 references",
    ),
    "v6.8 reuses no large folio": Shown(
        cow_small_only.wp_can_reuse_anon_folio, "if folio_test_large(m, folio):", "if False:", "v6.12", Owners,
        f"{FOUR}; fork 1; exit 2; dontneed 1 1 15", "copies large, and not AnonExclusive",
    ),
    "v7.3 copies the last mapping": Shown(
        owner_tracking.wp_can_reuse_anon_folio, "mapcount <= 1", "mapcount < 1", "v7.3", Owners,
        f"{FOUR}; fork 1; exit 2; dontneed 1 1 15", "copies the last mapping: copied, to be rid of the folio",
    ),
    "v7.3 copies what may be shared": Shown(
        owner_tracking.wp_can_reuse_anon_folio,
        "why(m, COPIED_SHARED, folio, page - folio)\n        return False\n    if",
        "why(m, COPIED_HELD, folio, page - folio)\n        return False\n    if", "v7.3", Owners,
        f"{FOUR}; fork 1", "copies maybe shared",
    ),
    "v7.3 copies what is held": Shown(
        owner_tracking.wp_can_reuse_anon_folio, "mapcount != m.folio_refcount[folio]", "False", "v7.3", Owners,
        f"{FOUR}; fork 1; exit 2; get 1", "copies 17 references, 16 mappings",
    ),
    "v6.5: a PMD is reused with one reference left": Shown(
        huge_memory.do_huge_pmd_wp_page, "m.folio_refcount[folio] == 1", "False", "v6.1", Owners,
        f"{PMD}; fork 1; exit 2", "in place one reference: this PMD’s",
    ),
    "v6.8: a PMD that is shared is split": Shown(
        rmap_overhaul_huge.do_huge_pmd_wp_page, "m.folio_refcount[folio] == 1", "m.folio_refcount[folio] <= 2", "v6.12",
        Owners, f"{PMD}; fork 1", "copies 2 references: PMD split, page copied",
    ),
    # flushes: what zap_pte_range() compares
    "v4 flushes after every batch": Shown(
        batch_zap.zap_pte_range, "if nr_pages < nr_pages_req:", "if nr_pages + 1 < nr_pages_req:", "v6.5-rc3+v4",
        Flushes, FLUSH, "if (15 < 16) → force_flush = 1",
    ),
    "v6.12 flags what is partially mapped": Shown(
        partially_mapped.deferred_split_folio, "if partially_mapped and not m.folio_partially_mapped[folio]:",
        "if False:", "v6.12", SplitQueue, f"{FOUR}; dontneed 1 0 5", "11/16 mapped flagged the shrinker",
    ),
}  # fmt: skip


class Sheet(dict):
    """What a panel puts on the screen."""

    def put(self, name, pieces):
        """Take a part of the page."""
        self[name] = pieces


def said(shown):
    """Return what the panel says, without its markup."""
    condition.cache_clear()
    session = Session(from_builtins({"ops": shown.ops, "kernels": [shown.under or shown.kernel]}))
    session.seek(session.history.axis.last)
    session.selection.focus_on(1)
    panel = shown.panel(Sheet(), session)
    panel.update(session.frame)
    pieces = str(list(panel.screen.values()))
    condition.cache_clear()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", pieces)).split())


def pattern(text):
    """Return what a page must hold: the words in this order; … stands for others."""
    return ".*".join(map(re.escape, text.split(" … ")))


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_shows_the_rule_of_its_kernel(name, monkeypatch):
    """It says so under the kernel, and no more under the kernel that has this one rule changed."""
    shown = SHOWN[name]
    patch, link = linked_in(shown), kernels.link
    assert re.search(pattern(shown.says), said(shown))

    def broken(key, mmu_gather="batched", *patches):
        """Link a kernel; in the one that has the rule, the rule is broken."""
        more = (patch,) if kernels.find(key).key == shown.kernel else ()
        return link(key, mmu_gather, *more, *patches)

    monkeypatch.setattr(kernels, "link", broken)
    assert not re.search(pattern(shown.says), said(shown))
