"""What the numbers of each kind of file say, in sentences. Each is true for any numbers, or is not said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.findings import amount, between, plural
from folioviz.diagnosis.words import CGROUP_V1, VMSTAT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.diagnosis.dumps import Dump
    from folioviz.diagnosis.ledger import Ledger
    from folioviz.diagnosis.pieces import Piece
    from folioviz.diagnosis.processes import Maps, Process
    from folioviz.diagnosis.release import Release
    from folioviz.diagnosis.sizes import Sizes

NO_COUNTS: Final = (6, 15)
"""The first release with CONFIG_NO_PAGE_MAPCOUNT."""


def of_ledger(one: Ledger) -> Iterator[str]:
    """Say what the lists of a cgroup or of the machine hold, and what of it nobody maps."""
    shmem = one.kib.get("shmem", 0)
    shared = f", {amount(shmem)} are shared memory or tmpfs" if shmem else ""
    yield (
        f"{one.piece.title}: the LRU lists of anonymous and unevictable memory hold {amount(one.listed)}; "
        f"{amount(one.kib['anon'])} of anonymous memory are mapped{shared}."
    )
    huge, anon = one.kib.get("anon_thp", 0), one.kib["anon"]
    if 0 < huge <= anon:
        yield (
            f"{amount(huge)} of what is mapped, {100 * huge / anon:.0f} %, are huge pages, each mapped by a PMD as a "
            "whole."
        )
    if one.knows_files and one.locked_files > 0:
        yield f"At least {amount(one.locked_files)} on these lists are locked file pages; they are left out."
    if one.knows_files and one.locked_files < 0:
        yield f"At least {amount(-one.locked_files)} of what is mapped are on lists of files (MADV_FREE): added."
    high = one.held.high
    if high == 0:
        yield "So they show no anonymous memory that is held and mapped by nobody."
        if one.left < 0:
            yield (
                f"The numbers miss {amount(-one.left)}: new pages get on a list in batches, and counters are summed up "
                "late."
            )
        return
    yield f"So {between(one.held)} of anonymous memory are held and mapped by nobody."
    if one.swapcached:
        yield f"{amount(one.swapcached)} are in the swap cache, mapped or not: the lower bound leaves them out."
    if not one.knows_files and one.kib["unevictable"]:
        yield "What is unevictable may be file pages, so that the lower bound leaves it out."
    if not one.knows_files and one.kib.get("inactive_file"):
        yield "Inactive file memory may be anonymous after MADV_FREE, so that the upper bound has it."
    yield (
        "Large folios are the usual reason: one is held with all its pages as long as one of them is mapped. Pages "
        "that somebody has pinned, and nobody maps, are in it as well."
    )
    yield held_by_shrinker(high)


def held_by_shrinker(high: int) -> str:
    """Say what the shrinker would do about it."""
    return (
        f"The deferred split shrinker frees at most {amount(high)} of it: when memory is short, or at "
        "echo 2 > /proc/sys/vm/drop_caches; what somebody has pinned stays. It visits folios as large as a PMD "
        "maps, from v6.8 on of every size; from v6.12 on, mapped pages that hold nothing but zeros go as well."
    )


def of_events(piece: Piece) -> Iterator[str]:
    """Say what /proc/vmstat counted since boot."""
    queued, split = (piece.values.get(word) for word in ("thp_deferred_split_page", "thp_split_page"))
    if piece.kind == VMSTAT and queued is not None and split is not None:
        yield (
            f"Since boot, thp_deferred_split_page has counted {queued:,} that were queued, thp_split_page {split:,} "
            "that were split; how many are queued now is in neither."
        )


def which_kernels(one: Ledger, release: Release | None) -> Iterator[str]:
    """Say for which kernels the estimate holds."""
    if one.of_cgroup and (release is None or release < (5, 8)):
        word = one.spelled["anon"]
        yield f"Before v5.8, {word} counted what is held, not what is mapped: there this estimate does not hold."
    if release is None or release >= NO_COUNTS:
        yield (
            "On a kernel with CONFIG_NO_PAGE_MAPCOUNT (from v6.15 on) all pages of a folio count as mapped as long as "
            "one of them is: there this estimate is too low."
        )
    if one.piece.kind == CGROUP_V1 and one.spelled["anon"] == "rss":
        yield "In cgroup v1, words without total_ count this cgroup alone; in v2 a cgroup counts those below it, too."
    if not one.of_cgroup:
        yield (
            "Each CPU keeps up to 125 pages of each counter to itself until somebody reads /proc/sys/vm/stat_refresh: "
            "differences of that size mean nothing."
        )


def of_sizes(found: Sizes) -> Iterator[str]:
    """Say what the statistics of the folio sizes mean."""
    if not found.known:
        return
    for row in found.marked:
        of = f" of {row.folios:,}" if row.folios is not None else ""
        folios = plural(row.partial or 0, "folio")
        yield (
            f"hugepages-{row.kib}kB: {folios}{of} marked as partially mapped; nobody maps at most "
            f"{amount((row.partial or 0) * (row.kib - found.page_kib))} of them, all pages but one of each."
        )
    if not found.marked:
        yield "The size statistics count no folio that is partially mapped."
        return
    yield (
        "A folio that was migrated may be marked although all its pages are mapped, so that this is an upper bound: "
        "seen on 6.12.88 to 6.12.118 and on 7.0.13 to 7.3.4; not on 6.12.85, 6.17.13 and 6.18.15."
    )


def together(one: Ledger, found: Sizes) -> Iterator[str]:
    """Compare the machine's estimate with the size statistics."""
    low, high = one.held
    if not found.known:
        return
    if low > found.most:
        yield (
            f"The marked folios explain at most {amount(found.most)} of it; at least {amount(low - found.most)} are "
            "held by something else, such as a pin, or the numbers are of different moments."
        )
    elif high == 0 and found.most:
        yield (
            "Marked folios, and nothing that nobody maps: they were marked by a migration, or the kernel has "
            "CONFIG_NO_PAGE_MAPCOUNT."
        )


