"""Rules of comparing recordings with the model: with any one turned round, a quick test fails."""

from __future__ import annotations

from errno import EAGAIN, ENOMEM

import pytest

from folioviz.evidence import results, verify
from folioviz.evidence.recordings import (
    acts,
    compared,
    comparison,
    counted,
    exclusions,
    grammar,
    kernel_side,
    model_side,
    moves,
    naming,
    nearest,
    observed,
    pins,
    reading,
    reclaim,
    removals,
    scene,
    translation,
)
from folioviz.evidence.recordings import (
    format as lines,
)
from folioviz.evidence.recordings.replay import _do, enabled, replay
from folioviz.evidence.recordings.verdict import EQUAL, WITH_EXCEPTIONS, verdict
from folioviz.proc import node
from tests.evidence import test_verify
from tests.evidence.recordings import (
    test_comparison,
    test_conformance,
    test_exclusions,
    test_fields,
    test_format,
    test_grammar,
    test_nearest,
    test_observed,
    test_reading,
    test_recorded,
    test_removals,
    test_replay,
    test_translation,
)
from tests.mutations.turning import Turned, is_noticed, rules_of

SAME = test_comparison.test_what_is_not_changed_is_equal
SMALL, HUGE, SHRUNK, OLD = (
    ("7.3.4", "b4_front"),
    ("7.3.4", "d9_front"),
    ("6.12.117", "i4_shrink"),
    ("6.1.192", "d9_front"),
)
STATE = test_conformance.test_a_verdict_is_one_word
PART = (test_conformance.test_from_what_has_no_operation_on_nothing_is_compared,)
SPLIT = (STATE, "7.3.4", "j9_split", EQUAL)
LISTED = (STATE, "6.18.15", "i9_shrink", WITH_EXCEPTIONS)
CASE = test_exclusions.CASES[0]
COUNT = test_comparison.test_every_count_counts
FAILING = test_replay.test_a_part_is_done_where_the_model_fails_alike
ROOMS = {
    "comparison": {
        "a call that was not counted is none": Turned(
            comparison._calls,
            "(value, -1)",
            "(value, -1, 0)",
            COUNT,
            "n",
            "deferred_split",
            0,
            "deferred_split",
        ),
        "calls are compared": Turned(
            comparison._calls, "if kernel.calls", "if not kernel.calls", COUNT, "n", "rmap_add", 1, "rmap_add"
        ),
        "a counter that went unrecorded did not change": Turned(
            comparison.differences,
            "kernel.counters.get(name, 0) != value",
            "kernel.counters.get(name, value) != value",
            test_comparison.test_a_count_that_is_missing_is_none,
        ),
        "the number of VMAs is compared": Turned(
            comparison,
            "MEMORY",
            comparison.MEMORY[1:],
            test_comparison.test_every_sum_counts,
            "vmas",
        ),
        "removals are compared to the last": Turned(
            comparison._removals,
            "zip_longest(kernel.removals, model.removals)",
            "zip(kernel.removals, model.removals)",
            test_comparison.test_removals_that_are_folded_are_all_compared,
        ),
        "a folio that only one side has is a difference": Turned(
            comparison._folios,
            "theirs is None or ours is None:",
            "theirs is None or ours is None:\n            continue\n        if not ours:",
            test_comparison.test_a_folio_that_only_one_side_has_is_a_difference,
        ),
        "fields of folios are compared": Turned(
            comparison._folios,
            "theirs[field] != value",
            "theirs[field] > value",
            test_comparison.test_every_field_of_a_folio_counts,
            "pm",
            0,
        ),
        "columns of pages are compared": Turned(
            comparison._tables,
            "unlike[unlike[:, STATE], 1:]",
            "unlike[:, 1:]",
            test_comparison.test_every_column_of_a_page_table_counts,
            6,
            2,
            "mapcount",
        ),
    },
    "verdict": {
        "steps that were skipped are not compared": Turned(verdict, "steps - len(left)", "steps", *PART),
        "what was compared in part is told so": Turned(
            verdict, "IN_PART if left else", "EQUAL if left else", *PART
        ),
        "what is listed is an exception": Turned(
            verdict, "WITH_EXCEPTIONS if found", "WITH_EXCEPTIONS if not found", *LISTED
        ),
        "what no exclusion covers differs": Turned(
            verdict,
            "finding.exclusion is None for",
            "finding.exclusion is not None for",
            *LISTED,
        ),
        "a kernel that could not run it is skipped": Turned(
            verdict,
            "if replay.skip:",
            "if not replay.skip:",
            STATE,
            "6.12.117",
            "b4_front",
            EQUAL,
        ),
    },
    "exclusions": {
        "the release after the last is not meant": Turned(
            exclusions.Exclusion.covers,
            "<= place.release < last",
            "<= place.release <= last",
            test_exclusions.test_nothing_else_is_accepted,
            *CASE,
        ),
        "another operation is not meant": Turned(
            exclusions.Exclusion.covers,
            "and place.word in self.words",
            "",
            test_exclusions.test_nothing_else_is_accepted,
            *CASE,
        ),
        "another field is not meant": Turned(
            exclusions.Exclusion.covers,
            "field == self.field and ",
            "",
            test_exclusions.test_nothing_else_is_accepted,
            *CASE,
        ),
        "other values are not meant": Turned(
            exclusions.Exclusion.covers,
            "(recorded, modelled) == case[3:]",
            "True",
            test_exclusions.test_exact_values_are_accepted,
            *CASE,
        ),
        "of the package's own another step is not meant": Turned(
            exclusions.Exclusion.covers,
            "not place.ours or",
            "True or",
            test_exclusions.test_of_the_packages_own_only_the_listed_step_is_accepted,
            *CASE,
        ),
    },
    "replay": {
        "what failed at once is not done": Turned(
            _do,
            "and ended != result:",
            "and ended == result:",
            test_replay.test_nothing_is_done_where_the_model_would_not_fail,
            "P free a 24 56",
            ENOMEM,
        ),
        "MADV_DONTNEED goes on behind a hole": Turned(
            _do,
            "and where.has_hole(act)",
            "and not where.has_hole(act)",
            FAILING,
            "P dontneed a 24 56",
            ENOMEM,
        ),
        "a page without a VMA is a signal": Turned(
            _do,
            "ended = -EFAULT if",
            "ended = -ENOMEM if",
            test_replay.test_a_kernel_that_is_told_each_write_ends_at_the_hole_too,
        ),
        "what the kernel did the model must do": Turned(
            _do,
            '        return "", why\n',
            '        return "", ""\n',
            test_replay.test_what_the_kernel_did_and_the_model_ends_is_a_difference,
        ),
        "after a refusal nothing is compared": Turned(
            replay,
            'stopped, refused = f"the model refused step {step.i}", ""',
            'stopped, refused = "", ""',
            test_comparison.test_what_the_model_refuses_is_a_difference,
        ),
        "what was split off says nothing of sizes": Turned(
            enabled,
            "if key not in split_off",
            "if key in split_off",
            test_translation.test_sizes_are_those_of_the_folios_that_faults_brought,
        ),
    },
    "translation": {
        "only reclaim has worked in spite of an error": Turned(
            translation.Translator.operations,
            "or (act.word, result) in WORKED",
            'or act.word == "reclaim"',
            test_replay.test_only_reclaim_that_freed_too_little_has_worked,
            ENOMEM,
            False,
        ),
        "reclaim that freed too little has worked": Turned(
            translation.Translator.operations,
            "or (act.word, result) in WORKED",
            "",
            test_replay.test_only_reclaim_that_freed_too_little_has_worked,
            EAGAIN,
            True,
        ),
        "rw gives the right to write": Turned(
            acts.mapping.do_mprotect,
            '== "rw"',
            '== "r"',
            test_translation.test_rights_and_moves_are_as_recorded,
        ),
        "a move goes where its letter is": Turned(
            acts.mapping.do_mremap,
            "t.starts[act.name]",
            "t.starts[act.region]",
            test_translation.test_rights_and_moves_are_as_recorded,
        ),
        "a pin is a reference on the page's folio": Turned(
            pins.Pins.take,
            "self.machine.page_folio[page]",
            "page",
            test_translation.test_pins_are_references_page_by_page,
        ),
        "unpinning lets all go": Turned(
            pins.Pins.drop,
            "self.held.pop(mm, [])",
            "self.held.get(mm, [])",
            test_translation.test_pins_are_references_page_by_page,
        ),
        "the page cache alone is not the shrinker's": Turned(
            acts.machine.do_dropcaches,
            "act.value & 2",
            "act.value",
            test_translation.test_dropping_caches_runs_the_shrinker_over_what_is_queued,
        ),
        "only sizes that change are set": Turned(
            scene.Scene.enable,
            "before ^ after",
            "before | after",
            test_translation.test_sizes_change_under_way,
        ),
        "every stride'th page is a call": Turned(
            scene.Scene.strided,
            "range(0, pages, act.stride)",
            "range(0, pages)",
            test_translation.test_strides_of_writes_are_writes,
        ),
        "regions keep apart": Turned(
            scene.Scene.place,
            '(ord(region) - ord("a"))',
            '(ord(region) - ord("b"))',
            test_translation.test_regions_keep_away_from_each_other,
        ),
        "a part of a region's advice is not the region's": Turned(
            acts.mapping.do_huge,
            "act.start or ",
            "",
            test_translation.test_what_has_no_operation_is_said,
            "P huge a 8 32",
        ),
    },
    "fields": {
        "a field is had by the whole file": Turned(
            results._told,
            "fields |= recording.fields",
            "fields = recording.fields",
            test_fields.test_a_field_is_had_by_the_whole_file,
        ),
        "a counter that a file lacks is not compared": Turned(
            comparison.differences,
            "if kernel.tells(name) and",
            "if",
            test_fields.test_what_a_file_lacks_is_not_compared,
            kernel="7.3.4",
            part="sizes",
        ),
        "smaps of which a file lacks a line": Turned(
            comparison._memory,
            "kernel.tells(field) and",
            "",
            test_fields.test_what_a_file_lacks_is_not_compared,
            kernel="7.3.4",
            part="smaps but for Rss",
        ),
        "a column that a file lacks is not compared": Turned(
            comparison._tables,
            "unlike[:, unread] = False",
            "pass",
            test_fields.test_what_a_file_lacks_is_not_compared,
            kernel="7.3.4",
            part="flags",
        ),
        "without page tables folios have no names": Turned(
            comparison._folios,
            "and kernel.tells(TABLES)",
            "",
            test_fields.test_what_a_file_lacks_is_not_compared,
            kernel="7.3.4",
            part="page tables",
        ),
        "what was not compared is counted": Turned(
            compared.compared,
            "frozenset(ours - theirs)",
            "frozenset()",
            test_fields.test_what_a_file_lacks_is_not_compared,
            kernel="7.3.4",
            part="smaps",
        ),
    },
    "moves": {
        "folios move by address": Turned(
            moves.moved,
            "in places.items()",
            "in reversed(places.items())",
            test_translation.test_each_folio_of_a_range_moves_once,
            "v7.3",
        ),
        "what others map stays": Turned(
            moves.moved,
            "not shared and maybe_shared(machine, head)",
            "False",
            test_translation.test_each_folio_of_a_range_moves_once,
            "v7.3",
        ),
        "before owners were known, two mappings of the first page are a sign": Turned(
            moves.maybe_shared,
            "or by_ptes > 1",
            "",
            test_translation.test_who_is_shared_is_a_guess_before_owners_were_known,
            "v6.12",
            [True, True, False, True],
        ),
        "what is pinned stays": Turned(
            moves.moved,
            "machine.folio_pincount[head] or",
            "",
            test_translation.test_what_is_pinned_does_not_move,
            3,
        ),
        "a buffer holds a folio once": Turned(
            pins.Pins.register,
            "if folio in kept:",
            "if not kept:",
            test_translation.test_a_buffer_holds_each_folio_once,
        ),
        "v6.18 does not queue what moved": Turned(
            nearest.Release.queues_what_moved.fget,
            "number >= (7, 0)",
            "number >= (6, 15)",
            test_translation.test_not_every_release_queues_what_moved,
            "6.18.15",
            False,
        ),
        "nobody visits the queue of a removed cgroup": Turned(
            reclaim.Reclaim.shrink,
            "if not self.lost.isdisjoint(found):",
            "if not found:",
            test_translation.test_a_removed_cgroup_keeps_its_queue_before_v6_19,
            "6.18.15",
            [],
            [],
        ),
        "a region without advice gets single pages": Turned(
            acts.write.do_touch,
            "in t.small",
            "not in t.small",
            test_translation.test_a_region_without_advice_gets_single_pages,
            4,
        ),
        "a fault that a migration asks for is none": Turned(
            node.allocated,
            "& ~moving",
            "",
            test_replay.test_a_migration_is_no_fault,
            "7.3.4",
        ),
        "a region without advice is locked in large folios": Turned(
            acts.mapping.do_mlock,
            "in t.small",
            "not in t.small",
            test_translation.test_a_region_without_huge_pages_is_locked_in_small_ones,
        ),
    },
    "both sides": {
        "a page of its own is at its folio's beginning": Turned(
            kernel_side._present,
            "0 if run.each else run.offset + along",
            "run.offset + along",
            SAME,
            *SHRUNK,
        ),
        "repeated events count as often": Turned(
            kernel_side._events,
            'count * _count(entry["repeat"])',
            "count",
            test_recorded.test_where_nobody_counted_events_do,
            "P exit",
        ),
        "a list that was cut short says nothing": Turned(
            kernel_side._calls,
            "-1 if cut else",
            "0 if cut else",
            test_recorded.test_a_list_of_events_that_was_cut_short_says_nothing,
        ),
        "a guard marker is no page": Turned(
            kernel_side._table,
            "STATES[run.state]",
            "1",
            test_recorded.test_what_maps_no_page_of_its_own_is_told_apart,
        ),
        "huge pages are counted in folios": Turned(counted.counted, "// HPAGE_PMD_NR", "", SAME, *HUGE),
        "from v7.2 on few locks are counted": Turned(
            counted._locks_in,
            "number in functions",
            "1",
            SAME,
            *SHRUNK[:0],
            "7.3.4",
            "i4_shrink",
        ),
        "folios that were allocated are counted by size": Turned(
            counted.allocated,
            'f"{4 << order}kB anon',
            'f"{8 << order}kB anon',
            SAME,
            *SMALL,
        ),
        "what is not mapped has no flag for it": Turned(
            model_side._folio,
            "if shown.any()",
            "if not shown.any()",
            SAME,
            *SMALL,
        ),
        "a name is given once": Turned(
            naming.Names.learn,
            " and name not in self._taken",
            "",
            test_recorded.test_names_are_given_once,
        ),
        "where a page was is told": Turned(
            naming.came_from, "page - first", "page - first + 1", SAME, *SHRUNK
        ),
        "a folio of another order was split": Turned(
            naming.came_from,
            "(machine.folio_order[large] == before.order[large])",
            "(before.order[large] > 0)",
            *SPLIT,
        ),
        "a repeated removal moves on": Turned(
            removals._spread,
            'e["o"] + turn * by',
            'e["o"] + by',
            test_removals.test_events_are_spread_out,
        ),
        "a removal of a PMD is one": Turned(
            removals._spread,
            'or entry.get("compound")',
            "",
            test_removals.test_events_are_spread_out,
        ),
        "pages removed at once are counted": Turned(
            removals.modelled,
            "np.diff(ends)[whole] - 1",
            "np.minimum(np.diff(ends)[whole] - 1, 1)",
            SAME,
            *HUGE,
        ),
        "letters are flags": Turned(
            observed.letters, "flags >> bit & 1", "flags >> bit", test_observed.test_flags_are_letters
        ),
    },
    "lines": {
        "a model stands for its release and later ones": Turned(
            nearest.release_of,
            "if number >= first",
            "if number > first",
            test_nearest.test_the_nearest_model,
            "6.8",
            "v6.8",
        ),
        "v6.12 looks at each page": Turned(
            nearest.Release.first_subpage_decides,
            "(6, 15)",
            "(6, 12)",
            test_nearest.test_the_exclusive_bit_of_a_huge_page,
            "6.12.1",
            False,
        ),
        "a build names its release": Turned(
            nearest.release_of,
            "debian[1] if debian else",
            "debian[0] if debian else",
            test_nearest.test_a_kernel_is_named_by_its_build,
        ),
        "a range that is empty is none": Turned(
            grammar.parse,
            "act.end <= act.start",
            "act.end < act.start",
            test_grammar.test_what_is_no_operation_is_refused,
            "P touch a 4 4",
        ),
        "words have as many arguments": Turned(
            grammar.parse,
            "<= len(kinds)",
            "<= len(kinds) + 1",
            test_grammar.test_what_is_no_operation_is_refused,
            "P exit now",
        ),
        "a step follows the one before it": Turned(
            reading._follows,
            "entry.i != len(steps)",
            "entry.i > len(steps)",
            test_reading.test_a_bad_file_is_explained,
            data=test_reading.ABOUT + 2 * test_reading.STEP,
            message="line 3: i is 0: the next step of 'x' is 1",
        ),
        "a folio has as many pages as its order says": Turned(
            lines._check,
            "pages != 1 << folio.order or",
            "pages > 1 << folio.order or",
            test_format.test_a_bad_line_is_explained,
            test_format.line(folios={"0": test_format.FOLIO | {"kpc": [[15, 1]]}}),
            "folios.0.kpc holds 15 pages",
        ),
    },
    "verify": {
        "a difference is told by the status": Turned(
            verify.verify,
            "result.state != DIFFERS",
            "result.state == DIFFERS",
            test_verify.test_vectors_that_are_equal,
        ),
        "a recording may count its runs": Turned(
            results._is_vectors,
            "return not raw.keys()",
            'return bool(raw.keys() & {"runs"}) or not raw.keys()',
            test_verify.test_a_recording_may_say_more_of_its_run,
            name="runs",
            value=7,
        ),
        "steps that were compared come before all": Turned(
            verify._of,
            "{part} of {whole}",
            "{whole} of {part}",
            test_verify.test_what_the_model_cannot_do_is_said,
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
