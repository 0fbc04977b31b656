"""What a machine holds at one moment, by names that a reader knows, and what of it differs among several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from folioviz import kernels
from folioviz.machine.fields import FIELDS, OF_FOLIO, OF_PAGE, PAGE_MAPCOUNT
from folioviz.machine.memory import MAX_ORDER
from folioviz.ops.walk import live_folios, live_mms, queued_ids
from folioviz.readout.changes import maps
from folioviz.readout.counters import COUNTERS, UNDERUSED, counters, kept_stats, size_name, size_stats
from folioviz.readout.records import Folios

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from folioviz.machine.memory import Machine

Value: TypeAlias = int | str | tuple[int, ...] | None
"""What a kernel has at one place; None: the thing is not there, or the kernel's run has ended."""
State: TypeAlias = "Mapping[str, Any]"
"""Name -> value; a folio's is a mapping of its fields, by :data:`FOLIO_FIELDS`."""

COMPARED = tuple(row for row in (*OF_FOLIO, *OF_PAGE) if row.record)
FOLIO_FIELDS = {row.record: row.word for row in COMPARED}
"""A folio's field in a record -> what a reader calls it; fields of pages come last, as [value, count, ...]."""
DROPPED = {name for kernel in kernels.KERNELS.values() for name in kernel.drops}
KEPT_BY_SOME = {row.word for row in COMPARED if row.some or row.name in DROPPED}
"""Fields of a folio that are not compared where a kernel does not keep them."""
QUEUE: Final = "split queue"
"""What the ids of the folios on the deferred split queue are called."""
OF_CGROUP: Final = " of cgroup "
"""What stands behind that of a queue that is not the root's."""
UNDERUSED_STAT: Final = "thp_underused_split_page"


class Difference(msgspec.Struct, frozen=True):
    """Something that is not the same under all kernels: its name, and its value under each, in their order."""

    what: str
    values: tuple[Value, ...]


def common_stats(machines: Iterable[Machine]) -> tuple[str, ...]:
    """Return the counters that all machines keep and v6.5 does not: of underused folios, then of each size."""
    kept = frozenset.intersection(*(machine.keeps for machine in machines))
    return (*([UNDERUSED_STAT] if kept >= UNDERUSED else []), *kept_stats(kept))


def node(machine: Machine, stats: Collection[str]) -> dict[str, int]:
    """Return the node's counters by name: those of every kernel, and of the others those that are asked for."""
    found = {name: n for name, n in counters(machine).items() if name in COUNTERS or name in stats}
    of_sizes = [name for name in stats if name != UNDERUSED_STAT]
    sizes = size_stats(machine) if of_sizes else {}
    for order in range(1, MAX_ORDER + 1) if of_sizes else ():
        found |= {f"{size_name(order)} {name}": sizes.get(order, {}).get(name, 0) for name in of_sizes}
    return found


def folio_of(record: dict[str, Any], counts_pages: bool) -> dict[str, Value]:
    """Return a folio's record with names that a reader knows; None for what its kernel does not count."""
    values = {name: record.get(key) for key, name in FOLIO_FIELDS.items()}
    if record["o"] and not counts_pages:
        values[FIELDS[PAGE_MAPCOUNT].word] = None
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def queues_of(ids: Iterable[int]) -> dict[str, tuple[int, ...]]:
    """Return what is on each deferred split queue, by the queue's name, from ids in which -n begins cgroup n's."""
    found: dict[str, tuple[int, ...]] = {QUEUE: ()}
    name = QUEUE
    for one in ids:
        if one < 0:
            name = f"{QUEUE}{OF_CGROUP}{-one}"
        found[name] = found.get(name, ()) + (one,) * (one > 0)
    return found


def state(machine: Machine, stats: Collection[str]) -> State:
    """Return all that a machine holds now; O(pages of its live folios).

    Args:
        machine: is read; it may be in the middle of an operation.
        stats: what :func:`common_stats` says of the machines that are compared.
    """
    found: dict[str, Any] = {**queues_of(queued_ids(machine)), **node(machine, stats)}
    for slot in live_mms(machine):
        mm = int(machine.mm_id[slot])
        found[f"process {mm} rss"] = int(machine.mm_rss[slot])
        found[f"process {mm} page tables"] = tuple(maps(machine, slot))
    counts_pages = machine.maintains(PAGE_MAPCOUNT)
    for record in Folios(machine).records(live_folios(machine)):
        found[f"folio {record['id']}"] = folio_of(record, counts_pages)
    return found


def natural(name: str) -> list[tuple[int, str]]:
    """Return what to sort a name by, so that folio 10 comes after folio 9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def differences(names: Iterable[str], states: Sequence[State | None]) -> tuple[Difference, ...]:
    """Return which of the named things are not the same in all states; a state that is None is left out."""
    found: list[Difference] = []
    for name in names:
        values = [None if state is None else state.get(name) for state in states]
        having = [value for value, state in zip(values, states, strict=True) if state is not None]
        if all(value == having[0] for value in having) or (name in KEPT_BY_SOME and None in having):
            continue
        if all(isinstance(value, dict) for value in having):
            inner = differences(FOLIO_FIELDS.values(), values)
            found += [Difference(f"{name} {field.what}", field.values) for field in inner]
        else:
            found.append(
                Difference(name, tuple("live" if isinstance(value, dict) else value for value in values))
            )
    return tuple(found)


def every(states: Sequence[State]) -> tuple[Difference, ...]:
    """Return all that differs among states, in the order of names."""
    return differences(sorted(set().union(*states), key=natural), states)


def differs(states: Sequence[State]) -> bool:
    """Tell whether anything differs among states."""
    return any(one != states[0] for one in states) and bool(every(states))


def apart(machines: Sequence[Machine]) -> tuple[Difference, ...]:
    """Return all that differs among machines now, in the order of names."""
    stats = common_stats(machines)
    return every([state(machine, stats) for machine in machines])