def of_process(one: Process) -> Iterator[str]:
    """Say what a process maps."""
    rss, anon, huge = (one.kib(word) for word in ("Rss", "Anonymous", "AnonHugePages"))
    title = one.piece.title
    if rss is not None and anon is not None:
        yield f"{title}: Rss is {amount(rss)}; {amount(anon)} of it are anonymous."
    elif rss is not None:
        yield f"{title}: Rss is {amount(rss)}."
    if huge is not None and anon is not None:
        if huge > anon:
            yield f"AnonHugePages, {amount(huge)}, is more than Anonymous: the numbers are not of one moment."
        elif huge:
            yield (
                f"AnonHugePages is {amount(huge)}, {100 * huge / anon:.0f} % of Anonymous: huge pages that PMDs map. "
                f"The other {amount(anon - huge)} are mapped by PTEs, be they small pages or pages of large folios."
            )
        elif anon:
            yield "AnonHugePages is 0: no PMD maps any of it; large folios may be there, mapped by PTEs."
    elif huge is not None:
        yield f"{title}: AnonHugePages is {amount(huge)}, mapped by PMDs; large folios that PTEs map are not in it."
    if lazy := one.kib("LazyFree"):
        yield f"LazyFree is {amount(lazy)}: given back by MADV_FREE, but in Rss until memory is short."
    if swap := one.kib("Swap"):
        yield f"Swap is {amount(swap)}: not in Rss."


def of_maps(one: Maps) -> Iterator[str]:
    """Say what thpmaps counted."""
    pmd, pte = one.whole("pmd-aligned"), one.whole("pte-aligned", "pte-unaligned")
    yield (
        f"{one.piece.title}: of large anonymous folios, {amount(pmd)} are mapped by PMDs, {amount(pte)} by PTEs and "
        f"whole, and {amount(one.partial)} belong to folios that are not mapped whole in one place."
    )
    if one.partial:
        yield (
            f"The other pages of these folios may be mapped elsewhere, or by nobody: {between(one.held)}, if each page "
            f"is the last of a folio of {one.largest:,} kB."
        )


def of_dump(one: Dump) -> Iterator[str]:
    """Say what one folio's counters mean."""
    if not one.anon:
        yield f"{one.piece.title}: the folio is not anonymous; what is said here is about anonymous memory."
        return
    what = (
        f"a folio of {one.pages} pages ({amount(one.pages * one.page_kib)})"
        if one.pages > 1
        else "a single page"
    )
    yield f"{one.piece.title}: {what}{state(one)}."
    if one.pins > 0:
        yield f"{plural(one.pins, 'pin')} of it (pincount): while there is one, it is not split."
    if one.others is not None and one.others > 0:
        others = plural(one.others, "reference")
        yield f"{others} beside those of mappings: of whoever dumped it, or of somebody who keeps it from being split."
    elif one.others is not None and one.others < 0:
        yield "There are more mappings than references: this is the middle of an operation, or a bug."


def state(one: Dump) -> str:
    """Say how much of a folio is mapped, behind what it is."""
    rest = one.pages - (one.mapped or 0)
    count = plural(one.mappings or 0, "mapping")
    cases = (
        (one.counter("refcount") == 0, " with a refcount of 0: it is being freed, or frozen for a moment"),
        (one.pmds, f", mapped by {plural(one.pmds or 0, 'PMD')}: every page is mapped"),
        (one.mapped == one.pages, f", {'every page of it ' if one.pages > 1 else ''}mapped"),
        (one.mapped == 0, " that nobody maps: references alone hold it"),
        (
            one.mapped is not None,
            f", of which {one.mapped} are mapped; nobody maps {rest} ({amount(rest * one.page_kib)})",
        ),
        (
            one.without_page_mapcount,
            f" with {count} in all; on this kernel (CONFIG_NO_PAGE_MAPCOUNT) nothing counts the mapped pages",
        ),
    )
    unknown = "; this kernel does not print how many of them are mapped"
    return next((words for holds, words in cases if holds), unknown)


def of_cgroup_and_processes(one: Ledger, found: Sequence[Process]) -> Iterator[str]:
    """Compare a cgroup with the processes in the paste."""
    told = [kib for each in found if (kib := each.kib("Anonymous")) is not None]
    if told:
        yield (
            f"{plural(len(told), 'process', 'processes')} of the paste: {amount(sum(told))} of mapped "
            f"anonymous memory, what they share counted for each; {one.piece.title} counts {amount(one.kib['anon'])}."
        )


def change(before: Ledger, after: Ledger) -> str:
    """Say how what nobody maps changed from one file to the next one."""
    return (
        f"From {before.piece.title} to {after.piece.title}: {between(before.held)}, then {between(after.held)} "
        "held and mapped by nobody."
    )
