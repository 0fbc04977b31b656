"""Queue nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from folioviz.machine.primitives import View


def deferred_split_folio(m: View, folio: int) -> None:
    """Never queue anything."""
