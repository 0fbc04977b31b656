"""folioviz: Linux's anonymous large-folio accounting as a model that can be watched.

    >>> from folioviz import Lab, parse_line
    >>> lab = Lab("v6.5-rc3+v4.1")
    >>> for op in parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 64"):
    ...     done = lab.apply(op)
    >>> lab.costs(done.start, done.end)["sqlock"]
    2

Importing this loads no widget library; :mod:`folioviz.views` does.
"""

from __future__ import annotations

from folioviz.contention.curves import contention
from folioviz.errors import DocumentError, FoliovizError, KernelError, LimitError, OperationError
from folioviz.kernels import KERNELS, link
from folioviz.lab import Lab
from folioviz.machine.memory import Machine, Sizes
from folioviz.ops.ops import parse, parse_line
from folioviz.race.race import Race
from folioviz.sweep.sweep import sweep
from folioviz.sweep.table import Sweep

__version__ = "0.1.0"

__all__ = [
    "KERNELS",
    "DocumentError",
    "FoliovizError",
    "KernelError",
    "Lab",
    "LimitError",
    "Machine",
    "OperationError",
    "Race",
    "Sizes",
    "Sweep",
    "contention",
    "link",
    "parse",
    "parse_line",
    "sweep",
]
