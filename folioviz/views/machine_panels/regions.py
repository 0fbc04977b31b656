"""The regions as a table: what each has mapped, what its folios hold, and of which orders they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.capture.captured import NR_ORDERS
from folioviz.views.machine_panels.amounts import amount, share
from folioviz.views.machine_panels.look import ORDERS
from folioviz.views.page.markup import EMPTY, html, joined, truth

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.machine_panels.look import Look
    from folioviz.views.machine_panels.taken import Taken

WORDS = {"waste": "by what they hold", "address": "by address"}


def present(taken: Taken, number: int) -> str:
    """Return the orders of a region's folios, the largest first."""
    pages = taken.regions.orders[number - 1].tolist()
    return " ".join(str(order) for order in reversed(range(NR_ORDERS)) if pages[order]) or "–"


def row(look: Look, number: int) -> Markup:
    """Return a region's row."""
    taken, at = look.taken, number - 1
    mapped, held = int(taken.regions.mapped[at]), int(taken.regions.held[at])
    region = taken.capture.region(number)
    seen = taken.capture.about.privileged
    several = html("<td>{}</td>", region.process) if len(taken.capture.processes) > 1 else EMPTY
    on = html(' aria-current="true"') if number == look.region else EMPTY
    return html(
        '<tr><th scope="row"><button class="fv-mc-pick" data-fv="region:{0}"{1}>{0}</button></th>{2}'
        "<td>{3}</td><td>{4}</td><td>{5}</td><td>{6}</td></tr>",
        number,
        on,
        several,
        amount(mapped),
        amount(held, "fv-mc-held") if seen else html("–"),
        share(held, mapped + held) if seen else "–",
        present(taken, number),
    )


def table(look: Look) -> Markup:
    """Return the table of the regions that are shown."""
    several = html('<th scope="col">process</th>') if len(look.taken.capture.processes) > 1 else EMPTY
    return html(
        '<table class="fv-costs fv-mc-table" role="grid" aria-label="regions"><thead><tr><th scope="col">region</th>{}'
        '<th scope="col">mapped</th><th scope="col">held</th>'
        '<th scope="col" title="held, of mapped and held together">waste</th><th scope="col">orders</th></tr></thead>'
        "<tbody>{}</tbody></table>",
        several,
        joined(row(look, number) for number in look.numbers),
    )


def sorting(look: Look) -> Markup:
    """Return the buttons that sort."""
    buttons = joined(
        html(
            '<button class="fv-btn fv-small" data-fv="do:{0}" aria-pressed="{1}">{2}</button>',
            one,
            truth(one == look.by),
            WORDS[one],
        )
        for one in ORDERS
    )
    return html('<div class="fv-mc-sort" role="group" aria-label="sort the regions">{}</div>', buttons)
