"""A list of operations in one call of machine code: each is looked up, checked and done there, until one is refused.

``run(m, b, r, c, o, n)`` does up to ``n`` operations, the rows of ``o``: what a call of Python costs is paid once for
all of them. The rules of refusals (:mod:`folioviz.ops.checks`) are compiled like a kernel's functions.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from folioviz.engine import native
from folioviz.engine.compiled import OnMachine, OutsideError
from folioviz.engine.identity import identity
from folioviz.engine.module import COUNTS, FUEL, MOST_ARGUMENTS, OUTSIDE, PRINT, functions
from folioviz.engine.width import narrow
from folioviz.engine.writer import OVER, PASSED
from folioviz.errors import KernelError, LimitError
from folioviz.link import constants_of, functions_of
from folioviz.machine.journal import ENTER
from folioviz.ops import checks, folio_checks, reasons, room, walk
from folioviz.ops.ops import WORDS
from folioviz.ops.refusal import RULES, lacks_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from folioviz.engine.module import Keeps
    from folioviz.engine.subset import Signature
    from folioviz.link import Linked
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op

WORD: Final = 0
FIELD: Final = 1
WHY: Final = FIELD + MOST_ARGUMENTS
RESULT: Final = WHY + 1
WIDTH: Final = RESULT + 1
"""Columns of a plan: the word's number, fields from FIELD on, why it was refused (0: it was not), what it returned."""
UNKNOWN: Final = -1
"""The word's number where a kernel does not have the operation."""
MOST_ROUNDS: Final = 10_000_000
"""So many rounds of loops may one call of a checked kernel take: more than plain Python does in a second."""
NUMBERS: Final = {kind: number for number, kind in enumerate(WORDS.values())}
LOOKED_UP: Final = {"mm": ("mm_slot", reasons.NO_MM), "folio": ("folio_found", reasons.NO_FOLIO)}
"""A first field that is an id: what finds it, and why the operation is refused if nothing is found."""


def _gone(first: str) -> str:
    """Return what looks up an operation's first field, ``%f0``, as ``%w0``."""
    find, why = LOOKED_UP[first]
    return f"""  %w0 = call i64 @{find}({PASSED}, i64 %f0)
  %gone = icmp slt i64 %w0, 0
  br i1 %gone, label %nobody, label %there
nobody:
  ret i64 {why}
there:
"""


def _checked(rule: str, given: str) -> str:
    """Return what asks a rule, and leaves if it refuses."""
    return f"""  %why = call i64 @{rule}({PASSED}{given})
  %no = icmp ne i64 %why, 0
  br i1 %no, label %refused, label %go
refused:
  ret i64 %why
go:
"""


def _done(kind: type[Op], signature: Signature) -> str:
    """Return the function that looks up, checks and does an operation; it returns why not."""
    names = kind.__struct_fields__
    looked_up = names[:1] if names and names[0] in LOOKED_UP else ()
    values = {name: f"i64 %{'w' if name in looked_up else 'f'}{place}" for place, name in enumerate(names)}
    text = f"define internal i64 @do.{NUMBERS[kind]}({OVER}, ptr noalias %o) nounwind {{\n"
    for place in range(len(names)):
        text += f"  %f{place}.at = getelementptr i64, ptr %o, i64 {FIELD + place}\n"
        text += f"  %f{place} = load i64, ptr %f{place}.at\n"
    text += narrow(len(names), reasons.NOT_HAD)
    if looked_up:
        text += _gone(names[0])
    word = kind.__name__.lower()
    if word in RULES:
        text += _checked(RULES[word].__name__, "".join(f", {value}" for value in values.values()))
    if "end" in kind.takes:
        text += f"  %end = add {values['vpn']}, {values['pages'].removeprefix('i64 ')}\n"
        values["end"] = "i64 %end"
    given = "".join(f", {values[name]}" for name in kind.takes)
    result = "%x" if signature.width else "0"
    return f"""{text}  %x = call i64 @{kind.call}({PASSED}{given})
  %x.at = getelementptr i64, ptr %o, i64 {RESULT}
  store i64 {result}, ptr %x.at
  ret i64 0
}}
"""


