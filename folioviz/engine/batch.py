"""A list of operations in one call of machine code: each is looked up, checked and done there, until one is refused.

``run(m, b, r, c, o, n)`` does up to ``n`` operations, the rows of ``o``: what a call of Python costs is paid once for
all of them. The rules of refusals (:mod:`folioviz.ops.rules`) are compiled like a kernel's functions.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from folioviz.engine import native, operations
from folioviz.engine.compiled import OnMachine, OutsideError
from folioviz.engine.identity import identity
from folioviz.engine.module import COUNTS, FUEL, MOST_ARGUMENTS, OUTSIDE, PRINT, functions
from folioviz.engine.writer import OVER, PASSED
from folioviz.errors import KernelError, LimitError
from folioviz.machine.journal import ENTER
from folioviz.ops import reasons
from folioviz.ops.ops import WORDS
from folioviz.ops.refusal import lacks_order, missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from folioviz.engine.module import Keeps
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


def text(linked: Linked, keeps: Keeps, trial: Collection[str] | None = None) -> str:
    """Return a kernel with the rules as LLVM's text, whose one way in does a list of operations.

    For a ``trial`` (:class:`Batch`) it is checked, and keeps the machine's fingerprint.
    """
    kinds = operations.had(linked)
    names, body = functions(
        linked,
        operations.roots(linked),
        keeps,
        checked=trial is not None,
        printed=trial is not None,
        told=trial or (),
        below=operations.BELOW,
    )
    done = "".join(operations.done(kind, names[kind.call]) for kind in kinds)
    cases = "".join(f"    i64 {NUMBERS[kind]}, label %word.{NUMBERS[kind]}\n" for kind in kinds)
    words = "".join(_word(kind, NUMBERS[kind]) for kind in kinds)
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
  %result.at = getelementptr i64, ptr %row, i64 {RESULT}
  switch i64 %word, label %none [
{cases}  ]
{words}none:
  br label %told
told:
  %why = phi i64 [ {reasons.NOT_HAD}, %none ]{reached}
  %why.at = getelementptr i64, ptr %row, i64 {WHY}
  store i64 %why, ptr %why.at
  %after = add i64 %i, 1
  %good = icmp eq i64 %why, 0
  br i1 %good, label %next, label %end
end:
  ret i64 %i
}}
"""


def _word(kind: type[Op], number: int) -> str:
    """Return the block that reads an operation's fields from its row, and does it."""
    text, given = f"word.{number}:\n", ""
    for place in range(len(kind.__struct_fields__)):
        text += f"  %at.{number}.{place} = getelementptr i64, ptr %row, i64 {FIELD + place}\n"
        text += f"  %f.{number}.{place} = load i64, ptr %at.{number}.{place}\n"
        given += f", i64 %f.{number}.{place}"
    name = operations.checked(kind)
    return f"{text}  %why.{number} = call i64 @{name}({PASSED}, ptr %result.at{given})\n  br label %told\n"


@lru_cache(maxsize=64)
def _code(linked: Linked, keeps: Keeps, trial: frozenset[str] | None) -> native.Code:
    """Return a kernel's machine code for lists of operations, made once."""
    if not native.installed():
        raise KernelError(native.MISSING)
    patches = [name for name, source in linked.sources.items() if not source.startswith("folioviz.")]
    if patches and trial is None:
        raise KernelError(f"only in a trial a batch runs a patch, which may be wrong: {', '.join(patches)}")
    decides = {"keeps": keeps, "words": operations.words(), "trial": trial is not None and sorted(trial)}
    return native.Code(
        identity(linked, operations.BELOW, operations.NAMED, **decides),
        lambda: text(linked, keeps, trial),
        native.BATCH_IN,
        level=native.LEVEL if trial is None else native.ONCE,
        stays=not patches,
    )


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
        """Make it ready: 1 to 5 CPU s if it is not on disk, 0.2 to 0.6 for a trial.

        Args:
            linked: the kernel.
            machine: which must not move in memory; it has the fields that the kernel keeps.
            orders: what a fault by PTEs may have under this kernel (``Kernel.orders``).
            costs: whether costs are counted.
            trial: for a trial of patches, which may be wrong: functions of which is counted how often they are entered.
                It is checked, counts costs, keeps a fingerprint, and stays on disk only without a patch.

        Raises:
            CannotCompileError: if a function has what only plain Python can run.
            KernelError: if there is no compiler, or a patch that is not folioviz's own outside of a trial.
        """
        super().__init__(machine)
        self.machine = machine
        keeps: Keeps = "none" if trial is None and not costs else "costs"
        self._run = _code(linked, keeps, trial).prepare()
        self._orders, self._functions, self._checked = orders, linked.code, trial is not None
        self._idle = machine.snapshot()
        row = np.zeros(WIDTH, np.int64)
        self._row, self._row_at, self._told = row.data, row.ctypes.data, self._cursor.data

    def plan(self, ops: Iterable[Op]) -> np.ndarray:
        """Return operations as an array for :meth:`run`, int64 of shape (n, WIDTH).

        What the kernel does not have, by its word or its order, is refused when it is its turn (NOT_HAD).
        """
        rows = []
        for op in ops:
            number = self._number(op)
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
        number = self._number(op)
        fields = msgspec.structs.astuple(op)
        _ROWS[len(fields)].pack_into(self._row, 0, number, *fields)
        return self._ran(self._row_at, 1) > 0

    def _number(self, op: Op) -> int:
        """Return the number of an operation's kind, or UNKNOWN for what the kernel does not have."""
        if lacks_order(op, self._orders) or missing(op, self._functions):
            return UNKNOWN
        return NUMBERS[type(op)]

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
