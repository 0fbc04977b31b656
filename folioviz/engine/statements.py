"""A kernel function becomes one function of LLVM's text.

Kernel functions are written in a small part of Python: integers and truth values, ``m.FIELD[i]``, ``len(m.FIELD)``,
assignments, ``if``, ``while``, ``for`` over a range, calls of other kernel functions, ``min``, ``max``, ``int`` and
``bool``. Whatever else a function has is refused by name and line: it runs on plain Python, then.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz.engine.expressions import A_FIELD, WHOLE, Expressions
from folioviz.engine.subset import MOST_TREES, nodes
from folioviz.engine.writer import OVER, UNSET
from folioviz.machine.journal import ENTER, EXIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.engine.subset import Signature

MOST = 8
"""So many integers may a function return."""


@lru_cache(maxsize=MOST_TREES)
def set_first(tree: ast.FunctionDef) -> frozenset[str]:
    """Return local names of a function that are certainly set before they are read: arguments, and what comes first."""
    found, read = {argument.arg for argument in tree.args.args}, set()
    for one in tree.body:
        names = [node for node in ast.walk(one) if isinstance(node, ast.Name)]
        if isinstance(one, ast.Assign | ast.AnnAssign):
            read |= {node.id for node in names if isinstance(node.ctx, ast.Load)}
            found |= {node.id for node in names if isinstance(node.ctx, ast.Store)} - read
        else:
            read |= {node.id for node in names}
    return frozenset(found)


@lru_cache(maxsize=MOST_TREES)
def stored(tree: ast.FunctionDef) -> tuple[str, ...]:
    """Return the names that a function sets, each as often as it stands there."""
    names = (node for node in nodes(tree) if isinstance(node, ast.Name))
    return tuple(node.id for node in names if isinstance(node.ctx, ast.Store))


class Function(Expressions):
    """Writes one function, statement by statement."""

    def __init__(
        self,
        tree: ast.FunctionDef,
        names: Mapping[str, Signature],
        constants: Mapping[str, int],
        number: int | None,
        *,
        checked: bool,
        printed: bool,
        version: int | None = None,
    ) -> None:
        """Write ``tree``.

        Args:
            tree: the function.
            names: every function that it may call.
            constants: integers by name.
            number: its number in rows of calls, or None if its calls leave none.
            checked: whether it may be wrong: then loops end after some rounds, too.
            printed: whether what it writes changes the machine's fingerprint; only if it may be wrong.
            version: the field's number, for a version of a function that takes one.

        Raises:
            CannotCompileError: if it has what is not of the small part of Python.
        """
        fixed = {} if version is None else {A_FIELD: version}
        super().__init__(tree.name, names, {**constants, **fixed}, checked=checked)
        self._symbol = tree.name if version is None else f"{tree.name}.{version}"
        self._number, self._printed = number, printed
        self._given = [f"%x{place}" for place in range(len(self.own.takes))]
        if self.own.leaves:
            self.put(f"store ptr %r, ptr {self.row}")
        for name, given in zip(self.own.takes, self._given, strict=True):
            if name not in fixed:
                self._assign(name, given)
        names_set = stored(tree)
        self._once = {name for name in names_set if names_set.count(name) == 1}
        for name in names_set:
            if name not in self.locals:
                self._assign(name, UNSET)
        self.set_first = set_first(tree)
        if number is not None:
            first, second = [*self._given, "-1", "-1"][:2]
            self._row(ENTER, first, second)
        self.block(tree.body)
        self._leave([])

    def text(self) -> str:
        """Return the function."""
        machine = [OVER] if self.own.machine or self.checked else []
        takes = ", ".join([*machine, *(f"i64 {given}" for given in self._given)])
        body = "\n".join(self.lines)
        return f"define internal {self.own.gives} @{self._symbol}({takes}) #0 {{\n{body}\n}}\n"

    def _row(self, kind: int, *values: str) -> None:
        """Write what leaves a row for the beginning or the end of this function."""
        self.to("record", [str(kind), str(self._number), *values])

    def _leave(self, values: list[str]) -> None:
        """Return from the function."""
        if self._number is not None:
            self._row(EXIT, "0", values[0] if values else "-1")
        parts = [f"i64 {value}" for value in values or ["-1"] * max(self.own.width, 1)]
        if self.own.leaves:
            parts.append(f"ptr {self.made(f'load ptr, ptr {self.row}')}")
        made = parts[0]
        if len(parts) > 1:
            made = f"{self.own.gives} undef"
            for place, part in enumerate(parts):
                made = f"{self.own.gives} {self.made(f'insertvalue {made}, {part}, {place}')}"
        self.put(f"ret {made}")
        self.ended = True

    def _assign(self, name: str, value: str) -> None:
        """Write an assignment to a local name."""
        if name not in self.locals:
            self.locals[name] = self.room()
        self.put(f"store i64 {value}, ptr {self.locals[name]}")

    def block(self, body: list[ast.stmt]) -> None:
        """Write statements; what follows a jump never runs."""
        for one in body:
            if not self.ended:
                self.visit(one)

    # --- statements -------------------------------------------------------------------------------------------------

    def visit_Pass(self, _node: ast.Pass) -> None:
        """Do nothing."""

    def visit_Expr(self, node: ast.Expr) -> None:
        """Write a call whose result nobody wants; a docstring is nothing."""
        if isinstance(node.value, ast.Call):
            self.called(node.value, MOST)
        elif not isinstance(node.value, ast.Constant):
            raise self.wrong(node)

    def visit_Return(self, node: ast.Return) -> None:
        """Return one value, several or none."""
        match node.value:
            case None | ast.Constant(value=None):
                self._leave([])
            case ast.Tuple(elts=parts):
                self._leave([self.visit(one) for one in parts])
            case value:
                self._leave([self.visit(value)])

    def visit_Assign(self, node: ast.Assign) -> None:
        """Write an assignment to a name, to several, or to the machine."""
        if len(node.targets) != 1:
            raise self.wrong(node)
        match node.targets[0], node.value:
            case ast.Name(id=name), value:
                self._named(name, value)
            case ast.Subscript(value=field, slice=index), value if self.field(field) == "mem":
                self._store(index, self.visit(value))
            case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
                self._unpack(node, names, [self.visit(one) for one in values])
            case ast.Tuple(elts=names), ast.Call() as call:
                whole = self.called(call, len(names))
                kind = self.names[ast.unparse(call.func)].gives
                parts = [self.made(f"extractvalue {kind} {whole}, {place}") for place in range(len(names))]
                self._unpack(node, names, parts)
            case _:
                raise self.wrong(node)

    def _unpack(self, node: ast.Assign, names: list[ast.expr], values: list[str]) -> None:
        """Write an assignment to several names."""
        for one, value in zip(names, values, strict=True):
            if not isinstance(one, ast.Name):
                raise self.wrong(node)
            self._assign(one.id, value)

    def _named(self, name: str, value: ast.expr) -> None:
        """Write an assignment to a local name; of an address it is kept in which field it is, and where there."""
        found = self.in_field(value) if name in self._once else None
        if found is None:
            self._assign(name, self.visit(value))
            return
        field, index = found[0], self.visit(found[1])
        self.addresses[name] = field, f"index of {name}"
        self._assign(f"index of {name}", index)
        self._assign(name, self.made(f"add nsw i64 {self.fixed(field)}, {index}"))

    def _store(self, address: ast.expr, new: str) -> None:
        """Write to the machine."""
        place = ""
        if self.checked:
            place = self.within(self.visit(address), WHOLE)
            at, said = self.made(f"getelementptr i32, ptr %m, i64 {place}"), ""
            new = self.made(f"call i64 @narrow(ptr %c, i64 {new})")
        else:
            at, said = self.word(address)
        half = self.made(f"trunc i64 {new} to i32")
        if self._printed:
            old = self.made(f"load i32, ptr {at}")
            self.put(f"call void @fingerprint(ptr %c, i64 {place}, i32 {old}, i32 {half})")
        self.put(f"store i32 {half}, ptr {at}{said}")

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Write an assignment with a type."""
        if node.value is None:
            raise self.wrong(node)
        self.visit_Assign(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Write an assignment like ``+=``."""
        if not isinstance(node.target, ast.Name):
            raise self.wrong(node)
        left = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)
        self._assign(
            node.target.id, self.visit(ast.copy_location(ast.BinOp(left, node.op, node.value), node))
        )

    def visit_If(self, node: ast.If) -> None:
        """Write a condition."""
        yes, no, after = self.labels("then", "else", "after")
        self.branch(node.test, yes, no)
        for label, part in ((yes, node.body), (no, node.orelse)):
            self.at(label)
            self.block(part)
            self.jump(after)
        self.at(after)

    def visit_While(self, node: ast.While) -> None:
        """Write a loop; in the checked form it ends after some rounds, whatever its test says."""
        if node.orelse:
            raise self.wrong(node)
        head, tested, inside, after = self.labels("while", "if", "do", "done")
        self.begin(head)
        self._go_on(tested, after)
        self.branch(node.test, inside, after)
        self.at(inside)
        self._round(node.body, head, after)
        self.jump(head)
        self.at(after)

    def visit_For(self, node: ast.For) -> None:
        """Write a loop over a range that counts up by one; in the checked form it may end sooner."""
        match node:
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]),
                orelse=[],
            ) if len(bounds) in {1, 2}:
                first, last = ["0", *map(self.visit, bounds)][-2:]
            case _:
                raise self.wrong(node)
        head, tested, inside, again, after = self.labels("for", "if", "do", "next", "done")
        counter = self.room()
        self.put(f"store i64 {first}, ptr {counter}")
        self.begin(head)
        self._go_on(tested, after)
        now = self.made(f"load i64, ptr {counter}")
        self.fork(self.made(f"icmp slt i64 {now}, {last}"), inside, after)
        self.at(inside)
        self._assign(name, now)
        self._round(node.body, again, after)
        self.begin(again)
        self.put(f"store i64 {self.made(f'add nsw i64 {now}, 1')}, ptr {counter}")
        self.jump(head)
        self.at(after)

    def _go_on(self, tested: str, after: str) -> None:
        """Write, in the checked form, what ends a loop after too many rounds."""
        if self.checked:
            self.fork(self.made("call i1 @fuel(ptr %c)"), tested, after)
            self.at(tested)

    def _round(self, body: list[ast.stmt], again: str, after: str) -> None:
        """Write what a loop does in each round."""
        self.loops.append((again, after))
        self.block(body)
        self.loops.pop()

    def visit_Continue(self, _node: ast.Continue) -> None:
        """Go on to the next round."""
        self.jump(self.loops[-1][0])

    def visit_Break(self, _node: ast.Break) -> None:
        """End the loop."""
        self.jump(self.loops[-1][1])
