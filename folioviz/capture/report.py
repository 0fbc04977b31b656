"""A capture in words: figures, notes, and the regions sorted by waste, in lines of at most 72 characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.capture import kernel_side, sums
from folioviz.capture.listing import folios
from folioviz.diagnosis.findings import plural
from folioviz.readout.describe import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.capture.captured import Capture
    from folioviz.capture.sums import Sums

MOST_REGIONS: Final = 20
"""So many regions are listed, unless all are asked for."""
UNITS: Final = (("GiB", 1 << 20), ("MiB", 1 << 10))


def amount(pages: int) -> str:
    """Return pages as KiB, or as MiB or GiB with one digit after the point."""
    kib = 4 * pages
    for unit, size in UNITS:
        if kib >= size:
            return f"{kib / size:,.1f} {unit}"
    return f"{kib} KiB"


def report(capture: Capture, *, everything: bool = False, each: bool = False) -> str:
    """Return a capture in words.

    Args:
        capture: what was captured.
        everything: whether all regions are listed, not the first ones only.
        each: whether large folios are listed, too.
    """
    found = sums.by_region(capture)
    lines = [*wrap(heading(capture)), "", *_figures(capture, found), ""]
    for note in notes(capture):
        lines += wrap(note, "- ")
    lines += ["", *_regions(capture, found, everything=everything)]
    return "\n".join([*lines, "", *folios(capture, everything=everything)] if each else lines)


def heading(capture: Capture) -> str:
    """Return whose memory it is, and how it was read."""
    about = capture.about
    parts = [
        about.release,
        plural(len(capture.processes), "process", "processes"),
        plural(len(capture.regions), "region"),
    ]
    parts += [
        f"read in {about.ms} ms",
        *(["stopped"] if about.frozen else []),
        f"{plural(about.moved, 'page')} moved",
    ]
    return " · ".join(parts)


def _figures(capture: Capture, found: Sums) -> Iterator[str]:
    """Yield the sums."""
    yield f"{'mapped, anonymous':<28}{amount(int(found.mapped.sum())):>12}"
    if capture.about.privileged:
        large = plural(int((capture.orders > 0).sum()), "large folio")
        yield f"{'held, mapped by nobody':<28}{amount(int(found.held.sum())):>12}  in {found.partial.sum()} of {large}"
        yield f"{'shared':<28}{amount(int(found.shared.sum())):>12}"
    else:
        yield f"{'may be shared':<28}{amount(int(found.shared.sum())):>12}"
    for name, pages in (
        ("held, or others map it", found.unsure),
        ("mapped by PMDs", found.huge),
        ("the zero page", found.zero),
        ("swapped out", found.swapped),
        ("guard markers", found.guards),
    ):
        if pages.any():
            yield f"{name:<28}{amount(int(pages.sum())):>12}"


def notes(capture: Capture) -> Iterator[str]:
    """Yield what has to be known of the figures, in sentences."""
    about = capture.about
    yield from _how(capture)
    if about.no_page_mapcount:
        yield (
            "The kernel has CONFIG_NO_PAGE_MAPCOUNT: its kpagecount is an average, so mapcounts are those in the page"
            " tables of the captured processes."
        )
    elif about.privileged and about.no_page_mapcount is None:
        yield "Whether the kernel has CONFIG_NO_PAGE_MAPCOUNT could not be found out: it is taken as if."
    if about.privileged:
        others = (
            int(np.add.reduceat(capture.foreign, capture.slots[:-1]).astype(bool).sum())
            if capture.orders.size
            else 0
        )
        if others:
            yield (
                f"Processes that were not captured map {plural(others, 'large folio')} of these, too: --children takes"
                " those in that were forked."
            )
        if capture.unsure.any():
            yield (
                f"Of {plural(int(capture.unsure.sum()), 'folio')} others may map pages, and the kernel does not tell"
                " which."
            )
    if not about.pmds:
        yield "What PMDs map is not known: PAGEMAP_SCAN came with v6.7."
    if about.moved:
        stopped = "" if about.frozen else "; --freeze stops the processes"
        yield f"{plural(about.moved, 'page')} moved while they were read, and are left out{stopped}."
    for reason, pages in about.left_out.items():
        yield f"Left out: {amount(pages)}, {reason}."


def _how(capture: Capture) -> Iterator[str]:
    """Yield where the figures are from."""
    if capture.about.memory:
        yield from kernel_side.notes(capture)
    elif capture.about.privileged:
        yield "Counted from page tables: exact but for pins, and for folios that a migration has flagged."
    else:
        yield (
            "Read without privileges: no folio, order or mapcount is known, nor what is held; what may be shared is"
            " what is not known to be mapped once."
        )


def _regions(capture: Capture, found: Sums, *, everything: bool) -> Iterator[str]:
    """Yield the table of regions: most held first, then most mapped."""
    order = np.lexsort((-found.mapped, -found.held)).tolist()
    shown = order if everything else order[:MOST_REGIONS]
    yield f"{'region':>6} {'process':>7} {'mapped':>11} {'held':>11} {'waste':>6}  {'orders':<8} what"
    for index in shown:
        region = capture.regions[index]
        mapped, held = int(found.mapped[index]), int(found.held[index])
        waste = f"{100 * held / (mapped + held):.0f} %" if mapped + held else ""
        orders = [
            order
            for order in np.argsort(-found.orders[index], kind="stable").tolist()
            if found.orders[index, order]
        ]
        what = [region.rights, *([region.kind] if region.kind != "anonymous" else [])]
        what += [
            word
            for word in (region.advice, "locked" if region.locked else None)
            if word not in {None, "none"}
        ]
        line = (
            f"{index + 1:>6} {region.process:>7} {amount(mapped):>11}"
            f" {amount(held) if capture.about.privileged else '?':>11}"
            f" {waste if capture.about.privileged else '':>6}  {' '.join(map(str, orders[:4])):<8} {' '.join(what)}"
        )
        yield line.rstrip()
    if rest := order[len(shown) :]:
        pages = int(found.mapped[rest].sum())
        kept = f", {amount(int(found.held[rest].sum()))} held" if capture.about.privileged else ""
        yield f"... and {len(rest)} more: {amount(pages)} mapped{kept}; --all lists them"
