"""The registry of kernels: key, title, parent, date, source and the modules that make it.

A kernel is the base followed by the modules of its ancestors and its own, oldest first; each holds only the functions
that it replaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from folioviz.errors import KernelError, shown
from folioviz.kernels import (
    batch_zap,
    batch_zap_fix,
    batch_zap_full,
    batch_zap_v3,
    defer_any_order,
    no_gather,
    remove_rmap_range,
)
from folioviz.link import V6_5_RC3, Linked

if TYPE_CHECKING:
    from types import FunctionType, ModuleType

GATHER_MODES = {"batched": "mmu_gather: batched (x86-64, arm64)", "none": "mmu_gather: none (s390)"}


@dataclass(frozen=True, slots=True)
class Kernel:
    """One row of the registry.

    Attributes:
        key: how it is named in documents, links and on the command line.
        label: short, for a picker.
        title: what it is, one sentence.
        parent: the key of the kernel that it changes, or ''.
        date: when its text was posted or released.
        source: where its rules come from.
        proof: how it is known to be right.
        modules: what it replaces in its parent.
        alias: its name in the conformance vectors, or ''.
    """

    key: str
    label: str
    title: str
    parent: str
    date: str
    source: str
    proof: str
    modules: tuple[ModuleType, ...]
    alias: str


SERIES = (
    "[PATCH v4 1/3] mm: Allow deferred splitting of arbitrary large anon folios, 27 Jul 2023",
    "[PATCH v4 2/3] mm: Implement folio_remove_rmap_range(), 27 Jul 2023",
    "[PATCH v4 3/3] mm: Batch-zap large anonymous folio PTE mappings, 27 Jul 2023",
)
VECTORS = "vectors: equal to the kernel's compiled functions, every field of every step"
READING = "reading only: never posted in this form, no vectors"

KERNELS: dict[str, Kernel] = {
    kernel.key: kernel
    for kernel in (
        Kernel(
            "v6.5-rc3",
            "v6.5-rc3",
            "The base of the series: pages are unmapped one by one, only PMD-mappable folios are queued.",
            "",
            "23 Jul 2023",
            "Linux v6.5-rc3, mm/",
            VECTORS,
            V6_5_RC3,
            "base",
        ),
        Kernel(
            "v6.5-rc3+v4.1",
            "v6.5-rc3 + patch 1/3",
            "1/3 alone: any large anonymous folio may be queued, still page by page.",
            "v6.5-rc3",
            "27 Jul 2023",
            SERIES[0],
            VECTORS,
            (defer_any_order,),
            "p1",
        ),
        Kernel(
            "v6.5-rc3+v4.2",
            "v6.5-rc3 + patches 1-2/3",
            "1/3 and 2/3: the queueing test asks what is still mapped, but pages still go one by one.",
            "v6.5-rc3+v4.1",
            "27 Jul 2023",
            SERIES[1],
            VECTORS,
            (remove_rmap_range,),
            "p12",
        ),
        Kernel(
            "v6.5-rc3+v4",
            "v6.5-rc3 + v4 series",
            "All three patches: zap_pte_range() takes runs of a large folio's PTEs down together.",
            "v6.5-rc3+v4.2",
            "27 Jul 2023",
            SERIES[2],
            VECTORS,
            (batch_zap,),
            "v4",
        ),
        Kernel(
            "v6.5-rc3+v3",
            "v6.5-rc3 + v3 of 3/3",
            "The series with 3/3 as in v2 and v3: no folio_get(), small folios batched too; breaks s390.",
            "v6.5-rc3+v4",
            "20 Jul 2023",
            "[PATCH v3 3/3] mm: Batch-zap large anonymous folio PTE mappings, 20 Jul 2023",
            VECTORS,
            (batch_zap_v3,),
            "v3",
        ),
        Kernel(
            "v6.5-rc3+v4full",
            "v4 + explicit full (never posted)",
            "v4, but the gather's 'full' is passed on explicitly as v1 did. Never posted in this form.",
            "v6.5-rc3+v4",
            "",
            "v4 3/3 with the return of v1 3/3, 17 Jul 2023",
            READING,
            (batch_zap_full,),
            "v4full",
        ),
        Kernel(
            "v6.5-rc3+v4fix",
            "v4 + naive repair (never posted)",
            "v4 with the comparison moved before the decrement: it overruns the gather. Never posted in this form.",
            "v6.5-rc3+v4",
            "",
            "v4 3/3 with one line moved",
            READING,
            (batch_zap_fix,),
            "v4fix",
        ),
    )
}
"""Every kernel by key, oldest first."""

ALIASES = {kernel.alias: key for key, kernel in KERNELS.items()}


def find(name: str) -> Kernel:
    """Return a kernel by key or alias.

    Raises:
        KernelError: naming what was asked for and what there is.
    """
    kernel = KERNELS.get(ALIASES.get(name, name))
    if kernel is None:
        raise KernelError(f"no kernel {shown(name)}: there are {', '.join(KERNELS)}")
    return kernel


def modules_of(kernel: Kernel) -> tuple[ModuleType, ...]:
    """Return a kernel's modules, the base's first."""
    below = modules_of(KERNELS[kernel.parent]) if kernel.parent else ()
    return (*below, *kernel.modules)


@lru_cache(maxsize=64)
def link(name: str, mmu_gather: str = "batched", *patches: FunctionType | ModuleType) -> Linked:
    """Link a kernel, with the reader's own patches on top.

    Args:
        name: key or alias of a kernel.
        mmu_gather: "batched" or "none" (CONFIG_MMU_GATHER_NO_GATHER).
        patches: functions named as the kernel functions that they replace, or modules of such.

    Raises:
        KernelError: for an unknown kernel, mode or function.
    """
    parts: tuple[Any, ...] = modules_of(find(name))
    if mmu_gather not in GATHER_MODES:
        raise KernelError(f"no mmu_gather mode {shown(mmu_gather)}: there are {', '.join(GATHER_MODES)}")
    if mmu_gather == "none":
        parts += (no_gather,)
    return Linked((*parts, *patches))