MODULES: Final = (walk, reasons, room, checks, folio_checks)
"""What is compiled beside a kernel: what looks things up, and the rules."""
BELOW: Final = {name: function for one in MODULES for name, function in functions_of(one).items()}
NAMED: Final = {f"{one.__name__}.{name}": n for one in MODULES for name, n in constants_of(one).items()}
"""The functions of these modules, and the integers that they name."""


def text(linked: Linked, keeps: Keeps, trial: Collection[str] | None = None) -> str:
    """Return a kernel with the rules as LLVM's text, whose one way in does a list of operations.

    For a ``trial`` (:class:`Batch`) it is checked, and keeps the machine's fingerprint.
    """
    kinds = [kind for kind in WORDS.values() if kind.call in linked.code]
    rules = [RULES[word].__name__ for word, kind in WORDS.items() if kind in kinds and word in RULES]
    names, body = functions(
        linked,
        [*(kind.call for kind in kinds), *rules, *(find for find, _ in LOOKED_UP.values()), "hit_bug"],
        keeps,
        checked=trial is not None,
        printed=trial is not None,
        told=trial or (),
        below=BELOW,
    )
    done = "".join(_done(kind, names[kind.call]) for kind in kinds)
    cases = "".join(f"    i64 {NUMBERS[kind]}, label %word.{NUMBERS[kind]}\n" for kind in kinds)
    words = "".join(
        f"word.{number}:\n  %why.{number} = call i64 @do.{number}({PASSED}, ptr %row)\n  br label %told\n"
        for number in map(NUMBERS.__getitem__, kinds)
    )
    reached = "".join(f", [ %why.{NUMBERS[kind]}, %word.{NUMBERS[kind]} ]" for kind in kinds)
    return f"""{body}
{done}
define i64 @run({OVER}, ptr noalias %o, i64 %n) nounwind {{
first:
  br label %next
next:
  %i = phi i64 [ 0, %first ], [ %after, %told ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %one, label %end
one:
  %at = mul i64 %i, {WIDTH}
  %row = getelementptr i64, ptr %o, i64 %at
  %word = load i64, ptr %row
  %known = icmp sge i64 %word, 0
  br i1 %known, label %known.word, label %told
known.word:
  %bug = call i64 @hit_bug({PASSED})
  %stands = icmp eq i64 %bug, 0
  br i1 %stands, label %look, label %told
look:
  switch i64 %word, label %none [
{cases}  ]
{words}none:
  br label %told
told:
  %why = phi i64 [ {reasons.NOT_HAD}, %one ], [ %bug, %known.word ], [ {reasons.NOT_HAD}, %none ]{reached}
  %why.at = getelementptr i64, ptr %row, i64 {WHY}
  store i64 %why, ptr %why.at
  %after = add i64 %i, 1
  %good = icmp eq i64 %why, 0
  br i1 %good, label %next, label %end
end:
  ret i64 %i
}}
"""


@lru_cache(maxsize=64)
def _code(linked: Linked, keeps: Keeps, trial: frozenset[str] | None) -> native.Code:
    """Return a kernel's machine code for lists of operations, made once."""
    if not native.installed():
        raise KernelError(native.MISSING)
    patches = [name for name, source in linked.sources.items() if not source.startswith("folioviz.")]
    if patches and trial is None:
        raise KernelError(f"only in a trial a batch runs a patch, which may be wrong: {', '.join(patches)}")
    words = [
        (word, kind.call, kind.takes, kind.__struct_fields__, word in RULES and RULES[word].__name__)
        for word, kind in WORDS.items()
    ]
    named = identity(linked, BELOW, NAMED, keeps=keeps, words=words)
    return native.Code(named, lambda: text(linked, keeps, trial), native.BATCH_IN, once=trial is not None)


