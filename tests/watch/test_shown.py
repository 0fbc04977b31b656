"""What is shown of samples: values, rates, bars, notes, CSV."""

from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from folioviz.watch import Counters, Series
from folioviz.watch.notes import notes
from folioviz.watch.rows import rows
from folioviz.watch.screen import BARS, screen, sparkline, value
from folioviz.watch.series import KEPT
from folioviz.watch.table import Writer
from tests.watch.conftest import NUMBERS


@pytest.fixture
def watched(files):
    """Return what takes a sample a second after the last one, with changed numbers."""
    series = Series()
    with Counters(root=files.root) as counters:

        def more(**changed):
            sizes = {name: now for name, now in changed.items() if name.startswith("kib")}
            files.put(
                "proc/vmstat", NUMBERS | {name: now for name, now in changed.items() if name not in sizes}
            )
            for name, now in sizes.items():
                kib, _, word = name.removeprefix("kib").partition("_")
                files.size(int(kib), word, now)
            counters._started = None
            one = counters.sample()
            series.add(type(one)(len(series.samples) * 2.0, one.when, one.of, 4))
            return series

        yield more


def by_name(series):
    """Return the rows by their names."""
    return {row.name: row for row in rows(series)}


def test_values_and_rates(watched):
    """A number of folios is shown as it is, events by the second; before a second sample there is no rate."""
    watched()
    first = by_name(watched())
    found = by_name(watched(thp_split_page=25, nr_anon_pages=1000))

    assert value(first["thp_split_page"]) == "0 /s"
    assert value(found["thp_split_page"]) == "10 /s"
    assert value(found["2048kB nr_anon"]) == "2"
    assert value(found["held, mapped by nobody: machine"]) == "800 KiB"
    assert list(found["held, mapped by nobody: machine"].past) == [400, 400, 800]
    assert [row.name for row in found.values() if row.computed] == ["held, mapped by nobody: machine"]


def test_one_sample_has_no_rate(watched):
    """It is not taken for 0."""
    assert value(by_name(watched())["thp_split_page"]) == "-"


def test_a_size_is_shown_once_it_has_folios(watched):
    """And stays, when they are gone, as long as its samples are kept."""
    assert not any(name.startswith("64kB") for name in by_name(watched()))
    assert "64kB nr_anon" in by_name(watched(kib64_nr_anon=3))
    assert by_name(watched(kib64_nr_anon=0))["64kB nr_anon"].past == [0, 3, 0]


def test_an_estimate_with_two_bounds_shows_both(watched):
    """What is in the swap cache may be mapped, or not."""
    row = by_name(watched(nr_swapcached=50))["held, mapped by nobody: machine"]

    assert value(row) == f"{row.low} to {row.now} KiB"
    assert row.now - row.low == 200


def test_bars_go_from_the_smallest_to_the_largest():
    """What does not change lies flat; only the last ones are shown."""
    assert sparkline([0, 7, 3.5]) == BARS[0] + BARS[7] + BARS[4]
    assert sparkline([5, 5]) == BARS[0] * 2
    assert sparkline([]) == ""
    assert sparkline([*range(100)], 8) == BARS


def test_old_samples_go(watched):
    """The first one stays, for what rose since."""
    for count in range(KEPT + 3):
        series = watched(thp_split_page=5 + count)

    assert len(series.samples) == len(series.held()) == KEPT
    assert series.rose("/proc/vmstat", "thp_split_page") == KEPT + 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"kib64_nr_anon": 3, "kib64_split_deferred": 2}, ["2 folios smaller than 2048 kB were queued"]),
        ({"kib2048_split_deferred": 9}, []),
        ({"kib2048_nr_anon_partially_mapped": 100}, []),
        (
            {"kib2048_nr_anon_partially_mapped": 101},
            ["counts 101 folios, which hold 404 KiB at least; the lists show 400 KiB"],
        ),
        (
            {"nr_anon_pages": 1201, "kib2048_nr_anon_partially_mapped": 0},
            ["have 4 KiB less than what is mapped"],
        ),
    ],
)
def test_a_note_is_said_when_the_numbers_show_it(watched, changed, said):
    """A counter that leaves folios out, or counts too many; and an estimate below nothing."""
    watched()
    found = notes(watched(**changed))

    assert len(found) == len(said)
    assert all(part in note for part, note in zip(said, found, strict=True))


def test_the_screen_fits_72_columns(watched):
    """With what is computed, what the kernel counts, and where the estimate is blind."""
    watched()
    series = watched(kib64_nr_anon=3_000_000, kib64_split_deferred=2_000_000)
    out = io.StringIO()
    Console(file=out, width=72).print(screen(series, "Linux 7.3.4"))
    lines = out.getvalue().splitlines()

    assert max(map(len, lines)) <= 72
    assert "Linux 7.3.4: 2 samples" in lines[0]
    assert any("3,000,000" in line and line.startswith("64kB nr_anon") for line in lines)
    assert "CONFIG_NO_PAGE_MAPCOUNT" in " ".join(lines)


def test_csv_has_all_counters_and_a_line_for_each_sample(watched):
    """What a later sample lacks is empty."""
    out = io.StringIO()
    writer = Writer(out)
    series = watched()
    writer.add(series.last)
    assert out.getvalue().count("\n") == 2
    writer.add(watched(nr_anon_pages=1000).last)
    found = list(csv.DictReader(io.StringIO(out.getvalue())))

    assert [row["held KiB high /proc/vmstat"] for row in found] == ["400", "800"]
    assert [row["/proc/vmstat thp_split_page"] for row in found] == ["5", "5"]
    assert found[0]["time"].endswith("+00:00")
    assert {"hugepages-*kB/stats 2048/nr_anon", "seconds"} <= set(found[0])
