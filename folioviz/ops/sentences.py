"""The words of refusals: each sentence names the thing, the value and the bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from folioviz.machine.memcg import MAX_MEMCGS
from folioviz.machine.memory import (
    HPAGE_PMD_NR,
    LOWEST_QUEUED_ORDER,
    MAX_MMS,
    MAX_ORDER,
    NO_ACCESS,
    NR_VPNS,
    address_of,
)
from folioviz.ops import ops, reasons
from folioviz.ops.walk import folio_head, live_mms, mm_slot, vma_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op

VALUE: Final[Mapping[type[Op], str]] = {
    ops.Mprotect: "writable to {writable}",
    ops.Enabled: "order {order}'s enabled to {on}",
    ops.Underused: "shrink_underused to {on}",
}
"""What an operation sets, and to what."""
SPACE: Final = f"the address space has pages 0 to {NR_VPNS - 1}"
SENTENCES: Final[Mapping[int, str]] = {
    reasons.HIT_BUG: "the kernel has hit a bug ({bugs}): undo it first",
    reasons.NO_FOLIO: "there is no folio {folio}: the ids given so far are 1 to {latest}",
    reasons.NO_MM: "there is no process {mm}: alive are {alive}",
    reasons.MMS_FULL: f"there are {MAX_MMS} processes already: that is all this machine can hold",
    reasons.NO_PAGES: "cannot {verb} {pages} pages: at least 1 is needed",
    reasons.RANGE_OUTSIDE: f"cannot {{verb}} pages {{vpn}} to {{last}}: {SPACE}",
    reasons.TARGET_OUTSIDE: f"cannot move to pages {{to}} to {{last_to}}: {SPACE}",
    reasons.VMA_THERE: "cannot map pages {vpn} to {last}: a VMA is there already, pages {vma}",
    reasons.BAD_ORDER: f"cannot fault order {{order}}: orders are 0 to {MAX_ORDER}",
    reasons.UNALIGNED: "{cannot}: an order-{order} folio must start at a multiple of {kib} KiB (nearest: {nearest})",
    reasons.NO_VMA: "{cannot}: no VMA is there",
    reasons.VMA_ENDS: "{cannot}: its VMA ends at {there}, before the folio would",
    reasons.READ_ONLY_VMA: "{cannot}: the VMA at {there} is {rights} (mprotect)",
    reasons.LOCKED_VMA: "{cannot}: the VMA at {there} is locked (mlock)",
    reasons.GUARDED: "{cannot}: a guard marker is at {there}",
    reasons.HUGE_PAGE_THERE: "{cannot}: a huge page is mapped there",
    reasons.TABLE_THERE: "{cannot}: a page table is there already",
    reasons.PAGE_THERE: "{cannot}: a page is mapped at {there}",
    reasons.RANGES_OVERLAP: "{cannot} to {to}: the ranges overlap",
    reasons.NO_TARGET: "{cannot} to {to}: no VMA has all of pages {to} to {last_to}",
    reasons.NOT_ALIKE: "{cannot} to {to}: one of the two VMAs is locked (mlock), and the other is not",
    reasons.NO_HUGE_PAGE: "cannot split the PMD at {address}: no huge page is mapped there",
    reasons.NOT_HELD: "cannot put folio {folio}: no get holds it",
    reasons.ORDER_TOO_SMALL: f"{{cannot}} of order {{folio_order}}: the order must be at least {LOWEST_QUEUED_ORDER}",
    reasons.NOT_LOWER: "{cannot}, of order {folio_order}, into folios of order {order}: it must be 0, or 2 to {lower}",
    reasons.PINNED: "{cannot}: it is pinned (FOLL_PIN), and what is pinned stays where it is",
    reasons.NOT_OF_FOLIO: "cannot fill pages {page} to {last} of folio {folio}: it has pages 0 to {last_of_folio}",
    reasons.NO_FOLIOS: "cannot scan {nr} folios: at least 1 is needed",
    reasons.BAD_LIMIT: "cannot limit the gather to {batches} batches: it must be 0 or more, or -1 for no limit",
    reasons.BAD_SWITCH: "cannot set {value}: it must be 0 or 1",
    reasons.BAD_VALUE: f"cannot set max_ptes_none to {{pages}}: it must be from 0 to {HPAGE_PMD_NR - 1}",
    reasons.BAD_CGROUP: f"{{cannot}}: cgroups are 0, the root, and 1 to {MAX_MEMCGS}",
    reasons.CGROUP_GONE: "{cannot}: it was removed, and a name is given once here",
    reasons.NO_CGROUP: "{cannot}: no process was ever moved into it",
    reasons.CGROUP_BUSY: "{cannot}: process {first} is in it",
    reasons.TABLES_OUT: "the machine has {first} page tables left: this needs up to {second}",
    reasons.VMAS_OUT: "the machine has {first} VMAs left: this needs up to {second}",
    reasons.NO_BLOCK: "no memory: {free} pages are free, but no block of {block} pages",
    reasons.BLOCKS_OUT: "{cannot}: {first} blocks of 2 MiB are free, this needs up to {second}",
    reasons.COPIES_OUT: "cannot fork: {free} pages are free, and copies of what is pinned need {second}",
    reasons.SWAP_ON: "cannot swapon {pages} pages: there is swap space of {first} pages already",
    reasons.NO_SWAP: "cannot swapoff: there is no swap space",
    reasons.BAD_SWAP: "cannot swapon {pages} pages: this machine's swap space has from 1 to {first}",
    reasons.SWAPPED_THERE: "{cannot}: the page at {there} is swapped out",
    reasons.IN_SWAP_CACHE: "{cannot}: it is in the swap cache",
    reasons.PAGES_OUT: "cannot {verb} {first} pages: {free} pages are free, this needs up to {second}",
}
"""What is said of each reason."""
OWN: Final[Mapping[tuple[int, type[Op]], str]] = {
    (reasons.NO_VMA, ops.Pin): "cannot pin pages {vpn} to {last}: not all of them are in a VMA",
    (reasons.NOT_HELD, ops.Unpin): "{cannot}: no pin holds it",
    (reasons.BAD_CGROUP, ops.Rmcgroup): f"{{cannot}}: cgroups that can be removed are 1 to {MAX_MEMCGS}",
    (reasons.UNALIGNED, ops.FaultPmd): "{cannot}: it must start at a multiple of 2 MiB",
    (reasons.PAGES_OUT, ops.SwapOff): ("cannot swapoff: {free} pages are free, and {second} are swapped out"),
    (reasons.NO_VMA, ops.FaultPmd): f"{{cannot}}: no VMA covers all of its {HPAGE_PMD_NR} pages",
    (reasons.NO_VMA, ops.Mremap): "{cannot}: no VMA has the first of them",
    (reasons.NO_VMA, ops.Dontunmap): "{cannot}: no VMA has the first of them",
    (reasons.NO_VMA, ops.Uffdmove): "{cannot}: no VMA has all of them",
    (reasons.HUGE_PAGE_THERE, ops.FaultPmd): "{cannot}: a huge page is there already",
    (
        reasons.READ_ONLY_VMA,
        ops.Touch,
    ): "cannot write to {pages} pages: the VMA at {there} is {rights} (mprotect)",
    (reasons.GUARDED, ops.Touch): "cannot write to {pages} pages: a guard marker is at {there}",
    (reasons.BAD_ORDER, ops.Enabled): (
        f"cannot enable order {{order}}: sizes are of orders {LOWEST_QUEUED_ORDER} to {MAX_ORDER}"
    ),
}
"""What is said instead, where an operation is spoken of in its own way."""


class Case:
    """One refusal: sentences ask it for the operation's fields, and for what is in :data:`NAMED`.

    Attributes:
        machine: which refuses.
        op: what it refuses.
        first: the first number of the sentence.
        second: the other one.
    """

    def __init__(self, machine: Machine, op: Any, number: int) -> None:
        """Take a rule's integer apart."""
        self.machine, self.op = machine, op
        self.why = number & 0xFF
        self.first = number >> reasons.FIRST & (1 << reasons.BITS) - 1
        self.second = number >> reasons.SECOND

    def __getitem__(self, name: str) -> object:
        """Return what a name in a sentence stands for."""
        found = getattr(self.op, name, None)
        return NAMED[name](self) if found is None else found


