"""The fields of large folios as columns of a capture: queue, flags, counters, and whose queue it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.capture.form import BLOCK
from folioviz.vmcore.structs import MM_IDS_SHARED

if TYPE_CHECKING:
    from drgn import Program

    from folioviz.vmcore.structs import Structs

POINTER = ~np.uint64(7)
"""What of ``memcg_data`` is an address; below are flags, include/linux/memcontrol.h."""


def columns(
    program: Program, structs: Structs, heads: np.ndarray, *, averages: bool
) -> dict[str, np.ndarray]:
    """Return columns of :mod:`folioviz.capture.kernel_side`, int64 of shape (folios,) each, those that the kernel has.

    Args:
        program: the kernel.
        structs: its struct pages.
        heads: the first frames of large folios.
        averages: whether the kernel keeps no ``_nr_pages_mapped``.
    """
    if not heads.size:
        return {}
    rows = _rows(structs, heads)
    has = structs.members
    found: dict[str, np.ndarray] = {}
    found |= {name: structs.column(rows, name) for name in ("ref", "entire", "nrpm", "large") if name in has}
    if averages:
        found.pop("nrpm", None)
    if structs.partially_mapped is not None:
        found["pm"] = structs.flag(rows, structs.partially_mapped)
    if structs.double_map is not None:
        found["dm"] = structs.flag(rows, structs.double_map)
    if "mm_ids" in has:
        found["maybe_shared"] = (structs.column(rows, "mm_ids") >> np.uint64(MM_IDS_SHARED)).astype(np.int64)
    found["dq"] = _queued(structs, heads, rows)
    if (bits := _node_bits(program)) is not None:
        found["node"] = (
            (structs.column(rows, "flags") >> np.uint64(64 - bits)).astype(np.int64)
            if bits
            else (np.zeros(heads.size, np.int64))
        )
    if "memcg" in has:
        found["memcg"] = _numbered(structs.column(rows, "memcg") & POINTER, _root(program))
    return found


def _rows(structs: Structs, heads: np.ndarray) -> np.ndarray:
    """Return the first three struct pages of each folio in a row; blocks are read one after the other."""
    rows = np.zeros((heads.size, 3 * structs.stride), np.uint8)
    numbers = heads // BLOCK
    order = np.argsort(numbers, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        pages = structs.read(int(numbers[part[0]]) * BLOCK, BLOCK)
        rows[part] = structs.folios(pages, heads[part] % BLOCK)
    return rows


def _queued(structs: Structs, heads: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return whether a folio's ``_deferred_list`` is linked: neither empty nor, as before it is made, 0."""
    where = structs.members["list"].offset
    own = np.uint64(structs.base) + heads.astype(np.uint64) * np.uint64(structs.stride) + np.uint64(where)
    following = structs.column(rows, "list")
    third = np.ascontiguousarray(
        rows[:, 2 * structs.stride + structs.members["compound"].offset :][:, :8]
    ).view(np.uint64)[:, 0]
    has_third = third & np.uint64(1) != 0  # else the third struct page is another folio's
    queued: np.ndarray = has_third & (following != own) & (following != 0)
    return queued.astype(np.int64)


def _node_bits(program: Program) -> int | None:
    """Return how many of the highest bits of a page's flags are its node; None if that is not to be found out."""
    try:
        nodes = program["node_data"].type_.length
    except LookupError:
        return 0
    return None if nodes is None else int(nodes).bit_length() - 1


def _root(program: Program) -> int:
    """Return the address of the root's cgroup."""
    try:
        return int(program["root_mem_cgroup"].value_())
    except LookupError:
        return 0


def _numbered(pointers: np.ndarray, root: int) -> np.ndarray:
    """Return cgroups by numbers, from 1 on in the order in which they come; the root's, and none, is 0."""
    numbers: dict[int, int] = {0: 0, root: 0}
    for pointer in pointers.tolist():
        numbers.setdefault(pointer, len(set(numbers.values())))
    return np.array([numbers[pointer] for pointer in pointers.tolist()], np.int64)
