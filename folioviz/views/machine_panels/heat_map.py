"""The heat map: a cell for each 2 MiB of address space, region by region, painted by static/heat_map.js."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.capture.form import BLOCK
from folioviz.readout.words import count, dashed
from folioviz.views.machine_panels import orders
from folioviz.views.machine_panels.amounts import amount, memory
from folioviz.views.page.markup import EMPTY, html

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.capture.form import Region
    from folioviz.views.machine_panels.look import Look
    from folioviz.views.machine_panels.taken import Taken

SHARED, SWAPPED = 1, 2
"""Marks of a cell."""
KINDS = {"anonymous": "anonymous", "heap": "heap", "stack": "stack", "file": "private file"}


def cells(taken: Taken) -> bytes:
    """Return four bytes for each 2 MiB, in the order of the regions: colour, mapped, held (of 255), marks."""
    sums = taken.blocks
    table = np.zeros((len(sums.mapped), 4), np.uint8)
    table[:, 0] = orders.most(sums)
    for column, pages in ((1, sums.mapped), (2, sums.held)):
        table[:, column] = np.minimum(-(-pages * 255 // BLOCK), 255)
    table[:, 3] = SHARED * (sums.shared > 0) + SWAPPED * (sums.swapped > 0)
    return table.tobytes()


def what(region: Region) -> str:
    """Return what a region is, in few words."""
    advice = {"huge": "MADV_HUGEPAGE", "nohuge": "MADV_NOHUGEPAGE"}.get(region.advice or "", "")
    parts = (
        region.rights,
        memory(region.pages),
        advice,
        "locked" if region.locked else "",
        region.name or "",
    )
    return " · ".join(filter(None, parts))


def section(taken: Taken, number: int) -> Markup:
    """Return a region: what it is, what it holds, and the place of its cells."""
    region, sums, at = taken.capture.region(number), taken.regions, number - 1
    process = f" of process {region.process}" if len(taken.capture.processes) > 1 else ""
    held = int(sums.held[at])
    unsure = int(sums.unsure[at])
    return html(
        '<section class="fv-mc-region" data-region="{0}"><header><button class="fv-mc-name" data-fv="region:{0}">'
        "<b>{1}</b> region {0}{2}</button><small>{3}</small>"
        '<span class="fv-mc-sums">mapped {4}{5}{6}</span></header>'
        '<canvas data-heat="{7}-{8}" tabindex="0" role="slider" aria-label="blocks of 2 MiB of region {0}" '
        'aria-valuemin="0" aria-valuemax="{9}" aria-valuenow="0" aria-valuetext="{10}"></canvas></section>',
        number,
        KINDS[region.kind],
        process,
        what(region),
        amount(sums.mapped[at]),
        html(" · held {}", amount(held, "fv-mc-held")) if held else EMPTY,
        html(" · up to {} more", amount(unsure)) if unsure else EMPTY,
        int(taken.starts[at]),
        int(taken.starts[at + 1]),
        region.blocks - 1,
        words(taken, number, 0),
    )


def words(taken: Taken, number: int, block: int) -> str:
    """Return what is in a block, or in all of a region, as one sentence without its name."""
    sums, place = (
        (taken.regions, number - 1) if block < 0 else (taken.blocks, int(taken.starts[number - 1]) + block)
    )
    mapped, held, unsure = (int(one[place]) for one in (sums.mapped, sums.held, sums.unsure))
    start, end = taken.span(number, block)
    parts = [f"{mapped:,} of {count(end - start, 'page')} mapped"]
    if taken.capture.about.privileged:
        parts += [f"{held:,} held and mapped by nobody"] if held else ["none held"]
        parts += [f"up to {unsure:,} more, if no other process maps them"] if unsure else []
        seen = [(order, int(pages)) for order, pages in enumerate(sums.orders[place].tolist()) if pages]
        parts += (
            [", ".join(f"{pages:,} in folios of order {order}" for order, pages in reversed(seen))]
            if seen
            else []
        )
    if shared := int(sums.shared[place]):
        parts.append(f"{shared:,} {'shared' if taken.capture.about.privileged else 'maybe shared'}")
    for name, one in (("swapped out", sums.swapped), ("of the zero page", sums.zero)):
        parts += [f"{int(one[place]):,} {name}"] if one[place] else []
    if guards := int(sums.guards[place]):
        parts.append(count(guards, "guard marker"))
    if huge := int(sums.huge[place]):
        parts.append("by a PMD" if huge == mapped == BLOCK else f"{huge:,} by PMDs")
    return "; ".join(parts)


def tip(taken: Taken, number: int, block: int) -> Markup:
    """Return the tooltip of a cell, "" if there is no such one."""
    regions = taken.capture.regions
    if not (1 <= number <= len(regions) and 0 <= block < regions[number - 1].blocks):
        return EMPTY
    return html(
        "<b>Region {}, block {}</b><p>pages {} of the region</p><p>{}</p>",
        number,
        block,
        dashed(*taken.span(number, block)),
        html("<br>").join(words(taken, number, block).split("; ")),
    )


def pieces(look: Look) -> dict[str, Markup]:
    """Return the regions that are shown, and what the others come to."""
    out = {f"r{number}": section(look.taken, number) for number in look.numbers}
    if rest := look.hidden:
        at = np.array(rest) - 1
        sums = look.taken.regions
        out["more"] = html(
            '<p class="fv-mc-more"><button class="fv-btn" data-fv="do:more">Show more</button> '
            "{} more: mapped {}, held {}</p>",
            count(len(rest), "region"),
            amount(int(sums.mapped[at].sum())),
            amount(int(sums.held[at].sum()), "fv-mc-held"),
        )
    if not look.taken.capture.regions:
        out["none"] = html('<p class="fv-empty">Nothing private is mapped there.</p>')
    return out
