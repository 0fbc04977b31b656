"""Rules of what a paste means: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.diagnosis import (
    case,
    diagnose,
    dumps,
    foreign,
    ledger,
    lines,
    offer,
    page_size,
    pieces,
    processes,
    release,
    shape,
    sizes,
    told,
)
from tests.diagnosis import test_hostile, test_pastes, test_told
from tests.mutations.turning import Turned, is_noticed, rules_of

MORE = test_told.test_the_shrinker_frees_no_more_than_is_marked
FIRST = test_told.test_a_cgroup_comes_before_the_machine_and_the_first_before_the_second
SAME = test_pastes.test_what_stands_before_the_lines_does_not_matter


def of_memory(part):
    """Return the test of the bounds of memory of which a part is large, and its case."""
    return test_told.test_the_bounds_hold_if_one_part_is_large, part


def says(name):
    """Return the test of a sentence, and its case."""
    return test_told.test_a_sentence_is_said_where_it_holds, name


def of_process(name):
    """Return the test of what processes map, and its case."""
    return test_told.test_processes_are_told_as_they_are, name


def of_folio(name):
    """Return the test of a page dump, and its case."""
    return test_told.test_a_folio_is_told_as_it_is, name


def means(name):
    """Return the test of a paste, and its case."""
    return test_pastes.test_a_paste_says_what_it_means, name


def runs(name):
    """Return the test of a paste's scenario, and its case."""
    return test_pastes.test_the_scenario_of_a_paste_runs, name


def asks(name):
    """Return the test of what is not known, and its case."""
    return test_told.test_what_is_not_known_is_told_until_it_is, name


def refused(table, paste):
    """Return the test of what cannot be read, and its case."""
    return test_hostile.test_what_cannot_be_read_is_told, paste, table[paste]


STATUS = next(paste for paste in test_hostile.FOREIGN if "VmRSS" in paste)
NEGATIVE = "anon -5\n"
LARGE = "nr_anon_pages 35184372088833\n"
CUT = next(paste for paste in test_hostile.WRONG if "7f1300000000" in paste)
MANY = next(paste for paste in test_hostile.WRONG if paste.startswith("anon 1\nanon"))

