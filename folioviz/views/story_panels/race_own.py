"""A race of one's own: kernel, setup and what each CPU does, in fields; what is shown above stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.errors import DocumentError, FoliovizError
from folioviz.files.share import fields_of
from folioviz.kernels import GATHER_MODES, KERNELS, VARIANTS
from folioviz.race import link
from folioviz.race.race import LAWS
from folioviz.race.words import MAX_OPS, ON_CPUS, OWN
from folioviz.stories import races
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.race.document import RaceDocument
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

CPUS: Final = 3
"""So many CPUs have a field."""


class RaceOwn(Panel):
    """Takes a race that somebody writes, and says what is wrong with it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("raceown", "fv-raceown")
        self.texts = {"ownrace": self.written}
        self.fault = ""

    def written(self, text: str) -> None:
        """Take what stands in the fields, as a query string; if it is wrong, that is said, and nothing else changes."""
        asked = fields_of(text)
        texts = [asked.get(f"cpu{cpu}", "").strip() for cpu in range(CPUS)]
        asked["cpus"] = link.BETWEEN.join(filter(None, texts))
        try:
            if not any(texts):
                raise DocumentError("no CPU does anything: write an operation for CPU 0 at least")
            for name in ("setup", "laws"):
                link.checked(name, asked.get(name, ""))
            found = link.own(asked)
            found.race()
        except FoliovizError as error:
            self.fault = f"{str(error)[:1].upper()}{str(error)[1:]}."
            self.redraw()
            return
        self.fault = ""
        fields = dict.fromkeys(races.OWN_FIELDS, "") | link.fields(found)
        self.pick({**fields, "schedule": "", "step": ""})

    def update(self, _frame: Frame) -> None:
        """Show the fields with the race that is shown."""
        race = races.chosen(self.values)
        title = heading("A race of your own", "begin with the one above, and change it", "race")
        said = html('<p class="fv-race-fault fv-bad" role="status">{}</p>', self.fault)
        self.screen.put(
            "raceown",
            {
                "head": html("<div>{}</div>", title),
                "form": form(race),
                "said": said,
                "words": grammar(),
            },
        )


def form(race: RaceDocument) -> Markup:
    """Return the fields."""
    shown = {**KERNELS, **VARIANTS}
    options = joined(option(key, one.label, race.kernel) for key, one in shown.items())
    modes = joined(option(mode, mode, race.mmu_gather) for mode in GATHER_MODES)
    laws = joined(option(key, f"and {text}", ",".join(race.laws)) for key, text in LAWS.items())
    texts = [*race.cpus, *[""] * CPUS][:CPUS]
    cpus = joined(
        field(f"cpu{cpu}", f"CPU {cpu}", text, "" if cpu < CPUS - 1 else "nothing: two CPUs")
        for cpu, text in enumerate(texts)
    )
    return html(
        '<form data-own-race><div class="fv-raceown-row"><label>kernel <select name="kernel">{}</select></label>'
        '<label>mmu_gather <select name="gather">{}</select></label><label>laws <select name="laws">'
        '<option value="">those that always hold</option>{}</select></label></div>{}{}'
        '<button class="fv-btn fv-primary">Explore every schedule</button></form>',
        options,
        modes,
        laws,
        field("setup", "before", race.setup, ""),
        cpus,
    )


def option(value: str, text: str, chosen: str) -> Markup:
    """Return an option of a menu."""
    return html(
        '<option value="{}"{}>{}</option>', value, html(" selected") if value == chosen else EMPTY, text
    )


def field(name: str, label: str, text: str, hint: str) -> Markup:
    """Return a field with its label."""
    return html(
        '<label class="fv-raceown-line"><span>{}</span><input name="{}" value="{}" placeholder="{}" maxlength="{}" '
        'spellcheck="false" autocomplete="off"></label>',
        label,
        name,
        text,
        hint,
        link.MAX_TEXT,
    )


def grammar() -> Markup:
    """Return what may stand in the fields."""
    on_cpus = ", ".join(kind.__name__.lower() for kind in ON_CPUS)
    setup = " and ".join(word for word, kind in OWN.items() if kind not in ON_CPUS)
    return html(
        '<p class="fv-dim">Operations in the short form, with ; between them; a CPU does at most {}. A CPU may do: {}. '
        "“before” has every operation, and {}. An address is a page: <code>munmap 1 0 4</code> unmaps four pages of "
        "process 1 from page 0 on.</p>",
        MAX_OPS,
        on_cpus,
        setup,
    )
