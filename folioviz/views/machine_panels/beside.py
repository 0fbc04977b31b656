"""The kernel's own counters beside what was counted in page tables, and where they say something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.capture.captured import NR_ORDERS
from folioviz.diagnosis.findings import between, plural
from folioviz.diagnosis.words import SIZES, VMSTAT
from folioviz.views.machine_panels.amounts import PAGE_KIB, memory
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.text import heading
from folioviz.watch.counters import Sample
from folioviz.watch.notes import notes
from folioviz.watch.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from folioviz.views.machine_panels.taken import Taken

FOLIOS: Final = "nr_anon"
NEAR: Final = 0.9
"""Counters of the lists are summed up late; what is so near to what was seen contradicts nothing."""
LATE: Final = "the lists' counters are summed up late, by up to 125 pages a CPU"
PARTIAL: Final = "nr_anon_partially_mapped"


class Size(NamedTuple):
    """Folios of one size: those that were captured, and those that the kernel counts on the whole machine.

    Attributes:
        kib: the size.
        folios: how many were captured.
        partial: of how many of them pages are held.
        counted: what the kernel's nr_anon says; None if it has none.
        marked: what its nr_anon_partially_mapped says; None if it has none.
    """

    kib: int
    folios: int
    partial: int
    counted: int | None
    marked: int | None


def sizes(taken: Taken) -> list[Size]:
    """Return the sizes of which folios were captured, or the kernel counts some; the largest first."""
    capture = taken.capture
    holds = (capture.unmapped > 0) & ~capture.unsure
    out = []
    for order in range(NR_ORDERS - 1, 0, -1):
        kib = PAGE_KIB << order
        told = capture.mthp.get(f"{kib}kB", {})
        mine = capture.orders == order
        if mine.any() or told.get(FOLIOS, 0):
            out.append(
                Size(kib, int(mine.sum()), int((mine & holds).sum()), told.get(FOLIOS), told.get(PARTIAL))
            )
    return out


def sample(taken: Taken) -> Series:
    """Return the counters of a capture as a series of one sample."""
    of: dict[str, dict[str, int]] = {}
    if taken.capture.vm:
        of[VMSTAT] = dict(taken.capture.vm)
    words = {
        f"{size.removesuffix('kB')}/{word}": value
        for size, counters in taken.capture.mthp.items()
        for word, value in counters.items()
    }
    found = Series()
    found.add(Sample(0.0, 0.0, of | ({SIZES: words} if words else {}), PAGE_KIB))
    return found


def said(taken: Taken) -> Iterator[str]:
    """Yield where a counter of the kernel says something else than what was seen."""
    about = taken.capture.about
    if not about.privileged:
        return
    for one in sizes(taken):
        if one.marked is not None and one.partial > one.marked:
            yield (
                f"{plural(one.partial, 'folio')} of {one.kib} kB {'holds' if one.partial == 1 else 'hold'} pages that "
                f"nobody maps, and {PARTIAL} counts {one.marked:,} on the whole machine: it misses some."
            )
    series, held = sample(taken), int(taken.regions.held.sum()) * PAGE_KIB
    bounds = series.held()
    if bounds and bounds[-1].high < held * NEAR:
        yield (
            f"{memory(held // PAGE_KIB)} are held here, and what the lists hold more than is mapped comes to "
            f"{between(bounds[-1])}: the estimate is blind to some of it."
        )
    yield from notes(series)


def row(one: Size) -> Markup:
    """Return a size's row."""
    counted = "–" if one.counted is None else f"{one.counted:,}"
    marked = "–" if one.marked is None else f"{one.marked:,}"
    lies = html(' class="fv-worse"') if one.marked is not None and one.partial > one.marked else EMPTY
    return html(
        '<tr><th scope="row">{} kB</th><td>{}</td><td>{}</td><td>{}</td><td{}>{}</td></tr>',
        one.kib,
        f"{one.folios:,}",
        counted,
        f"{one.partial:,}",
        lies,
        marked,
    )


def panel(taken: Taken) -> dict[str, Markup]:
    """Return the counters as pieces."""
    out = {"head": html("<div>{}</div>", heading("The kernel's counters", "at the time of the capture"))}
    found = sizes(taken)
    if not taken.capture.about.privileged:
        out["none"] = html(
            '<p class="fv-empty">Without privileges no folios were seen that could be compared.</p>'
        )
    elif not found:
        out["none"] = html('<p class="fv-empty">No large folio was captured, and the kernel counts none.</p>')
    else:
        out["sizes"] = html(
            '<table class="fv-costs fv-mc-table"><thead><tr><th scope="col">size</th>'
            '<th scope="col" title="folios of this size that were captured">folios here</th>'
            '<th scope="col" title="what the kernel counts on the whole machine"><code>{}</code></th>'
            '<th scope="col" title="of those captured, how many hold pages that nobody maps">partial here</th>'
            '<th scope="col" title="what the kernel counts on the whole machine"><code>…partially_mapped</code></th>'
            "</tr></thead><tbody>{}</tbody></table>",
            FOLIOS,
            joined(map(row, found)),
        )
    bounds = sample(taken).held()
    if bounds and taken.capture.about.privileged:
        out["held"] = html(
            '<p class="fv-mc-pair" title="{}">held, mapped by nobody: <b>{}</b> here; on the whole machine, by what '
            "the lists hold more than is mapped, <b>{}</b></p>",
            LATE,
            memory(int(taken.regions.held.sum())),
            between(bounds[-1]),
        )
    for place, text in enumerate(said(taken)):
        out[f"note{place}"] = html('<p class="fv-note fv-mc-lies">{}</p>', text)
    return out
