"""From a paste to what it means: the conclusions, what cannot be known, and a scenario of the same shape."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from folioviz.diagnosis import told
from folioviz.diagnosis.case import Case
from folioviz.diagnosis.findings import Diagnosis, Recognised, Unknown
from folioviz.diagnosis.foreign import refusal
from folioviz.diagnosis.lines import lines_of, text_of
from folioviz.diagnosis.offer import offer
from folioviz.diagnosis.pieces import read
from folioviz.diagnosis.release import release
from folioviz.diagnosis.words import DUMP, SIZES, VMSTAT
from folioviz.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator


def explain(text: str | bytes) -> Diagnosis:
    """Say what a paste means.

    Args:
        text: one or several files, as a person copies them; bytes are UTF-8. At most 4 MiB.

    Raises:
        DocumentError: naming the thing, the value and what is allowed; nothing else, whatever the text.
    """
    text = text_of(text)
    lines = list(lines_of(text))
    found = read(lines)
    if not found:
        raise DocumentError(refusal(text))
    case = Case.of(found, release(lines))
    counts = Counter(piece.kind for piece in case.pieces)
    return Diagnosis(
        recognised=tuple(Recognised(kind, count) for kind, count in counts.items()),
        numbers=tuple(number for one in case.parts for number in one.numbers),
        sentences=tuple(sentences(case)),
        held=case.held,
        gives_back=case.gives_back,
        cannot_know=tuple(unknown(case)),
        offer=offer(case),
    )


def sentences(case: Case) -> Iterator[str]:
    """Say what all files mean."""
    for one in case.ledgers:
        yield from told.of_ledger(one)
    for piece in case.pieces:
        yield from told.of_events(piece)
    for before, after in pairwise(one for one in case.ledgers if one.of_cgroup):
        yield told.change(before, after)
    if case.sizes:
        yield from told.of_sizes(case.sizes)
    if case.of_machine and case.sizes:
        yield from told.together(case.of_machine, case.sizes)
    yield from of_processes(case)
    for dump in case.dumps:
        yield from told.of_dump(dump)
    if case.main:
        yield from told.which_kernels(case.main, case.release)


def of_processes(case: Case) -> Iterator[str]:
    """Say what the processes map, also beside their cgroup."""
    for process in case.processes:
        yield from told.of_process(process)
    if case.processes:
        yield "smaps counts what is mapped; what a folio holds and nobody maps is in none of its numbers."
    if case.processes and case.main and case.main.of_cgroup:
        yield from told.of_cgroup_and_processes(case.main, case.processes)
    for maps in case.maps:
        yield from told.of_maps(maps)


def unknown(case: Case) -> Iterator[Unknown]:
    """Say what the paste does not tell."""
    for one in case.short:
        yield Unknown(
            f"what {one.piece.title} means: it lacks {', '.join(one.missing)}", f"the whole {one.piece.kind}"
        )
    if not case.main:
        yield Unknown(
            "how much the cgroup or the machine holds that nobody maps",
            "memory.stat of the cgroup, or /proc/vmstat; no root needed",
        )
    elif "swapcached" not in case.main.kib:
        yield Unknown("how much is in the swap cache, here taken as 0", "SwapCached in /proc/meminfo")
    if case.main and not case.main.knows_files and "inactive_file" not in case.main.kib:
        yield Unknown(
            "how much to add that MADV_FREE has put on lists of files", f"the whole {case.main.piece.kind}"
        )
    if case.main and (case.release is None or case.release >= told.NO_COUNTS):
        yield Unknown(
            "whether the kernel has CONFIG_NO_PAGE_MAPCOUNT", "/boot/config-RELEASE or /proc/config.gz"
        )
    if case.held != (0, 0):
        yield from unknown_of_folios(case)
    if case.page_kib is None and any(piece.kind in {VMSTAT, SIZES, DUMP} for piece in case.pieces):
        yield Unknown("the size of a page, here taken as 4 KiB", "getconf PAGESIZE")


def unknown_of_folios(case: Case) -> Iterator[Unknown]:
    """Say what the paste does not tell of the folios that are held."""
    if not (case.sizes and case.sizes.known):
        yield Unknown(
            "how many folios are partially mapped, and of which size",
            "hugepages-*kB/stats/nr_anon_partially_mapped in /sys/kernel/mm/transparent_hugepage (v6.12 on)",
        )
    if not (case.processes or case.maps):
        yield Unknown("which process maps how much", "/proc/PID/smaps_rollup of each")
    if not case.maps:
        yield Unknown(
            "which mappings large folios are in", "tools/mm/thpmaps of the kernel's source, as root"
        )
    if not case.dumps:
        yield Unknown(
            "whether a pin keeps them from being split",
            "split_failed in hugepages-*kB/stats, before and after drop_caches",
        )
