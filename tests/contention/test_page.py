from __future__ import annotations

import re

import pytest

from folioviz.contention import PARAMETERS, WORKLOADS, Hardware, contention
from folioviz.contention.curves import point
from folioviz.contention.published import published
from tests.pages import DOCS, table

PAGE = DOCS / "contention.md"


def test_the_published_numbers_are_computed():
    """Each row of the page's table is a row of published(), to two digits."""
    shown = [[*row.values()] for row in table(PAGE, "held-against-what-was-published")]

    assert shown == [[one.words, f"{one.published:.2f}", f"{one.ours:.2f}", one.kind] for one in published()]


def test_the_defaults_are_the_hardwares():
    """Every number of the hardware, with its default and where it is from."""
    rows = table(PAGE, "assumptions")

    assert [(row["number"], row["default"]) for row in rows] == [
        (one.name, f"{one.default:g}") for one in PARAMETERS
    ]
    kinds = [re.match(r"\w+", one.source)[0] for one in PARAMETERS]
    assert [re.match(r"\w+", row["source"])[0] for row in rows] == kinds
    assert [row["name"] for row in table(PAGE, "workloads")] == [*WORKLOADS]


@pytest.mark.parametrize(("near", "cpus", "bandwidth"), [(57, 17, 300), (140, 8, 300), (20, 42, 0)])
def test_from_how_many_cpus_on_half_is_waited(near, cpus, bandwidth):
    """As the page says of 1/3: at the number with lines of 57, 140 and 20 ns, give or take a quarter of it."""
    hardware = Hardware(near_ns=near, far_ns=140, bandwidth_gb=bandwidth)
    below, above = round(0.75 * cpus), round(1.25 * cpus)
    waits = contention("p1", (below, above), "fault-unmap", hardware).waiting.middle[0]

    assert waits[0] < 0.5 < waits[1]


def test_the_fit_is_as_narrow_as_the_page_says():
    """The slowdown of ld.lld with 3 and with 5 ms between two loops."""
    found = []
    for user_ns in (3e6, 5e6):
        hardware = Hardware(user_ns=user_ns, cpus_per_socket=48)
        without, bails_out = (point(key, WORKLOADS["ld.lld"], hardware, 96) for key in ("v6.1.0", "v6.1"))
        found.append(f"{bails_out.loops / bails_out.ns / without.loops * without.ns:.1f}")
    said = re.search(r"At 3 ms it would be ([\d.]+), at 5 ms ([\d.]+),", PAGE.read_text(encoding="utf-8"))

    assert found == [*said.groups()]


@pytest.mark.parametrize(("near", "plateau"), [(57, 50), (140, 22)])
def test_where_the_first_patch_stops_gaining(near, plateau):
    """Millions of pages a second, as the page says, for 1/3 and for v6.9."""
    found = contention(("p1", "v6.9"), 32, "fault-unmap", Hardware(near_ns=near, far_ns=140))

    assert found.pages_per_second.middle[:, 0] / 1e6 == pytest.approx([plateau, plateau], rel=0.05)
