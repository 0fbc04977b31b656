"""What every operation has: integers, a short form, a kernel function that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import msgspec

from folioviz.ops.walk import folio_head, mm_slot

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine

Int: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class Op(msgspec.Struct, frozen=True, tag_field="op", tag=str.lower, forbid_unknown_fields=True):
    """An operation. Its fields are integers, in the order of the short form.

    A subclass says which kernel function it calls and what that takes after the machine: fields by name, where
    ``mm`` becomes the process's slot, ``folio`` the head page, and ``end`` stands for ``vpn + pages``.
    """

    call: ClassVar[str]
    takes: ClassVar[tuple[str, ...]]

    @property
    def word(self) -> str:
        """Return the operation's word: its class name in lower case."""
        return type(self).__name__.lower()

    def arguments(self, machine: Machine) -> tuple[int, ...]:
        """Return what the kernel function gets after the machine; an id that is not alive becomes -1."""
        return tuple(self._argument(machine, name) for name in self.takes)

    def _argument(self, machine: Machine, name: str) -> int:
        """Return one argument by its name in ``takes``."""
        fields = msgspec.structs.asdict(self)
        if name == "mm":
            return mm_slot(machine, fields["mm"])
        if name == "folio":
            return folio_head(machine, fields["folio"])
        if name == "end":
            return int(fields["vpn"] + fields["pages"])
        return int(fields[name])

    def short(self) -> str:
        """Return the one-line form."""
        return " ".join([self.word, *(str(value) for value in msgspec.structs.astuple(self))])
