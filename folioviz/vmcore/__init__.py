"""The kernel's own memory, of this machine or in a dump, as a source of captures; drgn reads it.

Page tables and struct pages are read, and never what pages hold. x86-64 alone, whose page tables are known here.
"""

from folioviz.vmcore.memory import Memory
from folioviz.vmcore.source import Core

__all__ = ["Core", "Memory"]
