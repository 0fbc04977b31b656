"""Rules of comparisons, reports and mails: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.compare import columns, compare, every_kernel, mail, memory, report, state
from tests.compare import test_compare, test_every_kernel, test_mail, test_report
from tests.mutations.turning import Turned, is_noticed, rules_of

ROOMS = {
    "compare": {
        "what ended processes had goes": Turned(
            compare._Run._fold,
            "self.mms - set(record",
            "set() - set(record",
            test_compare.test_what_is_gone_under_all_kernels_differs_no_more,
        ),
        "folios that are gone are taken out": Turned(
            compare._Run._fold,
            "range(count)",
            "range(count - 1)",
            test_compare.test_what_is_gone_under_all_kernels_differs_no_more,
        ),
        "what one kernel does not keep is no difference": Turned(
            state.differences,
            "and None in having",
            "and None in having[1:0]",
            test_compare.test_what_one_kernel_does_not_keep_is_not_compared,
            ("v6.5-rc3+v4", "v7.3"),
        ),
        "folio 10 comes after folio 9": Turned(
            state.natural,
            '(int(part), "")',
            "(-1, part)",
            test_compare.test_what_differed_long_ago_differs_at_the_end,
        ),
        "what differed earlier is at the end, too": Turned(
            compare.compare_in,
            "in differing | changed",
            "in changed",
            test_compare.test_what_differed_long_ago_differs_at_the_end,
        ),
        "costs of an operation with a bug are not compared": Turned(
            compare.compare_in,
            "outcome.result is None or outcome.bugs",
            "outcome.result is None",
            test_compare.test_after_a_bug_costs_are_not_compared,
        ),
        "only costs that all count are compared": Turned(
            compare.compare_in,
            "if all(row.is_known",
            "if any(row.is_known",
            test_compare.test_what_one_kernel_does_not_keep_is_not_compared,
            ("v6.5-rc3+v4", "v7.3"),
        ),
        "an operation that one kernel can do is done": Turned(
            compare.compare_in,
            "if all(refused)",
            "if any(refused)",
            test_compare.test_an_operation_that_one_kernel_cannot_do_is_noted,
        ),
        "a run ends at its first bug": Turned(
            compare.Comparison.ended,
            ".bugs)",
            ".costs)",
            test_compare.test_v3_on_s390_frees_a_mapped_folio_and_uses_it,
        ),
        "counters are compared where all kernels keep them": Turned(
            state.common_stats,
            "frozenset.intersection",
            "frozenset.union",
            test_compare.test_what_one_kernel_does_not_keep_is_not_compared,
            ("v6.5-rc3+v4", "v7.3"),
        ),
        "pages of large folios are compared where they are counted": Turned(
            state.folio_of,
            "and not counts_pages",
            "and counts_pages",
            test_compare.test_state_differences_name_queue_counters_and_folio_fields,
        ),
    },
    "report": {
        "four even operations are one line": Turned(
            report,
            "RUN",
            5,
            test_report.test_four_even_operations_are_one_line,
        ),
        "even operations advance by the same": Turned(
            report.even_runs,
            "== _advance(ops, start + 1)",
            "is not None",
            test_report.test_four_even_operations_are_one_line,
        ),
        "operations have numbers from 1": Turned(
            report.run_text,
            'f"{start + 1}-{end}"',
            'f"{start}-{end}"',
            test_report.test_even_runs_of_operations_are_one_line,
        ),
        "a bug has its kernel's letter": Turned(
            report._bugs,
            "zip(letters, one.outcomes",
            "zip(letters[::-1], one.outcomes",
            test_report.test_a_report_names_the_bug_and_shows_the_state_before_it,
        ),
        "bugs and refusals have the operation's number": Turned(
            report._bugs,
            "start=1",
            "start=0",
            test_report.test_a_refusal_under_one_kernel_is_told,
        ),
        "an error is told of all that have it": Turned(
            report._bugs,
            "' and '.join(failed)",
            "failed[0]",
            test_report.test_an_error_is_told_once_for_all_that_have_it,
        ),
        "the state is the one before the bug": Turned(
            memory.to_the_end,
            "lab.applied[-1].start",
            "len(lab.journal)",
            test_report.test_a_report_names_the_bug_and_shows_the_state_before_it,
        ),
        "the state before the bug is of that operation": Turned(
            report._ends,
            "{ended + 1}",
            "{ended}",
            test_report.test_a_report_names_the_bug_and_shows_the_state_before_it,
        ),
        "lines have the letters of all kernels that share them": Turned(
            report._per_kernel,
            '", ".join(of)',
            "of[0]",
            test_report.test_kernels_that_agree_share_their_lines,
        ),
        "routine reasons come last": Turned(
            report._reasons,
            "in explain.ROUTINE",
            "not in explain.ROUTINE",
            test_report.test_reasons_that_matter_come_first,
        ),
        "all kernels have their costs": Turned(
            columns.columns,
            "range(0, len(letters), per_table)",
            "range(0, 1, per_table)",
            test_report.test_each_kernel_has_its_costs_however_many_they_are,
        ),
        "what differs by another value is not joined": Turned(
            report.joined,
            "(name, what, one.values)",
            "(name, what, ())",
            test_report.test_no_difference_is_lost_as_they_are_joined,
            "front",
        ),
        "a kernel alone has no differences": Turned(
            report._differences,
            "< 2",
            "< 1",
            test_report.test_the_kernels_may_be_chosen,
        ),
    },
    "mail": {
        "A is the first kernel": Turned(
            mail.mail,
            'zip(labs, "AB"',
            'zip(labs, "BA"',
            test_mail.test_one_kernel_alone_is_told_without_a_table,
        ),
        "a line of operations fits": Turned(
            mail.done,
            "> WIDTH",
            "> 2 * WIDTH",
            test_mail.test_a_long_history_is_counted,
        ),
        "many operations are counted": Turned(
            mail.done,
            "{len(ops)} operations",
            "{len(lines)} operations",
            test_mail.test_a_long_history_is_counted,
        ),
        "costs that one kernel does not count are left out": Turned(
            mail.differing,
            "a.known & b.known",
            "a.known | b.known",
            test_mail.test_what_one_kernel_does_not_count_has_no_row,
        ),
        "every operation counts": Turned(
            mail.mail,
            "if lab.refusal(op) is None:",
            "if lab.refusal(op) is None and op is not scenario.ops[-1]:",
            test_mail.test_it_is_narrow_short_and_true,
            "front",
        ),
    },
    "every kernel": {
        "operations are counted from 1": Turned(
            every_kernel.every_kernel,
            "pairs = enumerate(zip(wanted, found, strict=True), start=1)",
            "pairs = enumerate(zip(wanted, found, strict=True))",
            test_every_kernel.test_the_first_difference_is_where_runs_part,
        ),
        "the first refusal is told": Turned(
            every_kernel.every_kernel,
            "next((number for number, one in enumerate(found, start=1)",
            "next((number for number, one in enumerate(found[::-1], start=1)",
            test_every_kernel.test_a_row_is_a_run,
            "front",
            "none",
        ),
        "who refuses alone differs": Turned(
            every_kernel.differing,
            "return bool(one.refused) != bool(other.refused)",
            "return bool(one.refused) == bool(other.refused)",
            test_every_kernel.test_the_first_difference_is_where_runs_part,
        ),
        "another cost is a difference": Turned(
            every_kernel.differing,
            "one.costs[name] != other.costs[name]",
            "False",
            test_every_kernel.test_another_cost_alone_is_a_difference,
        ),
        "a row has all costs": Turned(
            every_kernel.every_kernel,
            "together(found)",
            "together(found[:-1])",
            test_every_kernel.test_a_row_is_a_run,
            "first-look",
            "none",
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
