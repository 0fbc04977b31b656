"""The registry of kernels: key, title, parent, date, source and the modules that make it.

A kernel is the base followed by the modules of its ancestors and its own, oldest first; each holds only the functions
that it replaces.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from folioviz.errors import KernelError, shown, unknown
from folioviz.kernels import no_gather, series, since_v6_8, since_v6_12, v6_1, variants
from folioviz.kernels.kernel import Kernel
from folioviz.kernels.since_v6_8 import gather_runs, no_gather_runs
from folioviz.link import Linked

if TYPE_CHECKING:
    from types import FunctionType, ModuleType

GATHER_MODES = {"batched": "mmu_gather: batched (x86-64, arm64)", "none": "mmu_gather: none (s390)"}
SERIES = series.SERIES

KERNELS: dict[str, Kernel] = {
    kernel.key: kernel
    for kernel in (*v6_1.KERNELS, *series.KERNELS, *since_v6_8.KERNELS, *since_v6_12.KERNELS)
}
"""Every kernel by key, oldest first."""
CHANGES = v6_1.CHANGES | series.CHANGES | since_v6_8.CHANGES | since_v6_12.CHANGES
"""Module -> the changes that it follows: the one place where commits, titles and releases stand."""

VARIANTS = variants.VARIANTS
"""Kernels that nothing lists, by key: a race before and after its fix."""
ALIASES = {kernel.alias: key for key, kernel in KERNELS.items() if kernel.alias}


def find(name: str) -> Kernel:
    """Return a kernel by key or alias.

    Raises:
        KernelError: naming what was asked for, and the names that come close.
    """
    kernel = KERNELS.get(ALIASES.get(name, name)) or VARIANTS.get(name)
    if kernel is None:
        raise KernelError(unknown("kernel", name, KERNELS, "folioviz kernels"))
    return kernel


def modules_of(kernel: Kernel) -> tuple[ModuleType, ...]:
    """Return a kernel's modules, the base's first."""
    below = modules_of(KERNELS[kernel.parent]) if kernel.parent else ()
    return (*below, *kernel.modules)


def keeps(kernel: Kernel) -> frozenset[str]:
    """Return the fields that a kernel's machine keeps, of those that only some kernels do."""
    below = keeps(KERNELS[kernel.parent]) if kernel.parent else frozenset()
    return below | set(kernel.keeps)


def drops(kernel: Kernel) -> frozenset[str]:
    """Return the fields that a kernel does not maintain for large folios, although v6.5-rc3 does."""
    below = drops(KERNELS[kernel.parent]) if kernel.parent else frozenset()
    return below | set(kernel.drops)


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
        parts += (no_gather_runs if gather_runs in parts else no_gather,)
    return Linked((*parts, *patches))
