"""What decides a kernel's machine code, told without writing it: what plain Python runs, and what compiles."""

from __future__ import annotations

import inspect
import sys
from hashlib import sha256
from importlib.resources import files
from types import CodeType, MappingProxyType
from typing import TYPE_CHECKING, Final

from folioviz.machine.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FunctionType

    from folioviz.link import Linked

COMPILER: Final = sha256(
    b"".join(
        part.read_bytes()
        for part in sorted(files("folioviz.engine").iterdir(), key=lambda one: one.name)
        if part.name.endswith(".py")
    )
).hexdigest()
"""What compiles, as it was when it was loaded."""


def essence(code: CodeType) -> str:
    """Return what a function does, as text: its bytecode, without docstring, places and defaults.

    What compiles has no strings, no defaults and nothing from around it, so two of one essence do the same.
    """
    flags = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    consts = [
        essence(one) if isinstance(one, CodeType) else one
        for one in code.co_consts
        if not isinstance(one, str)
    ]
    shape = code.co_argcount, code.co_kwonlyargcount, flags, code.co_freevars
    return repr((shape, code.co_names, code.co_varnames, consts, code.co_code))


def identity(
    linked: Linked,
    below: Mapping[str, FunctionType] = MappingProxyType({}),
    constants: Mapping[str, int] = MappingProxyType({}),
    **asked: object,
) -> str:
    """Return a hash of all that decides what is compiled of a kernel; about 1 ms.

    Args:
        linked: the kernel.
        below: functions that are no kernel's, by name.
        constants: integers that they name.
        asked: what else decides it, of simple values.
    """
    functions = {**below, **linked.below, **linked.code}
    decides = (
        COMPILER,
        sys.implementation.cache_tag,
        [row.name for row in FIELDS],
        linked.names,
        sorted({**linked.constants, **constants}.items()),
        [(name, essence(function.__code__)) for name, function in functions.items()],
        sorted(asked.items()),
    )
    return sha256(repr(decides).encode()).hexdigest()
