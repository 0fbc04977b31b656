"""Where the parts of a running machine's page stand."""

from __future__ import annotations

import ipywidgets as w

from folioviz.views.boards.board import card, columns
from folioviz.views.page.alike import alike
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading


def box(kind: type[w.Box], name: str, *children: w.Widget) -> w.Box:
    """Make a row or a column with a class."""
    made = alike(kind, list(children))
    made.add_class(name)
    return made


def bar() -> w.Box:
    """Make the bar: ways to other pages, what was captured, the menus."""
    tail = box(w.HBox, "fv-tail", slot("menus", "fv-buttons"))
    return box(w.HBox, "fv-topbar", slot("ways", "fv-ways"), slot("what", "fv-mc-bar"), tail)


def left() -> list[w.Widget]:
    """Make the heat map, and what is selected in it."""
    title = filled(heading("Address space", "one cell is 2 MiB"))
    head = box(w.HBox, "fv-mc-head", title, slot("sorting", "fv-mc-sorting"))
    words = alike(w.VBox, [slot("chosen", "fv-mc-words"), slot("asked", "fv-mc-asked")])
    selected = box(w.HBox, "fv-mc-two", words, slot("folios", "fv-mc-folios"))
    return [card("heat", head, slot("legend"), slot("heat", "fv-mc-map")), card("chosen", selected)]


def right() -> list[w.Widget]:
    """Make the regions, and the kernel's counters."""
    return [
        card("regions", filled(heading("Regions")), slot("regions", "fv-mc-scroll")),
        card("counters", slot("counters", "fv-mc-scroll")),
    ]


def live() -> w.VBox:
    """Make the live counters, which not every page has."""
    return card("live", slot("livehead"), slot("live", "fv-mc-scroll"))


def body() -> list[w.Widget]:
    """Make all below the bar; the two columns come last."""
    figures = card("figures", slot("figures", "fv-mc-figures"))
    return [slot("said", "fv-mc-said"), figures, columns(left(), right())]
