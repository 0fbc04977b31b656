"""Which functions of a kernel a patch makes others: until one of them is entered, nothing can differ."""

from __future__ import annotations

import builtins
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from folioviz.link import Linked


def names_in(code: CodeType) -> set[str]:
    """Return the names that code looks up, that of the functions within it included."""
    inside = (names_in(part) for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*inside)


def replaced(plain: Linked, patched: Linked) -> frozenset[str]:
    """Return the names of ``plain``'s functions that are others with a patch, or read what is another.

    Where that is below the kernel's functions, it is all of them.
    """
    other = {name for name, value in patched.constants.items() if plain.constants.get(name, ...) != value}
    other |= {name for name in patched.code if name not in plain.code}
    other &= plain.constants.keys() | plain.below.keys() | plain.code.keys() | vars(builtins).keys()
    if any(name in other or names_in(function.__code__) & other for name, function in plain.below.items()):
        return frozenset(plain.code)
    return frozenset(
        name
        for name, function in plain.code.items()
        if patched.code[name] is not function or names_in(function.__code__) & other
    )
