"""The tour: five sentences, each beside the figure that it speaks of, for who has never heard of a folio."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from folioviz.errors import LimitError
from folioviz.stories import tour, ways
from folioviz.views.boards.board import PARTLY, Board, columns
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.panels.controls import message
from folioviz.views.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from folioviz.views.session.frame import Frame


class Tour(Board):
    """One folio: born, mapped twice, halved, queued, split. The arrow keys go on and back, and nothing else acts."""

    def __init__(self) -> None:
        """Stand at the first stop."""
        super().__init__(Session(tour.make()))
        self.add_class("fv-story")
        self.add_class("fv-tour")
        self.stops = tour.stops()
        self.place = 0
        self.positions = [self.session.history.position_of("A", stop.row - 1) or 0 for stop in self.stops]
        moves = {"ArrowRight": 1, "ArrowLeft": -1, "onward": 1, "backward": -1}
        for name, by in moves.items():
            self.events.extra[name] = partial(self.move, by)
        for place in range(len(self.stops)):
            self.events.extra[f"stop{place}"] = partial(self.go, place)
        self.events.acts = {}
        self.menus.named = lambda _: {"stop": str(self.place + 1)}
        self.wrong = ""
        left, right = [self.lanes(controls=False), self.panel("folios")], [self.panel("queue")]
        self.session.selection.zoom = self.session.selection.lo, self.session.selection.hi = (
            0,
            1 << tour.ORDER,
        )
        self.session.seek(self.positions[0])
        self.lay(slot("tour", "fv-says"), columns(left, right))

    def move(self, by: int) -> None:
        """Go some stops on, or back; at an end, stay."""
        self.go(min(max(self.place + by, 0), len(self.stops) - 1))

    def go(self, place: int) -> None:
        """Go to a stop; the address keeps it."""
        self.place, self.wrong = place, ""
        self.menus.renew()
        self.session.seek(self.positions[place])

    def follow(self, fields: Mapping[str, str]) -> None:
        """Go to the stop that a link asks for; one that there is not is named."""
        try:
            self.go(tour.place_of(fields))
        except LimitError as error:
            self.wrong = f"{PARTLY}: {error}"
            self.show(self.session.frame)

    def show(self, frame: Frame) -> None:
        """Say the sentence of this stop, and draw the machine as it is there."""
        stop = says(self.stops, self.place, self.positions[self.place])
        wrong = {"wrong": html("<p>{}</p>", message(self.wrong))} if self.wrong else {}
        self.screen.put("tour", wrong | {"stop": stop})
        super().show(frame)


def says(stops: tuple[tour.Stop, ...], place: int, position: int) -> Markup:
    """Return a stop's sentence, and the ways from it."""
    last = place == len(stops) - 1
    dots = joined(
        html(
            '<button class="fv-dot" data-fv="do:stop{}" aria-label="{}: {}" title="{}"{}></button>',
            number,
            number + 1,
            stop.name,
            stop.name,
            html(' aria-current="step"') if number == place else "",
        )
        for number, stop in enumerate(stops)
    )
    on = (
        html('<a class="fv-btn fv-on" href="01-counters.ipynb">First story →</a>')
        if last
        else html('<button class="fv-btn fv-on" data-fv="do:onward">Next →</button>')
    )
    return html(
        '<section aria-label="the tour"><p class="fv-sentence" role="status"><b>{}</b> {}</p>'
        '<nav aria-label="stops"><button class="fv-btn" data-fv="do:backward"{}>← Back</button>{}'
        '<span class="fv-dots">{}</span><a class="fv-try" href="{}">Try it yourself, from here</a></nav>'
        "</section>",
        f"{place + 1}.",
        stops[place].text,
        "" if place else html(" disabled"),
        on,
        dots,
        ways.explorer(tour.query(position), f"{ways.TOUR}?stop={place + 1}"),
    )
