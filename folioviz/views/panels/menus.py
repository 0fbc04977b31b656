"""Open, share and export: what the menus of the bar hold, the link of this moment, and the files that they save."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.compare.mail import mail
from folioviz.compare.report import report
from folioviz.compare.sentence import verdict
from folioviz.files.export import trace_csv, trace_events
from folioviz.files.scenario import MAX_TITLE
from folioviz.proc.page import dump, notes
from folioviz.race.history import History as Played
from folioviz.race.link import again
from folioviz.race.report import ASSUMED, played, wrapped
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.panels import open_menu
from folioviz.views.panels.links import document, link, shown
from folioviz.views.panels.panel import Panel
from folioviz.views.session import looks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from folioviz.files.export import Part
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

FILES = {
    "scenario": (
        "scenario.yaml",
        "Scenario",
        "operations, kernels and step, to open again here or in a shell",
    ),
    "trace": (
        "trace.csv",
        "Trace, CSV",
        "calls, writes and reasons of what the timeline shows, both kernels",
    ),
    "events": (
        "trace.json",
        "Trace, for Perfetto",
        "calls as slices, counters as tracks (Trace Event JSON); a microsecond stands for a row",
    ),
    "report": (
        "report.txt",
        "Report, 72 columns",
        "all that was done and what it cost, to paste into a mail",
    ),
    "folios": ("folios.txt", "Folios", "the head page of every folio at this step, as its kernel dumps it"),
}
"""What can be saved -> its file, its button and its tooltip."""

RACE_FILE = "race.yaml"
"""The file of a race, which folioviz race reads, too."""

PICTURES = {
    "lanes": "address spaces",
    "folios": "folios",
    "timeline": "timeline",
    "queue": "deferred split queue",
    "costs": "costs",
    "trace": "trace",
    "contention_curves": "curves of contention",
    "contention_lanes": "lanes of CPUs",
    "page": "the whole page",
}
"""Panel -> how the menu calls it; the browser leaves out those that are not on the page."""


class Menus(Panel):
    """The menus, and what they save."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("menus", "fv-buttons")
        self.actions = {f"save{what}": partial(self.save, what) for what in FILES} | {"mail": self.mail}
        self.named: Callable[[Frame], dict[str, str] | None] = lambda _: None
        """Gives the fields with which this page calls what is shown, if it has a way of its own."""
        self._linked: tuple[object, ...] = ()
        menus = {"open": open_menu.inside(), "share": share_inside(), "export": export_inside()}
        self.pieces = {name: menu(screen.model_id, name, inside) for name, inside in menus.items()}
        screen.put("pasted", open_menu.checked(""))

    def update(self, frame: Frame) -> None:
        """Hand the link to the browser, which adds the playhead's position."""
        key = frame.ops, frame.mmu_gather, frame.title, frame.scenario, *(side.kernel for side in frame.sides)
        key = *key, frame.race, frame.race and frame.plain
        key = *key, self.come_from, frame.noted.name
        if key != self._linked:
            self._linked = key
            tracks = self.session.history.tracks
            told = verdict([track.so_far(len(frame.ops) - 1) for track in tracks]) if frame.ops else ""
            self.screen.give("link", link(frame, self.named(frame), self.come_from, told))
        self.screen.give("looks", looks.said(self.session))
        self.screen.put("menus", ({"explorer": EXPLORER} if self.come_from else {}) | self.pieces)

    def renew(self) -> None:
        """Hand the link over again with the next frame: the page calls it something else."""
        self._linked = ()

    def check(self, text: str) -> None:
        """Say what a pasted text holds; nothing else changes."""
        self.screen.put("pasted", open_menu.checked(text))
        self.screen.flush()

    def mail(self) -> None:
        """Hand the browser some ten lines about all that was done."""
        with self.session.attempt("scenario"):
            frame = self.session.frame
            self.screen.send({"mail": self._schedule() if frame.race else mail(shown(frame), *self._noted())})

    def save(self, what: str) -> None:
        """Send a file to the browser, which saves it."""
        with self.session.attempt("scenario"):
            text = getattr(self, f"_{what}")(self.session.frame)
            name = RACE_FILE if what == "scenario" and self.session.frame.race else FILES[what][0]
            self.screen.send({"file": name}, [text.encode()])

    def _scenario(self, frame: Frame) -> str:
        """Return what is on the screen as a document."""
        return document(frame)

    def _report(self, frame: Frame) -> str:
        """Return the comparison of everything that was done."""
        return self._schedule() if frame.race else report(shown(frame), note=self._noted())

    def _schedule(self) -> str:
        """Return what each CPU does in a schedule, in at most 72 columns, and what opens it again."""
        [track] = self.session.history.tracks
        race = self.session.history.race
        if not isinstance(track.lab, Played) or race is None:
            return ""
        name, looked = self._noted()
        parts = (name, played(track.lab, race.about), "\n".join(wrapped(ASSUMED)), again(race, looked))
        return "\n\n".join(filter(None, parts)) + "\n"

    def _noted(self) -> tuple[str, str]:
        """Return what this moment is called, and what its link says besides, if anything is called or highlighted."""
        noted, frame = self.session.frame.noted, self.session.frame
        looked = f"&at={frame.plain}{looks.said(self.session)}" if noted.name or noted.mark else ""
        return noted.name, looked

    def _folios(self, frame: Frame) -> str:
        """Return the head pages of the folios of this moment, as each kernel dumps them."""
        parts = []
        for side, track in zip(frame.sides, self.session.history.tracks, strict=True):
            title = f"# {side.kernel.label}, after row {side.row} of its journal"
            dumped = [
                line
                for folio in side.folios
                for line in (f"# folio {folio.id}", *dump(track.lab.machine, folio.head))
            ]
            parts.append("\n".join([title, f"# {notes(track.lab.machine)}", *dumped]))
        return "\n\n".join(parts) + "\n"

    def _trace(self, frame: Frame) -> str:
        """Return the trace of the operations that the timeline shows."""
        return trace_csv(self._parts(frame))

    def _events(self, frame: Frame) -> str:
        """Return the same for viewers of traces."""
        return trace_events(self._parts(frame))

    def _parts(self, frame: Frame) -> Iterator[Part]:
        """Give the operations that the timeline shows, of each kernel."""
        first, last = frame.span
        for track in self.session.history.tracks:
            for index, op in enumerate(frame.ops):
                if first <= frame.begins[index] < last:
                    yield track.lab, index + 1, op.short(), track.parts[index].start, track.parts[index].end


