"""What was selected: a region or 2 MiB of one, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.readout.words import dashed
from folioviz.views.machine_panels import heat_map
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.text import term

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.machine_panels.look import Look


def words(look: Look) -> Markup:
    """Return the name of what was selected, and what is in it."""
    if not look.region:
        return EMPTY
    whole = look.block < 0
    start, end = look.taken.span(look.region, look.block)
    name = f"Region {look.region}" + ("" if whole else f", block {look.block}")
    lines = heat_map.words(look.taken, look.region, look.block).split("; ")
    up = (
        EMPTY
        if whole
        else html(' <button class="fv-btn fv-small" data-fv="region:{}">whole region</button>', look.region)
    )
    return html(
        "<h2>{} <small>pages {}</small>{}</h2><ul>{}</ul>",
        term("vma" if whole else "pmd", name),
        dashed(start, end),
        up,
        joined(html("<li>{}</li>", line) for line in lines),
    )
