"""What can be opened from elsewhere: a scenario, or a schedule of a race."""

from __future__ import annotations

from folioviz.errors import LimitError
from folioviz.files import paste
from folioviz.files.documents import text_of
from folioviz.files.scenario import Scenario
from folioviz.race import link
from folioviz.race.document import RaceDocument
from folioviz.race.library import LIBRARY
from folioviz.race.report import ASSUMED
from folioviz.stories.races import called
from folioviz.views.session.builder import Opened

OWN = "a race of your own"
NONE = "none"
"""Kernel B of a session that shows A alone."""


def read(found: object) -> Scenario | RaceDocument:
    """Read what somebody pasted: a race or its link, or what :func:`folioviz.files.paste.read` takes.

    Raises:
        DocumentError: naming the place, the value and what is allowed.
        LimitError: for anything but a text, a scenario or a race.
    """
    if isinstance(found, Scenario | RaceDocument):
        return found
    if not isinstance(found, str):
        raise LimitError.of("the document", type(found).__name__, "text")
    return link.pasted(text_of(found)) or paste.read(found)


def title(found: RaceDocument) -> str:
    """Return what a race is called; a candidate is called one."""
    name = link.name_of(found)
    return found.title or OWN if name == link.OWN else f"race {called(LIBRARY[name])}"


def opened(found: RaceDocument) -> Opened:
    """Return what a race shows."""
    return Opened("", title(found), f"{found.about} {ASSUMED}".lstrip())


def pair_of(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return which two of more kernels to open: 1/3 alone beside the series where both are there."""
    if len(keys) <= 2:
        return keys
    both = tuple(key for key in ("v6.5-rc3+v4.1", "v6.5-rc3+v4") if key in keys)
    return both if len(both) == 2 else keys[:2]
