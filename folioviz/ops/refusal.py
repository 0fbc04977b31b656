"""Which operations cannot be done, and why: the -EINVAL of each operation, and a machine that is full.

An operation that passes never fails inside the kernel functions, which therefore need no error paths. The rules are in
:mod:`folioviz.ops.rules`, their words in :mod:`folioviz.ops.sentences`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard
from weakref import WeakKeyDictionary

import msgspec

from folioviz.machine.memory import HPAGE_PMD_ORDER
from folioviz.machine.view import View
from folioviz.ops import ops, reasons, rules
from folioviz.ops.rules.common import hit_bug
from folioviz.ops.sentences import sentence
from folioviz.ops.walk import folio_head, mm_slot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op

_written = {name: rule for module in rules.MODULES for name, rule in vars(module).items()}
RULES: Final[Mapping[str, Callable[..., int]]] = {
    word: _written[f"refuse_{word}"] for word in ops.WORDS if f"refuse_{word}" in _written
}
"""Word -> the rule that may refuse it, if there is one."""

_views: WeakKeyDictionary[Machine, View] = WeakKeyDictionary()
"""Of each machine that was asked about: memoryviews are made once."""


def refusal(machine: Machine, op: Op) -> str | None:
    """Return why an operation cannot be done now, in one sentence, or None if it can.

    The sentence names the thing, the value and the bound. O(1), except folio look-ups, O(pages), and what an operation
    on a range has to look at, O(its pages).
    """
    number = why_not(machine, op)
    return sentence(machine, op, number) if number else None


def why_not(machine: Machine, op: Op) -> int:
    """Return 0 if an operation can be done now, or the reason and its numbers (:mod:`folioviz.ops.reasons`)."""
    view = _views.get(machine)
    if view is None:
        view = _views[machine] = View(machine)
    if bug := hit_bug(view):
        return bug
    fields = msgspec.structs.astuple(op)
    match op.__struct_fields__[:1]:
        case ("mm",):
            fields = (mm_slot(view, fields[0]), *fields[1:])
            if fields[0] < 0:
                return reasons.NO_MM
        case ("folio",):
            fields = (folio_head(machine, fields[0]), *fields[1:])
            if fields[0] < 0:
                return reasons.NO_FOLIO
    rule = RULES.get(op.word)
    return rule(view, *fields) if rule else 0


def lacks_order(op: Op, orders: Collection[int]) -> TypeGuard[ops.Fault | ops.Enabled]:
    """Tell whether an operation asks for an order that a kernel does not have, whose faults have ``orders``."""
    if isinstance(op, ops.Fault):
        return op.order not in orders and op.order <= HPAGE_PMD_ORDER
    return isinstance(op, ops.Enabled) and op.order not in orders and 1 < op.order < HPAGE_PMD_ORDER


def missing(op: Op, functions: Collection[str]) -> str:
    """Return what came with the first value of an operation that a kernel of these functions does not have, or ""."""
    for name, (function, came) in op.asks.items():
        if function not in functions and getattr(op, name) != 0:
            return came
    return ""


def lacking(op: Op, key: str, orders: Collection[int], functions: Collection[str]) -> str:
    """Return why a kernel does not have an operation, or not of this order, in one sentence; "" if it does.

    Args:
        op: the operation.
        key: the kernel's.
        orders: what its faults by PTEs may have.
        functions: the names of its functions.
    """
    if op.call not in functions:
        if op.came:
            return f"{key} has no {op.word}: {op.came}"
        return f"the model of {key} has no {op.word}: no {op.call}() was modelled for this kernel"
    if came := missing(op, functions):
        return f"{key} has no {op.short()}: {came}"
    if not lacks_order(op, orders):
        return ""
    if isinstance(op, ops.Enabled):
        return f"cannot enable order {op.order} under {key}: its only large folios are of order {HPAGE_PMD_ORDER}"
    return (
        f"cannot fault order {op.order} under {key}: by PTEs it maps folios of "
        f"order {' or '.join(map(str, orders))} only (2 MiB folios: faultpmd, then splitpmd)"
    )
