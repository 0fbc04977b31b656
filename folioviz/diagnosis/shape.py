"""The smallest scenario of the same shape as a paste: one or two folios, the same share of their pages mapped."""

from __future__ import annotations

from typing import Final

from folioviz.diagnosis.findings import Offer, plural
from folioviz.files import scenario, share
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER

KERNELS: Final = ("v6.12", "v7.3")
"""Kernels that are recorded, and queue a partially mapped folio of any size."""
MOST_FORKS: Final = 3


def partly_mapped(order: int, mapped: int, folios: int, why: str) -> Offer:
    """Return folios of which the first pages stay mapped, and the shrinker's visit.

    Args:
        order: each folio has ``2**order`` pages.
        mapped: how many stay mapped: 1 to all but one.
        folios: how many folios, one or two.
        why: in which way it is like the paste.
    """
    pages = 1 << order
    rest = pages - mapped
    ops = ["mm", f"mmap 1 0 {folios * pages}"]
    ops += [_fault(order, place * pages) for place in range(folios)]
    ops += [f"dontneed 1 {place * pages + mapped} {rest}" for place in range(folios)]
    title = f"{plural(folios, 'folio')} of {pages} pages, {mapped} of them mapped"
    return _offer([*ops, f"shrink {folios}"], title, why)


def one_folio(order: int, mapped: int, pmds: int, mappings: int, pinned: int, why: str) -> Offer:
    """Return one folio with the counters of a page dump, as far as a few operations make them.

    Args:
        order: the folio has ``2**order`` pages.
        mapped: how many of them are mapped, 1 at least.
        pmds: how many PMDs map it.
        mappings: how many mappings there are in all.
        pinned: references beside them.
        why: in which way it is like the paste.
    """
    pages = 1 << order
    ops = ["mm", f"mmap 1 0 {pages}", _fault(order, 0)]
    if order == HPAGE_PMD_ORDER and not pmds:
        ops.append("splitpmd 1 0")
    if mapped < pages:
        ops.append(f"dontneed 1 {mapped} {pages - mapped}")
    each = 1 if pmds else mapped
    ops += ["fork 1"] * min(max(mappings // each - 1, 0), MOST_FORKS)
    ops += ["get 1"] * min(pinned, 1)
    title = f"A folio of {pages} pages, {mapped} of them mapped"
    return _offer([*ops, "shrink 1"] if mapped < pages else ops, title, why)


def pmd_mapped(share_of_pmds: float, why: str) -> Offer:
    """Return a 2 MiB folio that a PMD maps, and one that PTEs map if a good part of the paste's memory is."""
    two = share_of_pmds < 0.75
    ops = ["mm", f"mmap 1 0 {2 * HPAGE_PMD_NR}", "faultpmd 1 0"]
    ops += [f"faultpmd 1 {HPAGE_PMD_NR}", f"splitpmd 1 {HPAGE_PMD_NR}"] if two else []
    title = "One of two 2 MiB folios is mapped by a PMD" if two else "A 2 MiB folio that a PMD maps"
    return _offer(ops, title, why)


def pages_mapped(mapped: int, held: int, pages: int) -> int:
    """Return how many of a folio's pages stay mapped if memory is shared out in it: 1 at least, and never all."""
    return min(max(round(pages * mapped / (mapped + held)), 1), pages - 1)


def _fault(order: int, vpn: int) -> str:
    """Return the operation that faults a folio in."""
    return f"faultpmd 1 {vpn}" if order == HPAGE_PMD_ORDER else f"fault 1 {vpn} {order}"


def _offer(ops: list[str], title: str, why: str) -> Offer:
    """Return a scenario with its link and its command."""
    found = scenario.from_builtins({"ops": "; ".join(ops), "title": title, "kernels": KERNELS})
    text = "; ".join(op.short() for op in found.ops)
    return Offer(found, why, text, f"?{share.query(found)}", f"echo '{text}' | folioviz run -")
