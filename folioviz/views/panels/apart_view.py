"""What differs between A and B at this step, as one picture: folios' cells, counters, queue, processes and costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from folioviz.compare.state import FOLIO_FIELDS, KEPT_BY_SOME, QUEUE, apart
from folioviz.kernels import keeps
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import FIELDS, PAGE_MAPCOUNT
from folioviz.readout.runs import placed
from folioviz.readout.words import count, dashed, minus
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.palette import of_folio
from folioviz.views.session.described import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from folioviz.compare.state import Difference, Value
    from folioviz.views.player.apart import Along
    from folioviz.views.player.history import History
    from folioviz.views.session.frame import Frame

FEW: Final = 64
"""Up to so many pages are cells with both numbers inside; more are painted without, 64 in a row."""
MOST: Final = 24
"""Folios that are drawn; of more the first ones, and how many there are."""
MAPCOUNT: Final = FIELDS[PAGE_MAPCOUNT].word
STRETCHES: Final = 6
"""Stretches of pages that are named; of more the first ones."""
OF_FOLIO: Final = re.compile(r"folio (\d+)(?: (.+))?")
OF_PROCESS: Final = re.compile(r"process (\d+) (.+)")
NAMES: Final = {"a": "mapped more often in A", "b": "mapped more often in B", "x": "marked otherwise"}
"""What a page's colour says."""
OF_PAGES: Final = frozenset(list(FOLIO_FIELDS.values())[-2:])
"""Fields of a folio that have a value for each page."""
ALONE: Final = html(
    '<p class="fv-empty">Only A is shown: choose a kernel B, and what differs stands here.</p>'
)
NOTHING: Final = html(
    '<p class="fv-empty">Nothing differs at this step: folios, mapcounts, the split queue, page tables, counters and '
    "costs so far are the same under A and B.</p>"
)


class Found(NamedTuple):
    """What differs, by what it is of.

    Attributes:
        folios: per folio its fields that differ; "" if it lives under one kernel alone.
        processes: what differs of each process.
        queue: the ids on the split queue, if they differ.
        node: counters of the node.
    """

    folios: dict[int, dict[str, tuple[Value, ...]]]
    processes: dict[str, list[Difference]]
    queue: list[Difference]
    node: list[Difference]

    def counts(self) -> list[str]:
        """Return how many things of each kind there are, in words."""
        told = [count(len(self.folios), "folio")] * bool(self.folios)
        told += ["the split queue"] * bool(self.queue)
        processes = len(self.processes)
        told += [f"{processes} process{'es' if processes > 1 else ''}"] * bool(processes)
        return told + [f"{count(len(self.node), 'counter')} of the node"] * bool(self.node)


def sorted_out(differences: Sequence[Difference]) -> Found:
    """Return differences by what they are of."""
    found = Found({}, {}, [], [])
    for one in differences:
        if match := OF_FOLIO.fullmatch(one.what):
            found.folios.setdefault(int(match[1]), {})[match[2] or ""] = one.values
        elif match := OF_PROCESS.fullmatch(one.what):
            found.processes.setdefault(match[1], []).append(one)
        else:
            (found.queue if one.what.startswith(QUEUE) else found.node).append(one)
    return found


def pieces(frame: Frame, history: History, along: Along) -> dict[str, Markup]:
    """Return what differs now, and where along what the timeline shows."""
    if len(frame.sides) == 1:
        return {"": ALONE}
    found, costs = sorted_out(apart(history.machines)), differing_costs(frame)
    told = found.counts() + [count(len(costs), "cost")] * bool(costs)
    said = html("<p><b>A and B differ:</b> {}.</p>", ", ".join(told)) if told else NOTHING
    out = {"said": said}
    for ident, fields in list(found.folios.items())[:MOST]:
        out[f"folio {ident}"] = folio(frame, ident, fields)
    if len(found.folios) > MOST:
        out["more"] = html('<p class="fv-dim">and {}</p>', count(len(found.folios) - MOST, "more folio"))
    rows = [value(one.what, [named(ids) for ids in one.values]) for one in found.queue]
    rows += [process(ident, one) for ident, several in found.processes.items() for one in several]
    rows += [value(one.what, one.values) for one in found.node]
    if rows:
        out["node"] = html('<div class="fv-ab">{}</div>', joined(rows))
    if costs and frame.op:
        rows = [value(COSTS[name].words, values) for name, values in costs.items()]
        head = f"This {label(frame.op)} has cost so far"
        out["costs"] = html('<div class="fv-ab"><b>{}</b>{}</div>', head, joined(rows))
    out["where"] = where(frame, along)
    if lacking := uncompared(history):
        note = "Kept by one of them only, so not compared"
        out["lacks"] = html('<p class="fv-dim">{}: {}.</p>', note, ", ".join(lacking))
    return out


