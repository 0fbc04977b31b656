"""Numbers of an operation have 32 bits: the sum of two wider ones might seem to be in range."""

from __future__ import annotations


def narrow(fields: int, why: int) -> str:
    """Return what leaves, with ``why``, if one of ``%f0``, ``%f1`` ... is wider than any operation's number."""
    text = "  %wide.0 = add i64 0, 0\n"
    for place in range(fields):
        text += f"  %half.{place} = trunc i64 %f{place} to i32\n  %again.{place} = sext i32 %half.{place} to i64\n"
        text += f"  %rest.{place} = xor i64 %again.{place}, %f{place}\n"
        text += f"  %wide.{place + 1} = or i64 %wide.{place}, %rest.{place}\n"
    return f"""{text}  %narrow = icmp eq i64 %wide.{fields}, 0
  br i1 %narrow, label %plain, label %wide
wide:
  ret i64 {why}
plain:
"""
