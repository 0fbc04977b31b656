"""Constants of madvise(), as programs say them (asm-generic/mman-common.h)."""

from __future__ import annotations

from typing import Final

MADV_DONTFORK: Final = 10
MADV_DOFORK: Final = 11
MADV_GUARD_INSTALL: Final = 102
MADV_GUARD_REMOVE: Final = 103