def differing_costs(frame: Frame) -> dict[str, tuple[int, ...]]:
    """Return the costs of the operation up to here that differ, of those that both kernels count."""
    kept = [keeps(side.kernel) for side in frame.sides]
    found = {
        name: tuple(side.so_far[name] for side in frame.sides)
        for name, row in COSTS.items()
        if all(row.is_known(fields) for fields in kept)
    }
    return {name: values for name, values in found.items() if len(set(values)) > 1}


def uncompared(history: History) -> list[str]:
    """Return the fields of folios that one of the kernels keeps and the other does not."""
    rows = [row for row in FIELDS if row.word in KEPT_BY_SOME and row.record]
    known = [{row.word for row in rows if machine.maintains(row.number)} for machine in history.machines]
    return sorted(known[0] ^ known[1])


def where(frame: Frame, along: Along) -> Markup:
    """Return where along what the timeline shows they differ, in words."""
    begin = frame.span[0]
    if not along.known:
        return html('<p class="fv-dim">The history is too long to tell where along it they differ.</p>')
    if not along.runs:
        text = "at none of its steps" if along.each else "at no operation’s end"
    else:
        steps = [
            f"{first - begin}–{last - begin}" if last > first else str(last - begin)
            for first, last in along.runs
        ]
        text = ("at steps " if along.each else "between operations’ ends, steps ") + ", ".join(steps[:6])
        text += f" and {len(steps) - 6} more stretches" if len(steps) > 6 else ""
    return html('<p class="fv-dim">In what the timeline shows they differ {}.</p>', text)


def shown(one: Value) -> str:
    """Return a value as a person reads it."""
    if isinstance(one, tuple):
        return ", ".join(map(str, one)) or "none"
    return "–" if one is None else minus(one) if isinstance(one, int) else one


def named(ids: Value) -> str:
    """Return the folios of a queue, the head first."""
    numbers = list(ids) if isinstance(ids, tuple) else []
    more = len(numbers) - STRETCHES
    text = f"folio{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:STRETCHES]))}"
    return (f"{text} and {more} more" if more > 0 else text) if numbers else "empty"


def value(name: str, values: Sequence[Value]) -> Markup:
    """Return a name and its value under A and under B."""
    halves = [
        html('<span class="fv-{}">{}</span>', side, shown(one))
        for side, one in zip("AB", values, strict=True)
    ]
    return html('<div class="fv-ab-row" data-differs="{0}"><span>{0}</span>{1}</div>', name, joined(halves))


def process(ident: str, one: Difference) -> Markup:
    """Return what differs of a process; of its page tables only that they do: the lanes show them."""
    if one.what == f"process {ident} rss":
        return value(one.what, one.values)
    if None in one.values:
        return value(one.what, [None if part is None else "there" for part in one.values])
    return html(
        '<div class="fv-ab-row" data-differs="{0}"><span>{0}</span><span>differ: see the lanes</span></div>',
        one.what,
    )


