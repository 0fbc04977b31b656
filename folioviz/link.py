"""The linker: a base and patches become one kernel, a namespace of functions in which later names win.

A kernel runs in one of three ways, from the same source:
    traced    plain Python; every write is journaled and every call is entered and left in the journal
    quiet     plain Python; writes only, no journal
    compiled  numba; writes journaled into a fixed table (or, without one, not at all)
"""

from __future__ import annotations

from functools import cache, cached_property
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from folioviz.errors import KernelError
from folioviz.machine import costs, fields, journal, primitives
from folioviz.machine import memory as machine_memory
from folioviz.machine.journal import ENTER, EXIT
from folioviz.mm import headers, huge_memory, memory, mmap, mmu_gather, mremap, page_alloc, rmap, swap

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.machine.memory import Machine

    Linkable = ModuleType | FunctionType

V6_5_RC3: tuple[ModuleType, ...] = (rmap, memory, huge_memory, mmu_gather, swap, page_alloc, mmap, mremap)
"""The base: Linux v6.5-rc3, one module per file of mm/."""


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


class View:
    """A machine as plain-Python kernel functions see it: memoryviews that share its memory, and the rows to fill.

    A memoryview gives and takes Python integers, several times faster than numpy scalars.
    """

    def __init__(self, target: Machine) -> None:
        """Look at ``target``; rows begin empty."""
        self.mem = memoryview(target.mem.data)
        self.base = target.base
        self.rows: list[tuple[int, int, int, int]] = []
        for row, start, length in zip(fields.FIELDS, target.base, target.lengths, strict=True):
            setattr(self, row.name, self.mem[start : start + length])


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
        for module in (fields, machine_memory, costs, journal, primitives, headers):
            self.constants |= constants_of(module)
        self.below = functions_of(primitives) | functions_of(headers)
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

    def compiled(self, *wanted: str) -> dict[str, Any]:
        """Return the namespace of numba functions; give them a :func:`compiled_view`.

        Every argument but the machine is an int64, so that each function is compiled once, whoever calls it.

        Args:
            wanted: compile these functions and what they call; the others stay plain Python (default: all).

        Raises:
            ImportError: if numba is not installed (it comes with the ``test`` extra).
        """
        import numba

        namespace = self.bind(lambda _name, function: function, record=_record_compiled)
        view = _compiled_class().class_type.instance_type
        roots = wanted or self.names
        compiler: Callable[..., Any] = numba.njit
        seen: set[str] = set()

        def build(name: str) -> None:
            seen.add(name)
            code = namespace[name].__code__
            for called in code.co_names:  # these first: a signature makes numba compile at once
                if called not in seen and isinstance(namespace.get(called), FunctionType):
                    build(called)
            takes = code.co_varnames[: code.co_argcount]
            signature = tuple(view if argument.lstrip("_") == "m" else numba.int64 for argument in takes)
            compile_it = compiler(signature, no_cpython_wrapper=name not in roots, no_cfunc_wrapper=True)
            namespace[name] = compile_it(namespace[name])

        for name in roots:
            if name not in seen:
                build(name)
        return namespace


def _record_nothing(_m: Any, _kind: int, _address: int, _old: int, _new: int) -> None:
    """Take no note (quiet kernels)."""


def _record_compiled(m: Any, kind: int, address: int, old: int, new: int) -> None:
    """Fill the next row of the fixed table while it lasts; count the row in any case (compiled kernels)."""
    n = m.cursor[0]
    if n < m.rows.shape[0]:
        m.rows[n, 0] = kind
        m.rows[n, 1] = address
        m.rows[n, 2] = old
        m.rows[n, 3] = new
    m.cursor[0] = n + 1


@cache
def _compiled_class() -> Any:
    """Return the numba class that holds a machine's fields."""
    import numba
    from numba.experimental import jitclass

    names = [row.name for row in fields.FIELDS]
    body = "\n".join(f"        self.{x} = mem[base[{i}]:base[{i}] + size[{i}]]" for i, x in enumerate(names))
    text = f"class CompiledView:\n    def __init__(self, mem, base, size, rows, cursor):\n{body}\n"
    text += "        self.mem = mem\n        self.base = base\n        self.rows = rows\n        self.cursor = cursor\n"
    scope: dict[str, Any] = {}
    exec(text, scope)
    spec = [(name, numba.int32[::1]) for name in [*names, "mem"]]
    spec += [("base", numba.int64[::1]), ("rows", numba.int32[:, ::1]), ("cursor", numba.int64[::1])]
    return jitclass(spec)(scope["CompiledView"])


def compiled_view(target: Machine, capacity: int) -> Any:
    """Return a machine as compiled kernel functions see it.

    ``rows`` is int32 of shape (capacity, 4); ``cursor[0]`` counts the rows, also those that found no room.
    """
    import numpy as np

    rows, cursor = np.zeros((capacity, 4), np.int32), np.zeros(1, np.int64)
    return _compiled_class()(target.mem, np.array(target.base), np.array(target.lengths), rows, cursor)
