"""What a race is, what came of its search, and which laws it breaks, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz import kernels
from folioviz.race import link
from folioviz.race.library import LIBRARY
from folioviz.race.report import chance
from folioviz.readout.words import count
from folioviz.stories import races
from folioviz.stories.parts import searches
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.text import badge, heading
from folioviz.views.panels.transport import button

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.race.document import RaceDocument
    from folioviz.race.explored import Explored

OWN: Final = (
    f"A page stops after {searches.OWN_STATES:,} states; folioviz race FILE goes on as far as you like."
)
"""What is said of a race that is not in the library."""
LAWS: Final = 8
"""So many laws that are broken are shown."""


def head(race: RaceDocument, found: Explored | None, states: int, fault: str) -> dict[str, Markup]:
    """Return the race, and what came of its search, or how many states that has found so far, or why it cannot be."""
    known = LIBRARY.get(link.name_of(race))
    title = heading(
        f"Race {known.name}" if known else "A race of your own",
        f"{kernels.find(race.kernel).label} · mmu_gather {race.mmu_gather}",
        "race",
    )
    mark = badge(races.CANDIDATE, "warn") if known and known.candidate else EMPTY
    cpus = joined(
        html("<li><b>CPU {}</b> <code>{}</code></li>", cpu, text) for cpu, text in enumerate(race.cpus)
    )
    first = html("<li><b>before</b> <code>{}</code></li>", race.setup)
    said = html('<span class="fv-bad">{}</span>', fault) if fault else working(states)
    return {
        "title": html('<div class="fv-race-title">{}{}</div>', title, mark),
        "about": html("<p>{}</p>", known.about if known else OWN),
        "cpus": html('<ul class="fv-race-cpus">{}{}</ul>', first, cpus),
        "verdict": html('<p class="fv-race-verdict" role="status">{}</p>', verdict(found) if found else said),
    }


def working(states: int) -> str:
    """Return how far a search is."""
    return f"Every schedule is tried: {count(states, 'state')} so far …"


def verdict(found: Explored) -> Markup:
    """Return what came of a search, in two sentences."""
    states, laws = count(found.states, "state"), len(found.violations)
    if found.complete:
        number = found.schedules or 0
        exact = html('<span title="{}">{}</span>', f"{number:,}", races.scientific(number))
        covered = html("Complete: {} schedule{} in {}.", exact, "" if number == 1 else "s", states)
    else:
        covered = html("Stopped at {}: not every schedule is covered.", states)
    if not laws:
        where = "" if found.complete else " in what was covered"
        return html("{} <b class=fv-good>No law is broken{}.</b>", covered, where)
    broken = f"{count(laws, 'law')} {'is' if laws == 1 else 'are'}"
    return html(
        "{} <b class=fv-bad>{} broken, at random in <span>{}.</span></b>", covered, broken, chance(found.odds)
    )


def buttons(found: Explored | None, *, searching: bool) -> dict[str, Markup]:
    """Return the ways to a schedule, and the one to end a search."""
    clean = not (found and found.violations)
    return {
        "bad": button(
            "bad", "Find a bad schedule", "as a random scheduler would: each time another one", off=clean
        ),
        "fewest": button(
            "fewest", "Fewest preemptions", "the bad schedule that interrupts a CPU least", off=clean
        ),
        "serial": button(
            "serial",
            "One after the other",
            "each CPU as long as it can; again: the next CPU first",
            off=found is None,
        ),
        "stop": button("raceagain", "Search again", "the search was stopped: begin it anew")
        if found and not found.complete
        else button("racestop", "Cancel", "stop the search here; it says how far it came", off=not searching),
    }


def laws(found: Explored) -> Markup:
    """Return the laws that are broken, each with a way to its schedule."""
    if not found.violations:
        return EMPTY
    rows = joined(
        html(
            '<tr><th scope="row"><button class="fv-link" data-fv="do:law{}">{}</button></th>'
            "<td>{}</td><td>{}</td></tr>",
            number,
            one.law,
            one.preemptions,
            chance(one.odds),
        )
        for number, one in enumerate(found.violations[:LAWS])
    )
    return html(
        '<table class="fv-costs fv-race-laws" role="grid" aria-label="laws that are broken"><thead><tr>'
        '<th scope="col">law that is broken</th><th scope="col">fewest preemptions</th>'
        '<th scope="col">at random</th></tr></thead><tbody>{}</tbody></table>',
        rows,
    )
