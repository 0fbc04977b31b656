"""Rules of decisions and machines in words: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.machine import journal as j
from folioviz.readout import describe, explain
from folioviz.stories import kernel_tests, own_patch
from folioviz.stories.parts import comers, made_seen, programs_told, standing, wholeness
from folioviz.stories.patches import swap_out_runs
from folioviz.views.panels import bar
from folioviz.views.session import expected
from folioviz.views.story_panels import program
from tests.mutations.turning import Turned, is_noticed, rules_of
from tests.readout import test_describe, test_explain, test_sentences
from tests.stories import test_kernel_tests, test_made_whole, test_own_patch, test_three_programs
from tests.views.panels import test_expected

RARE = test_sentences.test_rare_decisions_are_as_told
TOLD = test_describe.test_a_machine_is_told_as_it_is
OLD, NEW, HUGE, UNCOUNTED = test_describe.TOLD


def said(reason, part, other):
    """Return the rule that a sentence says one thing and not another one."""
    return Turned(explain.SENTENCES, reason, (part, other), RARE)


ROOMS = {
    "expected": {
        "a side is named where a statement is not true": Turned(
            expected.expected,
            "if not one.holds",
            "if one.holds",
            test_expected.test_what_is_not_true_names_its_sides,
        ),
        "nothing is judged before the end": Turned(
            expected.expected,
            "if ended else None",
            "",
            test_expected.test_all_that_is_true_is_said_at_the_end,
        ),
        "what is not true counts": Turned(
            bar.outcome,
            "if one.fails]",
            "if not one.fails]",
            test_expected.test_what_is_not_true_names_its_sides,
        ),
    },
    "kernel-tests": {
        "a copy is another page": Turned(
            kernel_tests.answer, "!= before", "== before", test_kernel_tests.test_the_answer_is_computed
        ),
        "what fork allocates is not the writes'": Turned(
            kernel_tests.computed,
            "else first) + 1 :",
            "else first) :",
            test_kernel_tests.test_who_allocates_is_who_must_copy,
            "cow-pinned-fork",
        ),
        "all copies of fork are counted": Turned(
            kernel_tests.computed,
            "for place in forks)",
            "for place in forks[1:])",
            test_kernel_tests.test_who_allocates_is_who_must_copy,
            "cow-pinned-fork",
        ),
    },
    "own-patch": {
        "what v4 has is tried on v4": Turned(
            own_patch.base_of,
            "not has[V4]",
            "has[V4]",
            test_own_patch.test_what_v4_does_not_have_is_tried_on_today_s_kernel,
        ),
        "a run ends where AnonExclusive does": Turned(
            swap_out_runs.folio_unmap_pte_batch,
            "m.page_anon_exclusive[page + run] == m.page_anon_exclusive[page]",
            "run < 0",
            test_own_patch.test_swap_out_in_runs_writes_once_for_all_pages,
            *("64 KiB", 16),
        ),
    },
    "made-whole": {
        "what is mapped in part is not whole": Turned(
            wholeness.makeup,
            "PART if not whole",
            "PART if whole",
            test_made_whole.test_what_came_apart_is_told,
            "half",
            9,
            "part of 2 MiB",
        ),
        "pages that nobody maps are kept": Turned(
            wholeness.makeup,
            "one.mapcount.size - one.pages_mapped",
            "one.pages_mapped",
            test_made_whole.test_only_a_collapse_makes_2_mib_whole,
            "v7.3",
        ),
        "a PMD maps all of a folio": Turned(
            wholeness.makeup,
            "HUGE if huge",
            "HUGE if not huge",
            test_made_whole.test_what_came_apart_is_told,
            *("ptes", 9, "1 × 2 MiB by PTEs"),
        ),
        "a flag on a whole folio is told": Turned(
            wholeness.taken,
            '"flagged" if',
            '"" if',
            test_made_whole.test_what_came_apart_is_told,
            *("flagged", 9, "1 × 2 MiB by PTEs, flagged"),
        ),
        "without a flag the queue tells": Turned(
            wholeness.taken,
            "if folio.queue_place",
            "if not folio.queue_place",
            test_made_whole.test_before_the_flag_the_queue_says_so,
        ),
        "the folios of before are not new": Turned(
            comers.computed,
            "one.id >= before",
            "one.id < before",
            test_made_whole.test_only_a_collapse_makes_2_mib_whole,
            "v7.3",
        ),
        "what is refused is not done": Turned(
            comers.computed,
            "if not here.does(op)",
            "if here.does(op)",
            test_made_whole.test_before_the_flag_the_queue_says_so,
        ),
        "the least is enough": Turned(
            made_seen.least,
            "not enough(guess)",
            "enough(guess)",
            test_made_whole.test_the_least_is_found_from_anywhere,
            1,
        ),
    },
    "three-programs": {
        "what a PMD maps is mapped": Turned(
            standing.standing,
            "| (one.entire_mapcount >= 0)",
            "& (one.entire_mapcount >= 0)",
            test_three_programs.test_what_stands_after_an_operation,
        ),
        "small folios hold nothing in vain": Turned(
            standing.standing,
            "if one.order]",
            "if not one.order]",
            test_three_programs.test_what_stands_after_an_operation,
        ),
        "only what was entered is told": Turned(
            standing.called,
            "== ENTER",
            "!= ENTER",
            test_three_programs.test_what_the_words_say_of_calls,
        ),
        "what is refused is no amount": Turned(
            programs_told.computed,
            "if not all(",
            "if all(",
            test_three_programs.test_what_a_guard_zone_costs,
        ),
        "a line is later until its first operation": Turned(
            program.lines,
            "frame.index < part.first",
            "frame.index <= part.first",
            test_three_programs.test_the_lines_follow_the_playhead,
        ),
        "an operation counts once it is complete": Turned(
            program.lines,
            "frame.index + finished",
            "frame.index + 1",
            test_three_programs.test_the_lines_follow_the_playhead,
        ),
    },
    "explain": {
        "what is still mapped is told so": said(
            j.NOT_QUEUED_STILL_MAPPED, "is still mapped", "is not mapped"
        ),
        "what nothing maps is told so": said(
            j.NOT_QUEUED_UNMAPPED, "nothing of it is mapped", "all of it is mapped"
        ),
        "what is split is told by its pages": said(j.SPLIT_DONE, "into {d}", "into 2"),
        "a folio on the queue is on it already": said(j.NOT_QUEUED_ALREADY, "already", "now"),
        "who looks before it locks takes no lock": said(j.NOT_QUEUED_ALREADY, "is not taken", "is taken"),
        "what is AnonExclusive is told so": said(
            j.REUSED_EXCLUSIVE, "it is AnonExclusive", "it is not AnonExclusive"
        ),
        "what is copied is not AnonExclusive": said(
            j.COPIED, "it is not AnonExclusive", "it is AnonExclusive"
        ),
        "a reference beyond its mappings holds a folio": said(j.SPLIT_PINNED, "beyond its", "for its"),
        "a folio that is freed too early is still mapped": said(j.FREED_MAPPED, "still mapped", "not mapped"),
        "what is born on the queue is not flagged": said(j.BORN_QUEUED, "unflagged", "flagged"),
        "the shrinker drops without splitting": said(
            j.SHRINK_DROPPED, "without splitting", "and is splitting"
        ),
        "one page goes back": Turned(
            explain.sentence,
            'es="es" if one',
            'es="es" if not one',
            test_sentences.test_one_is_not_several,
        ),
        "an error is one of those that are errors": Turned(
            explain.failure,
            "row[1] in ERRORS",
            "row[1] not in ERRORS",
            test_explain.test_an_error_has_a_reason_that_names_its_page,
            j.SIGNALLED,
        ),
        "the last error is the one that ended it": Turned(
            explain.failure,
            "told[-1][3]",
            "told[-1][2]",
            test_explain.test_an_error_has_a_reason_that_names_its_page,
            j.SIGNALLED,
        ),
        "a decision is its function's": Turned(
            explain.decisions,
            "stack.pop()",
            "pass",
            test_explain.test_decisions_cite_function_and_patch,
        ),
        "why_not_queued() decides for its caller": Turned(
            explain.decisions,
            "if source_of(lab, name)[0]",
            "if True",
            test_explain.test_decisions_cite_function_and_patch,
        ),
        "a function of a patch is the patch's": Turned(
            explain.cited,
            'startswith("folioviz.mm.")',
            'startswith("folioviz.")',
            test_explain.test_decisions_cite_function_and_patch,
        ),
        "a reader's patch is the reader's": Turned(
            explain.cited,
            "your patch ({module})",
            "{module}",
            test_explain.test_own_patches_are_cited_as_such,
        ),
    },
    "describe": {
        "pins are what get took": Turned(
            describe.folio_words, "pins {folio.pins}", "pins {folio.refcount}", TOLD, *OLD
        ),
        "the refcount is all references": Turned(
            describe.folio_words,
            "refcount {folio.refcount}",
            "refcount {folio.ptes}",
            TOLD,
            *OLD,
        ),
        "pages mapped are of all pages": Turned(
            describe.folio_words,
            "{folio.pages_mapped} of",
            "{folio.ptes} of",
            TOLD,
            *OLD,
        ),
        "a PMD maps the whole folio": Turned(
            describe.folio_words,
            "_entire_mapcount {folio.entire_mapcount}",
            "_entire_mapcount {folio.entire_mapcount + 1}",
            TOLD,
            *HUGE,
        ),
        "page mapcounts are runs": Turned(describe.folio_words, "{n} x {value}", "{value} x {n}", TOLD, *OLD),
        "what is not counted is told so": Turned(
            describe.folio_words,
            "if folio.counts_pages",
            "if not folio.counts_pages",
            TOLD,
            *UNCOUNTED,
        ),
        "what is not kept is not told": Turned(
            describe.folio_words,
            "if folio.counts_nr:",
            "if folio.order:",
            TOLD,
            *UNCOUNTED,
        ),
        "what is on the queue is told so": Turned(
            describe.folio_words,
            "if folio.queue_place:",
            "if not folio.queue_place:",
            TOLD,
            *OLD,
        ),
        "owners may not be all": Turned(
            describe.kept_words,
            "if folio.maybe_shared",
            "if not folio.maybe_shared",
            TOLD,
            *NEW,
        ),
        "an owner has its mappings": Turned(
            describe.kept_words, "({count} mappings)", "({mm} mappings)", TOLD, *NEW
        ),
        "a flag that is set is told": Turned(
            describe.kept_words, "elif value != row.idle:", "elif value == row.idle:", TOLD, *NEW
        ),
        "zero-filled pages are counted": Turned(
            describe.kept_words,
            "folio.zero_filled.sum()",
            "folio.zero_filled.size",
            TOLD,
            *NEW,
        ),
        "the queue begins at its head": Turned(
            describe.machine_lines,
            "for head in heads)",
            "for head in reversed(heads))",
            TOLD,
            *OLD,
        ),
        "a process has its own pages": Turned(
            describe.machine_lines,
            "rss {process.rss}",
            "rss {process.id}",
            TOLD,
            *OLD,
        ),
        "folios that are alike share a line": Turned(
            describe.machine_lines,
            "alike[folio_words(folio)",
            'alike[folio_words(folio) + " " * folio.id',
            test_describe.test_folios_that_are_alike_are_told_once,
        ),
        "a span has its last folio": Turned(
            describe.folio_names,
            "{first}-{last}",
            "{first}-{last + 1}",
            test_describe.test_folios_that_are_alike_are_told_once,
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
