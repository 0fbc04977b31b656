"""What several CPUs cost each other at locks and cache lines: a simulation made from the model's journals."""

from __future__ import annotations

from folioviz.contention.curves import Band, Contention, contention
from folioviz.contention.hardware import PARAMETERS, Hardware
from folioviz.contention.turns import Lanes, lanes
from folioviz.contention.workloads import WORKLOADS, Workload, workload

__all__ = [
    "PARAMETERS",
    "WORKLOADS",
    "Band",
    "Contention",
    "Hardware",
    "Lanes",
    "Workload",
    "contention",
    "lanes",
    "workload",
]
