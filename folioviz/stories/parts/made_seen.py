"""When is a huge page made whole again? What max_ptes_none asks for, and what running kernels made."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER
from folioviz.stories.parts.comers import BEFORE, DEFAULT, LOWEST_ORDER, TODAY, end, text
from folioviz.stories.parts.parts import Table, bare
from folioviz.stories.parts.pieces import label, linked
from folioviz.stories.parts.results import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.stories.parts.parts import Rows

BOUNDS: Final = (DEFAULT, 409, 255, 0)
"""Values of max_ptes_none: the default, 80 % of 2 MiB, half of it, nothing."""


def least(enough: Callable[[int], bool], guess: int) -> int:
    """Return the lowest number that is enough, from 1 on; a guess that is near saves time."""
    while guess > 1 and enough(guess - 1):
        guess -= 1
    while not enough(guess):
        guess += 1
    return guess


def fewest(order: int, bound: int) -> int:
    """Return of how few pages, from the first one on, today's khugepaged makes a folio of an order."""

    def enough(pages: int) -> bool:
        made = end(
            f"maxnone {bound}; mm; mmap 1 0 {HPAGE_PMD_NR}; touch 1 0 {pages}; enabled {order} 1; khugepaged 1",
            TODAY,
        ).made
        return bool(made and made.order == order)

    return least(enough, max(1, (1 << order) - bound))


def survives(bound: int) -> int:
    """Return with how few written pages today's shrinker leaves a 2 MiB folio; the others hold zeros."""

    def enough(pages: int) -> bool:
        zeros = f"zero 1 {pages} {HPAGE_PMD_NR - pages}; " if pages < HPAGE_PMD_NR else ""
        made = end(f"maxnone {bound}; mm; mmap 1 0 {HPAGE_PMD_NR}; faultpmd 1 0; {zeros}shrink 1", TODAY).made
        return bool(made and made.huge)

    return least(enough, HPAGE_PMD_NR - bound)


@lru_cache(maxsize=1)
def bounds() -> Table:
    """Return what max_ptes_none asks for: of khugepaged, and of the shrinker."""
    rows = [
        (
            f"{bound}, the default" if bound == DEFAULT else bound,
            fewest(HPAGE_PMD_ORDER, bound),
            survives(bound),
            fewest(LOWEST_ORDER, bound),
        )
        for bound in BOUNDS
    ]
    return Table(
        f"How many pages must have been written, under {label(TODAY)}",
        (
            "max_ptes_none",
            "khugepaged makes 2 MiB of",
            "the shrinker leaves 2 MiB with",
            "khugepaged makes 64 KiB of",
        ),
        tuple(rows),
        "Computed by the model, now: at least so many pages. For the shrinker a page of zeros is missing; for "
        "khugepaged one that is not mapped, or the zero page.",
        told(1, what="2 MiB, at least: "),
    )


class Recorded(NamedTuple):
    """What was recorded on running kernels.

    Attributes:
        name: the scenario's.
        about: what was done.
        seen: what the pages were made of after it, by kernel, as :func:`~parts.wholeness.makeup` says it.
        line: the same for the model.
    """

    name: str
    about: str
    seen: tuple[str, str, str]
    line: str


RAN: Final = ("6.12.118", "6.18.15", "7.3.4")
RECORDED: Final = (
    Recorded(
        "k4_khugepaged_mthp_511",
        "64 KiB enabled, 60 small pages; khugepaged",
        ("60 small", "60 small", "4 × 64 KiB"),
        text("small", "khugepaged", LOWEST_ORDER, DEFAULT),
    ),
    Recorded(
        "k4_khugepaged_mthp",
        "64 KiB enabled, none may be missing, 64 small pages in a VMA of 64; khugepaged",
        ("64 small", "64 small", "64 small"),
        "maxnone 0; mm; mmap 1 0 64; touch 1 0 64; enabled 4 1; khugepaged 1",
    ),
    Recorded(
        "k9_khugepaged_one",
        "2 MiB enabled, one small page; khugepaged",
        ("1 × 2 MiB", "1 × 2 MiB", "1 × 2 MiB"),
        f"mm; mmap 1 0 {HPAGE_PMD_NR}; touch 1 7 1; enabled 9 1; khugepaged 1",
    ),
    Recorded(
        "k9_khugepaged_none0",
        "2 MiB enabled, none may be missing, 511 small pages; khugepaged",
        ("511 small", "511 small", "511 small"),
        f"maxnone 0; mm; mmap 1 0 {HPAGE_PMD_NR}; touch 1 0 511; enabled 9 1; khugepaged 1",
    ),
    Recorded(
        "k9_collapse_partial_o4",
        "32 folios of 64 KiB, two of them partially mapped; MADV_COLLAPSE",
        ("1 × 2 MiB", "1 × 2 MiB", "1 × 2 MiB"),
        f"enabled 4 1; mm; mmap 1 0 {HPAGE_PMD_NR}; touch 1 0 {HPAGE_PMD_NR}; dontneed 1 4 8; dontneed 1 16 8; "
        f"collapse 1 0 {HPAGE_PMD_NR}",
    ),
)


@lru_cache(maxsize=1)
def recorded() -> Table:
    """Return what running kernels made, beside what the models make."""
    rows = []
    for one in RECORDED:
        models = [end(one.line, key).made for key in (BEFORE, TODAY)]
        own = [
            linked(made.words if made else "–", one.line, key)
            for made, key in zip(models, (BEFORE, TODAY), strict=True)
        ]
        rows.append((one.about, *one.seen, *own))
    return Table(
        "What running kernels made, and what the model makes",
        ("what was done", *RAN, f"model {label(BEFORE)}", f"model {label(TODAY)}"),
        tuple(rows),
        "Kernels: recorded on 28 Nov 2026, after the last step. 6.17.13 made none of 64 KiB, either. Models: "
        "computed, now.",
        agrees,
    )


def agrees(rows: Rows) -> str:
    """Return how often a model makes what the kernels that it stands for made."""
    pairs = [
        (seen, model)
        for _, first, _, last, before, today in rows
        for seen, model in ((first, before), (last, today))
    ]
    same = sum(seen == (bare(model)) for seen, model in pairs)
    return f"the same {same} of {len(pairs)} times"
