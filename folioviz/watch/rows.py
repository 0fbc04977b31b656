"""What is shown of the counters: a row for each that says something about large folios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.diagnosis.words import CGROUP, ROLLUP, SIZES, VMSTAT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.watch.series import Series

OF_SIZE: Final = (("nr_anon", False), ("nr_anon_partially_mapped", False), ("split_deferred", True))
"""Of each size: a statistic, and whether its rate is shown."""
RATES: Final = (
    *("thp_split_page", "thp_split_pmd", "thp_deferred_split_page", "thp_underused_split_page"),
    *("thp_collapse_alloc", "pgmigrate_success"),
)
"""Of the machine: events, of which the rate is shown."""
OF_PROCESS: Final = ("Rss", "Anonymous", "AnonHugePages", "Swap")


class Row(NamedTuple):
    """A counter.

    Attributes:
        name: as the kernel spells it; what we compute has a name of ours.
        now: its value, or what it rises in a second; None before there is a second sample.
        unit: "KiB", "/s", or "" for a number of folios.
        past: what ``now`` was before, the oldest first.
        computed: whether it is computed here, and no counter of the kernel.
        low: of an estimate, its lower bound; ``now`` is the upper one.
    """

    name: str
    now: float | None
    unit: str
    past: Sequence[float]
    computed: bool = False
    low: float | None = None


def rows(series: Series) -> list[Row]:
    """Return the rows of the last sample: what is held first, then each size that has folios, then events."""
    return [*_held(series), *_process(series), *_sizes(series), *_events(series)]


def _held(series: Series) -> Iterator[Row]:
    for kind in series.last.kinds:
        if found := series.held(kind):
            name = "held, mapped by nobody: " + ("machine" if kind == VMSTAT else "cgroup")
            yield Row(name, found[-1].high, "KiB", [one.high for one in found], True, found[-1].low)
        if kind != VMSTAT:
            word = "anon" if kind == CGROUP else "total_rss"
            past = [value >> 10 for value in series.values(kind, word)]
            yield Row(f"cgroup {word}", past[-1], "KiB", past)


def _process(series: Series) -> Iterator[Row]:
    for word in OF_PROCESS:
        if (now := series.now(ROLLUP, word)) is not None:
            yield Row(f"process {word}", now, "KiB", series.values(ROLLUP, word))


def _sizes(series: Series) -> Iterator[Row]:
    for kib in series.sizes():
        for word, rate in OF_SIZE:
            yield from _row(series, SIZES, f"{kib}/{word}", f"{kib}kB {word}", rate)


def _events(series: Series) -> Iterator[Row]:
    for word in RATES:
        yield from _row(series, VMSTAT, word, word, rate=True)


def _row(series: Series, kind: str, word: str, name: str, rate: bool) -> Iterator[Row]:
    """Yield a counter's row, if there is such a counter."""
    now = series.now(kind, word)
    if now is None:
        return
    past: Sequence[float] = series.rates(kind, word) if rate else series.values(kind, word)
    yield Row(name, past[-1] if past else None, "/s" if rate else "", past)
