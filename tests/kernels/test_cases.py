"""Every case of the readings holds under every kernel that it names."""

from __future__ import annotations

import pytest

from tests.kernels.cases import differences, done
from tests.kernels.readings import OF_PAGES
from tests.kernels.readings_of_folios import OF_FOLIOS
from tests.kernels.readings_of_vmas import OF_VMAS

CASES = OF_PAGES | OF_VMAS | OF_FOLIOS


@pytest.mark.parametrize(
    ("name", "kernel"), [(name, kernel) for name, case in CASES.items() for kernel in case.kernels]
)
def test_a_case_holds(name, kernel):
    """What is seen after the operations is what the kernel's source says."""
    case = CASES[name]

    assert differences(done(kernel, case.text), case.seen) == {}
