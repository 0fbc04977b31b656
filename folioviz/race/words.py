"""What a CPU of a race may do: the operations of the model, under which mmap_lock, and observers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from folioviz.errors import DocumentError, OperationError, shown
from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.ops import ops
from folioviz.ops.op import Int, Op
from folioviz.ops.walk import mm_slot, vma_at

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine


class Gup(Op, frozen=True):
    """Pin the page at an address without a lock, as GUP-fast does; if it is gone, do nothing."""

    call = "gup_fast"
    takes = ("mm", "vpn")
    example = "gup 1 0"
    mm: Int
    vpn: Int


class Observe(Op, frozen=True):
    """Compare a folio's references with its mappings at one moment."""

    call = "observe_folio"
    takes = ("folio",)
    example = "observe 1"
    folio: Int


class Queue(Op, frozen=True):
    """Put a folio on the queue unflagged, as v6.12 does with every 2 MiB folio at birth; in a setup only."""

    call = "queue_folio"
    takes = ("folio",)
    example = "queue 1"
    folio: Int


class Unmap(Op, frozen=True):
    """Begin the migration of a folio: put migration entries in place of its mappings; in a setup only."""

    call = "unmap_folio"
    takes = ("folio",)
    example = "unmap 1"
    folio: Int


class Move(Op, frozen=True):
    """Go on with the migration of a folio that a setup began."""

    call = "move_folio"
    takes = ("folio",)
    example = "move 1"
    folio: Int


OWN: Final[dict[str, type[Op]]] = {kind.__name__.lower(): kind for kind in (Gup, Observe, Queue, Unmap, Move)}
"""The words that only a race has."""
NEW: Final = (Unmap, Move)
"""What needs the migration of v6.12 or later."""
WRITERS: Final = (
    *(ops.Mmap, ops.Munmap, ops.Mremap, ops.Dontunmap, ops.Mprotect, ops.Protnone, ops.Munlock),
    *(ops.Fork, ops.Exit, ops.Dontfork, ops.Dofork),
)
"""Operations that hold mmap_lock for writing, here to their end."""
READERS: Final = (
    *(ops.Dontneed, ops.DontneedLocked, ops.Free, ops.Cold),
    *(ops.Fault, ops.FaultPmd, ops.Write, ops.Touch, ops.Read),
    ops.SplitPmd,
)
"""Operations that hold it for reading."""
MIGRATING: Final = (ops.Migrate, Move)
"""Operations that move a folio; before 6.12.117 the new one is not queued for the old one."""
UNLOCKED: Final = (
    *(ops.Split, ops.Shrink, ops.Remap, ops.Migrate, Move),
    *(ops.Get, ops.Put, Gup, Observe),
    *(ops.Mm, ops.Enabled, ops.Underused, ops.MaxNone),
)
"""Operations that need no mmap_lock."""
ON_CPUS: Final = (*WRITERS, *READERS, *UNLOCKED)
"""What a CPU may do."""
SWAP: Final = "the locks of swap are not modelled"
ONE_QUEUE: Final = "races have no cgroups: all folios are the root's, and there is one queue"
REFUSED: Final[dict[type[Op], str]] = {
    ops.Zero: "it says what pages of a folio hold, and a program reaches pages through its page table only; "
    "it belongs into the setup",
    ops.Pin: "what races with GUP here is its first reference: the word gup; pins belong into the setup",
    ops.Unpin: "what races with GUP here is its first reference: the word gup; pins belong into the setup",
    ops.Collapse: "it lets mmap_lock go and takes it again, and what it then finds is not modelled",
    ops.Khugepaged: "it lets mmap_lock go and takes it again, and what it then finds is not modelled",
    ops.Glimit: "it is a setting of the model's own allocator, which no CPU changes; it belongs into the setup",
    ops.Guard: "a write that meets a marker ends its program, and programs of races go on; it belongs into the setup",
    ops.Mlock: "it takes mmap_lock for writing, then for reading, and an operation here takes it once; "
    "it belongs into the setup",
    ops.Uffdmove: "it takes mmap_lock for writing, then locks of VMAs, and an operation here takes one of them once; "
    "it belongs into the setup",
    ops.Unguard: "as with guard, it belongs into the setup",
    ops.Pageout: SWAP,
    ops.Reclaim: SWAP,
    ops.SwapOn: SWAP,
    ops.SwapOff: SWAP,
    ops.Cgroup: ONE_QUEUE,
    ops.Rmcgroup: ONE_QUEUE,
    Queue: "it belongs into the setup",
    Unmap: "it belongs into the setup",
}
"""What no CPU can do in a race, and why."""
MAX_OPS: Final = 4
"""Operations of one CPU."""


