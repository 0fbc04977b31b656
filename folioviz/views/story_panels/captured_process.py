"""A captured process: what it has mapped, what its folios hold, cell by cell, and what 2 MiB of it become."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from folioviz.errors import FoliovizError
from folioviz.kernels import KERNELS
from folioviz.serving.live import PAGE
from folioviz.views.machine_panels import (
    asking,
    cards,
    chosen,
    figures,
    heat_map,
    orders,
    regions,
    taken,
    tips,
)
from folioviz.views.machine_panels.look import Look
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

NAMES: Final = {name: "a service" if name == taken.EXAMPLE else f"{name}.py" for name in taken.FILES}
"""The captures that come with folioviz -> what their buttons say."""


class CapturedProcess(Panel):
    """An example, or a capture of one's own: it is dropped, or chosen as a file; nothing of it is in a link.

    Attributes:
        name: the slot's.
        title: the heading.
        look: which capture, and what of it is selected; the model's kernel A is asked.
    """

    name = "captured_process"
    title = "A captured process"

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot(self.name, "fv-captured")
        self.widget.add_class("fv-machine")
        self.look = Look()
        self.said = ""
        self.asking = asking.Asking(self._again)
        self.actions = {"ask": self._ask, "more": self._more}
        self.actions |= {f"of{name}": partial(self._example, name) for name in taken.FILES}
        self.texts = {"capture": self._open}
        self.cell = self._select
        self.tip = self._tip
        self.draw()

    def choose(self, values: Mapping[str, Any]) -> None:
        """Ask the story's kernel A."""
        super().choose(values)
        if (key := str(values.get("a", ""))) in KERNELS:
            self.look.ask(key)
        self.draw()

    def update(self, frame: Frame) -> None:
        """Nothing: what is captured has nothing to do with what is played."""

    # ------------------------------------------------------------------------------------------- what is done

    def _again(self) -> None:
        """Show what has changed."""
        self.draw()
        self.screen.flush()

    def _ask(self) -> None:
        """Ask what becomes of what is selected."""
        self.asking.ask(self.look)
        self._again()

    def _more(self) -> None:
        """Show more regions."""
        self.look.more()
        self._again()

    def _example(self, name: str) -> None:
        """Show a capture that comes with folioviz."""
        self.said = ""
        self.look.take(taken.example(name))
        self._again()

    def _open(self, text: str) -> None:
        """Show a capture of the reader's; one that is wrong changes nothing, and what is wrong is said."""
        self.said = ""
        try:
            self.look.take(taken.of_browser(text))
        except FoliovizError as error:
            self.said = f"Not opened: {error}"
        self._again()

    def _select(self, region: int, block: int) -> None:
        """Select a block, or a region."""
        self.said = ""
        try:
            self.look.select(region, block)
        except FoliovizError as error:
            self.said = str(error)
        self._again()

    def _tip(self, asked: list[Any]) -> Markup:
        """Return what is told of a cell or a page."""
        return tips.tip(self.look.taken, asked)

    # ------------------------------------------------------------------------------------------- what is shown

    def draw(self) -> None:
        """Put all of it into the slot; what is as before is not sent."""
        look, now = self.look, self.look.taken
        self.asking.come_from = self.come_from
        self.screen.give("heat", heat_map.cells(now))
        self.screen.give("captured", "" if now.example else now.name)
        self.screen.give("chosen", {"region": look.region, "block": look.block})
        sections = heat_map.pieces(look)
        folios = joined(cards.pieces(now, look.region, look.block).values())
        asked = asking.pieces(look, self.asking, self.name)
        pieces = {
            "head": html(
                "<div>{}</div>", heading(self.title, "cell by cell, as a running kernel had it", "space")
            ),
            "ways": self.ways(),
            "said": html(
                '<p class="fv-captured-bad" role="alert"{}>{}</p>',
                EMPTY if self.said else html(" hidden"),
                self.said,
            ),
            "figures": html(
                '<div class="fv-captured-figures">{}{}</div>',
                figures.bar(now),
                joined(piece for name, piece in figures.strip(now).items() if name != "notes"),
            ),
            "map": html(
                '<div class="fv-captured-map">{}<div class="fv-captured-cells">{}</div></div>',
                orders.legend(now.blocks),
                joined(sections.values()),
            ),
            "regions": html('<div class="fv-captured-regions">{}</div>', regions.table(look)),
            "chosen": html(
                '<div class="fv-captured-chosen"><div class="fv-mc-words">{}</div>{}</div>',
                chosen.words(look),
                folios,
            ),
            "asked": html(
                '<div class="fv-captured-asked">{}</div>',
                joined(piece for name, piece in asked.items() if name != "kernel"),
            ),
        }
        self.screen.put(self.name, pieces)

    def ways(self) -> Markup:
        """Return how to show a capture: the reader's, or an example; and the way to all of it."""
        buttons = joined(
            html(
                '<button class="fv-btn" data-fv="do:of{}" aria-pressed="{}">{}</button>',
                name,
                str(name == self.look.taken.name).lower(),
                called,
            )
            for name, called in NAMES.items()
        )
        return html(
            '<div data-captures class="fv-captured-ways"><label>a capture of yours '
            '<input type="file" data-capture-file accept=".gz,.json"></label> <span>dropped here, or chosen; '
            "{} makes one</span><span>or an example: {}</span>{}</div>",
            figures.HOW,
            buttons,
            self.all_of_it(),
        )

    def all_of_it(self) -> Markup:
        """Return the link to the dashboard that shows the same, with the kernel's counters beside it."""
        return html('<a href="{}?{}">All of it in <i>A running machine</i></a>', PAGE, self.look.query)
