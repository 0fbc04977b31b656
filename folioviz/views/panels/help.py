"""The help: a dialog over the page with every key, and a legend that is drawn as the screen is."""

from __future__ import annotations

from markupsafe import Markup

from folioviz.machine.costs import COSTS
from folioviz.machine.fields import ON_CARD
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import of_folio
from folioviz.views.page.text import badge
from folioviz.views.panels.events import KEYS
from folioviz.views.panels.lane_runs import GUARD, HUGE, SWAPPED, WRITABLE, ZERO

KEY_NAMES = {
    "ArrowRight": "→",
    "ArrowLeft": "←",
    "Shift+ArrowRight": "Shift →",
    "Shift+ArrowLeft": "Shift ←",
    " ": "Space",
    "Escape": "Esc",
}
"""Key, as a browser calls it -> what stands on it."""

PAGE_KEYS = {
    " ": "play, or stop",
    "s": "share this moment",
    "e": "export",
    "o": "open what you paste, or a file",
    "?": "this help",
    "Escape": "close what is open",
}
"""Keys that the page itself takes."""

GROUPS = {
    "Time": ("ArrowLeft", "ArrowRight", ",", ".", "Shift+ArrowLeft", "Shift+ArrowRight", "Home", "End", " "),
    "Operations": ("m", "d", "f", "w", "/", "u", "r"),
    "Selection and zoom": ("[", "]", "{", "}", "+", "-", "0"),
    "Trace, code and /proc": ("c", "t", "x"),
    "Page": ("s", "e", "?", "Escape"),
}
"""Heading -> its keys; a key that is in no group stands under the last heading."""

IN_LANES = (
    ("←  →", "in a lane or on a card: look at the page before, or after"),
    ("Shift ←  →", "in a lane: select from here on"),
    ("Enter", "in a lane: select this page"),
    ("Shift click", "highlight a folio, a page or counter of it, a cost, an operation, a line: for a link"),
)
"""Keys of what has the focus."""


def keys() -> Markup:
    """Return every key, in groups."""
    words = {key: text for key, (text, _) in KEYS.items()} | PAGE_KEYS
    grouped = {key for group in GROUPS.values() for key in group}
    out = []
    for title, names in GROUPS.items():
        last = title == list(GROUPS)[-1]
        rest = [key for key in words if key not in grouped] if last else []
        found = [(KEY_NAMES.get(key, key), words[key]) for key in (*names, *rest) if key in words]
        if title.startswith("Selection"):
            found += IN_LANES
        rows = joined(html("<div><dt><kbd>{}</kbd></dt><dd>{}</dd></div>", key, text) for key, text in found)
        out.append(html("<section><h3>{}</h3><dl>{}</dl></section>", title, rows))
    return joined(out)


def lane(
    *strips: list[tuple[int, int, int, int, int]], pages: int = 8, chosen: str = "", cut: str = ""
) -> Markup:
    """Return a piece of a lane; the browser paints it with the brush of the lanes (runs: see ``lane_runs``)."""
    runs = ";".join(",".join(str(number) for run in strip for number in run) for strip in strips)
    return html(
        '<canvas class="fv-sample" data-runs="{}" data-view="{}" data-chosen="{}" data-cut="{}"></canvas>',
        runs,
        pages,
        chosen,
        cut,
    )


def cell(kind: str, text: str) -> Markup:
    """Return one cell of a card."""
    return html('<i class="{}">{}</i>', kind, text)


def cells(*kinds: tuple[str, str]) -> Markup:
    """Return cells of a card."""
    inside = joined(cell(kind, text) for kind, text in kinds)
    return html('<div class="fv-cells" style="--c:{}">{}</div>', of_folio(1), inside)


def mark(shape: str, side: str = "a") -> Markup:
    """Return a mark of the timeline."""
    return html('<svg viewBox="-8 -8 16 16" class="fv-mark fv-mark-{}"><path d="{}"/></svg>', side, shape)


def stroke(side: str) -> Markup:
    """Return a line of the timeline."""
    return html('<svg viewBox="0 0 48 16" class="fv-stroke fv-stroke-{}"><path d="M1 8H47"/></svg>', side)


DOWN, UP, SQUARE, CROSS = (
    "M-6 -4H6L0 6Z",
    "M-6 4H6L0 -6Z",
    "M-5 -5H5V5H-5Z",
    "M-2 -6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
)
RW, PMD = WRITABLE, WRITABLE | HUGE


