"""Sliders: the hardware that is simulated, each number with its default, and where that is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.stories.parts.hardware import SLIDERS
from folioviz.views.page.markup import html
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.stories.parts.parts import Slider
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

BY_NAME = {one.name: one for one in SLIDERS}


def row(one: Slider) -> Markup:
    """Return a slider with its words; where its value is comes as data, so that a hand on it is never disturbed."""
    values = [value for _, value in one.options]
    first = values.index(one.value)
    names = "|".join(name for name, _ in one.options)
    kind = one.source.partition(":")[0].partition(" ")[0]
    return html(
        '<label class="fv-slide" title="{}" style="--at:{}"><span>{}</span><input type="range" min="0" max="{}" '
        'step="1" value="{}" data-slide="{}" data-words="{}"><output></output><small>default {}, {}</small></label>',
        f"{one.tooltip}. Default: {one.options[first][0]}, {one.source}",
        round(first / (len(values) - 1), 4),
        one.label,
        len(values) - 1,
        first,
        one.name,
        names,
        one.options[first][0],
        kind,
    )


class ContentionSliders(Panel):
    """A slider for every number that is assumed, and a button that brings the defaults back."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("slides", "fv-slides")
        self.texts = {"slide": self.slid}
        self.actions = {"defaults": lambda: self.pick({one.name: one.value for one in SLIDERS})}

    def slid(self, text: str) -> None:
        """Take where a slider is, ``name=place``; what is no place of a slider is ignored."""
        name, _, place = text.partition("=")
        one = BY_NAME.get(name)
        if one and place.isascii() and place.isdigit() and len(place) < 3 and int(place) < len(one.options):
            self.pick({name: one.options[int(place)][1]})

    def update(self, _frame: Frame) -> None:
        """Show the sliders, and hand over where they are."""
        title = heading("Hardware", "assumed; the mark on a line is the default", "line")
        pieces = {"head": html("<div>{}</div>", title)} | {one.name: row(one) for one in SLIDERS}
        back = button("defaults", "All defaults", "bring every slider back to its default")
        self.screen.put("slides", pieces | {"back": html('<div class="fv-buttons">{}</div>', back)})
        places = {
            one.name: [value for _, value in one.options].index(self.values[one.name]) for one in SLIDERS
        }
        self.screen.give("slides", places)
