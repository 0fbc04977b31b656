"""Ways from the explorer: to the gallery, to the stories that tell what is shown, to what words mean, and back."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.errors import FoliovizError
from folioviz.extras import version
from folioviz.readout.glossary import TERMS
from folioviz.serving import landing, serve
from folioviz.stories import KEYS, told, ways
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.stories.ways import Way
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

HOME = "."
"""The gallery's address beside the explorer's."""
KNOWN = "truth"
"""The story of how all this is known."""
OWN = "lost-memory"
"""The story with a box for one's own numbers."""
WAITING = Markup('<p class="fv-dim">One moment …</p>')


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Return what each story is called, by its page: that stands in its notebook. None if there are no notebooks."""
    try:
        return {card["file"]: card["title"] for card in landing.cards(serve.notebooks())}
    except FoliovizError:
        return {}


def to(way: Way, text: str) -> Markup:
    """Return a link; in JupyterLab, where it would load all of JupyterLab again, the notebook's name."""
    return html(
        '<a class="fv-served" href="{0}" title="{1}">{2}</a><span class="fv-lab">{2} (<code>{3}</code>)</span>',
        way.address,
        titles().get(way.page, ""),
        text,
        way.page,
    )


def tellers(name: str) -> Markup:
    """Return which story tells a scenario of the library, as a sentence with a link; nothing if none does."""
    found = told.table().get(name, ())
    if not found:
        return EMPTY
    one = ways.way(*found[0])
    return html("{} tells this.", to(one, one.name.capitalize()))


def listed(name: str) -> Markup:
    """Return every story that tells a scenario of the library, with its title."""
    found = [ways.way(*one) for one in told.table().get(name, ())]
    if not found:
        return html('<p class="fv-dim">No story does exactly these operations.</p>')
    items = joined(
        html("<li>{}: {}</li>", to(one, one.name.capitalize()), titles().get(one.page, "")) for one in found
    )
    return html("<p>What is on the screen is told by</p><ul>{}</ul>", items)


def glossary() -> Markup:
    """Return every word of the glossary: what it is, and where the kernel has it."""
    words = joined(
        html("<dt>{}</dt><dd>{} <small>{}</small></dd>", one.title, one.text, one.source)
        for one in sorted(TERMS.values(), key=lambda one: one.title.strip("_").lower())
    )
    return html("<dl>{}</dl>", words)


def menu(key: str) -> Markup:
    """Return the button beside the name, and what it opens."""
    return html(
        '<div><button class="fv-btn fv-small" popovertarget="fv-ways-{0}" aria-haspopup="dialog" '
        'aria-label="more of folioviz" title="gallery, stories, glossary, how it is known">▾</button>'
        '<div popover id="fv-ways-{0}" class="fv-pop" data-pop="ways" data-asks="do:words" role="dialog" '
        'aria-label="More of folioviz"><h2>folioviz {1}</h2>'
        '<p class="fv-served"><a href="{2}">Gallery</a>: {3} stories, and {4}.</p>'
        '<p class="fv-lab">{3} stories, listed in <code>{6}</code> beside this notebook.</p>'
        '<div data-slot="told"></div>'
        "<p>How it is known: {5}. What your own smaps or memory.stat says: {7}.</p>"
        '<details><summary>Glossary</summary><div data-slot="words"></div></details>'
        '<p class="fv-dim">BSD-3-Clause</p></div></div>',
        key,
        version("folioviz"),
        HOME,
        len(KEYS),
        to(ways.way(ways.TOUR), "a tour of a minute"),
        to(ways.way(KNOWN), ways.name(KNOWN)),
        serve.INDEX,
        to(ways.way(OWN), ways.name(OWN)),
    )


def name() -> Markup:
    """Return our name, which leads to the gallery where there is one."""
    return html(
        '<h1 class="fv-brand"><a class="fv-served" href="{0}" title="all stories">{1}</a>'
        '<span class="fv-lab">{1}</span></h1>',
        HOME,
        "folioviz",
    )


class Ways(Panel):
    """The name at the top left, which leads to the gallery; a menu of what else there is; the way back to a story."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("ways", "fv-ways")
        self.actions = {"words": self.words}
        screen.put("words", WAITING)
        self.pieces = {"name": name(), "menu": menu(screen.model_id)}

    def came(self, way: Way) -> None:
        """Take the story that this page was opened from."""
        self.pieces["back"] = html(
            '<a class="fv-back fv-served" href="{}" title="back to {}">← {}</a>',
            way.address,
            titles().get(way.page, way.name),
            way.name,
        )

    def words(self) -> None:
        """Show the glossary, which nobody reads before the menu is open."""
        self.screen.put("words", glossary())
        self.screen.flush()

    def update(self, frame: Frame) -> None:
        """Name the stories of what is shown."""
        self.screen.put("ways", self.pieces)
        self.screen.put("told", listed(frame.scenario))
