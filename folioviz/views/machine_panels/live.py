"""The machine at hand: its counters once a second, and its processes, for whoever has started the server."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.capture.form import Process
from folioviz.capture.live import Live, name_of
from folioviz.capture.take import take
from folioviz.errors import LiveError
from folioviz.views.machine_panels.amounts import PAGE_KIB, memory
from folioviz.views.machine_panels.taken import Taken
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.text import heading
from folioviz.watch import Counters, Series
from folioviz.watch.notes import BLIND, notes
from folioviz.watch.rows import rows
from folioviz.watch.screen import value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from folioviz.watch.rows import Row

LEAST: Final = 0.5
"""Seconds between two samples at least, whatever a page asks for."""
WIDE, HIGH = 120, 18
"""Size of a sparkline."""
MOST: Final = 30
"""So many processes are listed."""
RSS: Final = "RssAnon:"


RIGHTS: Final = {
    True: "This server runs as root: folios are seen.",
    False: "This server has no privileges: folios are not seen. sudo folioviz capture sees them.",
}
"""What a capture from here shows, by whether the server is root's."""


class Listed(NamedTuple):
    """A process: its id, its name, and its anonymous memory in pages."""

    pid: int
    name: str
    pages: int


class Running:
    """What is known of this machine so far.

    Raises:
        LiveError: where there is no Linux.
    """

    def __init__(self) -> None:
        self.counters = Counters()
        self.series = Series()
        self.processes = processes()
        self._last = -LEAST
        self.tick()

    def tick(self) -> None:
        """Take one more sample; one that comes too early is none."""
        now = time.monotonic()
        if now - self._last >= LEAST:
            self._last = now
            self.series.add(self.counters.sample())

    def look_again(self) -> None:
        """List the processes anew."""
        self.processes = processes()

    def capture(self, pid: int) -> Taken:
        """Capture one of the processes that are listed.

        Raises:
            LiveError: if it is not listed, or cannot be read.
            LimitError: if there is more than a document holds.
        """
        found = next((one for one in self.processes if one.pid == pid), None)
        if found is None:
            raise LiveError(f"process {pid} is not in the list")
        with Live([pid]) as source:
            return Taken(take(source, [Process()]), f"{found.name} ({pid})")


def processes(root: Path = Path("/proc")) -> list[Listed]:
    """Return this user's processes with the most anonymous memory; root sees those of everybody."""
    found = []
    for path in root.glob("[0-9]*"):
        try:
            text = (path / "status").read_text(encoding="utf-8", errors="replace")
            mine = os.geteuid() in {0, path.stat().st_uid}
        except OSError:
            continue
        words = next((line.split() for line in text.splitlines() if line.startswith(RSS)), None)
        if mine and words:
            pid = int(path.name)
            found.append(Listed(pid, name_of(pid) or "?", int(words[1]) // PAGE_KIB))
    return sorted(found, key=lambda one: (-one.pages, one.pid))[:MOST]


def sparkline(past: Sequence[float]) -> Markup:
    """Return the last values as a line from their smallest to their largest; what does not change lies flat."""
    if len(past) < 2:
        return html('<svg class="fv-mc-spark" viewBox="0 0 {} {}" aria-hidden="true"></svg>', WIDE, HIGH)
    low, high = min(past), max(past)
    step, size = WIDE / (len(past) - 1), (high - low) or 1
    points = " ".join(
        f"{place * step:.1f},{HIGH - 2 - (one - low) / size * (HIGH - 4):.1f}"
        for place, one in enumerate(past)
    )
    return html(
        '<svg class="fv-mc-spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}"/></svg>',
        WIDE,
        HIGH,
        points,
    )


def row(one: Row) -> Markup:
    """Return a counter's row."""
    name = html("<b>{}</b>", one.name) if one.computed else html("<code>{}</code>", one.name)
    return html(
        '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', name, sparkline(one.past), value(one)
    )


def counters(running: Running) -> dict[str, Markup]:
    """Return the counters as pieces; notes stand below, so that nothing moves when one comes."""
    said = joined(html('<p class="fv-note fv-mc-lies">{}</p>', text) for text in notes(running.series))
    return {
        "table": html(
            '<table class="fv-costs fv-mc-table fv-mc-live" aria-label="live counters"><tbody>{}</tbody></table>',
            joined(map(row, rows(running.series))),
        ),
        "notes": html("<div>{}</div>", said),
        "blind": html('<p class="fv-dim fv-mc-pair">{}</p>', BLIND),
    }


def head() -> Markup:
    """Return the heading, whose mark lets the page ask for a sample each second."""
    return html(
        "<div data-ticks>{}</div>",
        heading("Live counters", "this machine, each second while the page is seen"),
    )


def listed(running: Running, key: str) -> Iterator[Markup]:
    """Yield the processes, each with its button, which closes the list."""
    for one in running.processes:
        yield html(
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td><button class="fv-btn fv-small" '
            'popovertarget="fv-live-{}" popovertargetaction="hide" data-fv="pid:{}">Capture</button></td></tr>',
            one.name,
            one.pid,
            memory(one.pages),
            key,
            one.pid,
        )


def menu_button(key: str) -> Markup:
    """Return the button that opens the list of processes; ``key`` makes its id the only one of the window."""
    return html(
        '<div><button class="fv-btn" popovertarget="fv-live-{0}" aria-haspopup="dialog" title="capture a process of '
        'yours">Capture…</button><div popover id="fv-live-{0}" class="fv-pop" data-pop="live" data-asks="do:processes" '
        'role="dialog" aria-label="Capture a process"><h2>Capture a process</h2><p>{1}</p>'
        '<div data-slot="processes"></div></div></div>',
        key,
        RIGHTS[os.geteuid() == 0],
    )


def menu(running: Running, key: str) -> Markup:
    """Return the list of processes."""
    rows_ = joined(listed(running, key))
    return html(
        '<div class="fv-mc-processes"><table class="fv-costs"><thead><tr><th scope="col">process</th>'
        '<th scope="col">pid</th><th scope="col">anonymous</th><th scope="col"></th></tr></thead>'
        "<tbody>{}</tbody></table>{}</div>",
        rows_,
        EMPTY if running.processes else html('<p class="fv-empty">None of yours has anonymous memory.</p>'),
    )
