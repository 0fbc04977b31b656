"""Open: the menu into which operations, documents, links and our own texts are pasted, and what is said of them."""

from __future__ import annotations

import inspect

from markupsafe import Markup

from folioviz import diagnosis, kernels
from folioviz.diagnosis.text import plural_of
from folioviz.errors import DocumentError
from folioviz.ops.ops import WORDS
from folioviz.race.document import RaceDocument
from folioviz.readout.words import count
from folioviz.stories import ways
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.panels.ways import to
from folioviz.views.session import opening

MEMORY = "lost-memory"
"""The story that explains a machine's numbers."""
EXAMPLE = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 8"


def grammar() -> Markup:
    """Return every operation's short form and what it does."""
    rows = joined(
        html(
            "<dt><code>{}</code></dt><dd>{}</dd>",
            kind.usage(),
            (inspect.getdoc(kind) or "").partition("\n")[0].replace("``", ""),
        )
        for kind in WORDS.values()
    )
    return html("<dl>{}</dl>", rows)


def checked(text: str) -> Markup:
    """Return what a pasted text holds, or why it cannot be opened; "" for nothing."""
    if not text.strip():
        return html('<p class="fv-dim">Nothing yet. For example: <code>{}</code></p>', EXAMPLE)
    try:
        found = opening.read(text)
    except DocumentError as error:
        return numbers(text) or html('<p class="fv-bad" role="status">{}</p>', str(error))
    if isinstance(found, RaceDocument):
        return html(
            '<p class="fv-good" role="status" data-good>{} of {} under {}</p>',
            opening.title(found),
            count(len(found.cpus), "CPU"),
            kernels.find(found.kernel).label,
        )
    names = " and ".join(kernels.find(key).label for key in found.kernels[:2])
    title = f"“{found.title}”: " if found.title else ""
    return html(
        '<p class="fv-good" role="status" data-good>{}{} under {}, mmu_gather {}</p>',
        title,
        count(len(found.ops), "operation"),
        names,
        found.mmu_gather,
    )


def numbers(text: str) -> Markup:
    """Return where a machine's numbers are explained, if the text is such; "" if not: they are no operations."""
    try:
        kinds = ", ".join(plural_of(*one) for one in diagnosis.explain(text).recognised)
    except DocumentError:
        return EMPTY
    return html(
        '<p class="fv-bad" role="status">This is {}, and no operations: {} explains it.</p>',
        kinds,
        to(ways.way(MEMORY), "Where did my memory go?"),
    )


def inside() -> Markup:
    """Return what the menu holds."""
    return html(
        '<h2>Open</h2><label class="fv-copy">operations in the short form, YAML or JSON, a link, a report or a mail '
        'of folioviz<textarea data-paste rows="5" spellcheck="false" placeholder="{}"></textarea></label>'
        '<div class="fv-checked" data-slot="pasted"></div>'
        '<div class="fv-copy"><label>or a file, which can be dropped on the page, too'
        '<input type="file" data-open accept=".yaml,.yml,.json,.txt"></label>'
        '<button class="fv-btn fv-primary" data-opens>Open</button></div>'
        "<details><summary>The short form: operations, one after the other, with ; between them</summary>{}</details>"
        "{}",
        EXAMPLE,
        grammar(),
        Markup(
            '<p class="fv-dim">MM is a process, VPN and PAGES are pages of 4 KiB, a folio has its number.</p>'
        ),
    )
