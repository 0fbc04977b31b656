"""A panel: a part of a board, which shows frames and may take what a person does there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from folioviz.views.panels.chart_room import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FunctionType, ModuleType

    import ipywidgets as w
    from markupsafe import Markup

    from folioviz.race.document import RaceDocument
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session


class Panel(ABC):
    """A part of a board; docs/recipes/panel.md tells how to write one.

    A panel makes its widget when it is made, and shows every frame. What else a board offers is here, too; a panel
    uses what it needs.

    Args:
        screen: what takes its HTML.
        session: what a person did and chose; its methods change that.

    Attributes:
        widget: what the board lays out.
        actions: what it does at a key, or at a click on ``do:NAME``, by the key or the name.
        texts: what it does with a text of the browser's, by the name in the message.
        values: what the choices of its story say, by their names.
        pick: what it calls to make some of these choices itself; the board takes them.
        own: the functions of the reader's that its story was given.
        come_from: what its links into the explorer say of the story and its choices.
        resent: its own widgets that change what they show: charts, and what is dimmed while it is worked at.
        cell: what it calls for a region, and a 2 MiB block of it or -1, that was chosen in a heat map.
        tip: what it tells of what is looked at, "" of what is not its own.
        instead: what it shows in the place of its story's scenario, and of which row of the journal; None for that one.
    """

    widget: Any

    def __init__(self, screen: Screen, session: Session) -> None:
        self.screen = screen
        self.session = session
        self.actions: dict[str, Callable[[], None]] = {}
        self.texts: dict[str, Callable[[str], None]] = {}
        self.values: Mapping[str, Any] = {}
        self.pick: Callable[[Mapping[str, Any]], None] = lambda _: None
        self.own: Sequence[FunctionType | ModuleType] = ()
        self.come_from = ""
        self.resent: Sequence[w.Widget] = ()
        self.cell: Callable[[int, int], None] | None = None
        self.tip: Callable[[list[Any]], Markup] | None = None
        self.instead: tuple[RaceDocument, int] | None = None

    @abstractmethod
    def update(self, frame: Frame) -> None:
        """Show a frame: put pieces of HTML on the screen, and set what own widgets show; nobody else is asked."""

    def redraw(self) -> None:
        """Show the session's frame again: what changed is the panel's own."""
        self.update(self.session.frame)
        self.screen.flush()

    def send_again(self) -> None:
        """Send once more what its own widgets show, charts with all that is in them: a page has missed something."""
        for one in self.resent:
            for part in parts(one):
                part.send_state()

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what the choices of its story say: before its first frame, and when they change."""
        self.values = values
