"""The kernel's release, if a paste tells it: in ``uname -a``, at the beginning of the log, or beside a call trace."""

from __future__ import annotations

import re
from typing import Final

FORMS: Final = (
    re.compile(r"\bLinux version (\d{1,3})\.(\d{1,4})(?:\.(\d{1,6}))?"),
    re.compile(r"(?m)^\s*Linux \S{1,80} (\d{1,3})\.(\d{1,4})(?:\.(\d{1,6}))?\S{0,80} #"),
    re.compile(r"(?m)(?:Not tainted|Tainted: [^\n]{1,80}?) (\d{1,3})\.(\d{1,4})(?:\.(\d{1,6}))?\S{0,80} #"),
)

Release = tuple[int, int, int]
"""(6, 12, 88)"""


def release(text: str) -> Release | None:
    """Return the first release that a paste tells; None if it tells none."""
    for form in FORMS:
        if found := form.search(text):
            return int(found[1]), int(found[2]), int(found[3] or 0)
    return None


def named(found: Release) -> str:
    """Return a release as the kernel writes it: "6.12.88"."""
    return ".".join(map(str, found))
