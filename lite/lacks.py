"""Print which modules of the standard library this Python does not have, one a line."""

from __future__ import annotations

import sys
from importlib import import_module

for name in sorted(sys.stdlib_module_names - {"antigravity", "idlelib", "this"}):
    try:
        import_module(name)
    except ImportError as error:
        if error.name == name:
            print(name)
