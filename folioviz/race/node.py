"""What a CPU knows at a step."""

from __future__ import annotations

from typing import Any

Pending = tuple[int, int, Any, tuple[Any, ...]]
"""An event: its kind, address, and the raw function that does it, with arguments."""


class Node:
    """What a CPU knows at a step: the answers so far, and what it asks next.

    Attributes:
        number: its place among the nodes of its CPU.
        answers: all answers so far.
        segment: the events since the last step, which no other CPU can see, with their answers.
        pending: the step that it is at, or None if the CPU is done.
        locks: the locks that it holds.
        said: how many rows it has told.
        steps: how many events of the segment are on memory that other CPUs could see.
        where: the kernel functions that it is in, innermost first.
        result: what its operation returned.
        children: answer -> the nodes behind it.
    """

    __slots__ = (
        "answers",
        "children",
        "depth",
        "locks",
        "number",
        "pending",
        "result",
        "said",
        "segment",
        "steps",
        "where",
    )

    answers: list[Any]
    children: dict[Any, list[Node]]
    depth: int
    locks: frozenset[int]
    number: int
    pending: Pending | None
    result: Any
    said: int
    segment: list[tuple[int, int, Any, tuple[Any, ...], Any]]
    steps: int
    where: tuple[str, ...]
