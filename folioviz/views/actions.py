"""The buttons: what each is called, says and does. An action makes one operation of what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz import ops

if TYPE_CHECKING:
    from collections.abc import Callable


class Chosen(NamedTuple):
    """What the controls say: process, pages [lo, hi), folio in focus, order, target of a move, folios to scan."""

    mm: int
    lo: int
    hi: int
    folio: int
    order: int
    target: int
    scan: int

    @property
    def pages(self) -> int:
        """Return how many pages are selected."""
        return self.hi - self.lo


class Action(NamedTuple):
    """A button.

    Attributes:
        name: how the program calls it.
        label: what stands on it.
        tooltip: what it does, one line.
        make: makes the operation.
        group: 0 acts on the selected pages, 1 on the process, 2 on the folio in focus, 3 on the machine.
    """

    name: str
    label: str
    tooltip: str
    make: Callable[[Chosen], ops.Operation]
    group: int


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action(
            "fault",
            "Fault in",
            "fault in a folio of the chosen order at the first selected page, mapped by PTEs",
            lambda c: ops.Fault(c.mm, c.lo, c.order),
            0,
        ),
        Action(
            "faultpmd",
            "Fault in, PMD",
            "fault in a 2 MiB folio at the first selected page, mapped by one PMD",
            lambda c: ops.FaultPmd(c.mm, c.lo),
            0,
        ),
        Action(
            "write",
            "Write",
            "write to the first selected page: fault in, reuse or copy (copy-on-write)",
            lambda c: ops.Write(c.mm, c.lo),
            0,
        ),
        Action(
            "munmap",
            "munmap",
            "unmap the selected pages: their VMA goes, too",
            lambda c: ops.Munmap(c.mm, c.lo, c.pages),
            0,
        ),
        Action(
            "dontneed",
            "MADV_DONTNEED",
            "zap the selected pages: the VMA stays",
            lambda c: ops.Dontneed(c.mm, c.lo, c.pages),
            0,
        ),
        Action(
            "mmap",
            "mmap",
            "make an anonymous VMA of the selected pages",
            lambda c: ops.Mmap(c.mm, c.lo, c.pages),
            0,
        ),
        Action(
            "splitpmd",
            "Split PMD",
            "map the 2 MiB folio at the first selected page by 512 PTEs instead of its PMD",
            lambda c: ops.SplitPmd(c.mm, c.lo),
            0,
        ),
        Action(
            "mremap",
            "mremap to",
            "move the selected pages to the address beside this button",
            lambda c: ops.Mremap(c.mm, c.lo, c.pages, c.target),
            0,
        ),
        Action("fork", "fork", "copy the selected process, sharing its pages", lambda c: ops.Fork(c.mm), 1),
        Action("exit", "exit", "end the selected process", lambda c: ops.Exit(c.mm), 1),
        Action("mm", "New process", "make a process without memory", lambda _: ops.Mm(), 1),
        Action(
            "get",
            "Pin",
            "take a reference on the folio in focus, as GUP would",
            lambda c: ops.Get(c.folio),
            2,
        ),
        Action("put", "Unpin", "drop a reference that Pin took", lambda c: ops.Put(c.folio), 2),
        Action(
            "split",
            "Split folio",
            "split the folio in focus into order-0 pages, as debugfs split_huge_pages asks for",
            lambda c: ops.Split(c.folio),
            2,
        ),
        Action(
            "shrink",
            "Run shrinker",
            "run the deferred split shrinker over up to so many folios of the queue",
            lambda c: ops.Shrink(c.scan),
            3,
        ),
    )
}

LABELS = {
    "mm": "new process",
    "mmap": "mmap",
    "fault": "fault",
    "faultpmd": "fault PMD",
    "dontneed": "MADV_DONTNEED",
    "splitpmd": "split PMD",
    "get": "pin",
    "put": "unpin",
    "split": "split folio",
    "shrink": "shrinker",
    "glimit": "gather limit",
}
"""Operation word -> what a person reads, where they differ."""


def label(op: ops.Op) -> str:
    """Return an operation's name as a person reads it."""
    return LABELS.get(op.word, op.word)


def described(op: ops.Op) -> str:
    """Return an operation in a few words: its name and its arguments."""
    values = op.short().split()[1:]
    match op:
        case ops.Fault():
            return f"fault order {op.order} at page {op.vpn}"
        case ops.Munmap() | ops.Dontneed() | ops.Mmap():
            return f"{label(op)} pages {op.vpn}–{op.vpn + op.pages - 1}"
        case ops.Mremap():
            return f"mremap pages {op.vpn}–{op.vpn + op.pages - 1} to {op.to}"
        case ops.FaultPmd() | ops.Write() | ops.SplitPmd():
            return f"{label(op)} page {op.vpn}"
        case ops.Get() | ops.Put() | ops.Split():
            return (
                f"{label(op)} folio {op.folio}"
                if not isinstance(op, ops.Split)
                else f"split folio {op.folio}"
            )
        case _:
            return " ".join([label(op), *values])
