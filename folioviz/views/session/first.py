"""What greets a newcomer: the pages selected in the first scenario of the library, and what to try."""

from __future__ import annotations

from markupsafe import Markup

FIRST = "first-look"

FIRST_PAGES = (16, 24)
"""Half of a folio: zapping it queues the folio under both kernels, and rightly so."""

TRY = Markup(
    "Step with <kbd>←</kbd> <kbd>→</kbd>. <b>Try:</b> MADV_DONTNEED on the selected half of folio 2."
)
