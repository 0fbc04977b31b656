"""How does v3 free a folio on s390? Without a gather, a batch drops its references before its mapcounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from folioviz.readout import state
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import BASE, GATHER, V4, kernel, label, linked, order, ran, side_by_side
from folioviz.stories.refcount_order import moments

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Values

V3 = "v6.5-rc3+v3"
HELD = Choice(
    "held",
    "besides",
    (("nobody", "nobody"), ("a child process", "fork"), ("a pin", "get")),
    "nobody",
    "who else has the folio when the process exits",
)
MORE = {"nobody": "", "fork": "; fork 1", "get": "; get 1"}


def ops(values: Values) -> str:
    """Return the operations: a folio, perhaps somebody else who has it, and the process exits."""
    return f"mm; mmap 1 0 {max(64, 1 << values['order'])}; fault 1 0 {values['order']}{MORE[values['held']]}; exit 1"


make = side_by_side(ops)


def freed(text: str, key: str, mode: str) -> tuple[str, ...]:
    """Return the bugs that a kernel hits."""
    return tuple(ran(text, key, mode).machine.bugs())


def window(text: str, key: str, mode: str) -> tuple[int, int]:
    """Return after how many of how many counter writes of the last operation folio 1 has more mappings than refs."""
    lab = ran(text, key, mode)
    bug = lab.bug_at()
    seen = [one for one in moments(lab, len(lab.applied) - 1) if bug is None or one.row < bug]
    return sum(one.broken for one in seen), len(seen)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return which kernels survive which exit, and how long mappings outnumber references there."""
    keys, text = (BASE, V3, V4), ops(values)
    rows = []
    for key in keys:
        row: list[object] = [label(key)]
        for mode in ("batched", "none"):
            bugs = freed(text, key, mode)
            what = "freed while mapped" if "free_mapped" in bugs else "; ".join(bugs) or "fine"
            row += [linked(what, text, key, mmu_gather=mode, mark="bad" if bugs else "good")]
            row += ["{} of {}".format(*window(text, key, mode))]
        rows.append(tuple(row))
    columns = (
        "kernel",
        "batched gather",
        "writes with mapcount > refcount",
        "no gather",
        "writes with mapcount > refcount",
    )
    return (Table("The same exit on three kernels", columns, tuple(rows)),)


def answer() -> tuple[int, str]:
    """Return when the last reference goes in v3 without a gather, and what the mapcounts say then."""
    lab = ran("mm; mmap 1 0 64; fault 1 0 4; exit 1", V3, "none")
    lab.seek(lab.bug_at() or 0)
    [folio] = state.folios(lab.machine)
    right = 1 if folio.refcount == 0 and folio.pages_mapped else 0
    return right, (
        f"The sixteenth put brings the refcount to {folio.refcount}, and {folio.pages_mapped} pages still have a "
        "mapcount: the folio is freed while mapped, and the rmap removal that comes next touches freed memory."
    )


STORY = Story(
    "s390",
    make,
    (kernel("a", V3), kernel("b", V4, none=True), replace(GATHER, value="none"), order(4), HELD),
    Question(
        "One order-4 folio, mapped once by sixteen PTEs, and the process exits on s390. In v3, when does the refcount "
        "reach zero?",
        (
            "after the mapcounts are down",
            "while all sixteen pages are still mapped",
            "never, a reference leaks",
        ),
        answer,
        hints=("refcount",),
    ),
    numbers,
    left=("meters", "folios", "transport"),
    right=("trace",),
    notice="left",
)
