"""What each counted event takes on a line that the CPU owns: the cost table, priced.

Only order and shape of what is simulated rest on these numbers. What is not counted (a plain store to an own line) is
free, so that a loop on one CPU takes exactly what its costs come to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine.costs import COSTS

if TYPE_CHECKING:
    from folioviz.contention.hardware import Hardware

OPERATION_NS = 300.0
"""Assumed: what a system call or a page fault takes to come in and to go back, once an operation."""


class Price(NamedTuple):
    """What an event takes in nanoseconds, and why.

    Attributes:
        ns: nanoseconds; or, as a text, the number of the hardware that says so.
        source: where it is from.
    """

    ns: float | str
    source: str


ATOMIC = Price("atomic_ns", "an atomic")
PRICES: dict[str, Price] = {
    **dict.fromkeys(("mapc", "entm", "nrpm", "lmc", "rget", "rput", "sqlock"), ATOMIC),
    "lru": Price(3.0, "assumed: a counter of this CPU"),
    "qadd": Price(4.0, "assumed: the instructions of list_add_tail()"),
    "qdel": Price(4.0, "assumed: the instructions of list_del_init()"),
    "tlbrm": Price(3.0, "assumed: a store and a look at the batch"),
    "tfull": Price(0.0, "what it leads to is counted"),
    "gbatch": Price(150.0, "assumed: a page from the CPU's list"),
    "tflush": Price(20.0, "assumed: a call and some looks"),
    "thw": Price("flush_ns", "a TLB flush"),
    "tforce": Price(0.0, "what it leads to is counted"),
    "zround": Price(40.0, "assumed: a page table lock, not contended, taken and released"),
    "zrestart": Price(0.0, "what it leads to is counted"),
    "palloc": Price(100.0, "assumed: a page is found and cleared at 40 GB/s"),
    "pfree": Price(12.0, "assumed: a page goes back to the CPU's list or the buddy allocator"),
    "mmlock": Price("atomic_ns", "an atomic: a bit is set; its release is a store"),
    "pmf": Price("atomic_ns", "an atomic on the folio's flags"),
    "aef": Price(2.0, "assumed: a store to the page's flags"),
    "tslot": Price(0.0, "a store"),
}
"""The price of every cost of :data:`folioviz.machine.costs.COSTS`."""


def prices(hardware: Hardware) -> np.ndarray:
    """Return what each cost takes in nanoseconds, float64 of shape (costs,), in the order of the cost table."""
    found = (PRICES[name].ns for name in COSTS)
    return np.array([getattr(hardware, ns) if isinstance(ns, str) else ns for ns in found], np.float64)
