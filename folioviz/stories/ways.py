"""Ways between the pages: where a story is, how the explorer opens a number of it, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from folioviz import stories
from folioviz.errors import LimitError
from folioviz.files.scenario import MAX_TITLE
from folioviz.files.share import fields_of
from folioviz.stories import tour

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Values

EXPLORER = "explorer.ipynb"
TOUR = "tour"
PAGES = {key: f"{place:02}-{key}.ipynb" for place, key in enumerate((TOUR, *stories.KEYS))}
"""Story -> its notebook, which is its page, too."""


class Way(NamedTuple):
    """Where a link leads: what the story is called in a sentence, its page beside the explorer's, and choices."""

    name: str
    page: str
    query: str

    @property
    def address(self) -> str:
        """Return the address beside the explorer's."""
        return f"{self.page}?{self.query}" if self.query else self.page


def name(key: str) -> str:
    """Return what a story is called in a sentence."""
    return "the tour" if key == TOUR else f"story {[*PAGES].index(key)}"


def way(key: str, query: str = "") -> Way:
    """Return the way to a story, with these choices."""
    return Way(name(key), PAGES[key], query)


def origin(key: str, values: Values) -> str:
    """Return what ``from`` says of a link from a story: its key, and the choices that bring what is chosen back.

    A choice at least is there, if the story has any: who comes back has made their guess.
    """
    first = stories.find(key).values
    differing = {name: value for name, value in values.items() if value != first[name]}
    query = urlencode(differing or dict([*values.items()][:1]))
    return f"{key}?{query}" if query else key


def explorer(query: str, come_from: str = "", title: str = "") -> str:
    """Return the address at which the explorer opens a scenario; ``title`` says what of the story it is.

    A scenario of the library has a title of its own, and so has a race.
    """
    more = {}
    if come_from and title and not query.startswith(("scenario=", "race=")):
        whole = f"{name(come_from.partition('?')[0])}, {title}"
        cut = whole if len(whole) <= MAX_TITLE else f"{whole[: MAX_TITLE - 1]}…"
        more["title"] = cut[:1].upper() + cut[1:]
    if come_from:
        more["from"] = come_from
    return f"{EXPLORER}?{query}{'&' if more else ''}{urlencode(more)}"


def back(text: str) -> Way:
    """Return the way back that a link's ``from`` tells.

    Raises:
        LimitError: if it is no story, or one without such a choice or stop.
    """
    key, _, query = text.partition("?")
    if key not in PAGES:
        raise LimitError.of("from", key, "the name of a story")
    fields = fields_of(query)
    if key == TOUR:
        return way(key, f"stop={tour.place_of(fields) + 1}" if "stop" in fields else "")
    story = stories.find(key)
    values, faults = story.asked(fields)
    if faults:
        raise LimitError(f"from: {'; '.join(faults)}")
    return way(key, urlencode({name: value for name, value in values.items() if name in fields}))
