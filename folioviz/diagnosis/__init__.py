"""What pasted pieces of /proc, /sys and the kernel's log say about memory that is held and mapped by nobody."""

from __future__ import annotations

from folioviz.diagnosis.diagnose import explain
from folioviz.diagnosis.findings import Bounds, Diagnosis, Number, Offer, Recognised, Unknown

__all__ = ["Bounds", "Diagnosis", "Number", "Offer", "Recognised", "Unknown", "explain"]