def legend() -> Markup:
    """Return what is drawn, drawn, and what it means."""
    groups: dict[str, tuple[tuple[str, str], ...]] = {
        "Lanes: the pages of a process": (
            (lane([(0, 8, 1, 1, RW)]), "mapped, in the colour of its folio; a line between pages"),
            (lane([(0, 8, 0, 1, 0)]), "in a VMA, not mapped"),
            (lane([(0, 8, 1, 1, 0)]), "read-only: a write copies the page, reuses it, or is refused"),
            (lane([(0, 512, 2, 1, PMD)], pages=512), "mapped by one PMD, all 512 pages: a dark base"),
            (lane([(0, 8, 3, 1, RW)], chosen="4,8"), "selected: what the buttons act on"),
            (lane([(0, 3, 0, 1, 0), (5, 8, 0, 3, 0)]), "a gap: no VMA there"),
            (
                lane([(0, 4, 1, 1, RW), (36, 40, 2, 2, RW)], pages=40, cut="4,36"),
                "//: a long gap, cut short; keys go straight over it",
            ),
            (lane([(0, 4, 0, 1, ZERO), (4, 8, 1, 1, RW)]), "rings: the shared zero page, in no folio"),
            (lane([(0, 4, 0, 1, GUARD), (4, 8, 1, 1, RW)]), "crosses: guard markers; a touch is a SIGSEGV"),
            (lane([(0, 4, 0, 1, SWAPPED), (4, 8, 1, 1, RW)]), "arrows: swapped out"),
            (
                lane([(0, 8, 1, 1, RW)], [(0, 3, 0, 1, 0), (3, 8, 1, 1, RW)]),
                "two kernels: A is the upper strip, B the lower",
            ),
        ),
        "Cards: the pages of a folio": (
            (cells(("m1", "1"), ("m2", "2"), ("m0", "")), "how many PTEs map it: one, two, none"),
            (cells(("m1 x", "1"), ("m1", "1")), "underlined: AnonExclusive; without: maybe shared"),
            (cells(("m1 z", "1"), ("m0 z", "")), "a dot: the page holds nothing but zeros"),
            (cells(("m1 d", "1"), ("m1", "1")), "red frame: the last step changed it"),
            (
                badge("queued #1", "warn"),
                "on the deferred split queue, first in line: under memory pressure the shrinker may split it",
            ),
            (
                badge("spurious", "bad"),
                "queued for nothing: this operation unmaps all of it, or all of it is mapped",
            ),
            (badge("unflagged", "info"), "queued at birth (v6.12): split only if it is underused"),
            (badge("PG_partially_mapped", "warn"), "flagged: the shrinker splits it (v6.12)"),
            (badge("waiting in mmu_gather", "info"), "unmapped; freed after the TLB flush"),
            (badge("partially mapped", "calm"), "some pages mapped, some not"),
        ),
        "Timeline and costs": (
            (stroke("a"), "kernel A: solid, orange"),
            (stroke("b"), "kernel B: dashed, blue"),
            (mark(DOWN) + mark(UP), f"{COSTS['qadd'].words}; {COSTS['qdel'].words}"),
            (mark(SQUARE, "b") + mark(CROSS, "b"), "freed; TLB flush"),
            (
                Markup('<b class="fv-better">−2</b> <b class="fv-worse">+1</b>'),
                "B does less, or more, than A of what costs time",
            ),
        ),
    }
    out = []
    for title, items in groups.items():
        rows = joined(
            html('<li><span class="fv-look" aria-hidden="true">{}</span><span>{}</span></li>', look, text)
            for look, text in items
        )
        out.append(html("<section><h3>{}</h3><ul>{}</ul></section>", title, rows))
    return joined(out)


READING = (
    ("_mapcount", "Begins at −1: −1 is not mapped, 0 is mapped once. Cells and charts show it plus 1."),
    *((row.word, f"{row.text.partition('. ')[0]}.") for row in ON_CARD),
    ("P1 ×16", "Among owners: process 1 maps it 16 times."),
    (
        "NO_PAGE_MAPCOUNT",
        "No count per page: cells are from the page tables; fewer mappings than pages is “partially mapped”.",
    ),
    ("underused", "A folio with more than max_ptes_none zero-filled pages; the shrinker splits it (v6.12)."),
    (
        "mTHP",
        "Folios of 16 KiB to 1 MiB at a fault, each size switched by itself (More: sizes; v6.8).",
    ),
)
"""Counter or word -> what to know to read it; of the counters of a card the first sentence of what a click opens."""


def help_card() -> Markup:
    """Return the help's button, and the dialog that the browser opens and closes."""
    counters = joined(
        html("<div><dt><code>{}</code></dt><dd>{}</dd></div>", name, text) for name, text in READING
    )
    return html(
        '<button class="fv-btn fv-help-button" aria-haspopup="dialog" aria-expanded="false" aria-label="help" '
        'title="keys and legend (?)">?</button>'
        '<dialog class="fv-help" role="dialog" aria-modal="true" aria-label="Help: keys and legend">'
        '<div class="fv-help-head"><h2>Keys and legend</h2>'
        '<button class="fv-btn" data-help="close" title="close the help (Esc)">Close</button></div>'
        '<div class="fv-help-body" tabindex="0" role="group" aria-label="keys and legend">'
        '<div class="fv-help-keys">{}</div><div class="fv-help-legend">{}'
        '<section class="fv-help-wide"><h3>Counters are the kernel’s</h3><dl>{}</dl>'
        "<p>Click a counter’s name on the page to read what it is and where the kernel keeps it.</p>"
        "</section></div></div></dialog>",
        keys(),
        legend(),
        counters,
    )
