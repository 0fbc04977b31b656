"""Rules of what is said of a running machine: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.serving import live
from folioviz.views.machine_panels import (
    amounts,
    answers,
    asking,
    beside,
    cards,
    figures,
    heat_map,
    look,
    orders,
    regions,
    tables,
    taken,
)
from folioviz.views.machine_panels.look import Look
from folioviz.views.machine_panels.taken import Taken
from tests.mutations.turning import Turned, is_noticed, rules_of
from tests.serving import test_live
from tests.views.boards import test_machine
from tests.views.machine_panels import test_asking, test_look, test_panels

ROOMS = {
    "figures": {
        "each page is counted once": Turned(
            figures.shared_pages, "> 1)", "> 0)", test_panels.test_figures_are_those_of_the_page_tables
        ),
        "what was not seen is no number": Turned(
            figures.figures,
            "if not taken.capture.about.privileged",
            "if taken.capture.about.privileged",
            test_panels.test_what_was_not_seen_is_no_number,
        ),
        "averages are told of": Turned(
            figures.notes,
            "if about.no_page_mapcount",
            "if not about.no_page_mapcount",
            test_panels.test_what_was_not_seen_is_no_number,
        ),
        "an example is told to be one": Turned(
            figures.strip,
            "own if taken.example else EMPTY",
            "EMPTY if taken.example else own",
            test_panels.test_an_example_is_told_to_be_one,
        ),
    },
    "cells": {
        "a cell is filled as far as pages are mapped": Turned(
            heat_map.cells,
            "((1, sums.mapped), (2, sums.held))",
            "((2, sums.mapped), (1, sums.held))",
            test_panels.test_a_cell_is_its_block,
        ),
        "a single page is seen": Turned(
            heat_map.cells,
            "-(-pages * 255 // BLOCK)",
            "pages * 255 // BLOCK",
            test_panels.test_a_cell_is_its_block,
        ),
        "its colour is the order of most pages": Turned(
            orders.most, "argmax(", "argmin(", test_panels.test_a_cell_is_its_block
        ),
        "a block begins at 2 MiB": Turned(
            Taken.span,
            "block * BLOCK - region.align",
            "block * BLOCK",
            test_panels.test_a_cell_says_what_is_in_it,
        ),
        "what PMDs map is told": Turned(
            heat_map.words,
            "huge == mapped == BLOCK",
            "huge != mapped",
            test_panels.test_a_cell_says_what_is_in_it,
        ),
    },
    "regions": {
        "waste is held of both": Turned(
            regions.row,
            "mapped + held",
            "mapped",
            test_panels.test_regions_stand_by_what_they_hold_or_by_address,
        ),
        "most waste comes first": Turned(
            Taken.sorted,
            "-self.regions.held",
            "self.regions.held",
            test_panels.test_regions_stand_by_what_they_hold_or_by_address,
        ),
        "not all is less than all": Turned(
            amounts.share,
            "if part < whole else 100",
            "if part < 0 else 100",
            test_panels.test_a_share_is_never_rounded_to_nothing_or_all,
            998,
            999,
            "99 %",
        ),
        "empty blocks are left out": Turned(
            tables.blocks, "if any(found)", "if not any(found)", test_panels.test_tables_hold_every_number
        ),
    },
    "folios": {
        "what others map is not held": Turned(
            cards.folios,
            "+ capture.foreign[span]",
            "* capture.foreign[span]",
            test_panels.test_cards_are_the_folios_of_a_block,
        ),
        "a counter that misses some lies": Turned(
            beside.said,
            "one.partial > one.marked",
            "one.partial < one.marked",
            test_panels.test_a_counter_that_lies_is_told_of,
        ),
        "what is near contradicts nothing": Turned(
            beside, "NEAR", 1.1, test_panels.test_the_examples_counters_agree
        ),
    },
    "links": {
        "a link waits for its own file": Turned(
            Look.take,
            "self.wanted[0] == taken.name",
            "self.wanted[0] != taken.name",
            test_look.test_a_link_to_a_file_waits_for_the_file,
        ),
        "what holds most is selected": Turned(
            Look._first, "argmax()", "argmin()", test_look.test_the_first_block_is_the_one_that_holds_most
        ),
        "a file has a bound": Turned(
            taken, "MAX_FILE", 1 << 30, test_look.test_a_file_that_is_too_long_is_refused
        ),
        "a bad block changes nothing": Turned(
            look, "WHOLE", -9, test_look.test_what_is_not_there_is_not_selected, 1, -2
        ),
    },
    "live": {
        "only the token opens": Turned(
            live.allowed,
            "bool(token) and",
            "bool(token) or",
            test_live.test_a_page_without_the_token_knows_of_no_machine,
            fields={"live": "other"},
        ),
        "no token opens nothing": Turned(
            live.allowed, "bool(token) and", "True and", test_live.test_where_no_token_was_made_none_is_right
        ),
        "every place of a name is near": Turned(
            live.near, "is_loopback", "is_global", test_live.test_this_machine_is_near, "127.0.0.1"
        ),
    },
    "answers": {
        "differences are told": Turned(
            answers.equal,
            "if not found.differences",
            "if found.differences",
            test_asking.test_what_differs_and_what_is_left_out_is_said,
        ),
        "the link holds what is done": Turned(
            answers.Answer._find,
            "more=done.ops",
            "more=()",
            test_asking.test_the_link_makes_what_was_seen,
        ),
        "a region is asked when it is wished": Turned(
            test_machine.Machine.show,
            "if self.look.block >= 0",
            "if self.look.block < 0",
            test_asking.test_a_block_is_answered_at_once_and_a_region_on_demand,
        ),
        "an old answer cannot be pressed": Turned(
            asking.pieces,
            "if not found.done",
            "if found.done",
            test_asking.test_while_it_is_asked_the_last_answer_stays_and_cannot_be_pressed,
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
