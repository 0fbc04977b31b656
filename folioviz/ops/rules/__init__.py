"""The rules by which operations are refused, in the small part of Python that compiles; the words are elsewhere.

``refuse_WORD(m, ...)`` takes an operation's fields, where ``mm`` is the process's slot and ``folio`` the head page, and
returns 0 if it can be done. Else it returns why, with the numbers of the sentence (:mod:`folioviz.ops.reasons`). A word
without such a function is never refused here. They stand as the operations do (:mod:`folioviz.ops.kinds`).
"""

from __future__ import annotations

from typing import Final

from folioviz.ops.rules import common, give_back, machine, mapping, share, write

MODULES: Final = (common, mapping, write, give_back, share, machine)
"""The modules of the rules."""
