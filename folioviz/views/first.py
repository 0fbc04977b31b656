"""What greets a newcomer: a small finished scenario, the pages selected in it, and what to try."""

from __future__ import annotations

from folioviz.ops import parse_line
from folioviz.scenario import Scenario

FIRST = "first-look"

FIRST_LOOK = Scenario(
    ops=tuple(parse_line("mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; fault 1 32 3; munmap 1 0 16")),
    name=FIRST,
    title="One munmap of a whole 64 KiB folio: A puts it on the deferred split queue for nothing, B does not",
    about="",
    kernels=("v6.5-rc3+v4.1", "v6.5-rc3+v4"),
)

FIRST_PAGES = (16, 24)
"""Half of a folio: zapping it queues the folio under both kernels, and rightly so."""

TRY = (
    "Step with <kbd>←</kbd> <kbd>→</kbd>. <b>Try:</b> press <b>MADV_DONTNEED</b> on the selected half of folio 2: both "
    "kernels queue it."
)
