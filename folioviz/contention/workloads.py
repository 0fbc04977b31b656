"""What the CPUs do: each repeats one loop of operations on memory of its own, or on folios that all of them share.

What ``setup`` leaves mapped is everybody's: a line of such a folio comes from whichever CPU wrote it last. What the
loop itself faults in is its CPU's own, but for the split queue, where folios of all CPUs are neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from folioviz.contention.hardware import Hardware
from folioviz.errors import DocumentError, LimitError, unknown
from folioviz.machine.memory import HPAGE_PMD_NR, LOWEST_QUEUED_ORDER, MAX_ORDER

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_FOLIOS = 64
FITTED_USER_NS = 4e6
"""The one number that is fitted: with 4 ms of its own time a loop, v6.1.0 waits about as much as was published."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One loop.

    Attributes:
        name: as on a command line.
        title: what is done, one line.
        setup: operations before the loop, in the short form; they end as the loop begins and ends.
        loop: the operations that are repeated.
        pages: how many pages go through one loop, for pages per second.
        hardware: what it is simulated on unless something else is asked for.
    """

    name: str
    title: str
    setup: str
    loop: str
    pages: int
    hardware: Hardware = field(default_factory=Hardware)


def _faults(order: int, folios: int) -> str:
    """Return the faults of so many folios side by side."""
    return "; ".join(f"fault 1 {vpn} {order}" for vpn in range(0, folios << order, 1 << order))


def _fault_unmap(order: int, folios: int) -> Workload:
    """Every folio goes as it came, whole: only a kernel that queues on the way meets the lock."""
    pages = folios << order
    loop = f"{_faults(order, folios)}; dontneed 1 0 {pages}"
    title = f"fault in {folios} order-{order} folios, unmap all of them at once"
    return Workload("fault-unmap", title, f"mm; mmap 1 0 {pages}; {loop}", loop, pages)


def _partial_unmap(order: int, folios: int) -> Workload:
    """Every folio goes in halves: to queue it is right."""
    pages, half = folios << order, 1 << order >> 1
    halves = "; ".join(f"dontneed 1 {vpn} {half}" for vpn in range(0, pages, 1 << order))
    loop = f"{_faults(order, folios)}; {halves}; dontneed 1 0 {pages}"
    title = f"fault in {folios} order-{order} folios, unmap half of each, then the rest"
    return Workload("partial-unmap", title, f"mm; mmap 1 0 {pages}; {loop}", loop, pages)


def _fork_exit(order: int, folios: int) -> Workload:
    """All CPUs fork one process, so that they meet on the counts of its folios."""
    pages = folios << order
    setup = f"mm; mmap 1 0 {pages}; {_faults(order, folios)}; fork 1; exit 2"
    title = f"fork one process with {folios} order-{order} folios, the child exits"
    return Workload("fork-exit", title, setup, "fork 1; exit 3", pages)


def _lld(order: int, folios: int) -> Workload:
    """Do as ld.lld did in Dec 2022: MADV_DONTNEED ends five pages before a 2 MiB folio does."""
    if (order, folios) != (MAX_ORDER, 1):
        raise LimitError.of(
            "the folio of ld.lld", f"{folios} of order {order}", f"1 of order {MAX_ORDER}, as published"
        )
    loop = "mmap 1 0 512; faultpmd 1 0; dontneed 1 0 507; munmap 1 0 512"
    title = "unmap 507 pages of a 2 MiB folio, then the rest, as ld.lld did in Dec 2022"
    hardware = Hardware(user_ns=FITTED_USER_NS, cpus_per_socket=48)
    return Workload("ld.lld", title, f"mm; {loop}", loop, HPAGE_PMD_NR, hardware)


_MAKERS: dict[str, tuple[Callable[[int, int], Workload], int, int]] = {
    "fault-unmap": (_fault_unmap, 4, 64),
    "partial-unmap": (_partial_unmap, 4, 64),
    "fork-exit": (_fork_exit, 4, 2),
    "ld.lld": (_lld, MAX_ORDER, 1),
}
"""A name -> how it is made, and the order and number of its folios unless something else is asked for."""


def workload(name: str, order: int | None = None, folios: int | None = None) -> Workload:
    """Return a workload of the library.

    Args:
        name: one of :data:`WORKLOADS`.
        order: of its folios, 2 (the lowest that is ever queued) to 9.
        folios: how many a loop has, 1 to 64.

    Raises:
        DocumentError: if there is none of that name.
        LimitError: if order or folios leave their bounds.
    """
    if name not in _MAKERS:
        raise DocumentError(unknown("workload", name, _MAKERS, "folioviz contention --help"))
    make, usual_order, usual_folios = _MAKERS[name]
    order = usual_order if order is None else order
    folios = usual_folios if folios is None else folios
    if not LOWEST_QUEUED_ORDER <= order <= MAX_ORDER:
        raise LimitError.of("the folios' order", order, f"{LOWEST_QUEUED_ORDER} to {MAX_ORDER}")
    if not 1 <= folios <= MAX_FOLIOS:
        raise LimitError.of("folios of a loop", folios, f"1 to {MAX_FOLIOS}")
    return make(order, folios)


WORKLOADS: dict[str, Workload] = {name: workload(name) for name in _MAKERS}
"""The library, by name."""
