"""The kernel's release, if a paste tells it: in ``uname -a``, at the beginning of the log, or beside a call trace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.diagnosis.lines import Line

FORMS: Final = (
    re.compile(r"\bLinux version (\d{1,3})\.(\d{1,4})(?:\.(\d{1,6}))?"),
    re.compile(r"^Linux \S{1,80} (\d{1,3})\.(\d{1,4})(?:\.(\d{1,6}))?\S{0,80} #"),
    re.compile(r"(?:Not tainted|Tainted: .{1,80}?) (\d{1,3})\.(\d{1,4})(?:\.(\d{1,6}))?\S{0,80} #"),
)

Release = tuple[int, int, int]
"""(6, 12, 88)"""


def release(lines: Iterable[Line]) -> Release | None:
    """Return the first release that a paste tells; None if it tells none."""
    for line in lines:
        if "Linux " in line.text or "ainted" in line.text:
            for form in FORMS:
                if found := form.search(line.text):
                    return int(found[1]), int(found[2]), int(found[3] or 0)
    return None
