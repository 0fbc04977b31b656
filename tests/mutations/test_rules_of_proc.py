"""Rules of what the kernel's files say: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.proc import files, mapcounts, node, page, smaps
from tests.mutations.turning import Turned, is_noticed, rules_of
from tests.proc import test_files, test_laws, test_mapcounts, test_node, test_page, test_smaps

CHILD = test_smaps.test_a_childs_copy_is_shared_until_it_goes, "v7.3"
ONCE = test_smaps.test_one_reference_is_one_mapping
MOVES = test_smaps.test_what_migrates_is_there_and_shared_since_v6_11, "v6.12", "Shared_Dirty"
MOVED = test_smaps.test_what_migrates_is_there_and_shared_since_v6_11, "v6.10", "Private_Dirty"
FREED = test_smaps.test_what_is_given_up_is_clean_and_lazily_free
PARTS = test_smaps.test_every_vma_is_rounded_by_itself_and_the_rollup_once
RANGE = test_smaps.test_a_range_may_begin_and_end_anywhere
PMD = test_smaps.test_a_pmd_shares_its_pages_one_by_one, "v7.3"
HELD = test_node.test_pages_that_are_given_back_one_by_one_stay_held, "v7.3"
FAULTS = test_node.test_faults_are_counted_and_moves_are_not
SIZES = test_node.test_a_size_has_statistics_from_order_2_on
LETTERS = test_files.test_smaps_to_the_letter
ROLLUP = test_files.test_smaps_rollup_to_the_letter
NODE = test_files.test_vmstat_memory_stat_and_the_sizes_to_the_letter
LACKING = test_files.test_a_kernel_without_the_files_says_so
LINE = test_page.test_the_line_says_all_of_a_page
NAMED = test_page.test_the_line_names_flags_and_what_is_no_page


AVERAGE = (
    test_mapcounts.test_every_page_shows_the_folios_average,
    (*test_mapcounts.SMALL, "P dontneed a 0 15"),
    1,
)
SUM = test_files.test_the_lists_come_to_what_is_held


def dumped(key):
    """Return the test of a kernel's dump, and its case."""
    return test_page.test_each_kernel_dumps_a_page_in_its_own_way, key


