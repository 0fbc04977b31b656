"""The released kernels after the series, v6.8 to v7.3."""

from __future__ import annotations

from folioviz.kernels.kernel import Change, Kernel

KERNELS: tuple[Kernel, ...] = ()

CHANGES: dict[str, Change] = {}
"""Module -> what it follows."""
