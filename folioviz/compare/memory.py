"""What the files of each kernel say when a comparison has ended: as a table for the report, or as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.compare.columns import columns
from folioviz.ops.walk import live_mms, page_at
from folioviz.proc.files import files
from folioviz.proc.node import totals
from folioviz.proc.page import dump, notes, page_line
from folioviz.proc.smaps import PAGE_SIZE, rollup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.compare.compare import Comparison
    from folioviz.lab import Lab
    from folioviz.machine.memory import Machine

TITLE = "Memory at the end, in kB"


def to_the_end(labs: Sequence[Lab], comparison: Comparison) -> None:
    """Go to the end of each run; of one that hit a bug, to before the operation that did."""
    for place, lab in enumerate(labs):
        lab.seek(len(lab.journal) if comparison.ended(place) is None else lab.applied[-1].start)


def memory(labs: Sequence[Lab], letters: Sequence[str]) -> list[str]:
    """Return a table of what is held and mapped at the labs' cursors and of each process's Rss and Pss, if any is."""
    shown = [_amounts(lab.machine) for lab in labs]
    names = list(dict.fromkeys(name for one in shown for name in one))
    values = [[str(one[name]) if name in one else "-" for one in shown] for name in names]
    held = any(value for one in shown for value in one.values())
    return columns(TITLE, list(zip(names, values, strict=True)), letters) if held else []


def _amounts(machine: Machine) -> dict[str, int]:
    """Return the rows of the table for one machine, in kB."""
    found = totals(machine)
    pages = {"held": found.held, "mapped": found.mapped, "held and mapped by nobody": found.lost}
    amounts = {name: number * PAGE_SIZE >> 10 for name, number in pages.items()}
    for slot in live_mms(machine):
        kb = rollup(machine, slot).kb()
        amounts |= {f"{name} of process {int(machine.mm_id[slot])}": kb[name] for name in ("Rss", "Pss")}
    return amounts


def text_of(lab: Lab, names: Sequence[str], pages: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Yield files and pages of a lab at its cursor, line by line; what is no line of the kernel's begins with #.

    Args:
        lab: whose kernel prints them.
        names: the files' short names.
        pages: (process, virtual page) of what is dumped.
    """
    for file in files(lab, names):
        yield f"# {lab.kernel.label}: {file.path}"
        yield from file.lines
        yield from (f"# {note}" for note in file.notes)
    for mm, vpn in pages:
        yield f"# {lab.kernel.label}: {page_line(lab.machine, mm, vpn)}"
        page = page_at(lab.machine, int((lab.machine.mm_id == mm).argmax()), vpn)
        if page >= 0:
            yield from dump(lab.machine, page)
            yield f"# {notes(lab.machine)}"