def folio(frame: Frame, ident: int, fields: dict[str, tuple[Value, ...]]) -> Markup:
    """Return what differs of a folio: its name, its cells if pages differ, and each field with both values."""
    alive = [side.folio(ident) for side in frame.sides]
    name = html(
        '<header><button class="fv-name" data-fv="folio:{0}" title="put this folio into focus">'
        '<i style="background:{1}"></i>folio {0}</button> <span class="fv-dim">order {2}</span></header>',
        ident,
        of_folio(ident),
        next(one.order for one in alive if one),
    )
    if "" in fields:
        rows, pages = [value("folio", ["lives" if one else "is not there" for one in alive])], {}
    else:
        rows = [value(what, values) for what, values in fields.items() if what not in OF_PAGES]
        places = [one.queue_place if one else 0 for one in alive]
        if len(set(places)) > 1:
            rows.append(value("queued", [f"#{place}" if place else "no" for place in places]))
        pages = {
            what: [expanded(one) for one in values] for what, values in fields.items() if what in OF_PAGES
        }
        rows += [row for what, (a, b) in pages.items() for row in of_pages(what, a, b)]
        pages = {what: both for what, both in pages.items() if both[0].size == both[1].size}
    picture = cells(pages) if pages else EMPTY
    return html('<article class="fv-ab" data-apart="{}">{}{}{}</article>', ident, name, picture, joined(rows))


def expanded(runs: Any) -> np.ndarray:
    """Return a value for each page, of [value, count, value, count, ...]."""
    return np.repeat(np.array(runs[::2], np.int64), runs[1::2])


def of_pages(what: str, a: np.ndarray, b: np.ndarray) -> list[Markup]:
    """Return a row for each stretch of pages in which A and B differ alike; of many the first ones."""
    if a.size != b.size:
        return [value(what, (f"of {a.size} pages", f"of {b.size} pages"))]
    codes = np.where(a == b, -1, (a + 2) * 4096 + b + 2)
    found = [(first, end) for first, end, code in placed(codes) if code >= 0]
    rows = [
        value(f"{what}[{dashed(first, end)}]", (int(a[first]), int(b[first])))
        for first, end in found[:STRETCHES]
    ]
    more = len(found) - len(rows)
    return rows + [html('<div class="fv-dim">and {} more of {}</div>', more, what)] * (more > 0)


def kinds(pages: dict[str, list[np.ndarray]]) -> np.ndarray:
    """Return per page which side has more mappings: "a" or "b"; "x" if only a mark differs, "" if nothing does."""
    size = next(iter(pages.values()))[0].size
    found = np.full(size, "", "U1")
    for a, b in pages.values():
        found[a != b] = "x"
    if MAPCOUNT in pages:
        a, b = pages[MAPCOUNT]
        found[a > b], found[a < b] = "a", "b"
    return found


def cells(pages: dict[str, list[np.ndarray]]) -> Markup:
    """Return the pages of a folio: coloured where they differ, by who has more mappings, A's number above B's."""
    found = kinds(pages)
    parts = [f"{dashed(first, end)} {NAMES[kind]}" for first, end, kind in stretched(found) if kind]
    words = f"pages {'; '.join(parts[:STRETCHES])}"
    if found.size > FEW:
        return html(
            '<svg class="fv-ab-large" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>',
            words,
            FEW,
            found.size // FEW,
            joined(row(found[place : place + FEW], place // FEW) for place in range(0, found.size, FEW)),
        )
    counts = [one + 1 for one in pages[MAPCOUNT]] if MAPCOUNT in pages else []
    out = []
    for place, kind in enumerate(found.tolist()):
        both = [int(one[place]) for one in counts] if kind in ("a", "b") else []
        inside = joined(html("<b>{}</b>", number) for number in both)
        out.append(html('<i class="fv-ab-{}">{}</i>', kind or "same", inside))
    return html('<div class="fv-ab-cells" role="img" aria-label="{}">{}</div>', words, joined(out))


def row(found: np.ndarray, number: int) -> Markup:
    """Return a row of many pages as boxes, one for each stretch of a kind."""
    return joined(
        html(
            '<rect class="fv-ab-{}" x="{}" y="{}" width="{}" height="0.9"/>',
            kind or "same",
            first,
            number,
            end - first - 0.1,
        )
        for first, end, kind in stretched(found)
    )


def stretched(found: np.ndarray) -> list[tuple[int, int, str]]:
    """Return [first, end) and kind of each stretch of pages of one kind."""
    codes = np.array([ord(one) if one else 0 for one in found.tolist()])
    return [(first, end, chr(code) if code else "") for first, end, code in placed(codes)]
