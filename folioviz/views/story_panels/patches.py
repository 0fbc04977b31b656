"""Patches: the functions that B changes, each beside what it replaces, as folioviz's own Python has them."""

from __future__ import annotations

import difflib
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.readout.words import count
from folioviz.stories.parts.sources import changes
from folioviz.views.page.markup import html, joined, truth
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.kernels.kernel import Kernel
    from folioviz.stories.parts.sources import Change
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

MOST = 12
"""Functions that can be chosen from."""

CONTEXT = 3
"""Lines that stay on either side of a change where the rest is folded."""
KINDS = {"+": "fv-added", "-": "fv-taken", " ": "fv-kept"}
SIGNS = {"+": "+", "-": "−", " ": " "}


def marked(change: Change) -> Iterator[tuple[str, str]]:
    """Yield (sign, line) of a function: "+" and "-" where it replaces another, " " where it is new or the same."""
    before, after = change.before, change.after
    if not before:
        yield from ((" ", line) for line in after)
        return
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from ((" ", line) for line in after[k:m])
        else:
            yield from (("-", line) for line in before[i:j])
            yield from (("+", line) for line in after[k:m])


def folded(lines: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (sign, line) of the changes, and what is near them; what is not is one line of dots."""
    changed = [place for place, (sign, _) in enumerate(lines) if sign != " "]
    near = {place + by for place in changed for by in range(-CONTEXT, CONTEXT + 1)} | {0}
    dots = False
    for place, line in enumerate(lines):
        if not changed or place in near:
            yield line
        elif not dots:
            yield " ", "    …"
        dots = place not in near


def source(change: Change, *, fold: bool = False) -> Markup:
    """Return a function's source, line by line; folded, only what a patch changes of it."""
    lines = list(marked(change))
    shown = joined(
        html('<span class="{}">{} {}\n</span>', KINDS[sign], SIGNS[sign], line)
        for sign, line in (folded(lines) if fold else lines)
    )
    name = f"source of {change.name}()"
    return html('<pre tabindex="0" role="region" aria-label="{}">{}</pre>', name, shown)


def summary(change: Change) -> Markup:
    """Return where a function is from, and how much of it is changed."""
    where = html("<code>{}</code>", change.module)
    if not change.before:
        return html("{} adds it.", where)
    signs = [sign for sign, _ in marked(change)]
    more, less = signs.count("+"), signs.count("-")
    return html(
        "{} replaces that of <code>{}</code>: {} added, {} taken away.",
        where,
        change.was,
        count(more, "line"),
        less,
    )


def button(change: Change, place: int, chosen: int) -> Markup:
    """Return the button that shows a function."""
    kind = "new" if not change.before else "replaced"
    return html(
        '<button class="fv-btn" data-fv="do:fn{}" aria-pressed="{}"><code>{}()</code> '
        "<small>{}</small></button>",
        place,
        truth(place == chosen),
        change.name,
        kind,
    )


class Patches(Panel):
    """What the patches between A and B change."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("patches", "fv-patches")
        self.chosen = 0
        self._pair: tuple[str, str] = ("", "")
        self._changes: list[Change] = []
        self.actions = {f"fn{place}": partial(self.show, place) for place in range(MOST)}

    def show(self, place: int) -> None:
        """Show another function."""
        if place < len(self._changes):
            self.chosen = place
            self.session.show()

    def update(self, frame: Frame) -> None:
        """Draw the functions that B, or the only kernel, changes."""
        kernel = frame.sides[-1].kernel
        pair = (frame.sides[0].kernel.key, kernel.key)
        if pair != self._pair:
            self._pair = pair
            self._changes = changes(*pair)[:MOST] if kernel.parent else []
            self.chosen = 0
        self.screen.put("patches", {"head": head(kernel), **self._body()})

    def _body(self) -> dict[str, Markup]:
        """Return the functions to choose from, and the source of the one chosen."""
        if not self._changes:
            return {"none": Markup('<p class="fv-empty">The base of the series: it replaces nothing.</p>')}
        chosen = self._changes[self.chosen]
        buttons = joined(button(one, place, self.chosen) for place, one in enumerate(self._changes))
        names = html(
            '<div class="fv-functions" role="group" aria-label="functions changed">{}</div>', buttons
        )
        return {
            "names": names,
            "what": html(
                '<p>{} <span class="fv-dim">{}</span></p>', chosen.says.partition(chr(10))[0], summary(chosen)
            ),
            f"{chosen.module}.{chosen.name}": source(chosen),
        }


def head(kernel: Kernel) -> Markup:
    """Return what is shown, and what it is: no kernel text."""
    title = heading("What the patch changes", "folioviz’s own Python reading, not the patch’s C", "patch")
    return html('<div>{}<p>{} <span class="fv-dim">{}</span></p></div>', title, kernel.title, kernel.source)
