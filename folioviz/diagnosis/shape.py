"""The smallest scenario of the same shape as a paste: few folios, the same share of their pages mapped."""

from __future__ import annotations

from typing import Final

from folioviz.diagnosis.findings import Offer
from folioviz.files import scenario, share
from folioviz.machine.memory import HPAGE_PMD_NR

KERNELS: Final = ("v6.12", "v7.3")
"""Kernels that queue what is partially mapped, of any size, and are recorded."""


def partly_mapped(order: int, mapped: int, title: str, why: str) -> Offer:
    """Return one folio of ``2**order`` pages of which the first ``mapped`` stay mapped, and the shrinker's visit."""
    pages = 1 << order
    fault = "faultpmd 1 0" if pages == HPAGE_PMD_NR else f"fault 1 0 {order}"
    ops = f"mm; mmap 1 0 {pages}; {fault}; dontneed 1 {mapped} {pages - mapped}; shrink 1"
    found = scenario.from_builtins({"ops": ops, "title": title, "kernels": KERNELS})
    return offered(found, why)


def offered(found: scenario.Scenario, why: str) -> Offer:
    """Return a scenario with its link and its command."""
    ops = "; ".join(op.short() for op in found.ops)
    return Offer(found, why, ops, f"?{share.query(found)}", f"echo '{ops}' | folioviz run -")


def pages_mapped(mapped: int, held: int, pages: int) -> int:
    """Return how many of a folio's pages stay mapped if ``mapped`` and ``held`` are shared out in it; 1 at least."""
    return min(max(round(pages * mapped / (mapped + held)), 1), pages - 1)
