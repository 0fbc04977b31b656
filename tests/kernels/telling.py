"""What a lab holds, in a few words; for the tests of the kernels after the series."""

from __future__ import annotations

from folioviz.machine.memory import NR_MTHP_STATS
from folioviz.ops.walk import queue

SINCE_V6_8 = ("g68", "g69", "g610", "g612", "g73", "g73n")
FLAGGING = SINCE_V6_8[3:]
"""The kernels that keep PG_partially_mapped."""


def of_order(lab, order):
    """Return the statistics of one folio size: split, failed, deferred, alive, flagged; None if they are not kept."""
    stats = lab.machine.mthp_stat.reshape(-1, NR_MTHP_STATS)
    return stats[order].tolist() if stats.size else None


def on_the_queue(lab):
    """Return the ids of the folios on the queue."""
    return [int(lab.machine.folio_id[head]) for head in queue(lab.machine)]


def flagged(lab):
    """Return the ids of the folios that are PG_partially_mapped."""
    machine = lab.machine
    return machine.folio_id[: machine.folio_partially_mapped.size][
        machine.folio_partially_mapped > 0
    ].tolist()
