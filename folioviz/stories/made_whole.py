"""When is a huge page made whole again? Who makes one folio of many, who does not, and what is kept meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.machine.memory import HPAGE_PMD_ORDER
from folioviz.readout.words import count
from folioviz.stories.parts.comers import (
    BEFORE,
    CAME_APART,
    DEFAULT,
    EVERY,
    LOWEST_ORDER,
    OLDEST,
    TODAY,
    WHO,
    cell,
    end,
    text,
)
from folioviz.stories.parts.made_seen import BOUNDS, bounds, recorded
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import kernel, label, side_by_side
from folioviz.stories.parts.results import long, told

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Values

COMPARED: Final = (OLDEST, "v6.8", BEFORE, TODAY)


def ops(values: Values) -> str:
    """Return the operations of what is chosen."""
    return text(values["how"], values["who"], values["size"], values["bound"])


make = side_by_side(ops)


def every(values: Values) -> Table:
    """Return all ways in which a folio came apart, and what each comer makes of it, under kernel A."""
    order, bound, key = values["size"], values["bound"], values["a"]
    rows = [
        (name, *(cell(text(how, who, order, bound), order, key) for who in WHO))
        for how, name in CAME_APART.items()
    ]
    return Table(
        f"What the 2 MiB are made of in the end, under {label(key)}",
        ("what happened", *WHO.values()),
        tuple(rows),
        "Computed by the model, now. Columns: who comes then. Green: a folio of the size that is enabled, or a larger "
        "one, is whole; one of 2 MiB is mapped by a PMD. Red: pages are kept that nobody maps, or a whole folio is "
        "flagged, or queued, as partially mapped. New: pages that were allocated for it; what was there is copied to "
        "them, holes become zeros.",
        long("way"),
    )


def by_kernel(values: Values) -> Table:
    """Return what each comer makes of what is chosen, under four kernels."""
    how, order, bound = values["how"], values["size"], values["bound"]
    rows = [
        (label(key), *(cell(text(how, who, order, bound), order, key) for who in WHO)) for key in COMPARED
    ]
    return Table(
        f"{CAME_APART[how]}: what each kernel makes of it".capitalize(),
        ("kernel", *WHO.values()),
        tuple(rows),
        "Computed by the model, now. –: v6.1 has no folios between one page and 2 MiB, and no migration here.",
        told(3, what="khugepaged, "),
    )


def numbers(values: Values) -> tuple[Table, ...]:
    """Return all ways under kernel A, the chosen one under four kernels, the bounds, and what was recorded."""
    return (every(values), by_kernel(values), bounds(), recorded())


def answer() -> tuple[int, str]:
    """Return who makes one folio of a 2 MiB folio of which half was dropped and written again."""
    order = HPAGE_PMD_ORDER
    found = {who: end(text("written", who, order, DEFAULT), TODAY) for who in WHO}
    made = {who: one.made for who, one in found.items() if one.made}
    whole = [who for who, one in made.items() if one.huge]
    right = 0 if "nobody" in whole else 1 if "shrinker" in whole else 2
    written, split = made["nobody"], made["shrinker"]
    return right, (
        f"The writes bring {count(written.folios - 1, 'new small folio')}: no fault brings a page back to its folio, "
        f"which keeps {written.kept} pages that nobody maps. The shrinker gives them back, and leaves {split.words} "
        f"pages. Only khugepaged and MADV_COLLAPSE make one folio of it: a new one, "
        f"{count(found['khugepaged'].new, 'page')}, to which all is copied."
    )


STORY = Story(
    "made-whole",
    make,
    (
        Choice(
            "how",
            "what happened",
            tuple((name, key) for key, name in CAME_APART.items()),
            "written",
            "to the folio of the size that is enabled",
        ),
        Choice(
            "who",
            "who comes then",
            tuple((name, key) for key, name in WHO.items()),
            "both",
            "once it came apart",
        ),
        Choice(
            "size",
            "size",
            (("2 MiB", HPAGE_PMD_ORDER), ("64 KiB", LOWEST_ORDER)),
            HPAGE_PMD_ORDER,
            "the one size of folios that is enabled",
        ),
        Choice(
            "bound",
            "max_ptes_none",
            tuple((str(bound), bound) for bound in BOUNDS),
            DEFAULT,
            "khugepaged/max_ptes_none: how many pages may be missing",
        ),
        kernel("a", TODAY, EVERY),
        kernel("b", "none", EVERY, none=True),
    ),
    Question(
        "A program drops half of a 2 MiB huge page, and writes to all of that half again. Then the shrinker runs, then "
        "khugepaged passes. Which of them makes it one huge page again?",
        (
            "the writes: the pages come back to their folio",
            "the shrinker: it puts in order what is partially mapped",
            "khugepaged: with a new folio",
        ),
        answer,
        asked=4,
        hints=("shrinker",),
    ),
    numbers,
    left=("stages", "lanes", "transport"),
    right=("queue", "trace"),
    notice="left",
)
