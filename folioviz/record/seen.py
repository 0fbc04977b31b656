"""What the kernel shows of some processes after each step: page tables, folios and smaps, folios by ids that last."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from folioviz.capture import words
from folioviz.capture.folios import frames_of, letters_of
from folioviz.capture.form import PAGE
from folioviz.capture.live import Live
from folioviz.errors import LiveError
from folioviz.evidence.recordings import observed as shape

if TYPE_CHECKING:
    from folioviz.capture.words import Source
    from folioviz.record.processes import Processes

LINE: Final = re.compile(rb"^(?:([0-9a-f]+)-[0-9a-f]+ .*|(\w+): +(\d+) kB)$", re.MULTILINE)
"""A mapping's first line in smaps, or a sum."""


class Key(NamedTuple):
    """A folio: the frame of its first page, and its order."""

    frame: int
    order: int


class Seen:
    """Looks at processes, and remembers which folio was which."""

    def __init__(self) -> None:
        """Begin without folios."""
        self._ids: dict[Key, int] = {}
        self._was: dict[int, tuple[Key, int]] = {}
        self._next = 0

    def step(self, processes: Processes) -> dict[str, Any]:
        """Return what there is to say of them after a step, by the keys of a recording.

        Raises:
            LiveError: if folios are not to be seen.
        """
        now = _Now()
        with Live([*processes.pids.values()]) as source:
            if processes.pids and not source.privileged:
                raise LiveError(
                    "folios are not to be seen: that needs root, /proc/kpageflags and /proc/kpagecount"
                )
            for number, letter in enumerate(processes.pids):
                for region, start in processes.starts.items():
                    now.look(source, number, f"{letter} {region}", start, processes.pages[region])
        before, self._ids = self._ids, {}
        for key in now.counts:
            known = before.get(key)
            self._ids[key] = self._next if known is None else known
            self._next += known is None
        found: dict[str, Any] = {"procs": {}, "folios": {}}
        for name, (table, keys) in now.tables.items():
            process, region = name.split()
            found["procs"].setdefault(process, {})[region] = self._runs(table, keys, before)
        for key, counts in now.counts.items():
            if key.order:
                found["folios"][str(self._ids[key])] = self._folio(key, counts, before)
        gone = [number for key, number in before.items() if key.order and key not in self._ids]
        found |= {"gone": sorted(gone)} if gone else {}
        self._was = {
            int(frame): (key, int(offset))
            for table, keys in now.tables.values()
            for frame, key, offset in zip(*now.frames_in(table, keys), strict=True)
        }
        return found | {"smaps": _smaps(processes)}

    def _runs(self, table: np.ndarray, keys: list[Key], before: dict[Key, int]) -> list[list[Any]]:
        """Return a region's runs, with the folios' ids and where pages were before a split."""
        here = np.flatnonzero(table[:, shape.STATE] == shape.PRESENT)
        table[here, shape.FOLIO] = [self._ids[key] for key in keys]
        for page, key in zip(here.tolist(), keys, strict=True):
            old = self._origin(key, key.frame + int(table[page, shape.OFFSET]), before)
            if old is not None:
                table[page, [shape.CAME_FROM, shape.CAME_FROM_OFFSET]] = old
        runs = []
        for run in shape.runs_of(table):
            row = [run.first, run.pages, run.state]
            if run.state == "p":
                row += [run.folio, int(run.each), run.offset, run.mapcount, run.flags, run.exclusive]
                row += [list(run.came_from)] if run.came_from else []
            runs.append(row)
        return runs

    def _origin(self, key: Key, frame: int, before: dict[Key, int]) -> tuple[int, int] | None:
        """Return the folio and the offset that a frame had before its folio was split; None if none was."""
        if key in before or frame not in self._was:
            return None
        old, offset = self._was[frame]
        return (before[old], offset) if old.order > key.order and old not in self._ids else None

    def _folio(self, key: Key, counts: np.ndarray, before: dict[Key, int]) -> dict[str, Any]:
        """Return what is said of a large folio."""
        found: dict[str, Any] = {"order": key.order, "fl": "Ham", "kpc": shape.run_lengths(counts)}
        old = self._origin(key, key.frame, before)
        return found | ({"from": old} if old else {})


class _Now:
    """What is seen at one time.

    Attributes:
        tables: "P a" -> the table of its pages, without the folios' ids, and the folio of each present page.
        counts: folio -> kpagecount of its pages, in the order in which folios are found.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.tables: dict[str, tuple[np.ndarray, list[Key]]] = {}
        self.counts: dict[Key, np.ndarray] = {}

    def look(self, source: Source, process: int, name: str, start: int, pages: int) -> None:
        """Read one region of a process."""
        found = source.pagemap(process, start, pages)
        table = shape.empty(pages)
        table[words.bit(found, words.SWAP), shape.STATE] = shape.SWAPPED
        table[words.bit(found, words.GUARD_REGION), shape.STATE] = shape.GUARDED
        at = np.flatnonzero(words.bit(found, words.PRESENT))
        frames = frames_of(source, found[at], every=True)
        of, flags = frames.of[frames.slot], frames.flags[frames.slot]
        zero = words.bit(flags, words.KPF_ZERO_PAGE) | ~frames.anonymous[of]
        table[at[zero], shape.STATE] = shape.ZERO_PAGE
        at, slot, of, flags = at[~zero], frames.slot[~zero], of[~zero], flags[~zero]
        offset = slot - frames.first[of]
        table[at, shape.STATE] = shape.PRESENT
        table[at, shape.ORDER] = frames.order[of]
        table[at, shape.OFFSET] = offset
        table[at, shape.MAPCOUNT] = frames.counts[slot].astype(np.int64)
        table[at, shape.FLAGS] = letters_of(flags)
        table[at, shape.EXCLUSIVE] = words.bit(found[at], words.MMAP_EXCLUSIVE)
        heads = (found[at] & words.FRAME).astype(np.int64) - offset
        keys = [Key(*pair) for pair in zip(heads.tolist(), frames.order[of].tolist(), strict=True)]
        for key, one in zip(keys, of.tolist(), strict=True):
            if key not in self.counts:
                first = int(frames.first[one])
                self.counts[key] = frames.counts[first : first + (1 << key.order)].astype(np.int64)
        self.tables[name] = table, keys

    @staticmethod
    def frames_in(table: np.ndarray, keys: list[Key]) -> tuple[list[int], list[Key], list[int]]:
        """Return the frame, the folio and the offset of each present page."""
        offsets = table[table[:, shape.STATE] == shape.PRESENT, shape.OFFSET].tolist()
        return [key.frame + offset for key, offset in zip(keys, offsets, strict=True)], keys, offsets


def _smaps(processes: Processes) -> dict[str, dict[str, dict[str, int]]]:
    """Return the sums of smaps over each region's VMAs, in kB, and their number."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for letter, pid in processes.pids.items():
        text = Path(f"/proc/{pid}/smaps").read_bytes()
        sums: dict[str, dict[str, int]] = {}
        region = None
        for start, name, kb in LINE.findall(text):
            if start:
                page = int(start, 16) // PAGE
                region = next((one for one in processes.starts if processes.has(one, page)), None)
                if region:
                    of = sums.setdefault(region, dict.fromkeys(("vmas", *shape.SMAPS), 0))
                    of["vmas"] += 1
            elif region and name.decode() in sums[region]:
                sums[region][name.decode()] += int(kb)
        found[letter] = sums
    return found
