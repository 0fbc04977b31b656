"""Bars: the atomics of one munmap under every kernel, era by era, in units of n pages; and what the queue did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import escape

from folioviz import kernels
from folioviz.files import share
from folioviz.readout.words import count, times
from folioviz.stories.from_3n_to_2 import NONE, eras, ops, pages, short
from folioviz.stories.parts.pieces import label, scenario
from folioviz.stories.parts.unmapping import PARTS, VISITS, Unmapped, formula, unmapped
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import into

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

BADGES = {"good": "good", "bad": "bad", "": "info"}
"""A visit's mark -> the badge's kind."""


def bar(one: Unmapped, most: int) -> Markup:
    """Return the parts of a sum as a bar."""
    found = one.parts
    said = ", ".join(f"{PARTS[part][0]} {number:,}" for part, number in found.items() if number)
    cells = joined(
        html('<i class="fv-part-{}" style="width:{}%"></i>', part, f"{100 * number / most:.3f}")
        for part, number in found.items()
        if number
    )
    return html('<span class="fv-bar-track" role="img" aria-label="{0}" title="{0}">{1}</span>', said, cells)


def row(key: str, values: Mapping[str, Any], most: int, come_from: str) -> Markup:
    """Return one kernel's row: its name, its bar, its sum and formula, what the queue did."""
    query = ops(values)
    one, about = unmapped(query, key), kernels.find(key)
    name = html('<th scope="row" title="{}">{}</th>', about.line, short(key))
    if one.refused:
        return html('<tr class="fv-none" data-kernel="{}">{}<td colspan="3">{}</td></tr>', key, name, NONE)
    link = share.query(scenario(query, key))
    if one.bugs:
        said = f"VM_BUG_ON({one.bugs[0].removeprefix('vm_bug:')})"
        return html(
            '<tr data-kernel="{}">{}<td colspan="2">{}</td><td>{}</td></tr>',
            key,
            name,
            into(link, said, short(key), come_from),
            badge("BUG", "bad"),
        )
    said, mark = VISITS[one.visit]
    locks = f"split_queue_lock is taken {times(one.costs['sqlock'])}"
    return html(
        '<tr data-kernel="{}">{}<td class="fv-bar-cell">{}</td><td class="fv-sum">{} <small>{}</small></td>'
        "<td>{}</td></tr>",
        key,
        name,
        bar(one, most),
        into(link, f"{one.atomics:,}", f"atomics, {short(key)}", come_from),
        formula(key, values["who"]),
        badge(said, BADGES[mark], locks),
    )


def chart(values: Mapping[str, Any], come_from: str) -> Markup:
    """Return every kernel's row, under the name of its era, and the axis in units of n."""
    n, query = pages(values), ops(values)
    found = [unmapped(query, key) for keys in eras().values() for key in keys]
    most = max(3 * n, *(one.atomics for one in found if one.counted))
    body = joined(
        html('<tr class="fv-era"><th colspan="4" scope="colgroup">{}</th></tr>', name)
        + joined(row(key, values, most, come_from) for key in keys)
        for name, keys in eras().items()
    )
    names = ("0", "n", "2n", "3n")
    ticks = joined(
        html('<i style="left:{}%">{}</i>', f"{100 * n * place / most:.3f}", name)
        for place, name in enumerate(names)
    )
    head = html(
        '<thead><tr><td></td><td class="fv-bar-cell"><span class="fv-ticks">{}</span></td>'
        '<th scope="col">atomics</th><th scope="col">the queue</th></tr></thead>',
        ticks,
    )
    step = f"--n:{100 * n / most:.3f}%"
    return html('<table class="fv-bars" style="{}">{}<tbody>{}</tbody></table>', step, head, body)


def legend() -> Markup:
    """Return which part of a bar is what."""
    signs = joined(
        html('<span><i class="fv-part-{}"></i>{}</span>', part, spelt(name))
        for part, (name, _) in PARTS.items()
    )
    return html('<div class="fv-bars-legend">{}</div>', signs)


def spelt(name: str) -> str:
    """Return a name whose first word is the kernel's, set as such."""
    word, _, rest = name.partition(" ")
    return html("<code>{}</code> {}", word, rest) if word.startswith("_") else escape(name)


class UnmapBars(Panel):
    """The rows of the munmap that is chosen."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("unmap_bars", "fv-unmap-bars")

    def update(self, frame: Frame) -> None:
        """Draw the rows; say which side has no such folio."""
        n, query = pages(self.values), ops(self.values)
        title = heading("Atomics of one munmap", f"n = {count(n, 'page')}", "atomic")
        none = [side for side in frame.sides if unmapped(query, side.kernel.key).refused]
        notes = joined(
            html(
                '<p class="fv-note">{}: {} has no such folio, nothing happens.</p>',
                side.name,
                label(side.kernel.key),
            )
            for side in none
        )
        self.screen.put(
            "unmap_bars",
            {
                "head": html("<div>{}{}{}</div>", title, notes, legend()),
                "chart": chart(self.values, self.come_from),
            },
        )