ROOMS = {
    "smaps": {
        "one reference is private": Turned(smaps.usage, "once | ~_shared", "~_shared", ONCE),
        "one reference is one mapping": Turned(
            smaps.usage, "machine.folio_refcount[head] == 1", "head == -1", ONCE
        ),
        "a page is shared by two": Turned(
            smaps._shared, "counts >= 2)\n    head", "counts >= 3)\n    head", *CHILD
        ),
        "an average shares as the folio does": Turned(smaps._shared, "[head] != 0", "[head] == 0", ONCE),
        "Pss divides by the mapcount": Turned(smaps.usage, "np.maximum(counts, 1)", "1", *CHILD),
        "a migration entry is not divided": Turned(
            smaps.usage, "np.where(present & ~once,", "np.where(~once,", *MOVES
        ),
        "a migration entry is shared since v6.11": Turned(
            smaps.usage, "not machine.folio_partially_mapped.size", "True", *MOVES
        ),
        "a migration entry is private before": Turned(
            smaps.usage, "not machine.folio_partially_mapped.size", "False", *MOVED
        ),
        "a migration entry is there": Turned(
            smaps.mapped, "(PTE_PRESENT | PTE_MIGRATION)", "PTE_PRESENT", *MOVES
        ),
        "a migration entry is not accessed": Turned(
            smaps.usage, "referenced=size(present & ", "referenced=size(", *MOVES
        ),
        "what MADV_FREE took is clean": Turned(smaps.usage, "(bits & ENTRY_CLEAN) == 0", "bits >= 0", FREED),
        "PG_dirty is dirty": Turned(smaps.usage, " | ((flags & PG_DIRTY) != 0)", "", *MOVES),
        "lazily free is clean": Turned(smaps.usage, "lazyfree=size(~dirty & ", "lazyfree=size(", FREED),
        "lazily free was given up": Turned(
            smaps.usage, "size(~dirty & ((flags & PG_LAZYFREE) != 0))", "size(~dirty & False)", FREED
        ),
        "old is not referenced": Turned(smaps.usage, "(bits & ENTRY_OLD) == 0", "bits >= 0", FREED),
        "Pss_Dirty is of dirty pages": Turned(smaps.usage, "share[dirty].sum()", "share.sum()", FREED),
        "clean and dirty stand apart": Turned(
            smaps.usage, "private_clean=size(private & ~dirty)", "private_clean=size(private & dirty)", FREED
        ),
        "huge is what a PMD maps": Turned(smaps.usage, "rows[:, HUGE] != 0", "rows[:, HUGE] == 0", *PMD),
        "a range begins within a table": Turned(
            smaps.mapped, "machine.pte[table + low", "machine.pte[table", RANGE
        ),
        "a range ends within a table": Turned(
            smaps.mapped, "min(end - first, PTRS_PER_PTE)", "PTRS_PER_PTE", RANGE
        ),
        "Pss has twelve more bits": Turned(smaps.Usage.kb, 'PSS_SHIFT if "pss" in name else 0', "0", *CHILD),
        "the rollup adds before it rounds": Turned(
            smaps.together,
            "map(sum, zip(*usages, strict=True))",
            "(sum(v >> 22 << 22 for v in n) for n in zip(*usages, strict=True))",
            PARTS,
        ),
    },
    "mapcounts": {
        "an average is at least 1": Turned(mapcounts._average, " + entire, 1)", " + entire, 0)", *AVERAGE),
        "an average is rounded": Turned(
            mapcounts._average, " + (1 << order) // 2", "", *CHILD[:1], test_smaps.AVERAGES
        ),
        "a PMD counts for each page": Turned(
            mapcounts.mapcounts, "machine.folio_entire_mapcount[head] + 1, 0)", "0, 0)", *PMD
        ),
        "PageDoubleMap counts once": Turned(mapcounts.mapcounts, "counts -=", "counts +=", *dumped("v6.1")),
    },
    "node": {
        "held is whole folios": Turned(
            node.totals, "1 << machine.folio_order", "1 + 0 * machine.folio_order", *HELD
        ),
        "mapped is each page once": Turned(
            node.totals,
            "np.unique(np.concatenate(pages))",
            "np.concatenate(pages)",
            test_laws.test_every_kernel_keeps_the_same_laws,
            "v7.3",
        ),
        "lost is what is left": Turned(node.Totals.lost, "self.held - self.mapped", "self.mapped", *HELD),
        "a move is no fault": Turned(node.allocated, " & ~moving", "", FAULTS),
        "a fault counts once it is done": Turned(
            node.allocated, "lab.cursor if end is None", "None if end is None", FAULTS
        ),
        "a huge page is one": Turned(node.vmstat, " // HPAGE_PMD_NR", "", NODE),
        "memory.stat has bytes": Turned(
            node.memory_stat, "vmstat[NR_ANON_MAPPED]) * PAGE_SIZE", "vmstat[NR_ANON_MAPPED]) * 1024", NODE
        ),
        "memory.stat has whole huge pages": Turned(
            node.memory_stat, "vmstat[NR_ANON_THPS]) * PAGE_SIZE", "vmstat[NR_ANON_THPS])", NODE
        ),
        "order 1 has no statistics": Turned(node.stats, "range(LOWEST_QUEUED_ORDER,", "range(1,", SIZES),
        "order 9 has statistics": Turned(node.stats, "HPAGE_PMD_ORDER + 1)", "HPAGE_PMD_ORDER)", NODE),
        "a size without counts is left out": Turned(
            node.stats, "if any(values.values())", "if values", SIZES
        ),
    },
    "files": {
        "a number is eight wide": Turned(files._amounts, ":>8}", ":>7}", LETTERS),
        "a name is sixteen wide": Turned(files._amounts, ":<16}", ":<15}", LETTERS),
        "read-only is said": Turned(
            files._smaps, "rights(lab.machine, ", "rights(lab.machine, 0 * ", LETTERS
        ),
        "Size is of addresses": Turned(files._smaps, "vma.end - vma.start", "vma.end", LETTERS),
        "a line without a name ends in a space": Turned(
            files.header, "else prefix", "else prefix.strip()", LETTERS
        ),
        "a name stands in column 73": Turned(files.header, "ljust(NAME_AT)", "ljust(71)", ROLLUP),
        "a rollup begins at the first VMA": Turned(
            files._smaps_rollup, "parts[0][0].start", "parts[-1][0].start", ROLLUP
        ),
        "a rollup ends at the last VMA": Turned(
            files._smaps_rollup, "parts[-1][0].end", "parts[0][0].end", ROLLUP
        ),
        "a sum is of what is held": Turned(files._notes, ".held", ".mapped", SUM),
        "what is lacking is said": Turned(files._notes, "if not told:", "if not rows:", LACKING),
        "what came late is said": Turned(files._notes, "row not in told", "row in told", LACKING),
        "what came with the next release is said": Turned(
            files._notes, "_release(row.first) >", "_release(row.first) <", LACKING
        ),
        "what is not modelled is said": Turned(files._notes, 'row.told == "no"', 'row.told == "alone"', NODE),
    },
    "page": {
        "v6.1 has compound_mapcount": Turned(
            page.dump, 'if "folio_double_map" in machine.keeps', "if False", *dumped("v6.1")
        ),
        "v6.9 prints no address": Turned(
            page._addresses, '"tlb_nr" not in', '"folio_large_mapcount" not in', *dumped("v6.9")
        ),
        "v6.9 adds the PMD": Turned(
            page.dump, "own if total or not order", "own if not addresses or not order", *dumped("v6.9")
        ),
        "v6.10 has the page's own": Turned(
            page.dump, "own if total or not order", "own if not order", *dumped("v6.10")
        ),
        "v6.10 has the folio's in the next line": Turned(
            page.dump, "    if total:", "    if False:".replace("False", "not total"), *dumped("v6.10")
        ),
        "an average is no count": Turned(
            page.dump, "-1 if averages(machine)", "0 if averages(machine)", *dumped(test_smaps.AVERAGES)
        ),
        "0x800000 is not among the pages": Turned(page.dump, " % COMPOUND_MAPPED", "", *dumped("v7.3")),
        "a tail page has its own index": Turned(
            page.dump, "folio_index[head]) + offset", "folio_index[head])", *dumped("v7.3")
        ),
        "an address is that of vpn 0": Turned(page.dump, "(VM_START >> PAGE_SHIFT) + ", "", *dumped("v7.3")),
        "a small page has one line": Turned(
            page.dump,
            "    if order:\n        start",
            "    if not order:\n        start",
            test_page.test_a_small_page_has_one_line,
            "v7.3",
        ),
        "what a PMD maps is at its offset": Turned(page._entry, "(vpn & 511)", "0", LINE),
        "a VMA ends somewhere": Turned(page.page_line, "if vma < 0:", "if vma < -1:", LINE),
        "rights are the VMA's": Turned(page.page_line, "rights(machine, vma)", "rights(machine, 0)", LINE),
        "a write bit is read": Turned(page._written, '"writable" if bit', '"writable" if not bit', LINE),
        "the zero page is no page": Turned(page._entry, "if huge or pte & PTE_ZERO", "if huge", NAMED),
        "a flag is the folio's": Turned(
            page._flags, "machine.folio_partially_mapped[head]", "machine.folio_partially_mapped[page]", NAMED
        ),
        "a mark is the page's": Turned(
            page._flags, "machine.page_anon_exclusive[page]", "machine.page_anon_exclusive[0]", NAMED
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
