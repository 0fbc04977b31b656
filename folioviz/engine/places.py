"""What LLVM is told of the places that machine code reads and writes: fields never overlap, nor do they meet a row.

So what was read of one field need not be read again after a write to another. It holds because a kernel's index is
always within the field that it names (``tests/engine/test_places.py``); of a reader's own patch LLVM is told nothing.
"""

from __future__ import annotations

from itertools import count
from typing import Final

from folioviz.machine.fields import FIELDS

ROWS: Final = len(FIELDS)
"""The number of the rows among places, of which the first are the fields; the cursor's is the next."""
_NAMES: Final = (*(row.name for row in FIELDS), "rows", "cursor")
_FIRST: Final = 3


def tag(place: int) -> str:
    """Return what is said at a read or a write of a place."""
    return f", !tbaa !{_FIRST + 2 * place + 1}"


PAST_CACHES: Final = ", !nontemporal !2"
"""What is said at a write of what is not read again soon."""
TEXT: Final = f'!0 = !{{}}\n!1 = !{{!"{__name__}"}}\n!2 = !{{i32 1}}\n' + "".join(
    f'!{at} = !{{!"{name}", !1, i64 0}}\n!{at + 1} = !{{!{at}, !{at}, i64 0}}\n'
    for at, name in zip(count(_FIRST, 2), _NAMES)
)
"""Every place by its name."""
