"""Numbers in words, as everything that a person reads has them."""

from __future__ import annotations


def count(number: int, what: str) -> str:
    """Return a number and a noun, in the plural if need be."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def times(number: int) -> str:
    """Return how often, as one says it."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number:,} times")


def minus(number: int) -> str:
    """Return a number; what a negative one begins with is a real minus sign."""
    return str(number).replace("-", "−")


def signed(number: int) -> str:
    """Return a difference with its sign; 0 has none."""
    return f"{number:+,}".replace("-", "−") if number else "0"


def dashed(start: int, end: int) -> str:
    """Return the numbers ``[start, end)`` as one, or as first–last."""
    return str(start) if end - start == 1 else f"{start}–{end - 1}"


def size(order: int) -> str:
    """Return how large a folio of 2**order pages is."""
    kib = 4 << order
    return f"{kib} KiB" if kib < 1024 else f"{kib >> 10} MiB"