EXPLORER = Markup(
    '<a class="fv-btn fv-served" data-explorer target="_blank" title="what is shown here, with everything that the '
    'explorer can do">In the explorer</a>'
)
MENUS = {
    "open": ("Open…", "paste operations, a link or a document (o)"),
    "share": ("Share", "copy a link that reopens this moment, or some lines for a mail (s)"),
    "export": ("Export", "save files, take pictures (e)"),
}
"""Menu -> its button and its tooltip."""


def menu(key: str, name: str, inside: Markup) -> Markup:
    """Return a button and what it opens."""
    label, tooltip = MENUS[name]
    return html(
        '<div><button class="fv-btn" popovertarget="fv-{0}-{1}" aria-haspopup="dialog" '
        'title="{2}">{3}</button><div popover id="fv-{0}-{1}" class="fv-pop" data-pop="{0}" role="dialog" '
        'aria-label="{3}">{4}</div></div>',
        name,
        key,
        tooltip,
        label,
        inside,
    )


def share_inside() -> Markup:
    """Return the menu that shows and copies the link, and what does the same elsewhere."""
    line = Markup(
        '<div class="fv-copy" data-row="{0}"><label>{1}'
        '<input readonly data-out="{0}" spellcheck="false"></label>'
        '<button class="fv-btn" data-copy="{0}">Copy</button></div>'
    )
    return html(
        "<h2>Share this moment</h2><p>Opens these kernels, operations and step again.</p>"
        '<div class="fv-copy fv-naming"><label>name, shown where it is opened<input data-name autofocus '
        'maxlength="{}" spellcheck="false" placeholder="look at folio 2 after the munmap"></label>'
        '<div data-slot="marks"></div></div>'
        '<p class="fv-dim">A click with Shift highlights, too: a folio, one of its pages or counters, a cost, an '
        "operation, a line of the trace.</p>{}"
        '<p class="fv-dim" data-near hidden>This address works on this machine alone. Elsewhere, these do:</p>'
        '<p class="fv-dim" data-launched hidden>Starts this version on Binder: a minute or more. Quicker, where '
        "folioviz is installed:</p>{}{}{}"
        '<div class="fv-copy"><label>lines for a mail<textarea readonly data-out="mail" rows="3" '
        'placeholder="shown here when they are copied"></textarea></label>'
        '<button class="fv-btn" data-fv="do:mail">Copy for a mail</button></div>'
        '<p class="fv-copied" role="status"></p>',
        MAX_TITLE,
        line.format("link", "link"),
        line.format("open", "command that opens it"),
        line.format("shell", "command that prints its costs"),
        line.format("cell", "cell for JupyterLab"),
    )


def export_inside() -> Markup:
    """Return the menu that saves files and takes pictures."""
    files = joined(
        html(
            '<button class="fv-btn" data-fv="do:save{0}" title="{1}">{2}</button><small>{1}</small>',
            what,
            tip,
            label,
        )
        for what, (_, label, tip) in FILES.items()
    )
    options = joined(html('<option value="{}">{}</option>', name, label) for name, label in PICTURES.items())
    return html(
        '<h2>Save</h2><div class="fv-saves">{}</div><h2>Picture</h2><div class="fv-copy"><label>of'
        '<select data-picture>{}</select></label><button class="fv-btn" data-draw="png">PNG</button>'
        '<button class="fv-btn" data-draw="svg">SVG</button><button class="fv-btn" data-draw="html" title="a page with '
        'the picture, for a blog or a document; a click starts what is alive, from this address">HTML</button></div>',
        files,
        options,
    )
