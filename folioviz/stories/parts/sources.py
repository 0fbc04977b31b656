"""Sources: the functions that patches bring, each beside what it replaces, without docstrings and comments."""

from __future__ import annotations

import ast
import inspect
from itertools import chain
from textwrap import dedent
from types import FunctionType
from typing import TYPE_CHECKING, NamedTuple

from folioviz import kernels
from folioviz.link import functions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType


class Change(NamedTuple):
    """A function that a patch brings: its name, module, docstring and source; the source of what it replaces."""

    name: str
    module: str
    says: str
    after: tuple[str, ...]
    was: str = ""
    before: tuple[str, ...] = ()


def changes(old: str, new: str) -> list[Change]:
    """Return what the patches between two kernels change; if one is not above the other, what the new one's does."""
    below, all_of_it = kernels.modules_of(kernels.find(old)), kernels.modules_of(kernels.find(new))
    if all_of_it[: len(below)] != below or len(below) == len(all_of_it):
        below = all_of_it[: len(all_of_it) - len(kernels.find(new).modules)]
    functions = (one for module in all_of_it[len(below) :] for one in functions_of(module).values())
    return replaced(functions_in(below), functions)


def patched(key: str, patches: Sequence[FunctionType | ModuleType]) -> list[Change]:
    """Return what functions, or those of modules, change on top of a kernel."""
    functions = (
        [patch] if isinstance(patch, FunctionType) else functions_of(patch).values() for patch in patches
    )
    return replaced(functions_in(kernels.modules_of(kernels.find(key))), chain.from_iterable(functions))


def functions_in(modules: Iterable[ModuleType]) -> dict[str, FunctionType]:
    """Return the functions of modules by name; of one name, the last."""
    return {name: function for module in modules for name, function in functions_of(module).items()}


def replaced(known: dict[str, FunctionType], functions: Iterable[FunctionType]) -> list[Change]:
    """Return functions beside what each of them replaces."""
    found = []
    for function in functions:
        name = function.__name__
        old = known.get(name)
        was = (old.__module__, source_of(old)) if old else ()
        says = inspect.getdoc(function) or ""
        found.append(Change(name, function.__module__, says, source_of(function), *was))
        known[name] = function
    return found


def source_of(function: FunctionType) -> tuple[str, ...]:
    """Return the lines of a function, without its docstring and comments: no patch changes those."""
    try:
        lines = dedent(inspect.getsource(function)).splitlines()
    except (OSError, TypeError):
        return (f"# the source of {function.__name__}() is not at hand",)
    [found] = ast.parse("\n".join(lines)).body
    if isinstance(found, ast.FunctionDef) and ast.get_docstring(found):
        doc = found.body[0]
        del lines[doc.lineno - 1 : doc.end_lineno]
    return tuple(line for line in lines if not line.lstrip().startswith("#"))
