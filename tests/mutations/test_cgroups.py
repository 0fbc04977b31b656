"""Cgroups: breaking any one rule fails a test of tests/mm/test_memcontrol.py."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from folioviz.kernels import swap_slots, swapin
from folioviz.kernels.since_v6_8 import cow_small_only, migrate_freeze, mthp
from folioviz.kernels.since_v6_12 import (
    collapse_orders,
    memcg_reparent,
    split_list_lru,
    swap_table,
    swapin_orders,
    underused,
)
from folioviz.kernels.v6_1 import page_new_anon_rmap
from folioviz.lab import Lab
from folioviz.mm import huge_memory, khugepaged, memcontrol, memory, mmap, page_alloc
from folioviz.ops.ops import parse_line
from tests.mm import test_memcontrol as cases
from tests.mutations.breaking import SIZES, changed


class Broken(NamedTuple):
    """One rule broken: text of a function replaced, and the case, with its arguments, that tells."""

    function: object
    old: str
    new: str
    case: tuple


CHARGED = cases.test_a_new_folio_is_charged_to_the_cgroup_of_its_process
QUEUES = cases.test_a_folio_waits_on_the_queue_of_who_faulted_it_in
TURNS = cases.test_the_shrinker_goes_from_queue_to_queue
LATER = cases.test_what_is_charged_to_a_removed_cgroup_is_queued_where_its_queue_went
GONE = cases.test_what_a_removed_cgroup_has_in_swap_comes_back_to_who_touches_it
CHARGE, PASS = "mem_cgroup_charge(m, folio, mm)", "pass"
MUTATIONS = {
    "a fault is charged to nobody": Broken(memory.do_anonymous_page, CHARGE, PASS, (CHARGED, "by PTE")),
    "a fault is charged to nobody, v6.8": Broken(mthp.do_anonymous_page, CHARGE, PASS, (CHARGED, "by PTE")),
    "a fault is charged to nobody, v6.1": Broken(
        page_new_anon_rmap.do_anonymous_page, "mem_cgroup_charge(m, page, mm)", PASS, (CHARGED, "by PTE")
    ),
    "a huge page is charged to nobody": Broken(
        huge_memory.do_huge_pmd_anonymous_page, CHARGE, PASS, (CHARGED, "by PMD")
    ),
    "a copy is charged to nobody": Broken(
        cow_small_only.wp_page_copy, "mem_cgroup_charge(m, new, mm)", PASS, (CHARGED, "a copy")
    ),
    "a collapse is charged to nobody": Broken(
        khugepaged.collapse_huge_page, CHARGE, PASS, (CHARGED, "a collapse")
    ),
    "a small collapse is charged to nobody": Broken(
        collapse_orders.collapse_order, CHARGE, PASS, (CHARGED, "a small collapse")
    ),
    "a part of a folio is charged to nobody": Broken(
        page_alloc.split_page_ids, "mem_cgroup_replace(m, folio, page)", PASS, (CHARGED, "a part")
    ),
    "what moved is charged to nobody": Broken(
        migrate_freeze.migrate_folio_move, "mem_cgroup_replace(m, src, dst)", PASS, (CHARGED, "what moved")
    ),
    "a child is in no cgroup": Broken(
        mmap.dup_mmap, "mem_cgroup_fork(m, mm, child)", PASS, (CHARGED, "a copy that fork makes")
    ),
    "what comes back is charged to nobody": Broken(
        swapin.do_swap_page,
        "mem_cgroup_swapin_charge_folio(m, folio, slot, mm)",
        PASS,
        (CHARGED, "what came back"),
    ),
    "what comes back is charged to nobody, v7.3": Broken(
        swap_table.do_swap_page,
        "mem_cgroup_swapin_charge_folio(m, m.page_folio[page], slot, mm)",
        PASS,
        (CHARGED, "what came back"),
    ),
    "what swapoff brings is charged to nobody": Broken(
        swapin.unuse_page,
        "mem_cgroup_swapin_charge_folio(m, page, slot, -1)",
        PASS,
        (CHARGED, "what swapoff brings"),
    ),
    "a slot is nobody's": Broken(
        swap_slots.add_to_swap,
        "mem_cgroup_try_charge_swap(m, folio, slot, folio_nr_pages(m, folio))",
        PASS,
        (GONE, "v6.12"),
    ),
    "a free slot stays somebody's": Broken(
        swap_slots.swap_slot_free, "mem_cgroup_uncharge_swap(m, slot)", PASS, (GONE, "v6.8")
    ),
    "slots of several cgroups are one run": Broken(
        swapin_orders.can_swapin_thp,
        "m.swap_memcg[slot + i] != memcg",
        "False",
        (cases.test_slots_of_several_cgroups_come_back_page_by_page,),
    ),
    "a removed cgroup is visited": Broken(
        memcontrol.mem_cgroup_css_offline, "MEMCG_OFFLINE)", "MEMCG_ONLINE)", (TURNS, "v6.12")
    ),
    "a process stays where it was": Broken(
        memcontrol.cgroup_attach_task, "store(m, MM_MEMCG, mm, memcg)", PASS, (QUEUES, "v6.1")
    ),
    "a cgroup takes the first one's place": Broken(
        memcontrol.mem_cgroup_css_online, "place += 1", "break", (TURNS, "v6.12")
    ),
    "the parent does not get the queue": Broken(
        memcg_reparent.mem_cgroup_css_offline, "memcg_reparent_list_lru_one(m, memcg)", PASS, (QUEUES, "v7.3")
    ),
    "the parent gets it at its tail": Broken(
        memcg_reparent.memcg_reparent_list_lru_one,
        "m.list_next[SPLIT_QUEUE]",
        "SPLIT_QUEUE",
        (QUEUES, "v7.3"),
    ),
    "its folios are queued where nobody comes": Broken(
        memcg_reparent.mem_cgroup_css_offline, "MEMCG_REPARENTED)", "2)", (LATER, "v7.3")
    ),
    "v6.5 scans the root's queue only": Broken(
        huge_memory.deferred_split_scan, "queue = shrinker_begins(m)", "queue = 0", (TURNS, "v6.5-rc3")
    ),
    "v6.12 scans the root's queue only": Broken(
        underused.deferred_split_scan, "queue = shrinker_begins(m)", "queue = 0", (TURNS, "v6.12")
    ),
    "v7.3 scans the root's queue only": Broken(
        split_list_lru.deferred_split_isolate, "queue = shrinker_begins(m)", "queue = 0", (TURNS, "v7.3")
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """What the case expects does not come true any more; under a kernel that has the rule."""
    function, old, new, (case, *arguments) = MUTATIONS[name]
    patch = changed(function, old, new)

    def after(text, key):
        lab = Lab(key, sizes=SIZES)
        has = getattr(lab.linked.code.get(function.__name__), "__module__", "") == function.__module__
        lab = Lab(key, patches=[patch], sizes=SIZES) if has else lab
        for op in parse_line(text):
            lab.apply(op)
        return lab

    with pytest.raises(AssertionError):
        case(after, *arguments)
