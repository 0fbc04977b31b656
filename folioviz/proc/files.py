"""The files as text: lines as the kernel prints them, and beside them, apart, what is to be said of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from folioviz.errors import LimitError
from folioviz.machine.memory import address_of
from folioviz.ops.walk import live_mms, vma_at
from folioviz.proc.names import PATHS, FileName, has, known, of_file
from folioviz.proc.node import memory_stat, stats, totals, vmstat
from folioviz.proc.smaps import PAGE_SIZE, by_vma, rights, together
from folioviz.readout.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from folioviz.lab import Lab
    from folioviz.machine.memory import Machine

FILES: Final[tuple[FileName, ...]] = get_args(FileName)
RELEASE: Final = re.compile(r"v(\d+)\.(\d+)")
NAME_AT: Final = 72
"""The column behind which a VMA's name stands: seq_setwidth() and seq_pad(), fs/seq_file.c, pointers of 8 bytes."""


class File(NamedTuple):
    """One file of a kernel.

    Attributes:
        name: its short name.
        path: where it is; a process has its number in the model.
        lines: what it says, to the letter, without what the model has no value for.
        notes: what is left out, or lacking in this kernel, each in a sentence.
    """

    name: FileName
    path: str
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def files(lab: Lab, names: Iterable[str] = FILES, mm: int = 0) -> list[File]:
    """Return the files of a lab at its cursor by their short names; of those that a process has, each process's.

    Args:
        lab: whose kernel prints them.
        names: of :data:`FILES`.
        mm: the one process that is asked about; 0 for all of them.

    Raises:
        LimitError: if a name is none of :data:`FILES`.
    """
    found = []
    for name in names:
        if name not in FILES:
            raise LimitError.of("the name of a file", name, f"one of {', '.join(FILES)}")
        if name in _OF_PROCESS:
            alive = [slot for slot in live_mms(lab.machine) if mm in (0, lab.machine.mm_id[slot])]
            found += [_OF_PROCESS[name](lab, slot) for slot in alive]
        else:
            found.append(_OF_MACHINE[name](lab))
    return found


def header(start: int, end: int, rights: str, name: str = "") -> str:
    """Return the line of a VMA, in smaps as in maps: show_vma_header_prefix(), fs/proc/task_mmu.c.

    Args:
        start: its first address, in bytes.
        end: the address behind it.
        rights: four letters, "rw-p".
        name: what stands behind it; anonymous memory has no name, and its line ends with a space.
    """
    prefix = f"{start:08x}-{end:08x} {rights} {0:08x} 00:00 0 "
    return f"{prefix.ljust(NAME_AT)} {name}" if name else prefix


def _amounts(machine: Machine, name: FileName, values: dict[str, int]) -> list[str]:
    """Return the lines of kB of a file of the smaps kind: SEQ_PUT_DEC(), fs/proc/task_mmu.c."""
    return [f"{f'{row.field}:':<16}{values[row.field]:>8} kB" for row in known(machine, name)]


def _smaps(lab: Lab, slot: int) -> File:
    """Return /proc/PID/smaps of a process."""
    lines = []
    for vma, usage in by_vma(lab.machine, slot):
        said = rights(lab.machine, vma_at(lab.machine, slot, vma.start))
        lines.append(header(address_of(vma.start), address_of(vma.end), said))
        lines += _amounts(
            lab.machine, "smaps", usage.kb() | {"Size": (vma.end - vma.start) * PAGE_SIZE >> 10}
        )
    return _of_process(lab, "smaps", slot, lines)


def _smaps_rollup(lab: Lab, slot: int) -> File:
    """Return /proc/PID/smaps_rollup of a process: show_smaps_rollup(), fs/proc/task_mmu.c."""
    parts = by_vma(lab.machine, slot)
    start, end = (address_of(parts[0][0].start), address_of(parts[-1][0].end)) if parts else (0, 0)
    sums = together([usage for _, usage in parts]).kb()
    amounts = _amounts(lab.machine, "smaps_rollup", sums | {"Pss_Anon": sums["Pss"]})
    return _of_process(lab, "smaps_rollup", slot, [header(start, end, "---p", "[rollup]"), *amounts])


def _of_process(lab: Lab, name: FileName, slot: int, lines: list[str]) -> File:
    """Return a file that a process has."""
    path = PATHS[name].replace("PID", str(int(lab.machine.mm_id[slot])))
    return File(name, path, tuple(lines), _notes(lab, name))


def _vmstat(lab: Lab) -> File:
    """Return /proc/vmstat: vmstat_show(), mm/vmstat.c."""
    lines = tuple(f"{name} {value}" for name, value in vmstat(lab).items())
    return File("vmstat", PATHS["vmstat"], lines, _notes(lab, "vmstat"))


def _memory_stat(lab: Lab) -> File:
    """Return memory.stat, as if one memory cgroup had all processes: memcg_stat_format(), mm/memcontrol.c."""
    lines = tuple(f"{name} {value}" for name, value in memory_stat(lab).items())
    note = "As if one memory cgroup had all processes."
    return File("memory.stat", PATHS["memory.stat"], lines, (note, *_notes(lab, "memory.stat")))


def _stats(lab: Lab) -> File:
    """Return the statistics of the folio sizes, as grep prints a directory of files that hold one number each."""
    lines = tuple(
        f"hugepages-{4 << order}kB/stats/{name}:{value}"
        for order, values in stats(lab).items()
        for name, value in values.items()
    )
    path = PATHS["stats"].partition("/hugepages-")[0]
    notes = _notes(lab, "stats")
    if known(lab.machine, "stats"):
        notes = ("Sizes of which nothing was counted are left out.", *notes)
    return File("stats", path, lines, notes)


def _notes(lab: Lab, name: FileName) -> tuple[str, ...]:
    """Return what is to be said of a file: what the kernel lacks, what is known as a sum alone, what is left out."""
    rows = of_file(name)
    told = known(lab.machine, name)
    if not told:
        return (f"Not in {lab.kernel.label}: these files came with {rows[0].first}.",)
    notes = []
    lacking: dict[str, list[str]] = {}
    for row in rows:
        if row.first and row.told == "alone" and row not in told:
            lacking.setdefault(row.first, []).append(row.field)
    for first, fields in lacking.items():
        notes.append(f"Not in {lab.kernel.label}: {_listed(fields)}, which came with {first}.")
    early = [row for row in told if _release(row.first) > _release(lab.kernel.key)]
    if early:
        notes.append(
            f"{_listed([row.field for row in early])} came with {early[0].first}, and are counted here already."
        )
    sums = [row for row in rows if row.told == "sum"]
    if sums:
        held = totals(lab.machine).held
        amount = count(held, "page") if sums[0].unit == "pages" else count(held * PAGE_SIZE, "byte")
        both = _listed([row.field for row in sums])
        notes.append(f"{both} come to {amount}; which list a folio is on is not modelled.")
    left = [row.field for row in rows if row.told == "no" or (not row.first and not has(lab.machine, row))]
    return (*notes, f"Not modelled, so left out: {', '.join(left)}.")


def _release(text: str) -> tuple[int, int]:
    """Return the release that a kernel's key begins with, (6, 10), or (0, 0)."""
    found = RELEASE.match(text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _listed(names: list[str]) -> str:
    """Return names in a sentence."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


_OF_PROCESS: Final[dict[str, Callable[[Lab, int], File]]] = {"smaps": _smaps, "smaps_rollup": _smaps_rollup}
_OF_MACHINE: Final[dict[str, Callable[[Lab], File]]] = {
    "vmstat": _vmstat,
    "memory.stat": _memory_stat,
    "stats": _stats,
}
