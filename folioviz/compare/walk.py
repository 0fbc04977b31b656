"""A scenario and its run without a patch: what each operation enters, costs and leaves behind."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from folioviz.compare.outcome import KINDS
from folioviz.compare.random_ops import SIZES
from folioviz.ops.ops import Operation

if TYPE_CHECKING:
    from folioviz.machine.memory import Sizes


class Steps(NamedTuple):
    """What is known of each operation of a walk.

    Attributes:
        costs: int32 of shape (operations, kinds of journal rows): how often each kind came.
        ends: int32 of shape (operations,): where its writes end in ``addresses`` and ``values``.
        addresses: int32: what is written, once per operation.
        values: int32: what is there then.
    """

    costs: np.ndarray
    ends: np.ndarray
    addresses: np.ndarray
    values: np.ndarray


class Walk(msgspec.Struct, frozen=True):
    """A scenario, and its run under a kernel.

    Attributes:
        name: the scenario's, or "random 7".
        ops: its operations.
        entered: for each, the functions that it entered, as a mask of their numbers, little-endian; empty if it was
            refused, or came after a bug of the kernel.
        small: whether it ran on a machine of :data:`folioviz.compare.random_ops.SIZES`, or of the usual ones.
        bug: whether a bug of the kernel fired.
        data: its steps, packed.
    """

    name: str
    ops: tuple[Operation, ...]
    entered: tuple[bytes, ...]
    small: bool
    bug: bool
    data: bytes

    @property
    def sizes(self) -> Sizes | None:
        """Return how large its machine is."""
        return SIZES if self.small else None

    def steps(self) -> Steps:
        """Unpack the steps; O(writes)."""
        rows = np.frombuffer(zlib.decompress(self.data), np.uint8).reshape(4, -1)
        numbers = np.ascontiguousarray(rows.T).view(np.int32).ravel()
        nr = len(self.ops)
        costs, ends = numbers[: nr * KINDS].reshape(nr, KINDS), numbers[nr * KINDS :][:nr]
        addresses, values = numbers[nr * (KINDS + 1) :].reshape(2, -1)
        return Steps(costs, ends, addresses, values)
