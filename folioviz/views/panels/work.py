"""What panels share: long work a little at a time, and what is read once per operation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from folioviz.views.page.markup import html
from folioviz.views.panels.transport import button

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markupsafe import Markup

    from folioviz.views.player.track import Track
    from folioviz.views.session.session import Session

EVERY = 0.1
"""Seconds between two looks at the progress."""
T = TypeVar("T")


class Work:
    """Long work on the kernel's loop: the page goes on to react, sees the progress, and can cancel."""

    def __init__(self, draw: Callable[[], None]) -> None:
        """Do nothing yet; ``draw`` shows how far it is."""
        self.draw = draw
        self.task: asyncio.Task[None] | None = None

    @property
    def able(self) -> bool:
        """Tell whether there is a loop to work on; a script has none."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    def start(self, steps: Iterator[None]) -> None:
        """Go through steps, unless there is work already."""
        if self.task is None:
            self.task = asyncio.ensure_future(self._run(steps))

    def stop(self) -> None:
        """Cancel; what has been done stays."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
            self.draw()

    async def _run(self, steps: Iterator[None]) -> None:
        """Go through the steps; let others have their turn after each."""
        loop, mine = asyncio.get_running_loop(), asyncio.current_task()
        drawn = loop.time()
        try:
            for _ in steps:
                if loop.time() - drawn > EVERY:
                    drawn = loop.time()
                    self.draw()
                await asyncio.sleep(0)
        finally:
            if self.task is mine:  # what was cancelled may end after other work has begun
                self.task = None
        self.draw()

    def pieces(self, go: Markup, stop: str, done: int, total: int) -> dict[str, Markup]:
        """Return the button that starts, or the progress and the button ``do:stop`` that cancels."""
        if self.task is None:
            return {"go": go}
        bar = html(
            '<progress value="{0}" max="{1}" aria-label="progress"></progress> {0} of {1}', done, total
        )
        # The button is a piece of its own: it stays where it is while the bar moves.
        return {
            "bar": html('<span class="fv-progress">{}</span>', bar),
            "stop": button(stop, "Cancel", "stop here; what has been found stays"),
        }


class PerOperation(Generic[T]):
    """What is read of the operation under the playhead, once for each kernel."""

    def __init__(
        self, session: Session, read: Callable[[Track, int], T], about: Callable[[], object] = lambda: None
    ) -> None:
        """Read nothing yet.

        Args:
            session: whose playhead.
            read: is given a track and the number of an operation.
            about: returns what else is read of; it is read again when that changes.
        """
        self.session = session
        self.read = read
        self.about = about
        self._kept: dict[str, tuple[tuple[object, ...], T]] = {}

    def __getitem__(self, place: int) -> T:
        """Return what was read for kernel A (0) or B (1)."""
        history = self.session.history
        track, index = history.tracks[place], history.at[0]
        key = (track.lab, track.version, index, self.about())
        kept = self._kept.get(track.side)
        if kept is None or kept[0] != key:
            kept = self._kept[track.side] = (key, self.read(track, index))
        return kept[1]

    def go(self, rows: Sequence[int], by: int, place: int = 0) -> None:
        """Go to the next of A's or B's rows (1), or to the one before (-1), round and round."""
        track = self.session.history.tracks[place]
        now = track.lab.cursor
        later, before = [row for row in rows if row >= now], [row for row in rows if row + 1 < now]
        if rows:
            self.session.go_to_row(track.side, (later or rows)[0] if by > 0 else (before or rows)[-1])
