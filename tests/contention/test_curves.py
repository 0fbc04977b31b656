from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import folioviz
from folioviz import KERNELS
from folioviz.contention import WORKLOADS, Hardware, contention, lanes, workload
from folioviz.contention.curves import CPUS
from folioviz.contention.hardware import PLAUSIBLE_NS
from folioviz.contention.published import published
from folioviz.errors import FoliovizError, KernelError, LimitError

BASE, FIRST, V4, V7_3 = "v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4", "v7.3"
ZAP = workload("fault-unmap", folios=8)


def test_the_first_patch_saturates_and_the_whole_series_does_not():
    """From 16 to 64 CPUs 1/3 gains nothing and waits; the series and v7.3 gain until memory is the limit."""
    found = contention((FIRST, V4, V7_3), (16, 64), "fault-unmap", Hardware(bandwidth_gb=0))
    gain = found.pages_per_second.middle[:, 1] / found.pages_per_second.middle[:, 0]

    assert gain[0] < 1.05
    assert gain[1:] == pytest.approx([4, 4], rel=0.02)
    assert found.waiting.middle[0, 1] > 0.8
    assert np.all(found.waiting.middle[1:] == 0)


def test_the_price_of_a_flush_takes_the_gain_away():
    """On 16 CPUs the series is faster than 1/3 with local flushes; with IPIs of 3 us it is not, but on 32 it is."""
    cheap, dear = (
        contention((FIRST, V4, V7_3), 16, "fault-unmap", Hardware(flush_ns=flush)).pages_per_second.middle[
            :, 0
        ]
        for flush in (150, 3000)
    )

    crowd = contention((FIRST, V4), 32, "fault-unmap", Hardware(flush_ns=3000)).pages_per_second.middle[:, 0]
    assert crowd[1] > 1.3 * crowd[0]
    assert cheap[1] > 1.3 * cheap[0]
    assert dear[1] < dear[0] < dear[2]


def test_one_queue_per_memcg_hardly_waits():
    """Eight queues on 32 CPUs."""
    one, eight = (
        contention(FIRST, 32, "fault-unmap", Hardware(queues=queues)).waiting.middle[0, 0]
        for queues in (1, 8)
    )

    assert one > 0.6
    assert eight < 0.15


@pytest.mark.parametrize(("row", "within"), [(0, 0.1), (1, 0.1), (2, 0), (3, None)])
def test_what_was_published(row, within):
    """Waiting (fitted) and slowdown (predicted) of ld.lld; the lock that is not taken; and what differs is said."""
    one = published()[row]

    if within is None:
        assert one.ours < 0.6 * one.published
    else:
        assert one.ours == pytest.approx(one.published, abs=within)
    assert ("ld.lld" in one.words) == (row < 2)


def test_after_the_bail_out_nobody_waits():
    """In v6.1.y, in v6.5-rc3 and in v7.3, by whatever a line costs."""
    found = contention(("v6.1", BASE, V7_3), 96, "ld.lld")

    assert np.all(found.waiting.high < 0.01)


def test_arrays_are_kernels_by_cpus():
    """With what must be said beside them; a band holds the middle; nobody can write into what is kept."""
    found = contention((FIRST, V7_3), [4, 1, 4], ZAP)

    assert (found.kernels, found.cpus) == ((FIRST, V7_3), (4, 1))
    assert found.bound.shape == found.waiting.low.shape == (2, 2)
    assert found.waiting_at.shape == (2, 2, len(found.places))
    for band in (found.pages_per_second, found.waiting):
        assert np.all((band.low <= band.middle) & (band.middle <= band.high))
    assert np.all(found.pages_per_second.middle <= found.bound * (1 + 1e-9))
    memory = found.places.index("memory")
    assert np.allclose(np.delete(found.waiting_at, memory, axis=2).sum(axis=2), found.waiting.middle)
    for array in (found.bound, found.waiting_at, found.waiting.low, found.pages_per_second.middle):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_band_is_the_plausible_range():
    """Its ends are what hardware with the nearest and the farthest lines gives."""
    found = contention(FIRST, 8, ZAP)
    ends = [contention(FIRST, 8, ZAP, Hardware(near_ns=near)).waiting.middle[0, 0] for near in PLAUSIBLE_NS]

    assert (found.waiting.low[0, 0], found.waiting.high[0, 0]) == (min(ends), max(ends))


