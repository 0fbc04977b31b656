"""What checked code does in an operator's place: Python's integers have no end, those of machine code have 64 bits.

Where a result does not fit, the cursor is told, as where an index is outside; plain Python runs the operation, then.
"""

from __future__ import annotations

from typing import Final

BITS: Final = 63
"""A shift goes by fewer bits than this."""
GUARDED: Final = frozenset({"add", "sub", "mul", "shl", "ashr"})
"""The operators whose result, or whose second operand, may not fit."""


def _function(word: str, body: str, outside: int) -> str:
    """Return the function for an operator; its body finds ``%value``, and ``%fits``."""
    return f"""define internal i64 @{word}.checked(ptr noalias %c, i64 %a, i64 %b) alwaysinline nounwind {{
{body}
  br i1 %fits, label %good, label %bad
bad:
  %at = getelementptr i64, ptr %c, i64 {outside}
  store i64 1, ptr %at
  ret i64 0
good:
  ret i64 %value
}}
"""


def text(outside: int) -> str:
    """Return the functions of all :data:`GUARDED`; ``outside`` is the place of the cursor that they write to."""
    parts = []
    for word in ("add", "sub", "mul"):
        whole = f"{{ i64, i1 }} @llvm.s{word}.with.overflow.i64"
        body = f"""  %both = call {whole}(i64 %a, i64 %b)
  %value = extractvalue {{ i64, i1 }} %both, 0
  %over = extractvalue {{ i64, i1 }} %both, 1
  %fits = xor i1 %over, true"""
        parts.append(f"{_function(word, body, outside)}declare {whole}(i64, i64)\n")
    few = f"  %few = icmp ult i64 %b, {BITS}\n  %by = select i1 %few, i64 %b, i64 0\n"
    back = "  %back = ashr i64 %value, %by\n  %same = icmp eq i64 %back, %a\n  %fits = and i1 %few, %same"
    parts.append(_function("shl", f"{few}  %value = shl i64 %a, %by\n{back}", outside))
    parts.append(_function("ashr", f"{few}  %value = ashr i64 %a, %by\n  %fits = and i1 %few, true", outside))
    return "".join(parts)
