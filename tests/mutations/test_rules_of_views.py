"""Rules of what the page shows: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.views.panels import (
    address_space,
    all_kernels,
    cells,
    chart_words,
    costs,
    folio_cards,
    folio_facts,
    lane_runs,
    op_strip,
    split_queue,
    timeline_head,
)
from folioviz.views.player import changes, coming, curve, scan
from folioviz.views.player.track import Track
from folioviz.views.session import ahead, extent, frame, queue_prospect
from folioviz.views.session.selection import Selection
from tests.mutations.turning import Turned, is_noticed, rules_of
from tests.views.panels import (
    test_all_kernels,
    test_cards,
    test_op_strip,
    test_panels,
    test_shown,
    test_timeline,
)
from tests.views.player import test_history
from tests.views.session import test_ahead, test_extent, test_queue_prospect, test_session

SHOWN = test_shown.test_a_few_rows_show_their_machines
COSTS = test_shown.test_costs_of_two_kernels_are_those_of_their_rows
BOTH, SIZES = ("v6.5-rc3+v4.1", "v6.5-rc3+v4", test_shown.PART), ("v6.10", "v6.12", test_shown.PART)
ZEROS = ("v6.10", "v6.12", test_shown.ZEROS)
MARKS = test_timeline.test_what_happens_to_a_folio_has_its_mark
SHRUNK = ("v6.12", "mm; mmap 1 0 512; faultpmd 1 0; shrink 1", {"unqueued"})
CUT = test_shown.test_lanes_have_all_that_is_mapped_while_a_vma_is_cut

ROOMS = {
    "queue": {
        "mapped pages are mapped": Turned(
            split_queue.entry,
            "        folio.pages_mapped,",
            "        folio.mapcount.size - folio.pages_mapped,",
            SHOWN,
            "queued",
        ),
        "folios stand in the queue's order": Turned(
            frame.Side.queue,
            "(self.cgroups.of(folio), folio.queue_place)",
            "folio.id",
            SHOWN,
            "queued",
        ),
        "what is flagged is told so": Turned(
            split_queue.flag, "if folio.flagged:", "if not folio.flagged:", SHOWN, "huge"
        ),
        "who gains nothing is told so": Turned(
            split_queue.entry,
            'if why else ""\n    nothing',
            'if not why else ""\n    nothing',
            SHOWN,
            "queued",
        ),
        "references without a mapping hold a folio": Turned(
            queue_prospect.attempted,
            "count(attempt.detail, 'reference')",
            "count(folio.pins, 'reference')",
            test_queue_prospect.test_references_of_every_kind_hold_a_folio,
        ),
        "unmapped pages come free": Turned(
            queue_prospect.attempted,
            "folio.mapcount.size - folio.pages_mapped",
            "folio.pages_mapped",
            test_queue_prospect.test_zeros_of_a_flagged_folio,
        ),
        "zeros come free, too": Turned(
            queue_prospect.attempted,
            'count(unmapped + zero, "page")',
            'count(unmapped, "page")',
            test_queue_prospect.test_zeros_of_a_flagged_folio,
        ),
        "what is dropped is not split": Turned(
            queue_prospect.outlook,
            "== j.SHRINK_DROPPED",
            "!= j.SHRINK_DROPPED",
            SHOWN,
            "huge",
        ),
        "what this operation frees gains nothing": Turned(
            queue_prospect.spurious, "if doomed:", "if not doomed:", SHOWN, "queued"
        ),
        "what waits for the test of zeros is not spurious": Turned(
            queue_prospect.spurious,
            "or folio.flagged == 0",
            "",
            SHOWN,
            "huge",
        ),
        "what is on its way is not lost": Turned(
            queue_prospect.in_transit, "one.maps[:, 4] != 0", "one.maps[:, 4] == 0", SHOWN, "split"
        ),
    },
    "cards": {
        "a cell has its mappings": Turned(
            cells._elements, 'mappings or ""', 'mappings - 1 or ""', SHOWN, "owners"
        ),
        "a cell is underlined if AnonExclusive": Turned(
            cells._elements, "mark & EXCLUSIVE", "mark & ZERO", SHOWN, "owners"
        ),
        "zeros have a dot": Turned(cells.marks, "(zero != 0) * ZERO", "(zero == 0) * ZERO", SHOWN, "zeros"),
        "runs of a canvas are told with their marks": Turned(
            cells._canvas, "LETTERS[code % 4]", "LETTERS[code % 2]", SHOWN, "huge"
        ),
        "what was written is outlined": Turned(
            cells.changed_places, "page - folio.head for", "page - folio.head + 1 for", SHOWN, "zapped"
        ),
        "the last step is the one before the row": Turned(
            changes.changed,
            "part.steps[step - 1]",
            "part.steps[min(step, part.steps.size - 1)]",
            SHOWN,
            "zapped",
        ),
        "gather and pins are two things": Turned(
            folio_facts.refcount,
            '(waiting(folio), "gather", "gather"),\n        (folio.pins,',
            '(folio.pins, "gather", "gather"),\n        (waiting(folio),',
            SHOWN,
            "zapped",
        ),
        "mappings are by PTEs and PMDs": Turned(
            folio_facts.refcount,
            '(folio.ptes + folio.pmds, "maps"',
            '(folio.ptes, "maps"',
            SHOWN,
            "huge",
        ),
        "what a flush has dropped waits no more": Turned(
            folio_facts.waiting, "+ min(folio.other_refs, 0)", "", SHOWN, "flushed"
        ),
        "a place on the queue has its number": Turned(
            folio_facts._queued, "#{folio.queue_place}{where}", "#{folio.id}{where}", SHOWN, "queued"
        ),
        "unflagged is no flag": Turned(
            folio_facts._queued,
            "if folio.flagged == 0:\n            kind",
            "if folio.flagged:\n            kind",
            SHOWN,
            "huge",
        ),
        "what is partially mapped is told so": Turned(
            folio_facts._queued,
            "elif folio.partially_mapped and not",
            "elif not folio.partially_mapped and not",
            SHOWN,
            "zapped",
        ),
        "pins are counted": Turned(
            folio_facts.badges, "if folio.pins > 1", "if folio.pins > 2", SHOWN, "owners"
        ),
        "what a PMD maps is told so": Turned(
            folio_facts.badges, "if folio.pmds:", "if folio.ptes:", SHOWN, "huge"
        ),
        "zero-filled pages are counted": Turned(
            folio_facts.badges, "folio.zero_filled.sum()", "folio.zero_filled.size", SHOWN, "zeros"
        ),
        "badges that have no room are counted": Turned(
            folio_facts.in_line,
            "rest = found[fit:]",
            "rest = found[fit + 1 :]",
            test_cards.test_badges_stand_on_one_line,
            ["x" * 60, "pinned"],
            ["x" * 60, "+1"],
            "pinned",
        ),
        "a folio on a line has its own pages": Turned(
            folio_cards.line,
            "        folio.pages_mapped,",
            "        folio.ptes - 1,",
            SHOWN,
            "many",
        ),
        "others may map it": Turned(
            folio_facts.owners,
            "if folio.maybe_shared",
            "if not folio.maybe_shared",
            test_panels.test_a_card_tells_what_later_kernels_keep,
        ),
        "a refusal is of operations before this one": Turned(
            folio_cards.before,
            "max(frame.index, 0)",
            "max(frame.index - 1, 0)",
            test_panels.test_what_a_kernel_refused_earlier_is_said,
        ),
    },
    "lanes": {
        "what a VMA has lost is mapped until it is zapped": Turned(
            lane_runs.runs,
            "            rows += _parts(mapped, at, start, 0)\n",
            "",
            CUT,
            "v7.3",
            "mmap 1 64 8; munmap 1 4 8",
        ),
        "what lies behind the last VMA is in the lane, too": Turned(
            lane_runs.runs, "    rows += _parts(mapped, at, last, 0)\n", "", CUT, "v7.3", "munmap 1 4 8"
        ),
        "a page that may be written is told so": Turned(
            lane_runs._mapped, "writable * WRITABLE", "(1 - writable) * WRITABLE", SHOWN, "moved"
        ),
        "a page on its way is told so": Turned(
            lane_runs._mapped, "migrating * MIGRATING", "migrating * 0", SHOWN, "moved"
        ),
        "a run is of one folio": Turned(lane_runs._mapped, " | (np.diff(folio) != 0)", "", SHOWN, "many"),
        "a PMD is 512 pages": Turned(
            lane_runs._mapped, "np.where(huge, PTRS_PER_PTE, 1)", "np.where(huge, 1, 1)", SHOWN, "huge"
        ),
        "the zero page is no folio's": Turned(
            lane_runs.runs, "np.full_like(vpns, flag)", "np.full_like(vpns, 0)", SHOWN, "zeros"
        ),
        "a guard marker is none": Turned(lane_runs.runs, "(guards, GUARD)", "(guards, 0)", SHOWN, "guards"),
        "each kernel has its resident pages": Turned(
            address_space.heading,
            "{rss[0]} in A, {rss[1]} in B",
            "{rss[1]} in A, {rss[0]} in B",
            COSTS,
            *ZEROS,
        ),
        "areas that touch are one": Turned(
            extent.areas,
            "lo <= found[-1][1]",
            "lo < found[-1][1]",
            test_extent.test_areas_are_what_any_process_has_ever_mapped,
            "mm; mmap 1 0 16; mmap 1 16 16; fork 1; munmap 2 0 16",
            [(0, 32)],
        ),
        "a gap is cut beside areas that it would make slivers": Turned(
            extent.breaks,
            "// 2)",
            "// 4)",
            test_extent.test_a_gap_is_cut_when_it_is_longer_than_half_of_the_areas_and_than_64_pages,
            512,
            512,
            False,
        ),
        "lanes show all or what was zoomed to": Turned(
            Selection.view,
            "if mapped <= MANY_PAGES:",
            "if mapped > MANY_PAGES:",
            test_extent.test_few_pages_far_apart_are_all_shown,
        ),
    },
    "costs": {
        "what was spent so far is up to this row": Turned(
            frame.side,
            "scan.costs(lab, part, lab.cursor)",
            "scan.costs(lab, part, min(lab.cursor + 1, part.end))",
            test_session.test_what_was_spent_so_far_is_up_to_the_row,
        ),
        "a sum up to a block is the block's": Turned(
            scan.costs,
            "part.sums[block]",
            "part.sums[-1]",
            test_session.test_what_was_spent_so_far_is_up_to_the_row,
        ),
        "B is compared with A": Turned(
            costs.rows, "totals[1] - totals[0]", "totals[0] - totals[1]", COSTS, *BOTH
        ),
        "so far comes before all": Turned(
            costs.cell, 'f"{so_far:,}", rest', 'f"{total:,}", rest', SHOWN, "zapped"
        ),
        "each kernel's costs are its own": Turned(
            costs.rows,
            "cell(side.so_far[name], side.cost[name], side.name)",
            "cell(sides[0].so_far[name], sides[0].cost[name], side.name)",
            COSTS,
            *BOTH,
        ),
        "what is not counted is no 0": Turned(
            costs.rows,
            "if known else NOT_COUNTED",
            "if True else NOT_COUNTED",
            test_panels.test_what_is_not_counted_under_a_kernel_is_no_zero,
        ),
        "a size without any is 0 where it is counted": Turned(
            costs.node, ".get(name, 0)", ".get(name)", COSTS, *SIZES
        ),
        "gauges came with v6.12": Turned(
            costs.node,
            "kept_stats(keeps(side.kernel))",
            "kept_stats(keeps(frame.sides[-1].kernel))",
            COSTS,
            *SIZES,
        ),
        "all kernels are asked, and the first later one is named": Turned(
            all_kernels.table,
            "row.key in after and row.differs",
            "row.differs",
            test_all_kernels.test_the_last_kernel_has_none_after_it,
        ),
    },
    "timeline": {
        "what the shrinker drops has a mark": Turned(
            curve._marks,
            "np.isin(rows[:, 1], list(MARKS))",
            "np.isin(rows[:, 1], [code for code in MARKS if code != j.SHRINK_DROPPED])",
            MARKS,
            *SHRUNK,
        ),
        "a folio born on the queue has a mark": Turned(
            curve._marks,
            "np.isin(rows[:, 1], list(MARKS))",
            "np.isin(rows[:, 1], [code for code in MARKS if code != j.BORN_QUEUED])",
            MARKS,
            "v6.12",
            "mm; mmap 1 0 512; faultpmd 1 0",
            {"queued"},
        ),
        "flushes have marks": Turned(
            curve._marks,
            "rows[:, 0] == THW",
            "rows[:, 0] == -THW",
            MARKS,
            "v6.5-rc3+v4",
            "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16",
            {"freed", "flush"},
        ),
        "a mark is of its folio": Turned(
            curve._marks, "(rows[:, 2] == folio)", "(rows[:, 2] != folio)", MARKS, *SHRUNK
        ),
        "a counter is drawn from its idle value": Turned(
            curve._watched, "lambda raw: raw - row.idle", "lambda raw: raw", SHOWN, "zeros"
        ),
        "a PMD is not among the pages that PTEs map": Turned(
            curve._watched, "raw % COMPOUND_MAPPED", "raw % 99999", SHOWN, "huge"
        ),
        "a line goes up where it is written": Turned(
            curve.position_of,
            'side="right"',
            'side="left"',
            test_history.test_the_line_is_that_of_the_machine,
            False,
        ),
        "a mark says how much is mapped there": Turned(
            chart_words._of,
            "{curve.mapped} of",
            "{curve.pages} of",
            SHOWN,
            "queued",
        ),
        "steps are counted from the operation's start": Turned(
            timeline_head.title,
            "{frame.position - begin} of",
            "{frame.position} of",
            test_timeline.test_the_heading_says_which_step_it_is,
        ),
        "who keeps no counter is named": Turned(
            timeline_head.unkept,
            "not side.curve.kept",
            "side.curve.kept",
            test_timeline.test_the_heading_names_who_keeps_no_counter,
        ),
        "a queueing to come has its step": Turned(
            coming.events,
            "axis.begins[index]",
            "axis.begins[0]",
            test_timeline.test_what_is_to_come_is_counted_in_the_operations_steps,
        ),
    },
    "trace and strip": {
        "the line that was done last is lit": Turned(
            frame.side, "part.steps[done - 1]", "part.steps[min(done, part.steps.size - 1)]", SHOWN, "zapped"
        ),
        "an operation stands alone that is under the playhead": Turned(
            op_strip.runs,
            "place == frame.index or",
            "place == -1 or",
            test_op_strip.test_each_operation_is_on_one_chip_or_counted,
            9,
        ),
        "operations before are counted": Turned(
            op_strip.chips,
            "+{} before</span>', seen[0][0]",
            "+{} before</span>', seen[0][0] + 1",
            test_op_strip.test_those_that_have_no_room_are_counted,
        ),
        "operations after are counted": Turned(
            op_strip.chips,
            "len(frame.ops) - 1 - seen",
            "len(frame.ops) - seen",
            test_op_strip.test_those_that_have_no_room_are_counted,
        ),
        "a chip counts from 1": Turned(
            op_strip.chip,
            "            first + 1,\n            last + 1,",
            "            first,\n            last,",
            test_op_strip.test_those_of_a_kind_are_counted,
        ),
        "who refused is told": Turned(
            op_strip.trouble,
            'f"✗ {refused}"',
            'f"✗ {failed}"',
            test_panels.test_what_a_kernel_refused_earlier_is_said,
        ),
        "who had an error is told": Turned(
            op_strip.trouble,
            'f"! {failed}"',
            'f"! {refused}"',
            test_panels.test_an_error_is_said_where_the_operation_is,
        ),
    },
    "session": {
        "a step is a row's that shows something": Turned(
            Track.row, "part.steps[step - 1]) + 1", "part.steps[step - 1])", SHOWN, "zapped"
        ),
        "a fault takes the largest order that fits": Turned(
            ahead.fitting,
            "range(chosen.order, -1, -1)",
            "range(chosen.order + 1)",
            test_ahead.test_a_fault_takes_the_largest_order_that_fits,
            8,
            3,
        ),
        "what fits less than was chosen is said": Turned(
            ahead.smaller,
            "op.order == wanted",
            "op.order != wanted",
            test_ahead.test_a_fault_takes_the_largest_order_that_fits,
            8,
            3,
        ),
        "a refusal says that it is about the end": Turned(
            ahead.as_shown,
            "side.step == side.steps",
            "side.step != side.steps",
            test_ahead.test_refusals_are_about_what_is_on_the_screen,
        ),
        "a folio that is being freed is told so": Turned(
            ahead.as_shown,
            "in side.doomed",
            "not in side.doomed",
            test_ahead.test_refusals_are_about_what_is_on_the_screen,
        ),
        "the end of a selection is behind its pages": Turned(
            Selection.about,
            'max(getattr(op, "pages", 16), 1)',
            'max(getattr(op, "pages", 16), 1) - 1',
            test_session.test_the_pages_of_an_operation_are_selected,
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
