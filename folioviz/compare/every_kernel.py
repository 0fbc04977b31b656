"""Operations under every kernel of the model: what each comes to, and from which operation on it differs from one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz import kernels
from folioviz.compare.sentence import account, sentence, together
from folioviz.errors import FoliovizError
from folioviz.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.compare.sentence import Account
    from folioviz.ops.op import Op


class Row(NamedTuple):
    """One kernel's.

    Attributes:
        key: which kernel.
        told: what all operations come to, in a sentence without its subject.
        costs: what they cost.
        differs: the first operation, from 1, that does something else than under the first kernel; 0 if none does.
        refused: the first operation, from 1, that the kernel refuses; 0 if it does all.
    """

    key: str
    told: str
    costs: dict[str, int]
    differs: int
    refused: int


def every_kernel(ops: Sequence[Op], first: str, mmu_gather: str = "batched") -> Iterator[Row]:
    """Yield a row per kernel, oldest first; each runs the operations, but those that it refuses.

    An operation differs if another folio goes on the queue or off it, a bug fires, it is refused, or a cost that both
    kernels count is another (:func:`folioviz.compare.sentence.account`).

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    wanted = accounts(ops, kernels.find(first).key, mmu_gather)
    for key in kernels.KERNELS:
        found = accounts(ops, key, mmu_gather)
        pairs = enumerate(zip(wanted, found, strict=True), start=1)
        differs = next((number for number, (one, other) in pairs if differing(one, other)), 0)
        total = together(found) if found else None
        refused = next((number for number, one in enumerate(found, start=1) if one.refused), 0)
        yield Row(key, sentence([total]) if total else "", total.costs if total else {}, differs, refused)


def accounts(ops: Sequence[Op], key: str, mmu_gather: str) -> list[Account]:
    """Return what each operation comes to under a kernel."""
    lab = Lab(key, mmu_gather)
    found = []
    for op in ops:
        start, refused = len(lab.journal), ""
        try:
            lab.apply(op)
        except FoliovizError as error:
            refused = str(error)
        found.append(account(lab, key, start, len(lab.journal), refused))
    return found


def differing(one: Account, other: Account) -> bool:
    """Tell whether two kernels do something else in an operation."""
    if (bool(one.refused), bool(other.refused)) != (False, False):
        return bool(one.refused) != bool(other.refused)
    same = (one.queued, one.wasted, one.left, one.bugs) == (
        other.queued,
        other.wasted,
        other.left,
        other.bugs,
    )
    return not same or any(one.costs[name] != other.costs[name] for name in one.known & other.known)
