"""One function of LLVM's text, line by line: values, blocks and jumps."""

from __future__ import annotations

import ast
from typing import Final

from folioviz.engine.subset import CannotCompileError

PASSED: Final = "ptr %m, ptr %b, ptr %r, ptr %c"
"""The four addresses that a call hands on (:mod:`folioviz.engine.module`), where it leaves no row."""
OVER: Final = "ptr %m, ptr readonly %b, ptr %r, ptr %c"
"""The same where a function takes them."""
UNSET: Final = str(-(2**63))
"""What a local name holds before it is set."""
LEAST: Final = -(2**63) + 1
MOST: Final = 2**63 - 1
"""What a number in a function's text may be."""


class Writer(ast.NodeVisitor):
    """Writes the lines of one function.

    Attributes:
        name: the function's.
        lines: what was written so far.
        ended: whether a jump ended the block; what is written then never runs, and is left out.
        loops: of each loop around what is written: where its next round begins, and what is behind it.
    """

    def __init__(self, name: str) -> None:
        """Begin with nothing."""
        self.name = name
        self.lines: list[str] = []
        self.ended = False
        self.loops: list[tuple[str, str]] = []
        self._count = 0

    def put(self, line: str) -> None:
        """Write a line, if anything comes there."""
        if not self.ended:
            self.lines.append(line)

    def made(self, line: str) -> str:
        """Write a line that makes a value, and return its name."""
        self._count += 1
        name = f"%t{self._count}"
        self.put(f"{name} = {line}")
        return name

    def room(self, kind: str = "i64") -> str:
        """Return the name of a new place for one integer, or for another type of LLVM's."""
        self._count += 1
        name = f"%p{self._count}"
        self.lines.insert(0, f"{name} = alloca {kind}")
        return name

    def labels(self, *words: str) -> list[str]:
        """Return new names of blocks."""
        self._count += 1
        return [f"{word}.{self._count}" for word in words]

    def at(self, label: str) -> None:
        """Begin a block to which only jumps lead."""
        self.ended = False
        self.lines.append(f"{label}:")

    def begin(self, label: str) -> None:
        """Begin a block; what was written before goes on into it."""
        self.jump(label)
        self.at(label)

    def jump(self, label: str) -> None:
        """End a block."""
        self.put(f"br label %{label}")
        self.ended = True

    def fork(self, test: str, yes: str, no: str) -> None:
        """End a block by a jump to one of two, as a truth value says."""
        self.put(f"br i1 {test}, label %{yes}, label %{no}")
        self.ended = True

    def number(self, node: ast.expr, value: object) -> str:
        """Return a number that the text has or names, if 64 bits hold it."""
        if not isinstance(value, int) or not LEAST <= value <= MOST:
            raise self.wrong(node)
        return str(int(value))

    def wrong(self, node: ast.AST, what: str = "") -> CannotCompileError:
        """Return the error for what cannot be compiled."""
        said = what or ast.unparse(node).splitlines()[0]
        return CannotCompileError.of(self.name, getattr(node, "lineno", 0), said)

    def generic_visit(self, node: ast.AST) -> str:
        """Refuse what nobody below knows.

        Raises:
            CannotCompileError: always.
        """
        raise self.wrong(node)