def needs(op: Op) -> int:
    """Return how many pages an operation needs that its process may write to."""
    if isinstance(op, ops.Fault):
        return 1 << op.order
    if isinstance(op, ops.FaultPmd):
        return HPAGE_PMD_NR
    return int(isinstance(op, ops.Write))


def parse(text: str) -> list[Op]:
    """Read operations in the short form, separated by semicolons.

    Raises:
        DocumentError: for a word that nobody knows, or wrong arguments.
    """
    found: list[Op] = []
    for part in filter(str.strip, text.split(";")):
        words = part.split()
        kind = OWN.get(words[0])
        if kind is None:
            found.append(ops.parse(part))
            continue
        names = kind.__struct_fields__
        numbers = [word for word in words[1:] if ops.INTEGER.fullmatch(word)]
        if len(numbers) != len(names) or len(words) != len(names) + 1:
            raise DocumentError(f"{shown(part.strip())}: it must be {kind.example!r}, with whole numbers")
        try:
            found.append(
                msgspec.convert({"op": words[0], **dict(zip(names, map(int, numbers), strict=True))}, kind)
            )
        except msgspec.ValidationError:
            raise DocumentError(f"{shown(part.strip())}: the numbers must have at most 32 bits") from None
    return found


def refused(machine: Machine, op: Op, *, migrates: bool) -> str | None:
    """Return why one of a race's own words cannot be done, or None if it can."""
    if isinstance(op, Gup):
        slot = mm_slot(machine, op.mm)
        if slot < 0:
            return f"there is no process {op.mm}"
        return None if vma_at(machine, slot, op.vpn) >= 0 else f"process {op.mm} has no VMA at page {op.vpn}"
    if op.arguments(machine)[0] < 0:
        return f"there is no folio {msgspec.structs.asdict(op)['folio']}"
    if isinstance(op, NEW) and not migrates:
        return f"{op.word} needs a kernel that flags partially mapped folios: v6.12 or later"
    return None


def check_entries(machine: Machine, op: Op) -> None:
    """Refuse to put a migration entry into a PMD: no other CPU would know it.

    Raises:
        OperationError: naming the operation, and why.
    """
    if isinstance(op, ops.Migrate | ops.Remap):
        head = op.arguments(machine)[0]
        if head >= 0 and machine.folio_entire_mapcount[head] >= 0:
            raise OperationError(
                f"no CPU can do {op.short()!r} in a race: a PMD maps the folio, and migration entries in PMDs are "
                "not modelled beside other CPUs"
            )


def check(cpus: list[list[Op]]) -> None:
    """Refuse what no CPU can do in a race, or not beside another one.

    Raises:
        OperationError: naming the operation, and why.
    """
    every = [(place, op) for place, one in enumerate(cpus) for op in one]
    for place, op in every:
        if not isinstance(op, ON_CPUS):
            reason = REFUSED.get(type(op), "the locks of its path are not modelled")
            raise OperationError(f"no CPU can do {op.short()!r} in a race: {reason}")
        mm = getattr(op, "mm", None)
        if isinstance(op, ops.Exit) and any(
            getattr(other, "mm", None) == mm for at, other in every if at != place
        ):
            raise OperationError(f"{op.short()!r}: no other CPU may be in process {mm} then")