ROOMS = {
    "ledger": {
        "mapped memory is taken off": Turned(
            ledger.Ledger.left, '- self.kib["anon"]', "- 0", *of_memory("mapped")
        ),
        "shared memory is taken off": Turned(ledger.Ledger.left, "- shmem", "+ shmem", *of_memory("shmem")),
        "locked files are taken off": Turned(
            ledger.Ledger.left, "if self.knows_files", "if not self.knows_files", *of_memory("locked")
        ),
        "a cgroup counts no swap cache as files": Turned(
            ledger.Ledger.locked_files,
            "0 if self.of_cgroup else",
            "0 if not self.of_cgroup else",
            *of_memory("swap_mapped"),
        ),
        "files on their lists are not locked": Turned(
            ledger.Ledger.locked_files, "- on_lists", "", *of_memory("files")
        ),
        "the swap cache may be mapped": Turned(
            ledger.Ledger.held, "self.left - self.swapcached,", "self.left,", *of_memory("swap_mapped")
        ),
        "unevictable may be files": Turned(
            ledger.Ledger.held, 'low -= self.kib["unevictable"]', "pass", *of_memory("locked")
        ),
        "inactive files may be anonymous": Turned(
            ledger.Ledger.held, 'high += self.kib.get("inactive_file", 0)', "pass", *of_memory("lazy")
        ),
        "what is isolated is held": Turned(
            ledger.Ledger.listed, '"unevictable", ', "", *of_memory("pinned_down")
        ),
        "nothing is less than nothing": Turned(
            ledger.Ledger.held, "max(low, 0)", "low", *of_memory("swap_mapped")
        ),
        "shmem is needed without files": Turned(
            ledger.Ledger.missing, "[] if self.knows_files", "[] if not self.knows_files", *means("anon-only")
        ),
        "a v1 file counts all below": Turned(
            ledger.ledger, '"total_" if any', '"" if any', *says("cgroup v1 with all below")
        ),
        "memory.stat counts bytes": Turned(ledger.in_kib, "value >> 10", "value >> 12", *says("all of it")),
        "vmstat counts pages": Turned(
            ledger.in_kib, "value * page_kib", "value * 4", *means("arm64-64k-pages")
        ),
    },
    "sizes": {
        "one page of a folio is mapped": Turned(sizes.Sizes.most, "row.kib - self.page_kib", "row.kib", MORE),
        "the last snapshot counts": Turned(
            sizes.sizes, "reversed(pieces)", "pieces", test_told.test_the_last_statistics_count
        ),
        "marks bound what the shrinker frees": Turned(
            case.Case.gives_back, "min(held.high, most)", "held.high", MORE
        ),
        "marks are the machine's": Turned(
            case.Case.gives_back, "self.main is not self.of_machine", "self.main is self.of_machine", MORE
        ),
        "marks alone are an upper bound": Turned(
            case.Case.held,
            "Bounds(0, self.sizes.most)",
            "Bounds(self.sizes.most, self.sizes.most)",
            *means("sizes-under-headings"),
        ),
    },
    "case": {
        "a cgroup comes first": Turned(case.Case.main, "if one.of_cgroup", "if not one.of_cgroup", FIRST),
        "vmstat comes before meminfo": Turned(
            case.Case.of_machine, "== VMSTAT", "!= VMSTAT", test_told.test_vmstat_comes_before_meminfo
        ),
    },
    "told": {
        "locked files are told": Turned(
            told.of_ledger, "one.locked_files > 0", "one.locked_files < 0", *says("locked files")
        ),
        "nothing is told as nothing": Turned(
            told.of_ledger, "if high == 0", "if high != 0", *says("nothing left")
        ),
        "what is missing is told": Turned(
            told.of_ledger, "if one.left < 0", "if one.left > 0", *says("less than nothing")
        ),
        "a share is of what is mapped": Turned(
            told.of_ledger, "100 * huge / anon", "100 * anon / huge", *says("huge pages")
        ),
        "huge pages are mapped ones": Turned(
            told.of_ledger, "0 < huge <= anon", "0 < huge", *says("huge pages of another moment")
        ),
        "old cgroups counted otherwise": Turned(
            told.which_kernels, "release < (5, 8)", "release > (5, 8)", *says("an older kernel")
        ),
        "the option came with v6.15": Turned(told, "NO_COUNTS", (6, 14), *says("the last one before")),
        "the machine's counters drift": Turned(
            told.which_kernels, "if not one.of_cgroup", "if one.of_cgroup", *says("the machine")
        ),
        "marks that explain all are enough": Turned(
            told.together, "low > found.most", "low >= found.most", *says("nothing at all")
        ),
        "what marks do not explain is the rest": Turned(
            told.together, "low - found.most", "low", *says("more than the marked")
        ),
        "marks without memory are told": Turned(
            told.together, "high == 0 and", "high and", *says("only marked")
        ),
        "the rest is mapped by PTEs": Turned(
            told.of_process, "amount(anon - huge)", "amount(anon)", *of_process("by PMDs and PTEs")
        ),
        "a part is no more than the whole": Turned(
            told.of_process, "huge > anon", "huge < anon", *of_process("of two moments")
        ),
        "the machine is no cgroup of a process": Turned(
            diagnose.of_processes,
            "case.main and case.main.of_cgroup",
            "case.main",
            *of_process("beside the machine"),
        ),
        "all processes are added up": Turned(
            told.of_cgroup_and_processes, "sum(told)", "told[0]", *of_process("two beside their cgroup")
        ),
    },
    "dumps": {
        "a PMD maps all pages": Turned(
            dumps.Dump.mapped, "return self.pages\n", "return 0\n", *of_folio("by a PMD")
        ),
        "what is left is what is not mapped": Turned(
            dumps.Dump.held, "self.pages - self.mapped", "self.mapped", *of_folio("in part")
        ),
        "each mapping may be a page's": Turned(
            dumps.Dump.held, "self.pages - mappings", "self.pages - 1", *of_folio("without counts")
        ),
        "the swap cache has references": Turned(
            dumps.Dump.others, 'self.piece.values.get("swapcache")', "False", *of_folio("in the swap cache")
        ),
        "a folio that is freed holds nothing": Turned(
            dumps.Dump.held, "== 0", "== -1", *of_folio("being freed")
        ),
        "a file's folio is not ours": Turned(
            dumps.Dump.held, "if not self.anon or", "if", *of_folio("a file")
        ),
        "more references are told": Turned(
            told.of_dump, "one.others > 0", "one.others < 0", *of_folio("whole")
        ),
    },
    "processes": {
        "thpmaps knows no lower bound": Turned(
            processes.Maps.held, "Bounds(0,", "Bounds(4,", *means("thpmaps-process")
        ),
        "a PMD's folio is the largest": Turned(page_size.pmd_kib, "// 8", "// 16", *means("thpmaps-process")),
        "a page's size is told by smaps": Turned(
            page_size.page_kib, "in PAGES", "in (4,)", *means("arm64-64k-pages")
        ),
    },
    "pieces": {
        "a number is whole": Turned(
            pieces.amount, "[0-9]{1,20}", "-?[0-9]{1,20}", *refused(test_hostile.WRONG, NEGATIVE)
        ),
        "memory has a bound": Turned(
            pieces.amount, "<= limit", "<= limit + 1", *refused(test_hostile.WRONG, LARGE)
        ),
        "a mapping that is cut off is told": Turned(
            pieces.whole, "if lacks:", "if not lacks:", *refused(test_hostile.WRONG, CUT)
        ),
        "files have a bound": Turned(
            pieces.read, "> MAX_PIECES", "> MAX_PIECES + 1", *refused(test_hostile.WRONG, MANY)
        ),
        "a word that comes again begins a file": Turned(
            pieces.Reader.put,
            "if word in now.values",
            "if word not in now.values",
            *means("container-v1-split"),
        ),
        "addresses ascend in a process": Turned(
            pieces.Reader.mapping,
            "start <= now.start",
            "start > now.start",
            test_told.test_a_process_begins_where_addresses_fall,
        ),
        "mappings are added up": Turned(
            pieces.Reader.amount, "value += now.values.get(word, 0)", "pass", *means("smaps-two-processes")
        ),
        "a word of both is smaps' if it comes twice": Turned(
            pieces.Reader.amount, "now.kind = kind = SMAPS", "pass", *of_process("picked out")
        ),
        "lines of both versions may be of version 1": Turned(
            pieces.Reader.pair,
            "now.kind = kind",
            "pass",
            test_told.test_a_file_of_version_1_may_begin_as_one_of_version_2,
        ),
        "files have names of their own": Turned(
            pieces.titled, "total[name] == 1", "total[name] > 0", *means("container-v1-split")
        ),
    },
    "lines": {
        "a quotation is taken off": Turned(lines.stripped, "line[quoted.end() :]", "line", SAME, "pod-v2"),
        "a time stamp is taken off": Turned(
            lines.stripped, "line[logged.end() :]", "line", *means("dump-v6.1")
        ),
        "a mapping names no file of ours": Turned(
            lines.lines_of, "MAPPED.match(line)", "False", *means("smaps-two-processes")
        ),
        "a release is told by uname": Turned(
            release.release, '"Linux " in line.text or', "", *says("a newer kernel")
        ),
    },
    "offer": {
        "the share of the ledger": Turned(
            shape.pages_mapped, "mapped / (mapped + held)", "held / (mapped + held)", *runs("container-v1")
        ),
        "two folios stand for many": Turned(
            offer._of_sizes, ", 2), why", ", 1), why", *runs("sizes-under-headings")
        ),
        "the size with the most memory": Turned(
            offer._of_sizes, "max(fit", "min(fit", *runs("vmstat-and-sizes")
        ),
        "the folio of a dump": Turned(shape.one_folio, "not pmds", "pmds", *runs("dump-v6.5")),
        "forks of a dump": Turned(shape.one_folio, "// each - 1", "// each", *runs("dump-v6.12")),
    },
    "unknown": {
        "the swap cache": Turned(
            diagnose.unknown, '"swapcached" not in', '"swapcached" in', *asks("here taken as 0")
        ),
        "the sizes": Turned(
            diagnose.unknown_of_folios,
            "if not (case.sizes and",
            "if (case.sizes and",
            *asks("and of which size"),
        ),
        "the pins": Turned(
            diagnose.unknown_of_folios, "if not case.dumps", "if case.dumps", *asks("whether a pin")
        ),
        "the size of a page": Turned(
            diagnose.unknown,
            "case.page_kib is None",
            "case.page_kib is not None",
            *asks("the size of a page"),
        ),
    },
    "foreign": {
        "a form may begin any line": Turned(
            foreign.refusal,
            '"(?m)" in pattern',
            '"(?m)" not in pattern',
            *refused(test_hostile.FOREIGN, STATUS),
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
