"""What every answer of the server tells a browser: where a page fetches from, who frames it, what is not guessed."""

from __future__ import annotations

import os
import re
from typing import Any

from folioviz.errors import LimitError

SOURCES = {
    "default-src": "'self'",
    # Voila's page has scripts in its text; anywidget's modules come as blobs. Nothing makes code of text.
    "script-src": "'self' 'unsafe-inline' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
"""Where a page may take what from: nothing comes from another server, and nothing is sent to one."""
FRAME = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")
"""A place whose pages may show ours in a frame; all below a name as ``https://*.example.org``."""
MOST_FRAMES = 20


def frames() -> str:
    """Return who may show a page in a frame besides the server itself: ``FOLIOVIZ_FRAMES``, ``*`` for everybody.

    Raises:
        LimitError: if that is not ``*``, or 0 to 20 origins with blanks between them.
    """
    text = os.environ.get("FOLIOVIZ_FRAMES", "")
    asked = text.split()
    if asked != ["*"] and not (len(asked) <= MOST_FRAMES and all(map(FRAME.fullmatch, asked))):
        raise LimitError.of(
            "FOLIOVIZ_FRAMES", text, f"* or at most {MOST_FRAMES} origins such as https://example.org"
        )
    return " ".join(asked)


def headers(others: str) -> dict[str, str]:
    """Return the headers of every answer; ``others`` as :func:`frames` returns them."""
    policy = SOURCES | {"frame-ancestors": f"'self' {others}".strip()}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def sending(fixed: dict[str, str]) -> Any:
    """Return what puts headers on each answer of the server, a file's and an error's, too."""
    from tornado.web import OutputTransform

    class Sending(OutputTransform):
        """Headers, in place of those that a handler chose."""

        def transform_first_chunk(
            self, status_code: int, headers: Any, chunk: bytes, finishing: bool
        ) -> tuple[int, Any, bytes]:
            """Set them."""
            headers.update(fixed)
            return super().transform_first_chunk(status_code, headers, chunk, finishing)

    return Sending
