"""The figures on top: what is mapped, what is held though nobody maps it, and how much of this was seen and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from markupsafe import Markup

from folioviz.capture.captured import EACH, EXCLUSIVE, MAPCOUNT, PAGES
from folioviz.diagnosis.findings import plural
from folioviz.readout.words import count
from folioviz.views.machine_panels.amounts import exact, memory
from folioviz.views.page.markup import EMPTY, html, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.views.machine_panels.taken import Taken

HOW: Final = Markup("<code>sudo folioviz capture PID -o FILE</code>")
"""How a capture is made."""
UNSEEN: Final = "not seen"


class Figure(NamedTuple):
    """A number, in few words.

    Attributes:
        name: what it is of.
        value: the number, with its unit.
        more: what stands behind it.
        tip: the exact number, or what it means.
        kind: a class of the style sheet.
    """

    name: str
    value: str
    more: str = ""
    tip: str = ""
    kind: str = ""


def figures(taken: Taken) -> list[Figure]:
    """Return the figures of a capture."""
    sums, several = taken.regions, len(taken.capture.processes) > 1
    mapped = int(sums.mapped.sum())
    of = f"in {count(len(taken.capture.processes), 'process').replace('processs', 'processes')}"
    found = [
        Figure(
            "mapped, anonymous", memory(mapped), of, f"{exact(mapped)}: what RSS counts, process by process"
        )
    ]
    if not taken.capture.about.privileged:
        possible = int(sums.shared.sum())
        return [
            *found,
            Figure("held, mapped by nobody", held(taken), tip="folios are to be seen with privileges only"),
            Figure("folios partially mapped", UNSEEN, tip="folios are to be seen with privileges only"),
            Figure(
                "maybe shared", memory(possible), tip=f"{exact(possible)} that are not the process's alone"
            ),
        ]
    pages, unsure, shared = int(sums.held.sum()), int(sums.unsure.sum()), shared_pages(taken)
    more = f"and up to {memory(unsure)} more" if unsure else ""
    return [
        *found,
        Figure("held, mapped by nobody", held(taken), more, exact(pages), "fv-mc-held" if pages else ""),
        Figure(
            "folios partially mapped",
            f"{int(sums.partial.sum()):,}",
            f"of {taken.large:,}",
            "of those with more than one page",
        ),
        Figure(
            "mapped more than once" if several else "shared with other processes",
            memory(shared),
            tip=f"{exact(shared)}, each page counted once",
        ),
    ]


def held(taken: Taken) -> str:
    """Return how much is held."""
    return memory(int(taken.regions.held.sum())) if taken.capture.about.privileged else UNSEEN


def shared_pages(taken: Taken) -> int:
    """Return how many pages are mapped more than once, each counted once.

    A single page that is not exclusive, and that one captured process maps, is mapped by somebody else, too.
    """
    capture, runs = taken.capture, taken.capture.runs
    single = (runs[:, EACH] > 0) & (runs[:, EXCLUSIVE] == 0) & (runs[:, MAPCOUNT] == 1)
    return int(np.count_nonzero(capture.mapcounts + capture.foreign > 1) + runs[single, PAGES].sum())


UNPRIVILEGED: Final = (
    "An ordinary user sees what is mapped, by PMD or by PTE, and what is the process's alone; no folios, no mapcounts, "
    "and nothing of what is held."
)
DEDUCED: Final = (
    "Deduced: /proc does not say {}. Nor does it tell of pins, or of folios that a migration has flagged."
)
SEEN: Final = (
    "Queue, flags and counters of large folios are the kernel's own, read in its memory. Mapcounts of pages are "
    "counted from page tables."
)
AVERAGES: Final = (
    "This kernel counts no mappings of single pages of a large folio: /proc/kpagecount is an average. The numbers are "
    "from the page tables of the processes that were captured; where others may map pages, it says so."
)
MOVED: Final = "Their entry in pagemap was another one when it was read again: they are left out."


def notes(taken: Taken) -> Iterator[tuple[str, str]]:
    """Yield what must be known of a capture's numbers: in few words, and why."""
    about = taken.capture.about
    if about.memory:
        yield "seen in the kernel", SEEN
    elif about.privileged:
        yield "counted from page tables", DEDUCED.format(", ".join(about.deduced) or "mapcount")
    else:
        yield "captured without privileges", UNPRIVILEGED
    if about.no_page_mapcount:
        yield "CONFIG_NO_PAGE_MAPCOUNT", AVERAGES
    if about.moved:
        yield f"{count(about.moved, 'page')} moved", MOVED


def bar(taken: Taken) -> Markup:
    """Return what was captured, of which kernel, and how it went."""
    about = taken.capture.about
    called = taken.called
    moved = "nothing moved" if not about.moved else f"{count(about.moved, 'page')} moved"
    frozen = ", stopped" if about.frozen else ""
    processes = plural(len(taken.capture.processes), "process", "processes")
    return html(
        '<p class="fv-mc-what" title="{0}"><b>{0}</b> '
        "<span>Linux {1} · {2}{3} · read in {4} ms, {5} meanwhile</span></p>",
        called,
        about.release,
        processes,
        frozen,
        f"{about.ms:,}",
        moved,
    )


def strip(taken: Taken) -> dict[str, Markup]:
    """Return the figures and the notes as pieces."""
    out = {}
    for one in figures(taken):
        more = html(" <small>{}</small>", one.more) if one.more else EMPTY
        out[one.name] = html(
            '<dl class="fv-mc-figure" title="{}"><dt>{}</dt><dd class="{}">{}{}</dd></dl>',
            one.tip,
            one.name,
            one.kind,
            one.value,
            more,
        )
    said = joined(
        html('<details class="fv-mc-note"><summary>{}</summary><p>{}</p></details>', short, why)
        for short, why in notes(taken)
    )
    own = html("<p>An example. Yours: {}, then drop FILE here.</p>", HOW)
    out["notes"] = html('<div class="fv-mc-notes">{}{}</div>', said, own if taken.example else EMPTY)
    return out
