"""Bars: the atomics of one munmap under every kernel, era by era, in units of n pages; and what the queue did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folioviz import kernels
from folioviz.files import share
from folioviz.readout.words import count
from folioviz.stories.from_3n_to_2 import NONE, eras, ops, pages, short
from folioviz.stories.parts.pieces import label, scenario
from folioviz.stories.parts.unmapping import PARTS, VISITS, Unmapped, formula, unmapped
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, esc, heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import EXPLORER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

BADGES = {"good": "good", "bad": "bad", "": "info"}
"""A visit's mark -> the badge's kind."""


def bar(one: Unmapped, most: int) -> str:
    """Return the parts of a sum as a bar."""
    found = one.parts
    said = ", ".join(f"{PARTS[part][0]} {number:,}" for part, number in found.items() if number)
    cells = "".join(
        f'<i class="fv-part-{part}" style="width:{100 * number / most:.3f}%"></i>'
        for part, number in found.items()
        if number
    )
    return (
        f'<span class="fv-bar-track" role="img" aria-label="{esc(said)}" title="{esc(said)}">{cells}</span>'
    )


def row(key: str, values: Mapping[str, Any], most: int) -> str:
    """Return one kernel's row: its name, its bar, its sum and formula, what the queue did."""
    query = ops(values)
    one, about = unmapped(query, key), kernels.find(key)
    name = f'<th scope="row" title="{esc(about.line)}">{esc(short(key))}</th>'
    if one.refused:
        return f'<tr class="fv-none" data-kernel="{esc(key)}">{name}<td colspan="3">{NONE}</td></tr>'
    link = f"{EXPLORER}?{esc(share.query(scenario(query, key)))}"
    if one.bugs:
        return (
            f'<tr data-kernel="{esc(key)}">{name}<td colspan="2"><a href="{link}" target="_blank">'
            f"VM_BUG_ON({esc(one.bugs[0].removeprefix('vm_bug:'))})</a></td><td>{badge('BUG', 'bad')}</td></tr>"
        )
    said, mark = VISITS[one.visit]
    locks = f"the queue’s lock is taken {count(one.costs['sqlock'], 'time')}"
    return (
        f'<tr data-kernel="{esc(key)}">{name}<td class="fv-bar-cell">{bar(one, most)}</td><td class="fv-sum">'
        f'<a href="{link}" target="_blank" title="open in the explorer">{one.atomics:,}</a>'
        f" <small>{esc(formula(key, values['who']))}</small></td>"
        f"<td>{badge(said, BADGES[mark], locks)}</td></tr>"
    )


def chart(values: Mapping[str, Any]) -> str:
    """Return every kernel's row, under the name of its era, and the axis in units of n."""
    n, query = pages(values), ops(values)
    found = [unmapped(query, key) for keys in eras().values() for key in keys]
    most = max(3 * n, *(one.atomics for one in found if one.counted))
    body = "".join(
        f'<tr class="fv-era"><th colspan="4" scope="colgroup">{esc(name)}</th></tr>'
        + "".join(row(key, values, most) for key in keys)
        for name, keys in eras().items()
    )
    names = ("0", "n", "2n", "3n")
    ticks = "".join(
        f'<i style="left:{100 * n * place / most:.3f}%">{name}</i>' for place, name in enumerate(names)
    )
    head = (
        f'<thead><tr><td></td><td class="fv-bar-cell"><span class="fv-ticks">{ticks}</span></td>'
        '<th scope="col">atomics</th><th scope="col">the queue</th></tr></thead>'
    )
    step = f"--n:{100 * n / most:.3f}%"
    return f'<table class="fv-bars" style="{step}">{head}<tbody>{body}</tbody></table>'


def legend() -> str:
    """Return which part of a bar is what."""
    signs = "".join(
        f'<span><i class="fv-part-{part}"></i>{spelt(name)}</span>' for part, (name, _) in PARTS.items()
    )
    return f'<div class="fv-bars-legend">{signs}</div>'


def spelt(name: str) -> str:
    """Return a name whose first word is the kernel's, set as such."""
    word, _, rest = name.partition(" ")
    return f"<code>{esc(word)}</code> {esc(rest)}" if word.startswith("_") else esc(name)


class UnmapBars(Panel):
    """The rows of the munmap that is chosen."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("unmap_bars", "fv-unmap-bars")

    def update(self, frame: Frame) -> None:
        """Draw the rows; say which side has no such folio."""
        n, query = pages(self.values), ops(self.values)
        title = heading("Atomics of one munmap", f"n = {count(n, 'page')}")
        none = [side for side in frame.sides if unmapped(query, side.kernel.key).refused]
        notes = "".join(
            f'<p class="fv-note">{side.name}: {esc(label(side.kernel.key))} has no such folio, nothing happens.</p>'
            for side in none
        )
        self.screen.put(
            "unmap_bars", {"head": f"<div>{title}{notes}{legend()}</div>", "chart": chart(self.values)}
        )
