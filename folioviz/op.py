"""What every operation has: integers, a short form, a kernel function that it calls; and who is alive."""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeAlias

import msgspec
import numpy as np

from folioviz.machine import LIST_MM, MM_LIST, Machine

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


def mm_slot(machine: Machine, mm_id: int) -> int:
    """Return the slot of a live process, or -1; O(64)."""
    found = np.flatnonzero(machine.mm_id == mm_id)
    return int(found[0]) if mm_id > 0 and found.size else -1


def folio_head(machine: Machine, folio_id: int) -> int:
    """Return the head page of a live folio, or -1; O(pages)."""
    found = np.flatnonzero(machine.folio_id == folio_id)
    return int(found[0]) if folio_id > 0 and found.size else -1


def live_mms(machine: Machine) -> list[int]:
    """Return the slots of the live processes in order of creation."""
    slots = []
    node = int(machine.list_next[MM_LIST])
    while node != MM_LIST:
        slots.append(node - LIST_MM)
        node = int(machine.list_next[node])
    return slots


def live_folios(machine: Machine) -> np.ndarray:
    """Return the head pages of the live folios in order of their ids."""
    heads = np.flatnonzero(machine.folio_id > 0)
    return heads[np.argsort(machine.folio_id[heads])]
