"""What the kernel's files say at this step: A and B side by side, line by line, what differs with a sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.ops.walk import live_mms, mm_slot, page_at
from folioviz.proc.files import files
from folioviz.proc.names import BY_NAME
from folioviz.proc.page import dump, notes, page_line
from folioviz.views.page.markup import EMPTY, html, joined, truth
from folioviz.views.panels.trace_view import OF_SIGN, SIGNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from folioviz.lab import Lab
    from folioviz.proc.names import FileName
    from folioviz.views.session.frame import Frame, Side

FILES: Final[dict[str, FileName]] = {
    "smaps": "smaps",
    "rollup": "smaps_rollup",
    "vmstat": "vmstat",
    "memory": "memory.stat",
    "sizes": "stats",
}
"""What a choice is called in a message -> the file."""
OF_PROCESS: Final = ("smaps", "rollup", "page")
NAMES: Final = {"memory": "memory.stat", "sizes": "stats"}
"""What a button says, where that is no choice's own name."""
TIPS: Final = {
    "smaps": "smaps of the selected process: each VMA",
    "rollup": "smaps_rollup of the selected process: all VMAs together",
    "vmstat": "/proc/vmstat: the whole machine",
    "memory": "memory.stat, as if one memory cgroup had all processes",
    "sizes": "hugepages-*kB/stats: each folio size",
    "page": "the first selected page: what maps it, and its dump",
}
MOST: Final = 400
"""Lines of one file that are shown."""
VMA: Final = re.compile(r"[0-9a-f]{8,}-")


class Line(NamedTuple):
    """A line, what it is about (that of the other kernel with the same key stands beside it), and what it means."""

    key: str
    text: str
    meaning: str = ""


class Text(NamedTuple):
    """A file: its lines, and what is to be said of it."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...]


def read(lab: Lab, choice: str, mm: int, vpn: int) -> Text:
    """Return what a lab's kernel says at the lab's cursor.

    Args:
        lab: is read.
        choice: a key of :data:`FILES`, or "page".
        mm: the process, of what a process has.
        vpn: the page, of a page.
    """
    if choice in OF_PROCESS and mm_slot(lab.machine, mm) not in live_mms(lab.machine):  # or it comes, or goes
        return Text((), (f"There is no process {mm}." if mm else "No process is selected.",))
    if choice == "page":
        return _page(lab, mm, vpn)
    name = FILES[choice]
    found = []
    inside = ""
    (file,) = files(lab, [name], mm if choice in OF_PROCESS else 0)
    for line in file.lines:
        if VMA.match(line):
            inside = line.partition("-")[0]
            found.append(Line(inside, line, "the VMA: its addresses and rights"))
            continue
        field = line.rpartition(":")[0] or line.partition(" ")[0]
        row = BY_NAME.get((name, field.rpartition("/")[2]))
        found.append(Line(f"{inside} {field}", line, row.meaning if row else ""))
    return Text(tuple(found), file.notes)


def _page(lab: Lab, mm: int, vpn: int) -> Text:
    """Return what lies at a page, and its dump."""
    where, _, what = page_line(lab.machine, mm, vpn).partition(": ")
    found = [Line("where", where), *(Line(f"what {n}", part) for n, part in enumerate(what.split("; ")))]
    page = page_at(lab.machine, mm_slot(lab.machine, mm), vpn)
    if page < 0:
        return Text(tuple(found), ())
    found += [Line(f"dump {n}", line) for n, line in enumerate(dump(lab.machine, page))]
    return Text(tuple(found), (notes(lab.machine),))


def merged(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return the keys of both in their order; what only the second has stands behind what it follows there."""
    places = {key: place for place, key in enumerate(first)}
    found: list[str] = []
    done = 0
    for key in second:
        place = places.get(key, -1)
        if place < 0:
            found.append(key)
        elif place >= done:
            found += first[done : place + 1]
            done = place + 1
    return found + list(first[done:])


def chooser(chosen: str) -> Markup:
    """Return the switch of the files."""
    buttons = joined(
        html(
            '<button data-fv="file:{0}" aria-pressed="{1}" title="{2}">{3}</button>',
            name,
            truth(name == chosen),
            tip,
            NAMES.get(name, name),
        )
        for name, tip in TIPS.items()
    )
    return html(
        '<div class="fv-procbar"><span class="fv-switch" role="group" aria-label="which file">{}</span></div>',
        buttons,
    )


def place(frame: Frame, chosen: str) -> Markup:
    """Return where the lines of a file stand."""
    both = " fv-both" if len(frame.sides) > 1 else ""
    kind = f"fv-proc fv-of-{frame.tracing.lower()}{both}"
    return html('<div class="{}" data-file="{}" data-slot="proclines" translate="no"></div>', kind, chosen)


def rows(texts: Sequence[Text], sides: Sequence[Side]) -> dict[str, Markup]:
    """Return the lines of both kernels beside each other, and below them what is to be said."""
    by_key = [{line.key: line for line in text.lines} for text in texts]
    keys = list(by_key[0]) if len(texts) == 1 else merged(list(by_key[0]), list(by_key[1]))
    found = {key: _row([lines.get(key) for lines in by_key]) for key in keys[:MOST]}
    if len(keys) > MOST:
        found["more"] = html('<p class="fv-dim">{} more lines</p>', f"{len(keys) - MOST:,}")
    for note in dict.fromkeys(note for text in texts for note in text.notes):
        whose = [side.name for text, side in zip(texts, sides, strict=True) if note in text.notes]
        label = html("<b>{}</b> ", whose[0]) if len(whose) < len(texts) else EMPTY
        found[f"note {note}"] = html('<p class="fv-dim">{}{}</p>', label, note)
    return found


def _row(lines: Sequence[Line | None]) -> Markup:
    """Return one row: the lines of the kernels, and between them a sign if they differ."""
    meaning = next((line.meaning for line in lines if line and line.meaning), "")
    tip = html(' title="{}"', meaning) if meaning else EMPTY
    halves = [
        html('<code class="{}">{}</code>', side, line.text)
        if line
        else html('<i class="fv-lacks {}"></i>', side)
        for side, line in zip("ab", lines, strict=False)
    ]
    if len(lines) == 1:
        return html('<div class="fv-step"{}>{}</div>', tip, halves[0])
    first, second = lines
    sign = "A" if second is None else "B" if first is None else "≠" if first.text != second.text else ""
    drawn, words = SIGNS[sign]
    said = (
        html(' aria-label="{}" role="img"', words.replace("does this", "has this line")) if drawn else EMPTY
    )
    mark = html('<i class="fv-apart"{}>{}</i>', said, drawn)
    return html('<div class="fv-step{}"{}>{}{}{}</div>', OF_SIGN[sign], tip, halves[0], mark, halves[1])
