"""One's own numbers: a box for pieces of /proc, /sys and the log, and what they mean, in words with the numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz import diagnosis
from folioviz.diagnosis.findings import between
from folioviz.diagnosis.text import plural_of
from folioviz.errors import DocumentError
from folioviz.proc.files import files
from folioviz.proc.page import dump
from folioviz.readout.state import folios
from folioviz.readout.words import count
from folioviz.stories.lost_memory import ASKED, NEWEST, ops
from folioviz.stories.parts.pieces import ran
from folioviz.stories.parts.reports import CADVISOR
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import into

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from markupsafe import Markup

    from folioviz.diagnosis import Diagnosis, Number, Offer, Unknown
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

NUMBERS = 12
"""So many numbers are shown; a whole smaps has thousands."""
LONG = 200_000
"""Letters of a paste of which it is said that it is being read."""
FILES = (
    ("what a cgroup is charged that nobody maps", "cat /sys/fs/cgroup/…/memory.stat"),
    ("the same of the machine", "cat /proc/vmstat"),
    ("which process maps what", "cat /proc/PID/smaps"),
    ("which sizes, and how many folios", "grep . /sys/kernel/mm/transparent_hugepage/hugepages-*kB/stats/*"),
    ("how many are mapped whole, by size", "tools/mm/thpmaps --pid PID"),
    ("one page", "the lines that the kernel logs of it: page: refcount:… mapcount:…"),
)
"""What one wants to know, and what to paste for it."""


@lru_cache(maxsize=1)
def examples() -> Mapping[str, str]:
    """Return pastes of ours, by what is said of them: a published file, and files of the model's linker."""
    lab = ran(ops(ASKED), NEWEST)
    [folio] = folios(lab.machine)
    written = "\n".join(line for one in files(lab, ("smaps", "stats")) for line in one.lines)
    return {
        f"memory.stat of {CADVISOR.source}": "\n".join(
            f"{name} {value}" for name, value in CADVISOR.stat.items()
        ),
        "smaps and size statistics of the linker": written,
        "a dump of its page": "\n".join(dump(lab.machine, folio.head)),
    }


def box() -> Markup:
    """Return where one pastes, the examples, and what becomes of what is pasted."""
    buttons = joined(
        html('<button class="fv-btn" data-own-example="{}">{}</button>', text, name)
        for name, text in examples().items()
    )
    return html(
        '<div data-own><label class="fv-copy">paste here, one file or several<textarea data-own-text rows="6" '
        'spellcheck="false" autocomplete="off"></textarea></label>'
        '<div class="fv-own-row"><label>or a file <input type="file" data-own-file></label>'
        '<span class="fv-own-examples">or examples: {}</span></div>'
        '<p class="fv-own-bad" data-own-refused role="alert"></p>'
        '<div class="fv-own-said" data-slot="own_said" role="status"></div>'
        '<p class="fv-dim">What you paste goes to the Python process behind this page, on the machine that serves it, '
        "and nowhere else; folioviz writes it to no file. "
        "<span data-own-kept>The browser keeps it for this tab, so that a reload does not lose it.</span>"
        '<span data-own-unkept role="status" hidden>It is too long for the browser to keep: a reload empties the '
        "box.</span> In a terminal, <code>folioviz explain FILE</code> says the "
        "same.</p></div>",
        buttons,
    )


def nothing() -> Markup:
    """Return what to paste for which question."""
    rows = joined(html("<dt>{}</dt><dd><code>{}</code></dd>", *row) for row in FILES)
    return html('<dl class="fv-own-files">{}</dl>', rows)


def amounts(found: Diagnosis) -> Markup:
    """Return what is held and mapped by nobody, and what the shrinker would give back; nothing if that is not told."""
    rows = (
        ("held, and mapped by nobody", found.held),
        ("the shrinker gives back, unless pinned", found.gives_back),
    )
    told = joined(
        html("<div><dt>{}</dt><dd>{}</dd></div>", what, between(bounds)) for what, bounds in rows if bounds
    )
    return html('<dl class="fv-own-amounts">{}</dl>', told) if told else EMPTY


def numbers(found: Iterable[Number]) -> Markup:
    """Return the numbers that the conclusions are drawn from, folded."""
    every = [*found]
    if not every:
        return EMPTY
    rows = joined(
        html(
            "<tr><td>{}</td><td><code>{}</code></td><td>{} KiB</td></tr>", one.file, one.name, f"{one.kib:,}"
        )
        for one in every[:NUMBERS]
    )
    more = len(every) - NUMBERS
    rest = html('<p class="fv-dim">and {}</p>', count(more, "more number")) if more > 0 else EMPTY
    return html(
        "<details><summary>The numbers that this rests on</summary><table>{}</table>{}</details>", rows, rest
    )


def unknown(found: Iterable[Unknown]) -> Markup:
    """Return what cannot be known, and what would tell."""
    items = joined(
        html('<li>{} <span class="fv-dim">→ {}</span></li>', one.what, one.teller) for one in found
    )
    return html("<h3>What this does not tell → what would</h3><ul>{}</ul>", items) if items else EMPTY


def offered(offer: Offer | None, come_from: str) -> Markup:
    """Return the link to the smallest scenario of the same shape."""
    if offer is None:
        return EMPTY
    link = into(offer.query.removeprefix("?"), "Open the smallest scenario of the same shape", "", come_from)
    return html('<p class="fv-own-offer">{}: <code>{}</code> {}</p>', link, offer.ops, offer.why)


def told(found: Diagnosis, come_from: str) -> Markup:
    """Return what a paste means."""
    kinds = ", ".join(plural_of(*one) for one in found.recognised)
    said = joined(html("<li>{}</li>", sentence) for sentence in found.sentences)
    return html(
        '<div class="fv-own-two"><div><p class="fv-dim">Read: {}</p>{}<ul>{}</ul>{}</div><div>{}{}</div></div>',
        kinds,
        amounts(found),
        said,
        offered(found.offer, come_from),
        unknown(found.cannot_know),
        numbers(found.numbers),
    )


def answered(text: str, come_from: str) -> Markup:
    """Return what a paste means, or why that cannot be said."""
    if not text.strip():
        return nothing()
    try:
        return told(diagnosis.explain(text), come_from)
    except DocumentError as error:
        return html('<p class="fv-own-bad">Not understood: {}</p>', str(error))


class OwnNumbers(Panel):
    """The box, and what was last said of what is in it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("own_numbers", "fv-own")
        self.texts = {"numbers": self.explain}
        title = heading("Your own numbers", "what is held, and mapped by nobody", "partially")
        self.screen.put("own_numbers", {"head": html("<div>{}</div>", title), "box": box()})
        self.screen.put("own_said", nothing())

    def explain(self, text: str) -> None:
        """Say what was pasted; of what takes a moment to read, that first."""
        if len(text) > LONG:
            lines = f"{len(text.splitlines()):,} lines"
            self.screen.put("own_said", html('<p class="fv-dim">reading {} …</p>', lines))
            self.screen.flush()
        self.screen.put("own_said", answered(text, self.come_from))
        self.screen.flush()

    def update(self, frame: Frame) -> None:
        """Nothing: what is pasted has nothing to do with what is played."""
