"""Rules of what is taken away and brought back: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.files import expect, export, paste, share
from tests.files import test_expect, test_export, test_paste, test_share
from tests.mutations.turning import Turned, is_noticed, rules_of

LINK = test_share.test_every_scenario_of_the_library_survives_a_link
TRACE = test_export.test_a_trace_is_a_row_per_line
FAULTS = test_share.test_what_is_wrong_is_left_out_and_the_rest_counts
FRONT = ("scenario=front&a=v6.8&b=zz&at=7", ("v6.8", "v6.5-rc3+v4.1"), 7, ["b: no kernel 'zz'"])
WRONG = ("scenario=frnt&a=v6.8&at=3", ("v6.8",), None, ["no scenario 'frnt': did you mean front?"])
PASTED = (test_paste.test_a_link_is_found_wherever_it_stands, "fork-one-side")
BROKEN = (test_paste.test_a_link_is_joined_that_was_broken_into_lines, test_paste.NAMED)
MEASURED = test_expect.test_each_word_measures_what_is_there
ROOMS = {
    "expect": {
        "an address without a page has none": Turned(expect.mapped, "!= NONE", "== NONE", MEASURED),
        "a page is of its own folio": Turned(
            expect.of, "== folio_head(machine, folio)", "!= folio_head(machine, folio)", MEASURED
        ),
        "nothing is not the same as nothing": Turned(expect.same, "& (one[:least] != NONE)", "", MEASURED),
        "a PMD maps 512 pages": Turned(expect._pages, "PTRS_PER_PTE if by_pmd else 1", "1", MEASURED),
        "a marker is within its range": Turned(expect.guards, "vpns < vpn + pages", "vpns >= vpn", MEASURED),
        "a process that has ended holds nothing": Turned(
            expect.rss, "if slot >= 0 else 0", "if slot >= 0 else 1", MEASURED
        ),
        "a statement is one number": Turned(
            expect.Statement.holds, "== self.value", "!= self.value", MEASURED
        ),
        "no number is left over": Turned(
            expect.parse,
            "len(numbers) != len(kind.takes)",
            "len(numbers) < len(kind.takes)",
            test_expect.test_what_is_no_statement_is_refused,
            "rss 1 2 == 4",
            "has 2 numbers",
        ),
        "an expectation is in the link": Turned(
            share.pack, "if found.expect", "if not found.expect", test_expect.test_expectations_travel
        ),
    },
    "export": {
        "a trace has the numbers of its rows": Turned(
            export.trace_csv,
            "lab.journal[start:end], start)",
            "lab.journal[start:end], 0)",
            TRACE,
        ),
        "a trace has its depth": Turned(
            export.trace_csv, "line.row, line.depth", "line.depth, line.row", TRACE
        ),
        "a trace is of its operation": Turned(
            export.trace_csv, "number, done, line", "number + 1, done, line", TRACE
        ),
        "a trace that is too long is not made": Turned(
            export.checked,
            "rows > MAX_ROWS",
            "rows > 2 * MAX_ROWS",
            test_export.test_a_trace_that_is_too_long_is_refused,
        ),
        "a counter that begins at -1 is counted from 0": Turned(
            export._events,
            "new - field.idle",
            "new",
            test_export.test_a_trace_for_viewers_has_calls_and_counters,
        ),
    },
    "share": {
        "a is the first kernel": Turned(share.query, 'zip("ab"', 'zip("ba"', LINK, "front", False),
        "another mode is in the link": Turned(
            share.query,
            "found.mmu_gather == known.mmu_gather",
            "found.mmu_gather != known.mmu_gather",
            LINK,
            "front",
            False,
        ),
        "other words are in the link": Turned(
            share.query,
            "found.title == known.title",
            "found.title != known.title",
            test_share.test_words_of_ones_own_are_in_the_link,
        ),
        "other operations are packed": Turned(
            share.query,
            " and known.ops == found.ops",
            "",
            test_share.test_a_scenario_that_was_changed_is_no_scenario_of_the_library,
        ),
        "step 0 is a step": Turned(
            share.query,
            "if found.at is not None",
            "if found.at",
            test_share.test_the_first_step_is_in_the_link,
        ),
        "a link that is too long is no link": Turned(
            share.query,
            "len(text) > MAX_LINK",
            "len(text) > 9 * MAX_LINK",
            test_share.test_a_link_that_would_be_too_long_is_refused,
        ),
        "a packed scenario has its mode": Turned(
            share.pack,
            '"mmu_gather": found.mmu_gather',
            '"mmu_gather": "batched"',
            LINK,
            "front",
            True,
        ),
        "what is cut off is damaged": Turned(
            share.unpack,
            "if not unzip.eof:",
            "if False:",
            test_share.test_a_bad_link_is_refused_in_words,
            *test_share.HUGE_LINK,
        ),
        "the first of a field counts": Turned(
            share.fields_of,
            "dict(reversed(fields))",
            "dict(fields)",
            test_share.test_a_query_string_is_read,
            "a=1&a=2",
            {"a": "1"},
        ),
        "with a kernel a and no b, A is alone": Turned(
            share._kernels,
            'second if "b" in fields else NONE',
            "second",
            test_share.test_a_link_may_say_less,
        ),
        "a kernel that is none leaves the scenario's": Turned(
            share._kernels,
            'good.get("a", first)',
            'good.get("a", NONE)',
            FAULTS,
            "scenario=front&b=none&gather=",
            ("v6.5-rc3",),
            None,
            ["gather is '': it must be batched or none"],
        ),
        "what cannot be opened has no step": Turned(
            share.read, "if found or not faults else {}", "if True else {}", FAULTS, *WRONG
        ),
        "a fault is told": Turned(
            share._kernels, 'faults.append(f"{side}: {error}")', 'faults.append("")', FAULTS, *FRONT
        ),
        "a step is bounded": Turned(
            share._at,
            " and int(text) <= scenario.MAX_AT",
            "",
            test_share.test_a_bad_link_is_refused_in_words,
            {"scenario": "front", "at": "9999999999"},
            "at is '9999999999'",
        ),
    },
    "paste": {
        "a link's lines are joined": Turned(
            paste.link_in, 're.sub(r"\\s+", "",', 're.sub(r"^x", "",', *BROKEN
        ),
        "marks of an answer are no part of a link": Turned(
            paste.link_in, 'QUOTES.sub("", found[1])', "found[1]", *BROKEN
        ),
        "a bracket behind a link is not its own": Turned(paste.link_in, '.rstrip(").,;")', "", *PASTED),
        "a link comes before operations": Turned(
            paste.read, "if query is not None:", "if query is None:", *PASTED
        ),
        "what is no operation is a document": Turned(
            paste.read,
            "scenario.SHORT.match(lines[0])",
            "lines[0]",
            test_paste.test_operations_are_read_in_any_layout,
            f"ops: {test_paste.SHORT}",
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
