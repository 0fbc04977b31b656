"""What holds of the files of any machine at rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.ops.walk import live_folios, live_mms
from folioviz.proc.mapcounts import averages
from folioviz.proc.node import memory_stat, stats, totals, vmstat
from folioviz.proc.smaps import rollup
from tests.strategies import SMALL, apply_all, plans


def lawful(lab):
    """Check that the files fit the machine and each other."""
    machine = lab.machine
    parts = [(slot, rollup(machine, slot)) for slot in live_mms(machine)]
    for slot, part in parts:
        kb = part.kb()
        assert part.rss == 4096 * machine.mm_rss[slot] == part.anonymous
        assert kb["Rss"] == sum(value for name, value in kb.items() if name.startswith(("Shared", "Private")))
        assert kb["Rss"] >= kb["Pss"] >= kb["Pss_Dirty"]
        assert kb["AnonHugePages"] % (4 * HPAGE_PMD_NR) == 0
        assert kb["LazyFree"] <= kb["Shared_Clean"] + kb["Private_Clean"]
    found, shown, sizes = totals(machine), vmstat(lab), stats(lab)
    assert 0 <= found.mapped <= found.held
    if averages(machine):
        assert found.mapped <= shown["nr_anon_pages"] <= found.held
    else:
        assert shown["nr_anon_pages"] == found.mapped
        assert sum(part.pss for _, part in parts) <= found.mapped << 24
    assert memory_stat(lab)["anon"] == 4096 * shown["nr_anon_pages"]
    assert memory_stat(lab)["anon_thp"] == (2 << 20) * shown["nr_anon_transparent_hugepages"]
    orders = machine.folio_order[live_folios(machine)].tolist()
    for order, one in sizes.items():
        assert one.get("nr_anon", orders.count(order)) == orders.count(order)
    assert set(orders) - {0, 1} <= set(sizes) or not machine.mthp_stat.size


@given(st.data())
@pytest.mark.parametrize("key", ["v6.1", "v7.3", "v7.3+no-page-mapcount"])
def test_the_files_fit_each_other(key, data):
    """Parts come to Rss, all Pss to no more than what is mapped, sizes to what is held, after any operations."""
    lab = Lab(key, sizes=SMALL)
    apply_all(lab, data.draw(plans(under=key)))

    lawful(lab)


@pytest.mark.parametrize("key", KERNELS)
def test_every_kernel_keeps_the_same_laws(key, after):
    """After each operation of one history."""
    lab = after("mm; mmap 1 0 1024; faultpmd 1 0; fork 1; write 2 3; dontneed 1 8 100; exit 2", key)
    for done in (0, *(one.end for one in lab.applied)):
        lab.seek(done)
        lawful(lab)
