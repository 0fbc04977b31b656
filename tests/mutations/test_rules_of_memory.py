"""Rules of how a kernel's own memory is read: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.capture import kernel_side
from tests.capture import test_kernel_side
from tests.mutations.turning import Turned, is_noticed, rules_of

pytest.importorskip("drgn", reason="drgn is not installed: no kernel's memory is read")
from folioviz.vmcore import columns, entries
from folioviz.vmcore.source import Core
from folioviz.vmcore.structs import Structs
from tests.vmcore import test_entries, test_source

AVERAGES = "7.3.4-no_page_mapcount"
ROOMS = {
    "entries": {
        "without rights an address is inverted": Turned(
            entries.word,
            "~entries) & np",
            "entries) & np",
            test_source.test_a_huge_page_without_rights_is_mapped,
        ),
        "a PMD has a shorter address": Turned(
            entries.word, "PTRS * PAGE - 1", "PAGE - 1", test_source.test_a_huge_page_without_rights_is_mapped
        ),
        "a marker is not swapped out": Turned(
            entries.word, "swap & ~marker", "swap | marker", test_source.test_entries_that_are_no_pages
        ),
        "what leads beyond memory is absent": Turned(
            entries.word,
            "(frame < frames)",
            "(frame > 0)",
            test_entries.test_what_leads_beyond_memory_is_absent,
        ),
    },
    "struct pages": {
        "a PMD maps every page": Turned(
            Structs.block,
            "own + entire[head])\n",
            "own)\n",
            test_source.test_pages_and_fields_are_told,
            "6.12.117",
        ),
        "PageDoubleMap is taken off": Turned(
            Structs._of_large,
            "whole - self.flag",
            "whole + self.flag",
            test_source.test_double_map_is_taken_off,
        ),
        "averages are found out": Turned(
            Structs._of_large,
            "== 0).any()",
            "== 1).any()",
            test_source.test_pages_and_fields_are_told,
            AVERAGES,
        ),
        "shared is the highest bit": Turned(
            Core._exclusive,
            "~block.shared",
            "block.shared",
            test_source.test_pages_and_fields_are_told,
            AVERAGES,
        ),
    },
    "columns": {
        "linked to itself is not queued": Turned(
            columns._queued,
            "(following != own)",
            "(following == own)",
            test_source.test_pages_and_fields_are_told,
            "7.3.4",
        ),
        "two pages have no queue": Turned(
            columns._queued, "has_third & ", "", test_source.test_folios_of_two_pages_have_no_queue
        ),
        "without page mapcounts there is no _nr_pages_mapped": Turned(
            columns.columns,
            "if averages:",
            "if not averages:",
            test_source.test_pages_and_fields_are_told,
            AVERAGES,
        ),
        "the root's cgroup is 0": Turned(
            columns._numbered, "root: 0", "1: 0", test_source.test_pages_and_fields_are_told, "6.12.117"
        ),
    },
    "the document": {
        "each large folio has a value": Turned(
            kernel_side.columns_of,
            "folios != large",
            "folios < large",
            test_kernel_side.test_what_does_not_fit_is_refused,
            {"ref": [[3, 1]]},
            "raw.ref has 3 values: it must have 2, one for each large folio",
        ),
        "a flag that pages explain is not told": Turned(
            kernel_side.counts,
            "whole & (",
            "~whole & (",
            test_kernel_side.test_a_flag_that_no_page_explains_is_told,
        ),
        "more references than mappings are told": Turned(
            kernel_side.counts,
            'capture.raw["ref"] > ',
            'capture.raw["ref"] < ',
            test_kernel_side.test_a_report_says_what_the_kernel_says,
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
