"""Kernel functions as a race runs them: what they do for the reader alone is no step.

``why()`` reads the machine to tell a reason; the kernel does not. Such reads would be steps of a schedule, so their
statements are taken out of the text, or made to look at the memory directly.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, Final

from folioviz.machine.memory import SPLIT_QUEUE

QUIET: Final = frozenset({"why", "why_not_queued", "fail", "count"})
"""Calls that change nothing that a kernel reads."""
DIRECT: Final = "_direct"
"""The name by which a function's quiet calls find the memory itself."""

ROOT_ONLY: Final[dict[str, Any]] = {
    "folio_split_queue": lambda _c, _folio: SPLIT_QUEUE,
    "shrinker_begins": lambda _c: SPLIT_QUEUE,
    "mem_cgroup_charge": lambda _c, _folio, _mm: None,
    "mem_cgroup_uncharge": lambda _c, _folio: None,
    "mem_cgroup_replace": lambda _c, _old, _new: None,
    "mem_cgroup_fork": lambda _c, _mm, _child: None,
    "mem_cgroup_exit": lambda _c, _mm: None,
}
"""A race has no cgroups, and so one queue: what decides between several is no step."""


@lru_cache(maxsize=4096)
def code(function: FunctionType, *, told: bool) -> CodeType:
    """Return a kernel function's code for a race; its lines keep their numbers.

    Args:
        function: the function.
        told: whether decisions and costs are journaled.
    """
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    for node in ast.walk(tree):
        for part in ("body", "orelse"):
            statements = getattr(node, part, None)
            if isinstance(statements, list):
                setattr(node, part, [_quiet(statement, told=told) for statement in statements])
    ast.increment_lineno(tree, first - 1)
    module = compile(tree, function.__code__.co_filename, "exec")
    return next(part for part in module.co_consts if isinstance(part, CodeType))


def _quiet(statement: ast.stmt, *, told: bool) -> ast.stmt:
    """Return a statement; a quiet call reads directly, or is left out unless it is told."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in QUIET):
        return statement
    if not told:
        return ast.copy_location(ast.Pass(), statement)
    for name in ast.walk(call):
        if isinstance(name, ast.Name) and name.id == "m":
            name.id = DIRECT
    return statement
