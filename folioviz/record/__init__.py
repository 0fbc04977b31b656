"""Record a scenario on the machine at hand, as root and from /proc alone, for ``folioviz verify``."""

from folioviz.record.record import record, record_library

__all__ = ["record", "record_library"]
