"""What the files say: the fields of /proc and /sys from which one can tell that memory is held and mapped by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.machine.memory import HPAGE_PMD_ORDER
from folioviz.ops.walk import live_mms
from folioviz.proc import node
from folioviz.proc.smaps import PAGE_SIZE, rollup
from folioviz.readout.counters import size_name
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from typing import TypeAlias

    from markupsafe import Markup

    from folioviz.lab import Lab
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

    Values: TypeAlias = dict[tuple[str, str], int]
    """(file, field with its unit) -> what stands there."""

GROUP: Final = "memory.stat"
ON_LISTS: Final = "active_anon + inactive_anon"
LEFT: Final = "the difference"
EVENTS: Final = ("thp_deferred_split_page", "thp_split_page")
MISSING: Final = "–"


def read(lab: Lab) -> Values:
    """Return what the files say of a lab at its cursor; one memory cgroup has all of its processes."""
    found: Values = {}
    for mm in live_mms(lab.machine):
        kb = rollup(lab.machine, mm).kb()
        path = f"/proc/{lab.machine.mm_id[mm]}/smaps_rollup"
        found |= {(path, f"{field}, kB"): kb[field] for field in ("Rss", "AnonHugePages")}
    anon = node.memory_stat(lab)["anon"]
    held = node.totals(lab.machine).held * PAGE_SIZE
    found |= {(GROUP, f"{ON_LISTS}, bytes"): held, (GROUP, "anon, bytes"): anon, (GROUP, LEFT): held - anon}
    events = node.vmstat(lab)
    found |= {("/proc/vmstat", field): events[field] for field in EVENTS}
    partial = node.stats(lab).get(HPAGE_PMD_ORDER, {}).get("nr_anon_partially_mapped")
    if partial is not None:
        found[f"{size_name(HPAGE_PMD_ORDER)}/stats", "nr_anon_partially_mapped"] = partial
    return found


def cell(was: int | None, now: int | None) -> Markup:
    """Return a value, and what it was before this operation if that is another one."""
    if now is None:
        return html("<td>{}</td>", MISSING)
    if was is None or was == now:
        return html("<td>{}</td>", f"{now:,}")
    return html('<td class="fv-moved">{} → <b>{}</b></td>', f"{was:,}", f"{now:,}")


def table(names: list[Markup], before: list[Values], now: list[Values]) -> Markup:
    """Return every field of each kernel, below the name of its file."""
    keys = list(dict.fromkeys(key for one in now for key in one))
    head = joined(html('<th scope="col">{}</th>', name) for name in names)
    rows = joined(
        html(
            '<tr{}><th scope="row"><small>{}</small> {}</th>{}</tr>',
            html(' class="fv-left-over"') if key[1] == LEFT else "",
            key[0],
            key[1] if key[1] == LEFT else html("<code>{}</code>", key[1]),
            joined(cell(old.get(key), one.get(key)) for old, one in zip(before, now, strict=True)),
        )
        for key in keys
    )
    return html("<table><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>", head, rows)


class WhatFilesSay(Panel):
    """What each kernel's files say at the playhead, and said before the operation."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("files", "fv-files")
        self._before: dict[str, tuple[object, Values]] = {}

    def before(self, frame: Frame, track: Track) -> Values:
        """Return what the files said before the operation; it is read once."""
        lab, row = track.lab, track.lab.cursor
        key = (lab.kernel.key, frame.mmu_gather, frame.ops[: frame.index])
        known, found = self._before.get(track.side, (None, {}))
        if known != key:
            lab.seek(track.end(frame.index))
            found = read(lab)
            lab.seek(row)
            self._before[track.side] = key, found
        return found

    def update(self, frame: Frame) -> None:
        """Read the files of both kernels."""
        tracks = self.session.history.tracks
        now = [read(track.lab) for track in tracks]
        before = [self.before(frame, track) for track in tracks] if frame.index >= 0 else now
        names = [side_name(side.name, side.kernel.label) for side in frame.sides]
        title = heading("What the files say", "one cgroup has all processes", "rss")
        self.screen.put("files", {"head": html("<div>{}</div>", title), "table": table(names, before, now)})
