"""Rules of laws: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.laws import every_kernel
from folioviz.laws.census import Census
from tests.laws import test_every_kernel
from tests.mutations.turning import Turned, is_noticed, rules_of

BROKEN = test_every_kernel.test_a_broken_law_is_noticed
ROOMS = {
    "PMD entries": {
        "a migration entry is none that stays": Turned(
            Census.count_mappings,
            "& ~(PMD_WRITE | noted)",
            "& ~(PMD_WRITE | noted | 8)",
            BROKEN,
            name="migrating PMD",
        ),
        "what is no huge page is a table": Turned(
            Census.count_mappings, "kind, PMD_TABLE)", "kind, kind)", BROKEN, name="no kind of PMD"
        ),
        "what is huge is no table": Turned(
            Census.count_mappings,
            "& ~(PMD_WRITE | noted)",
            "& ~(PMD_WRITE | noted | 1)",
            BROKEN,
            name="two kinds of PMD",
        ),
        "what a PMD maps has 512 pages": Turned(
            Census.count_mappings, "== HPAGE_PMD_NR", "> 0", BROKEN, name="small folio under a PMD"
        ),
    },
    "lists": {
        "a collapse lets go what it isolated": Turned(
            every_kernel._lists, ", COMPOUND_PAGELIST)", ")", BROKEN, name="folios that a collapse holds"
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.fixture
def machine():
    """Return a machine that is in use."""
    return test_every_kernel.in_use()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
