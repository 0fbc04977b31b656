"""Rules of sweeps: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.sweep import cell, plan, pool, reading, source, template
from tests.mutations.turning import Turned, is_noticed, rules_of
from tests.sweep import test_files, test_sweep, test_template

ROOMS = {
    "template": {
        "a share is at least a page": Turned(
            template.values_of,
            "max(1,",
            "max(0,",
            test_template.test_a_share_is_rounded_down_and_at_least_a_page,
        ),
        "the last operation is measured": Turned(
            template.operations,
            "len(found) - 1 if measured is None",
            "0 if measured is None",
            test_template.test_what_is_measured_can_be_marked,
        ),
        "times are counted from 0": Turned(
            template.operations,
            "for place in range(count)",
            "for place in range(1, count + 1)",
            test_template.test_names_become_numbers,
        ),
    },
    "source": {
        "a document's parameter is used": Turned(
            source._made,
            "set(values or ()) - needs",
            "set()",
            test_template.test_a_document_that_is_none_is_refused,
            "ops: [mm]\nparameters: {order: 2}",
        ),
        "a value stands once": Turned(
            source.numbers,
            "return tuple(found)",
            "return (*found, *found)",
            test_template.test_values_may_be_said_in_several_ways,
            4,
            (4,),
        ),
    },
    "plan": {
        "the last parameter changes fastest": Turned(
            plan.plan,
            "product(own, ways, product(*choices))",
            "product(own, ways, sorted(product(*choices), key=lambda one: one[::-1]))",
            test_sweep.test_as_many_cells_as_are_allowed_are_planned,
        ),
        "what a scenario does not have is not given to it": Turned(
            plan._choices,
            "yield values if name in each.needs and values else (None,)",
            "yield values or (None,)",
            test_sweep.test_scenarios_have_their_own_kernels_and_modes,
        ),
    },
    "cell": {
        "what is measured begins at the mark": Turned(
            cell._done,
            "start = lab.applied[measured].start",
            "start = lab.applied[-1].start",
            test_sweep.test_what_is_marked_is_measured,
        ),
        "what a patch raises is its row's": Turned(
            cell._done,
            "return failed(cell, why)",
            "raise",
            test_sweep.test_a_failing_cell_is_reported_and_the_rest_goes_on,
        ),
    },
    "pool": {
        "a served page starts no processes": Turned(
            pool.served, '"VOILA_PREHEAT" in', "not", test_sweep.test_a_served_page_starts_no_processes
        ),
        "a few cells need none": Turned(
            pool.workers, "cells <= FEW", "cells < FEW", test_sweep.test_a_few_cells_need_no_processes
        ),
    },
    "files": {
        "other operations are another sweep": Turned(
            reading.kept,
            "if row[name] != value",
            'if name != "operations" and row[name] != value',
            test_files.test_other_operations_with_the_same_parameters_are_refused,
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