def _last(case: Case) -> int:
    """Return the last page of an operation's range."""
    op = case.op
    if isinstance(op, ops.Zero):
        return op.page + op.pages - 1
    nr = 1 << op.order if isinstance(op, ops.Fault) else getattr(op, "pages", HPAGE_PMD_NR)
    return int(op.vpn + nr - 1)


def _order(case: Case) -> int:
    """Return the order of an operation's folio."""
    return int(case.machine.folio_order[folio_head(case.machine, case.op.folio)])


def _rights(case: Case) -> str:
    """Return what may not be done to a VMA that may not be written."""
    machine = case.machine
    vma = vma_at(machine, mm_slot(machine, case.op.mm), case.first)
    return "PROT_NONE" if machine.vma_readonly[vma] == NO_ACCESS else "read-only"


def _nearest(case: Case) -> str:
    """Return where a folio could be, near to where it was asked for."""
    nr = 1 << case.op.order
    return f"{address_of(round(case.op.vpn / nr) * nr):#x}"


NAMED: Final[Mapping[str, Callable[[Case], object]]] = {
    "cannot": lambda case: f"cannot {case.op.deed.format_map(case)}",
    "value": lambda case: VALUE[type(case.op)].format_map(case),
    "first": lambda case: case.first,
    "second": lambda case: case.second,
    "address": lambda case: f"{address_of(case.op.vpn):#x}",
    "there": lambda case: f"{address_of(case.first):#x}",
    "rights": _rights,
    "nearest": _nearest,
    "kib": lambda case: 4 << case.op.order,
    "last": _last,
    "last_to": lambda case: case.op.to + case.op.pages - 1,
    "last_of_folio": lambda case: (1 << _order(case)) - 1,
    "folio_order": _order,
    "lower": lambda case: _order(case) - 1,
    "block": lambda case: 1 << case.first,
    "free": lambda case: case.machine.nr_free_pages[0],
    "vma": lambda case: f"{case.machine.vma_start[case.first]} to {case.machine.vma_end[case.first] - 1}",
    "bugs": lambda case: ", ".join(case.machine.bugs()),
    "latest": lambda case: case.machine.next_folio_id[0] - 1,
    "alive": lambda case: (
        ", ".join(str(case.machine.mm_id[slot]) for slot in live_mms(case.machine)) or "none"
    ),
}
"""What sentences may name beside an operation's fields."""


def sentence(machine: Machine, op: Op, number: int) -> str:
    """Return a refusal in words; ``number`` is what the operation's rule returned on this machine."""
    case = Case(machine, op, number)
    words = OWN.get((case.why, type(op))) or SENTENCES[case.why]
    return words.format_map(case)
