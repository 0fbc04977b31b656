"""The linker: a base and patches become one kernel, a namespace of functions in which later names win.

A kernel runs in plain Python or as machine code (:mod:`folioviz.engine`), from the same source. In plain Python:
    traced    every write is journaled, and every call is entered and left in the journal
    untraced  writes are journaled
    quiet     nothing is journaled
"""

from __future__ import annotations

from functools import cached_property
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from folioviz.errors import KernelError
from folioviz.machine import concurrency, costs, fields, journal, primitives
from folioviz.machine import memory as machine_memory
from folioviz.machine.journal import ENTER, EXIT
from folioviz.mm import (
    charges,
    entries,
    gup,
    headers,
    huge_memory,
    khugepaged,
    memcontrol,
    memory,
    mmap,
    mmu_gather,
    mremap,
    page_alloc,
    rmap,
    split_request,
    swap,
    zero_pages,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Linkable = ModuleType | FunctionType

V6_5_RC3: tuple[ModuleType, ...] = (
    rmap,
    memory,
    huge_memory,
    mmu_gather,
    swap,
    page_alloc,
    mmap,
    mremap,
    gup,
    khugepaged,
    memcontrol,
    split_request,
    zero_pages,
)
"""The base: Linux v6.5-rc3, one module per file of mm/."""
UNTRACED: tuple[ModuleType, ...] = (primitives, concurrency, headers, entries, charges)
"""What is below it: inlines, of which no call is in a trace."""


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """Return the functions that a module defines itself, by name, in its order."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if isinstance(thing, FunctionType) and thing.__module__ == module.__name__
    }


def constants_of(module: ModuleType) -> dict[str, Any]:
    """Return a module's own and imported integers, by name."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if isinstance(thing, int) and not name.startswith("__")
    }


class Linked:
    """A linked kernel: ``functions`` by name, and where each of them came from.

    Attributes:
        names: the traced functions' names; their place is their number in ENTER and EXIT rows.
        sources: function name -> the module's or function's Python name that won.
    """

    def __init__(self, parts: tuple[Linkable, ...]) -> None:
        """Join ``parts`` (modules or single functions, base first) with the primitives under them.

        Raises:
            KernelError: if a part's function is not of a known kernel function's name or is no function at all.
        """
        self.code: dict[str, FunctionType] = {}
        self.constants: dict[str, Any] = {}
        for module in (fields, machine_memory, costs, journal, *UNTRACED):
            self.constants |= constants_of(module)
        self.below = (
            functions_of(primitives)
            | functions_of(concurrency)
            | functions_of(headers)
            | functions_of(entries)
            | functions_of(charges)
        )
        for part in parts:
            if isinstance(part, ModuleType):
                self.constants |= constants_of(part)
                self.code |= functions_of(part)
            elif isinstance(part, FunctionType):
                if part.__name__ not in self.code:
                    raise KernelError(
                        f"no function {part.__name__}() to replace: a patch replaces a kernel function"
                    )
                self.code[part.__name__] = part
            else:
                raise KernelError(f"cannot link {part!r}: it must be a module or a function")
        self.names = tuple(self.code)
        self.sources = {name: function.__module__ for name, function in self.code.items()}

    def bind(self, wrap: Callable[[str, FunctionType], Any], **override: Any) -> dict[str, Any]:
        """Return a namespace in which every function finds the newest version of every other.

        Args:
            wrap: given a name and the bound function, returns what callers of that name get.
            override: primitives to replace, by name.
        """
        namespace: dict[str, Any] = dict(self.constants)
        for name, function in (self.below | self.code | override).items():
            bound = FunctionType(
                function.__code__, namespace, name, function.__defaults__, function.__closure__
            )
            namespace[name] = wrap(name, bound)
        namespace["__builtins__"] = __builtins__
        return namespace

    def traced(self, **override: Any) -> dict[str, Any]:
        """Return the namespace that journals calls and writes; ``override`` replaces functions by name."""
        numbers = {name: number for number, name in enumerate(self.names)}

        def wrap(name: str, function: FunctionType) -> Callable[..., Any]:
            if name not in numbers:
                return function
            number = numbers[name]

            def call(m: Any, *args: int) -> Any:
                rows = m.rows
                rows.append((ENTER, number, args[0] if args else -1, args[1] if len(args) > 1 else -1))
                result = function(m, *args)
                returned = result[0] if isinstance(result, tuple) else result
                rows.append((EXIT, number, 0, -1 if returned is None else int(returned)))
                return result

            return call

        return self.bind(wrap, **override)

    @cached_property
    def untraced(self) -> dict[str, Any]:
        """The namespace that journals writes and what they cost, but no calls: about a third quicker."""
        return self.bind(lambda _name, function: function)

    def quiet(self) -> dict[str, Any]:
        """Return the namespace that journals nothing."""
        return self.bind(lambda _name, function: function, record=_record_nothing)


def _record_nothing(_m: Any, _kind: int, _address: int, _old: int, _new: int) -> None:
    """Take no note (quiet kernels)."""
