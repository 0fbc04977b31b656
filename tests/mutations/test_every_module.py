"""No module of a kernel after the series goes without a mutation."""

from __future__ import annotations

from folioviz.kernels import since_v6_8, since_v6_12
from folioviz.kernels.since_v6_8 import no_gather_runs
from tests.mutations import test_v6_8, test_v6_9, test_v6_12, test_v7_3

KERNELS = (*since_v6_8.KERNELS, *since_v6_12.KERNELS)
NO_VECTOR = {"madvise_split", "madvise_batch", "thp_policy"}
"""No vector has their operations (free, cold, touch, enabled): tests/kernels/test_findings_memory.py has."""


def test_every_module_is_broken_somewhere():
    """A new module comes with the vector that tells that it is right, or with a word on why there is none."""
    files = (test_v6_8, test_v6_9, test_v6_12, test_v7_3)
    broken = {mutation.function.__module__ for file in files for mutation in file.MUTATIONS.values()}
    modules = {module.__name__ for kernel in KERNELS for module in (*kernel.modules, no_gather_runs)}

    assert {name.rpartition(".")[2] for name in modules - broken} == NO_VECTOR
    assert broken <= modules
