"""What each recorded operation is in the model: ``do_WORD(scene, act)`` yields operations, one at a time."""

from __future__ import annotations

from typing import Final

from folioviz.evidence.recordings.acts import give_back, machine, mapping, share, write

MODULES: Final = (mapping, write, give_back, share, machine)
ACTS: Final = {
    name.removeprefix("do_"): function
    for module in MODULES
    for name, function in vars(module).items()
    if name.startswith("do_")
}
"""Word of a recording -> what does it."""
