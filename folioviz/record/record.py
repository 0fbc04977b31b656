"""Record a scenario on this machine: real processes do it, and after each step /proc is read."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from folioviz.capture.live import refuse_elsewhere
from folioviz.capture.system import no_page_mapcount
from folioviz.errors import DocumentError, LiveError
from folioviz.evidence.recordings.grammar import parse
from folioviz.evidence.recordings.nearest import OPTION
from folioviz.files.scenario import shipped
from folioviz.record.acts import acts_of
from folioviz.record.counters import Counters, changes
from folioviz.record.processes import Processes
from folioviz.record.seen import Seen
from folioviz.record.settings import NoSizeError, sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.files.scenario import Scenario
    from folioviz.record.settings import Sizes


def record(scenario: Scenario, times: int = 3) -> Iterator[str]:
    """Yield the lines of a recording; what counters say is that of most of several runs.

    Args:
        scenario: what is done; what no program can do is refused before anything is done.
        times: how often, for other programs move the machine's counters, too.

    Raises:
        DocumentError: naming the operation that cannot be recorded.
        LiveError: off Linux, without root, or if the kernel lacks what is needed.
        NoSizeError: if what it lacks is a size of folios; nothing is done.
    """
    thp, acts = acts_of(scenario.ops)
    refuse_elsewhere()
    if os.geteuid() != 0:
        raise LiveError(
            "a recording needs root: only root sees the frames of pages, and allows sizes of folios"
        )
    with sizes() as allowed:
        allowed.require(_all_orders(thp, acts))
        runs = [[*_run(allowed, thp, acts)] for _ in range(times)]
    yield json.dumps(_about(scenario, thp))
    for number, act in enumerate(acts):
        yield json.dumps(
            {"scenario": scenario.name, "i": number, "op": act} | _agreed([run[number] for run in runs])
        )


def record_library(times: int = 3) -> Iterator[str]:
    """Yield the lines of all scenarios of the library that a program can do; those of sizes that the kernel lacks skip.

    Args:
        times: as for :func:`record`.

    Raises:
        LiveError: as :func:`record`, but for a size.
    """
    for scenario in shipped().values():
        try:
            thp, _ = acts_of(scenario.ops)
        except DocumentError:
            continue  # no program does it, on no kernel
        try:
            yield from record(scenario, times)
        except NoSizeError as error:
            yield json.dumps(_about(scenario, thp))
            yield json.dumps({"scenario": scenario.name, "skip": str(error)})


def _about(scenario: Scenario, thp: str) -> dict[str, Any]:
    """Return the first line of a recording: what is done, and on which kernel."""
    names = os.uname()
    option = f" {OPTION}" if no_page_mapcount(names.release) else ""
    return {
        "scenario": scenario.name,
        "release": names.release,
        "version": names.version + option,
        "kcore": 0,
        "trace": 0,
        "thp": thp,
        "desc": scenario.title,
    }


def _run(allowed: Sizes, thp: str, acts: list[str]) -> Iterator[dict[str, Any]]:
    """Do all acts once, and yield what is seen after each."""
    allowed.allow(_orders(thp))
    seen = Seen()
    with Processes() as processes, Counters() as counters:
        for number, text in enumerate(acts):
            act, before = parse(text), counters.read()
            result = 0
            if act.word == "thp":
                allowed.allow(_orders(act.name))
            else:
                result = processes.do(act)
            after = counters.read()
            yield {"rc": result} | seen.step(processes) | changes(before, after, whole=not number)


def _all_orders(thp: str, acts: list[str]) -> set[int]:
    """Return every order that is allowed at some time."""
    later = (parse(act).name for act in acts if act.startswith("thp "))
    return {order for text in (thp, *later) for order in _orders(text)}


def _orders(text: str) -> set[int]:
    """Return the orders that are joined by +; 0 is none."""
    return {int(order) for order in text.split("+")} - {0}


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