class Batch(OnMachine):
    """A kernel on one machine, for lists of operations; no rows are left.

    :meth:`plan` writes a list down as an array, which may be run often, on machines of every size.

    Attributes:
        machine: the machine.
    """

    def __init__(
        self,
        linked: Linked,
        machine: Machine,
        orders: Collection[int] = range(10),
        *,
        costs: bool = False,
        trial: frozenset[str] | None = None,
    ) -> None:
        """Make it ready: 1 to 2 CPU s if it is not on disk, 0.1 for a trial.

        Args:
            linked: the kernel.
            machine: which must not move in memory; it has the fields that the kernel keeps.
            orders: what a fault by PTEs may have under this kernel (``Kernel.orders``).
            costs: whether costs are counted.
            trial: for a trial of patches, which may be wrong: functions of which is counted how often they are entered.
                It is checked, counts costs, keeps a fingerprint, and is not kept on disk.

        Raises:
            CannotCompileError: if a function has what only plain Python can run.
            KernelError: if there is no compiler, or a patch that is not folioviz's own outside of a trial.
        """
        super().__init__(machine)
        self.machine = machine
        keeps: Keeps = "none" if trial is None and not costs else "costs"
        self._run = _code(linked, keeps, trial).prepare()
        self._orders, self._checked = orders, trial is not None
        self._idle = machine.snapshot()
        row = np.zeros(WIDTH, np.int64)
        self._row, self._row_at, self._told = row.data, row.ctypes.data, self._cursor.data

    def plan(self, ops: Iterable[Op]) -> np.ndarray:
        """Return operations as an array for :meth:`run`, int64 of shape (n, WIDTH).

        What the kernel does not have, by its word or its order, is refused when it is its turn (NOT_HAD).
        """
        rows = []
        for op in ops:
            number = UNKNOWN if lacks_order(op, self._orders) else NUMBERS[type(op)]
            fields = msgspec.structs.astuple(op)
            rows.append((number, *fields, *_PADS[len(fields)]))
        return np.array(rows, np.int64).reshape(-1, WIDTH)

    def run(self, plan: np.ndarray) -> int:
        """Do the operations of a plan until one is refused; return how many were done.

        Column WHY is then 0 for each of them, and RESULT what the kernel returned. The next one's WHY is the reason
        (:mod:`folioviz.ops.reasons`): :func:`folioviz.ops.sentences.sentence` has the words. After a bug the next
        operation is refused. Rows behind it are not touched.

        Raises:
            OutsideError, LimitError: as :meth:`does`.
            ValueError: for an array that is not of a plan's type and shape.
        """
        if plan.dtype != np.int64 or plan.shape != (len(plan), WIDTH) or not plan.flags.c_contiguous:
            raise ValueError(f"a plan is int64 of shape (n, {WIDTH}), in C order")
        return self._ran(plan.ctypes.data, len(plan))

    def does(self, op: Op) -> bool:
        """Do one operation, if it is possible; tell whether it is.

        Raises:
            OutsideError: if an index of a checked kernel was outside; only a reset makes the machine whole again.
            LimitError: if its loops found no end; as above.
        """
        number = UNKNOWN if lacks_order(op, self._orders) else NUMBERS[type(op)]
        fields = msgspec.structs.astuple(op)
        _ROWS[len(fields)].pack_into(self._row, 0, number, *fields)
        return self._ran(self._row_at, 1) > 0

    def _ran(self, rows: int, count: int) -> int:
        """Run so many rows of a plan; return how many were done."""
        (m, b, c), told = self._addresses, self._told
        if not self._checked:
            return self._run(m, b, 0, c, rows, count)
        told[FUEL], told[OUTSIDE] = MOST_ROUNDS, 0
        done = self._run(m, b, 0, c, rows, count)
        if told[OUTSIDE]:
            raise OutsideError
        if told[FUEL] <= 0:
            raise LimitError.of("the rounds of loops", f"over {MOST_ROUNDS}", f"at most {MOST_ROUNDS}")
        return done

    @property
    def entered(self) -> int:
        """How often a function of ``trial`` was entered since the last :meth:`reset`."""
        return int(self._told[COUNTS + ENTER])

    @property
    def fingerprint(self) -> int:
        """In a trial: what tells machines apart that have begun alike (:data:`folioviz.engine.module.PRINT`)."""
        return int(self._told[PRINT])

    def reset(self) -> None:
        """Make the machine as it was at first, and forget what was counted; O(machine), some us for a small one."""
        self._machine.restore(self._idle)
        self.forget()


_ROWS: Final = [Struct(f"{FIELD + length}q") for length in range(MOST_ARGUMENTS + 1)]
_PADS: Final = [(0,) * (WIDTH - FIELD - length) for length in range(MOST_ARGUMENTS + 1)]
