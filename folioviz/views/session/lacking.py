"""Why a button is off under every kernel on the screen, in words that say which kernels have what it does."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from folioviz import kernels
from folioviz.link import functions_of

if TYPE_CHECKING:
    from folioviz.ops.op import Op

RELEASES: Final = tuple(key for key in kernels.KERNELS if "+" not in key and key != "v6.1.0")
"""The kernels of the model that are releases, the oldest first: their patched relatives have the same operations."""


@lru_cache(maxsize=len(RELEASES))
def functions(key: str) -> frozenset[str]:
    """Return the names of a kernel's functions."""
    return frozenset(
        name for module in kernels.modules_of(kernels.find(key)) for name in functions_of(module)
    )


@lru_cache(maxsize=128)
def where(call: str) -> str:
    """Return under which releases the model has a function: "under v6.1 and from v6.8 on"."""
    has = [call in functions(key) for key in RELEASES]
    last = len(RELEASES) - 1 - has[::-1].index(False) if not all(has) else -1
    single = [f"under {key}" for key, there in zip(RELEASES[: last + 1], has, strict=False) if there]
    later = [f"from {RELEASES[last + 1]} on"] if last + 1 < len(RELEASES) else []
    return " and ".join([*single, *later])


def why(kind: type[Op]) -> str:
    """Return why no kernel on the screen has an operation."""
    return kind.came or f"the model has it {where(kind.call)}"
