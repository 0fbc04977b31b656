"""Every case of the readings holds under every kernel that it names."""

from __future__ import annotations

import pytest

from tests.kernels.cases import differences, done
from tests.kernels.readings import OF_PAGES
from tests.kernels.readings_of_collapse import OF_COLLAPSE
from tests.kernels.readings_of_dontfork import OF_DONTFORK
from tests.kernels.readings_of_folios import OF_FOLIOS
from tests.kernels.readings_of_guards import OF_GUARDS
from tests.kernels.readings_of_locks import OF_LOCKS
from tests.kernels.readings_of_migration import OF_MIGRATION
from tests.kernels.readings_of_moves import OF_MOVES
from tests.kernels.readings_of_reads import OF_READS
from tests.kernels.readings_of_rights import OF_RIGHTS
from tests.kernels.readings_of_uffdmove import OF_UFFDMOVE
from tests.kernels.readings_of_vmas import OF_VMAS

CASES = (
    OF_PAGES
    | OF_VMAS
    | OF_GUARDS
    | OF_RIGHTS
    | OF_LOCKS
    | OF_DONTFORK
    | OF_MIGRATION
    | OF_MOVES
    | OF_READS
    | OF_FOLIOS
    | OF_COLLAPSE
    | OF_UFFDMOVE
)


@pytest.mark.parametrize("name", CASES)
def test_a_case_holds(name):
    """What is seen after the operations is what each kernel's source says."""
    case = CASES[name]
    wrong = {kernel: differences(done(kernel, case.text), case.seen) for kernel in case.kernels}

    assert [kernel for kernel in wrong if wrong[kernel]] == [], wrong
    assert wrong