def test_every_result_says_what_it_is():
    """It is labelled, and its sentences have the hardware's numbers and what is missing."""
    hardware = Hardware(near_ns=31, far_ns=77, flush_ns=3000, queues=4, user_ns=2e6, bandwidth_gb=0)
    for found in (contention(V7_3, 2, ZAP, hardware), lanes(V7_3, 2, ZAP, hardware)):
        said = " ".join(found.assumptions)

        assert found.label == "simulated"
        assert all(
            text in said
            for text in (
                "31 ns",
                "77 ns",
                "3 us",
                "4 split queues",
                "2 ms",
                "no limit",
                "20 to 140 ns",
                ZAP.title,
            )
        )
        missing = " ".join(found.missing)
        assert all(
            word in missing for word in ("zone->lock", "lru_lock", "mmap_lock", "memory cgroup", "NUMA")
        )


@pytest.mark.parametrize("key", KERNELS)
def test_every_kernel_can_be_simulated(key):
    """Each workload that the kernel's orders allow; one by one CPU costs what the model counts."""
    names = ["ld.lld"] if KERNELS[key].orders == (0,) else WORKLOADS
    for name in names:
        one = WORKLOADS[name] if name == "ld.lld" else workload(name, folios=2)
        found = contention(key, (1, 3), one)

        assert np.all(found.pages_per_second.middle > 0)
        assert found.waiting.high[0, 0] == 0


@pytest.mark.parametrize(
    ("words", "kernel", "cpus", "name"),
    [
        ("no kernel 'v9'", "v9", 1, "fault-unmap"),
        ("the number of CPUs is 129: it must be a whole number from 1 to 128", BASE, 129, "fault-unmap"),
        ("the number of CPUs is 0", BASE, [2, 0], "fault-unmap"),
        ("the number of CPUs is True", BASE, True, "fault-unmap"),
        ("the number of CPUs is 1.5", BASE, [1.5], "fault-unmap"),
        ("the number of CPU counts is 0: it must be 1 to 16", BASE, [], "fault-unmap"),
        ("the number of CPU counts is 17", BASE, range(1, 18), "fault-unmap"),
        ("the number of kernels is 0", [], 1, "fault-unmap"),
        ("no workload 'zap'", BASE, 1, "zap"),
    ],
)
def test_what_cannot_be_simulated_is_refused(words, kernel, cpus, name):
    """The message names the thing, the value and the bound."""
    with pytest.raises(FoliovizError, match=words):
        contention(kernel, cpus, name)


def test_it_is_one_of_folioviz_functions():
    """With the defaults of the command."""
    assert folioviz.contention is contention
    assert CPUS[0] == 1
    assert folioviz.contention("v4", 1, ZAP).kernels == (V4,)


def test_lanes_are_turns_in_order():
    """Each CPU's turns follow each other, nobody holds the lock while another does, waiting comes first."""
    found = lanes(FIRST, 8, ns=20_000.0)

    assert len(found.cpu) > 20
    assert np.all((found.arrived >= 0) & (found.arrived <= found.got) & (found.got <= found.left))
    assert np.all(found.left <= found.ns)
    assert found.arrived[0] == 0
    for cpu in range(8):
        mine = found.cpu == cpu
        assert np.all(found.arrived[mine][1:] >= found.left[mine][:-1])
    whole = found.left < found.ns
    assert np.all(found.got[whole][1:] >= found.left[whole][:-1])


def test_lanes_have_bounds():
    """The span is checked; what nobody shares has no turns; more turns than can be drawn end the span."""
    with pytest.raises(LimitError, match=r"the span of the lanes is 1\.0: it must be 1,000 to 1,000,000 ns"):
        lanes(FIRST, 8, ns=1.0)
    with pytest.raises(KernelError):
        lanes("v9")
    assert len(lanes(V4, 8, ZAP).cpu) == 0
    alone = lanes(FIRST, 1, ZAP)
    assert alone.arrived[0] == 0
    assert list(alone.got) == pytest.approx(list(alone.arrived))
    crowd = lanes(FIRST, 64, ns=1e6)
    assert len(crowd.cpu) == 5000
    assert crowd.ns < 1e6


def test_other_hardware_is_another_result():
    """Slower lines wait more; a workload's own hardware is used where none is given."""
    one = replace(WORKLOADS["ld.lld"].hardware, user_ns=5e7)

    assert contention("v6.1.0", 96, "ld.lld", one).waiting.middle[0, 0] < 0.02
    assert contention("v6.1.0", 96, "ld.lld").hardware == WORKLOADS["ld.lld"].hardware


def test_forks_say_what_weighs_most():
    """The lock that real forks of one process hold is named first, there alone."""
    forks, others = (contention("v7.3", 2, name).missing for name in ("fork-exit", "fault-unmap"))

    assert "mmap_lock" in forks[0]
    assert forks[1:] == others
