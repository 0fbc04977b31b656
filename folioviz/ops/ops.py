"""What a user does: typed, frozen operations, their short one-line form, and the kernel function that each one calls.

Ranges are ``[vpn, vpn + pages)``; processes and folios are named by their ids (1, 2, 3, ... in order of creation).
The short form is a word and integers, as in the conformance vectors: ``fault 1 0 4``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, cast, get_args

import msgspec

from folioviz.errors import DocumentError, shown
from folioviz.ops.kinds.give_back import (
    Cold,
    Dontneed,
    DontneedLocked,
    Exit,
    Free,
    Guard,
    Munmap,
    Pageout,
    Unguard,
)
from folioviz.ops.kinds.machine import (
    Cgroup,
    Enabled,
    Glimit,
    Khugepaged,
    MaxNone,
    Migrate,
    Reclaim,
    Remap,
    Rmcgroup,
    Shrink,
    Split,
    SplitPmd,
    SwapOff,
    SwapOn,
    Underused,
)
from folioviz.ops.kinds.mapping import (
    Dontunmap,
    Mlock,
    Mm,
    Mmap,
    Mprotect,
    Mremap,
    Munlock,
    Protnone,
    Uffdmove,
)
from folioviz.ops.kinds.share import Dofork, Dontfork, Fork, Get, Pin, Put, Unpin
from folioviz.ops.kinds.write import Collapse, Fault, FaultPmd, Read, Touch, Write, Zero

if TYPE_CHECKING:
    from folioviz.ops.op import Op

INTEGER = re.compile(r"-?[0-9]{1,10}")

Operation: TypeAlias = (
    Mm
    | Mmap
    | Fault
    | FaultPmd
    | Fork
    | Write
    | Munmap
    | Dontneed
    | Exit
    | Mremap
    | SplitPmd
    | Get
    | Put
    | Split
    | Shrink
    | Glimit
    | Touch
    | Enabled
    | Underused
    | MaxNone
    | Zero
    | Remap
    | Migrate
    | Mprotect
    | Free
    | Cold
    | Dontunmap
    | Pin
    | Unpin
    | Guard
    | Unguard
    | Protnone
    | Dontfork
    | Dofork
    | Mlock
    | Munlock
    | DontneedLocked
    | Pageout
    | Reclaim
    | SwapOn
    | SwapOff
    | Collapse
    | Khugepaged
    | Uffdmove
    | Cgroup
    | Rmcgroup
    | Read
)
NOT_MODELLED = {
    "mergeable": "there is no KSM here; MADV_MERGEABLE would let pages of the same contents become one",
}
"""Words of operations that a reader may look for, and why they are not here."""
WORDS: dict[str, type[Op]] = {kind.__name__.lower(): kind for kind in get_args(Operation)}
"""Word -> operation, in the order of docs/scenarios.md."""
OFTEN: dict[type[Op], int] = {
    Fault: 6,
    Munmap: 5,
    Dontneed: 5,
    Write: 3,
    Mmap: 3,
    FaultPmd: 2,
    SplitPmd: 2,
    Fork: 2,
    Shrink: 2,
    Mremap: 1,
    Get: 1,
    Put: 1,
    Split: 1,
    Exit: 1,
    Glimit: 1,
}
"""How often a random history has an operation (:mod:`folioviz.compare.random_ops`); the others it never has."""


def parse(text: str) -> Operation:
    """Read one operation in the short form.

    Raises:
        DocumentError: for an unknown word, a wrong number of arguments, or one that is no 32-bit integer.
    """
    words = text.split()
    word = words[0] if words else ""
    kind = WORDS.get(word)
    if word in NOT_MODELLED:
        raise DocumentError(f"{shown(text.strip())} is not modelled: {NOT_MODELLED[word]}")
    if kind is None:
        raise DocumentError(
            f"unknown operation {shown(text.strip())}: it must start with one of {', '.join(WORDS)}"
        )
    names = kind.__struct_fields__
    if not kind.least() <= len(words) - 1 <= len(names):
        raise DocumentError(
            f"{shown(text.strip())} has {len(words) - 1} arguments: it must be {kind.usage()}"
        )
    try:
        values = [int(word) if INTEGER.fullmatch(word) else None for word in words[1:]]
        fields = dict(zip(names, values, strict=False)) | {"op": word}
        return cast("Operation", msgspec.convert(fields, kind))
    except (ValueError, msgspec.ValidationError):
        raise DocumentError(
            f"{shown(text.strip())}: the arguments must be integers of at most 32 bits"
        ) from None


def parse_line(text: str) -> list[Operation]:
    """Read operations in the short form, separated by semicolons; errors name the operation's place."""
    operations = []
    for place, part in enumerate(text.split(";"), start=1):
        if part.strip():
            try:
                operations.append(parse(part))
            except DocumentError as error:
                raise DocumentError(f"operation {place}: {error}") from None
    return operations
