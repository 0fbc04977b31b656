"""What every operation has: integers, a short form, a kernel function that it calls, and words about it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeAlias

import msgspec

from folioviz.ops.walk import folio_head, mm_slot

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine

Int: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class Op(
    msgspec.Struct,
    frozen=True,
    tag_field="op",
    tag=str.lower,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """An operation. Its fields are integers, in the order of the short form; last ones with a default may be left out.

    A subclass's docstring says in one line what it does; docs/scenarios.md says the same. Fields with these names
    have a meaning of their own, by which operations are drawn at random and described: ``mm`` and ``folio`` are ids
    of a live process or folio, ``vpn`` and ``pages`` a range, ``order`` a folio's.

    Attributes:
        call: the kernel function that it calls; a kernel without that function does not have the operation.
        takes: what that takes after the machine: fields by name, where ``mm`` becomes the process's slot, ``folio``
            the head page, and ``end`` stands for ``vpn + pages``.
        example: operations in the short form; the last is one of this kind.
        asks: field -> the kernel function that another value than 0 needs, and what came with it.
        came: what kernels had first to have for it, and since which release; "" if all have what it does.
        verb: what it does to its pages, where a refusal says so: "cannot unmap pages 1 to 2".
        deed: what cannot be done, in a refusal, with names of :class:`folioviz.ops.sentences.Case`.
        aligned: the range begins at a multiple of so many pages; "order" stands for 2**order.
    """

    call: ClassVar[str]
    takes: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[str]
    asks: ClassVar[dict[str, tuple[str, str]]] = {}
    came: ClassVar[str] = ""
    verb: ClassVar[str] = ""
    deed: ClassVar[str] = ""
    aligned: ClassVar[int | str] = 1

    @property
    def word(self) -> str:
        """Return the operation's word: its class name in lower case."""
        return type(self).__name__.lower()

    @classmethod
    def room(cls) -> str:
        """Return what it is for: the name of its module in :mod:`folioviz.ops.kinds`."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def usage(cls) -> str:
        """Return the short form with the names of what it takes; what may be left out is in brackets."""
        names = [name.upper() for name in cls.__struct_fields__]
        given = cls.least()
        return " ".join([cls.__name__.lower(), *names[:given], *(f"[{name}]" for name in names[given:])])

    @classmethod
    def least(cls) -> int:
        """Return how many fields must be given."""
        return len(cls.__struct_fields__) - len(cls.__struct_defaults__)

    @classmethod
    def help(cls) -> str:
        """Return what it does, in one line."""
        return inspect.cleandoc(cls.__doc__ or "").splitlines()[0]

    @classmethod
    def near(cls, *fields: int) -> Self:
        """Return the operation; its range is moved down to where one may begin."""
        if cls.aligned == 1:
            return cls(*fields)
        mm, vpn, *others = fields
        nr = 1 << others[0] if cls.aligned == "order" else int(cls.aligned)
        return cls(mm, vpn // nr * nr, *others)

    def arguments(self, machine: Machine) -> tuple[int, ...]:
        """Return what the kernel function gets after the machine; an id that is not alive becomes -1."""
        return tuple(self._argument(machine, name) for name in self.takes)

    def _argument(self, machine: Machine, name: str) -> int:
        """Return one argument by its name in ``takes``."""
        if name == "end":
            return sum(int(getattr(self, one)) for one in ("vpn", "pages"))
        value = int(getattr(self, name))
        if name == "mm":
            return mm_slot(machine, value)
        return folio_head(machine, value) if name == "folio" else value

    def short(self) -> str:
        """Return the one-line form."""
        values = list(msgspec.structs.astuple(self))
        for default in reversed(self.__struct_defaults__):
            if values[-1] != default:
                break
            values.pop()
        return " ".join([self.word, *map(str, values)])
