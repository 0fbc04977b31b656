"""Record a scenario on this machine: real processes do it, and after each step /proc is read."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from folioviz.capture.live import refuse_elsewhere
from folioviz.capture.system import no_page_mapcount, system
from folioviz.errors import LiveError
from folioviz.evidence.recordings.grammar import parse
from folioviz.evidence.recordings.nearest import OPTION
from folioviz.record.acts import acts_of
from folioviz.record.processes import Processes
from folioviz.record.seen import Seen
from folioviz.record.settings import sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from folioviz.capture.words import System
    from folioviz.files.scenario import Scenario
    from folioviz.record.settings import Sizes

VMSTAT: Final = (
    *("thp_deferred_split_page", "thp_split_page", "thp_split_page_failed", "thp_split_pmd"),
    *("thp_underused_split_page", "thp_fault_alloc", "nr_anon_transparent_hugepages"),
    *("pswpin", "pswpout", "thp_swpout", "thp_swpout_fallback", "swpin_zero", "swpout_zero"),
)
"""What of /proc/vmstat is compared."""
STATS: Final = (
    *("split", "split_failed", "split_deferred", "nr_anon", "nr_anon_partially_mapped", "anon_fault_alloc"),
    *("swpout", "swpout_fallback", "swpin"),
)
"""What of the sizes' statistics is compared."""


def record(scenario: Scenario, times: int = 3) -> Iterator[str]:
    """Yield the lines of a recording; what counters say is that of most of several runs.

    Args:
        scenario: what is done; what no program can do is refused before anything is done.
        times: how often, for other programs move the machine's counters, too.

    Raises:
        DocumentError: naming the operation that cannot be recorded.
        LiveError: off Linux, without root, or if the kernel lacks what is needed.
    """
    thp, acts = acts_of(scenario.ops)
    refuse_elsewhere()
    if os.geteuid() != 0:
        raise LiveError(
            "a recording needs root: only root sees the frames of pages, and allows sizes of folios"
        )
    with sizes() as allowed:
        runs = [[*_run(allowed, thp, acts)] for _ in range(times)]
    names = os.uname()
    option = f" {OPTION}" if no_page_mapcount(names.release) else ""
    about = {
        "scenario": scenario.name,
        "release": names.release,
        "version": names.version + option,
        "kcore": 0,
        "trace": 0,
        "thp": thp,
        "desc": scenario.title,
    }
    yield json.dumps(about)
    for number, act in enumerate(acts):
        yield json.dumps(
            {"scenario": scenario.name, "i": number, "op": act} | _agreed([run[number] for run in runs])
        )


def _run(allowed: Sizes, thp: str, acts: list[str]) -> Iterator[dict[str, Any]]:
    """Do all acts once, and yield what is seen after each."""
    allowed.allow(_orders(thp))
    seen = Seen()
    with Processes() as processes:
        for number, text in enumerate(acts):
            act, before = parse(text), system()
            result = 0
            if act.word == "thp":
                allowed.allow(_orders(act.name))
            else:
                result = processes.do(act)
            after = system()
            yield {"rc": result} | seen.step(processes) | _counters(before, after, whole=not number)


def _orders(text: str) -> set[int]:
    """Return the orders that are joined by +; 0 is none."""
    return {int(order) for order in text.split("+")} - {0}


def _counters(before: System, after: System, *, whole: bool) -> dict[str, Any]:
    """Return how much counters changed: of the first step all, of others those that did."""

    def changes(names: tuple[str, ...], old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, int]:
        found = {name: new[name] - old.get(name, 0) for name in names if name in new}
        return {name: value for name, value in found.items() if value or whole}

    vm = changes(VMSTAT, before.vm, after.vm)
    mthp = {size: changes(STATS, before.mthp.get(size, {}), stats) for size, stats in after.mthp.items()}
    return {"vm": vm, "mthp": {size: stats for size, stats in mthp.items() if stats}}


def _agreed(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what most runs show of a step, field by field, and on which fields they do not agree."""
    found: dict[str, Any] = {}
    noisy: list[str] = []
    for key in dict.fromkeys(key for step in steps for key in step):
        values = [step.get(key) for step in steps]
        if key in {"vm", "mthp"}:
            found[key] = _most(values, key, noisy)
            continue
        texts = Counter(json.dumps(value) for value in values)
        text, votes = texts.most_common(1)[0]
        found[key] = json.loads(text)
        noisy += [f"{key}:{votes}/{len(steps)}"] if votes < len(steps) else []
    return found | ({"noisy": noisy} if noisy else {})


def _most(values: list[Any], where: str, noisy: list[str]) -> dict[str, Any]:
    """Return of each counter the change that most runs have."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(name for value in values for name in value):
        every = [value.get(name, {} if where == "mthp" else 0) for value in values]
        if where == "mthp":
            found[name] = _most(every, name, noisy)
            continue
        change, votes = Counter(every).most_common(1)[0]
        noisy += [f"{where} {name}:{votes}/{len(values)}"] if votes < len(values) else []
        if change or all(name in value for value in values):
            found[name] = change
    return found
