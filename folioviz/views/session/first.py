"""Where to begin: what greets a newcomer, what to try there, and a blank start; the pages selected in each."""

from __future__ import annotations

from markupsafe import Markup

from folioviz.files.scenario import Scenario
from folioviz.ops.ops import parse_line

FIRST = "first-look"

BLANK = Scenario(
    tuple(parse_line("mm; mmap 1 0 64")), "blank", "Blank: one process, one VMA of 64 pages, no folio yet"
)
"""Where one's own operations begin; under the kernels that are on the screen."""

PAGES = {FIRST: (16, 24), BLANK.name: (0, 16)}
"""Scenario -> the pages selected as it opens. Of the first, half of a folio: zapping it queues the folio under both
kernels, and rightly so. Of the blank one, room for a 64 KiB folio."""

TRY = Markup(
    "Step with <kbd>←</kbd> <kbd>→</kbd>. <b>Try:</b> MADV_DONTNEED on the selected half of folio 2."
)
