"""What a kernel function looks like from outside: its tree, what it takes and gives, whom it calls."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from folioviz.engine.identity import essence
from folioviz.errors import KernelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FunctionType

MACHINE = ("m", "_m")
"""What the first argument is called when it is the machine."""


class CannotCompileError(KernelError):
    """A function has what only plain Python can run."""

    @classmethod
    def of(cls, name: str, line: int, what: str) -> Self:
        """Name the function, the line in it and what is there."""
        return cls(f"cannot compile {name}(), line {line}: {what}")


class Signature(NamedTuple):
    """What a function takes and gives.

    Attributes:
        machine: whether its first argument is the machine.
        takes: the names of its integers.
        width: how many integers it returns; 0 for none.
        leaves: whether it may leave rows: then it also returns where the next one goes.
    """

    machine: bool
    takes: tuple[str, ...]
    width: int
    leaves: bool = False

    @property
    def gives(self) -> str:
        """Return LLVM's type of what it returns; a function that returns nothing gives −1."""
        parts = ["i64"] * max(self.width, 1) + ["ptr"] * self.leaves
        return "i64" if parts == ["i64"] else f"{{ {', '.join(parts)} }}"


class Beside(NamedTuple):
    """What is called beside the functions of a kernel.

    Attributes:
        roots: the functions that it calls.
        below: those that are no kernel's, by name.
        written: given what all functions look like, returns what may be called, and its text.
    """

    roots: list[str]
    below: Mapping[str, FunctionType]
    written: Callable[[Mapping[str, Signature]], tuple[dict[str, Signature], str]]


MOST_TREES: Final = 2048
"""So many functions are known as trees, and what is in a tree is looked for once: kernels share most of theirs."""
NOTHING: Final = Beside([], {}, lambda _names: ({}, ""))


@lru_cache(maxsize=MOST_TREES)
def tree_of(name: str, function: FunctionType) -> ast.FunctionDef:
    """Return a function's tree.

    Raises:
        CannotCompileError: if its source is not to be had, or it is no plain function.
    """
    try:
        made = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        raise CannotCompileError(f"cannot compile {name}(): its source is not to be had") from None
    code = function.__code__
    if not isinstance(made, ast.FunctionDef) or made.name != name or not name.isascii():
        raise CannotCompileError(f"cannot compile {name}(): it is not defined by that name, in ASCII")
    if (
        code.co_freevars
        or code.co_kwonlyargcount
        or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    ):
        raise CannotCompileError.of(name, 1, "its arguments, or what it takes from around it")
    if made.decorator_list or function.__defaults__:
        raise CannotCompileError.of(name, 1, "a decorator or a default")
    return made


def check_loaded(tree: ast.FunctionDef, function: FunctionType) -> None:
    """Check that a tree, which has nothing but what compiles, is of what plain Python runs.

    Raises:
        CannotCompileError: if the source has changed since it was loaded.
    """
    inside = compile(ast.Module([tree], []), tree.name, "exec", dont_inherit=True).co_consts
    # From Python 3.14 on, what annotations are is code of its own.
    code = next(one for one in inside if isinstance(one, CodeType) and one.co_name == tree.name)
    if essence(code) != essence(function.__code__):
        raise CannotCompileError(f"cannot compile {tree.name}(): its source has changed since it was loaded")


@lru_cache(maxsize=MOST_TREES)
def nodes(tree: ast.FunctionDef) -> tuple[ast.AST, ...]:
    """Return all that a function's tree consists of: walking through it takes longer than what is asked of it."""
    return tuple(ast.walk(tree))


@lru_cache(maxsize=MOST_TREES)
def signature_of(tree: ast.FunctionDef) -> Signature:
    """Return what a function takes and gives."""
    names = [argument.arg for argument in tree.args.args]
    machine = bool(names) and names[0] in MACHINE
    widths = {
        len(node.value.elts) if isinstance(node.value, ast.Tuple) else 1
        for node in nodes(tree)
        if isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and node.value.value is None)
    }
    if len(widths) > 1:
        raise CannotCompileError.of(tree.name, 1, "it returns now one value, now several")
    return Signature(machine, tuple(names[machine:]), widths.pop() if widths else 0)


@lru_cache(maxsize=MOST_TREES)
def callees(tree: ast.FunctionDef) -> tuple[str, ...]:
    """Return the names that a function calls."""
    calls = (node.func for node in nodes(tree) if isinstance(node, ast.Call))
    return tuple(dict.fromkeys(one.id for one in calls if isinstance(one, ast.Name)))


def reached(roots: list[str], calls: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the functions that are called from some, directly or not, callees first.

    Raises:
        CannotCompileError: for one that calls itself: the stack would have no bound.
    """
    order: list[str] = []
    under_way: list[str] = []

    def visit(name: str) -> None:
        if name in under_way:
            raise CannotCompileError(f"cannot compile {name}(): it calls itself")
        if name in order:
            return
        under_way.append(name)
        for one in calls[name]:
            if one in calls:
                visit(one)
        under_way.pop()
        order.append(name)

    for root in roots:
        visit(root)
    return order
