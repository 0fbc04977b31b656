"""Counters of a machine that runs, sample after sample: what is held and mapped by nobody, and what the sizes count."""

from __future__ import annotations

from folioviz.watch.counters import Counters, Sample
from folioviz.watch.series import Series

__all__ = ["Counters", "Sample", "Series"]
