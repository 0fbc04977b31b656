"""The kernels before the series: v6.1."""

from __future__ import annotations

from folioviz.kernels.kernel import Change, Kernel

KERNELS: tuple[Kernel, ...] = ()

CHANGES: dict[str, Change] = {}
"""Module -> what it follows."""
