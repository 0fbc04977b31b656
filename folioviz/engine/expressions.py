"""What a kernel function computes: each expression becomes one 64-bit integer; true is 1."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from folioviz.engine.guards import GUARDED
from folioviz.engine.places import tag
from folioviz.engine.writer import PASSED, Writer
from folioviz.machine.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.engine.subset import Signature

NUMBERS: Final = {row.name: row.number for row in FIELDS}
LENGTHS: Final = len(FIELDS)
ELEMENTS: Final = 2 * len(FIELDS)
WHOLE: Final = 3 * len(FIELDS)
"""Places in ``%b``: a field's base, then its length, then its element 0's address, and last the machine's length."""
A_FIELD: Final = "field"
"""A parameter of this name is a field's number: each number that is given makes a version of the function."""
OPERATORS: Final[Mapping[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "shl",
    ast.RShift: "ashr",
    ast.FloorDiv: "floordiv",
    ast.Mod: "floormod",
}
COMPARISONS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "slt",
    ast.LtE: "sle",
    ast.Gt: "sgt",
    ast.GtE: "sge",
}


class Expressions(Writer):
    """Writes what computes a value; each ``visit_`` returns the value's name."""

    def __init__(
        self, name: str, names: Mapping[str, Signature], constants: Mapping[str, int], *, checked: bool
    ) -> None:
        """Begin a function.

        Args:
            name: the function's.
            names: every function that it may call.
            constants: integers by name.
            checked: whether indices, results and what is stored are checked: a reader's own patch may be wrong.
        """
        super().__init__(name)
        self.names, self.constants, self.checked = names, constants, checked
        self.own = names[name]
        self.locals: dict[str, str] = {}
        self.set_first: frozenset[str] = frozenset()
        """The local names that are set wherever they are read."""
        self.addresses: dict[str, tuple[int, str]] = {}
        """Local names that are an address: the field, and the local that holds the index in it."""
        self.versions: set[tuple[str, int]] = set()
        """Versions of functions that are called."""
        self.row = self.room("ptr") if self.own.leaves else ""

    # --- names and numbers ------------------------------------------------------------------------------------------

    def visit_Constant(self, node: ast.Constant) -> str:
        """Write a number."""
        return self.number(node, node.value)

    def visit_Name(self, node: ast.Name) -> str:
        """Read a local name, or know a constant."""
        if node.id in self.locals:
            value = self.made(f"load i64, ptr {self.locals[node.id]}")
            if not self.checked or node.id in self.set_first:
                return value
            return self.made(f"call i64 @known(ptr %c, i64 {value})")
        if node.id not in self.constants:
            raise self.wrong(node)
        return self.number(node, self.constants[node.id])

    # --- operators --------------------------------------------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> str:
        """Write an operator; a divisor is a positive constant, so that nothing is divided by zero."""
        left, right = self.visit(node.left), self.visit(node.right)
        word = OPERATORS.get(type(node.op))
        if word in {"floordiv", "floormod"} and right.isdecimal() and int(right):
            return self.made(f"call i64 @{word}(i64 {left}, i64 {right})")
        if word is None or word.startswith("floor"):
            raise self.wrong(node)
        return self.exact(word, left, right)

    def exact(self, word: str, left: str, right: str) -> str:
        """Write an operator, in the checked form one whose result is Python's."""
        if self.checked and word in GUARDED:
            return self.made(f"call i64 @{word}.checked(ptr %c, i64 {left}, i64 {right})")
        return self.made(f"{word} i64 {left}, {right}")

    def visit_UnaryOp(self, node: ast.UnaryOp) -> str:
        """Write a sign, an inversion or a ``not``."""
        match node.op:
            case ast.USub():
                return self.exact("sub", "0", self.visit(node.operand))
            case ast.Invert():
                return self.made(f"xor i64 {self.visit(node.operand)}, -1")
            case ast.Not():
                return self.chosen(node, None, None)
        raise self.wrong(node)

    def visit_Compare(self, node: ast.Compare) -> str:
        """Write a comparison."""
        return self.chosen(node, None, None)

    def visit_IfExp(self, node: ast.IfExp) -> str:
        """Write a choice."""
        return self.chosen(node.test, node.body, node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> str:
        """Write ``and`` or ``or``: the first operand that decides, as it is."""
        room, (end,) = self.room(), self.labels("decided")
        for place, one in enumerate(node.values, start=1):
            value = self.visit(one)
            self.put(f"store i64 {value}, ptr {room}")
            if place < len(node.values):
                (further,) = self.labels("further")
                found = self.made(f"icmp ne i64 {value}, 0")
                self.fork(found, *((further, end) if isinstance(node.op, ast.And) else (end, further)))
                self.at(further)
        self.begin(end)
        return self.made(f"load i64, ptr {room}")

    def chosen(self, test: ast.expr, yes: ast.expr | None, no: ast.expr | None) -> str:
        """Return one of two values, 1 or 0 if they are not given; only the one that is taken is computed."""
        then, other, after = self.labels("yes", "no", "both")
        room = self.room()
        self.branch(test, then, other)
        for label, part, plain in ((then, yes, "1"), (other, no, "0")):
            self.at(label)
            self.put(f"store i64 {plain if part is None else self.visit(part)}, ptr {room}")
            self.jump(after)
        self.at(after)
        return self.made(f"load i64, ptr {room}")

    def branch(self, test: ast.expr, yes: str, no: str) -> None:
        """Write a jump to one of two blocks, as a test says."""
        match test:
            case ast.BoolOp(op=op, values=[*firsts, last]):
                for one in firsts:
                    (further,) = self.labels("further")
                    self.branch(one, *((further, no) if isinstance(op, ast.And) else (yes, further)))
                    self.at(further)
                self.branch(last, yes, no)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.branch(operand, no, yes)
            case ast.Compare(left=left, ops=kinds, comparators=others):
                self.chain(left, list(zip(kinds, others, strict=True)), yes, no)
            case _:
                self.fork(self.made(f"icmp ne i64 {self.visit(test)}, 0"), yes, no)

    def chain(self, left: ast.expr, others: list[tuple[ast.cmpop, ast.expr]], yes: str, no: str) -> None:
        """Write comparisons one after the other, until one does not hold."""
        value = self.visit(left)
        for place, (kind, other) in enumerate(others, start=1):
            if type(kind) not in COMPARISONS:
                raise self.wrong(other, "a comparison that is none of numbers")
            right = self.visit(other)
            found = self.made(f"icmp {COMPARISONS[type(kind)]} i64 {value}, {right}")
            if place == len(others):
                self.fork(found, yes, no)
                return
            (further,) = self.labels("further")
            self.fork(found, further, no)
            self.at(further)
            value = right

    # --- the machine ------------------------------------------------------------------------------------------------

    def fixed(self, place: object) -> str:
        """Return one of the machine's bases or lengths, which never change."""
        at = self.made(f"getelementptr i64, ptr %b, i64 {place}")
        return self.made(f"load i64, ptr {at}, !invariant.load !0")

    def within(self, index: str, length: int) -> str:
        """Return an index, in the checked form one that is within a length, which stands at a place of ``%b``."""
        if not self.checked:
            return index
        return self.made(f"call i64 @within(ptr %c, i64 {index}, i64 {self.fixed(length)})")

    def field(self, node: ast.expr) -> str:
        """Return the name behind ``m.``, or "" if an expression is something else."""
        match node:
            case ast.Attribute(value=ast.Name(id="m"), attr=name):
                return name
        return ""

    def in_field(self, address: ast.expr) -> tuple[int, ast.expr] | None:
        """Return the field and the index that an address is made of, if that can be told and trusted."""
        match address:
            case ast.BinOp(
                left=ast.Subscript(value=base, slice=ast.Name(id=name)), op=ast.Add(), right=index
            ):
                known = name in self.constants and name not in self.locals
                if self.field(base) == "base" and known and not self.checked:
                    return int(self.constants[name]), index
            case ast.Name(id=name) if name in self.addresses:
                field, index_name = self.addresses[name]
                return field, ast.copy_location(ast.Name(index_name, ast.Load()), address)
        return None

    def element(self, field: int, index: str) -> tuple[str, str]:
        """Return where an element of a field is, and what is said of the place."""
        at = self.made(f"getelementptr i64, ptr %b, i64 {ELEMENTS + field}")
        first = self.made(f"load ptr, ptr {at}, !invariant.load !0")
        return self.made(f"getelementptr i32, ptr {first}, i64 {index}"), "" if self.checked else tag(field)

    def word(self, address: ast.expr) -> tuple[str, str]:
        """Return where ``m.mem[address]`` is, and what is said of the place."""
        found = self.in_field(address)
        if found is not None:
            return self.element(found[0], self.visit(found[1]))
        return self.made(f"getelementptr i32, ptr %m, i64 {self.within(self.visit(address), WHOLE)}"), ""

    def visit_Subscript(self, node: ast.Subscript) -> str:
        """Read an element of a field or of the machine, or a field's base."""
        name = self.field(node.value)
        if name == "base":
            return self.fixed(self.visit(node.slice))
        if name == "mem":
            at, said = self.word(node.slice)
        elif name in NUMBERS:
            at, said = self.element(
                NUMBERS[name], self.within(self.visit(node.slice), LENGTHS + NUMBERS[name])
            )
        else:
            raise self.wrong(node)
        return self.made(f"sext i32 {self.made(f'load i32, ptr {at}{said}')} to i64")

    # --- calls ------------------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> str:
        """Write a call."""
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[field]) if self.field(field) in NUMBERS:
                return self.fixed(LENGTHS + NUMBERS[self.field(field)])
            case ast.Call(func=ast.Name(id="int"), args=[value], keywords=[]):
                return str(self.visit(value))
            case ast.Call(func=ast.Name(id="bool"), args=[value], keywords=[]):
                found = self.made(f"icmp ne i64 {self.visit(value)}, 0")
                return self.made(f"zext i1 {found} to i64")
            case ast.Call(func=ast.Name(id="min" | "max" as word), args=[first, *rest], keywords=[]) if rest:
                made = str(self.visit(first))
                for other in rest:
                    made = self.made(f"call i64 @llvm.s{word}.i64(i64 {made}, i64 {self.visit(other)})")
                return made
        return self.called(node, 1)

    def called(self, node: ast.Call, width: int) -> str:
        """Write the call of a kernel function that returns at most so many integers."""
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in self.names:
                signature = self.names[name]
                given = arguments[1:] if signature.machine else arguments
                if len(given) == len(signature.takes) and signature.width <= width:
                    return self.to(name, [self.visit(argument) for argument in given])
        raise self.wrong(node)

    def to(self, name: str, values: list[str]) -> str:
        """Write the call of a function with values; return the name of what it gives, several integers as one."""
        signature, symbol = self.names[name], name
        if A_FIELD in signature.takes and not self.checked:
            value = values[signature.takes.index(A_FIELD)]
            if value.isdecimal():
                self.versions.add((name, int(value)))
                symbol = f"{name}.{value}"
        passed = ", ".join(
            [PASSED] * (signature.machine or self.checked) + [f"i64 {value}" for value in values]
        )
        if signature.leaves:
            passed = passed.replace("%r", self.made(f"load ptr, ptr {self.row}"))
        # What runs in each round is worth a copy of its own: a zap of order 0 takes two thirds of the time.
        copied = " alwaysinline" if self.loops and not self.checked else ""
        made = self.made(f"call {signature.gives} @{symbol}({passed}){copied}")
        if not signature.leaves:
            return made
        row = self.made(f"extractvalue {signature.gives} {made}, {max(signature.width, 1)}")
        self.put(f"store ptr {row}, ptr {self.row}")
        return made if signature.width > 1 else self.made(f"extractvalue {signature.gives} {made}, 0")
