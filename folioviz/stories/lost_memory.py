"""Where did my memory go? What folios hold, what of it is mapped, and what of the rest the shrinker gives back."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.files.scenario import MAX_AT
from folioviz.machine.memory import HPAGE_PMD_NR, PAGE_SHIFT
from folioviz.ops.walk import queue
from folioviz.proc.node import totals
from folioviz.stories.parts.parts import Cell, Choice, Question, Story, Table, bare
from folioviz.stories.parts.pieces import EVERY_ORDER, kernel, label, linked, ran, scenario
from folioviz.stories.parts.reports import CADVISOR, LINKER_BYTES, LINKER_SOURCE
from folioviz.stories.parts.results import told

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Rows, Values

OLDEST, NEWEST, AVERAGE = "v6.1", "v7.3", "v7.3+no-page-mapcount"
KERNELS = (OLDEST, "v6.5-rc3", "v6.8", "v6.9", "v6.10", "v6.12", NEWEST, AVERAGE)
SCAN = 8
"""More folios than any case has."""
PAGE_KIB = 1 << PAGE_SHIFT >> 10


class Case(NamedTuple):
    """Who gives memory back, and how.

    Attributes:
        name: what a reader chooses.
        folios: huge pages that are written at first.
        first, pages: which pages are given back, with one MADV_DONTNEED.
    """

    name: str
    folios: int
    first: int
    pages: int


def stay() -> int:
    """Return how many pages of 512 are mapped where a report maps this share of what it holds."""
    return round(HPAGE_PMD_NR * CADVISOR.stat["total_rss"] / CADVISOR.on_lists)


def cases() -> dict[str, Case]:
    """Return the cases: a linker, a Go service by the share of its memory that is mapped, and a half."""
    given, kept = LINKER_BYTES >> PAGE_SHIFT, stay()
    return {
        "linker": Case(f"ld.lld: all but {-given % HPAGE_PMD_NR} pages", -(-given // HPAGE_PMD_NR), 0, given),
        "service": Case(f"a Go service: all but {kept} pages", 1, kept, HPAGE_PMD_NR - kept),
        "half": Case("half of it", 1, HPAGE_PMD_NR // 2, HPAGE_PMD_NR // 2),
    }


CASES = cases()
ALSO = {
    "nobody": "nobody",
    "child": "a forked child",
    "pin": "a reference",
}


class Account(NamedTuple):
    """What a machine's folios come to, in pages: held, mapped by anybody, and how many folios are queued."""

    held: int
    mapped: int
    queued: int

    @property
    def lost(self) -> int:
        """Return the pages that are held and mapped by nobody."""
        return self.held - self.mapped


def ops(values: Values) -> str:
    """Return the operations: huge pages, who else holds the last of them, and what is dropped."""
    case = CASES[values["case"]]
    parts = [f"mm; mmap 1 0 {case.folios * HPAGE_PMD_NR}"]
    parts += [f"faultpmd 1 {place * HPAGE_PMD_NR}" for place in range(case.folios)]
    parts += {"nobody": [], "child": ["fork 1"], "pin": [f"get {case.folios}"]}[values["also"]]
    processes = (1, 2) if values["also"] == "child" else (1,)
    parts += [f"dontneed {process} {case.first} {case.pages}" for process in processes]
    return "; ".join(parts)


def shrunk(values: Values) -> str:
    """Return the operations, and one run of the shrinker."""
    return f"{ops(values)}; shrink {SCAN}"


def make(values: Values) -> Scenario:
    """Return the scenario; the playhead stands at its end."""
    return scenario(ops(values), values["a"], values["b"], at=MAX_AT)


@lru_cache(maxsize=128)
def account(text: str, key: str) -> Account:
    """Return what the folios come to after some operations."""
    machine = ran(text, key).machine
    return Account(*totals(machine), len(queue(machine)))


def kib(pages: int) -> str:
    """Return pages as memory."""
    return f"{pages * PAGE_KIB:,} KiB"


def left(pages: int, text: str, key: str) -> Cell:
    """Return pages that are lost, as a link, marked by whether there are any."""
    return linked(pages, text, key, mark="bad" if pages else "good")


def per_kernel(values: Values) -> Table:
    """Return what is held, mapped and lost before and after one run of the shrinker, kernel by kernel."""
    before, after, rows = ops(values), shrunk(values), []
    for key in KERNELS:
        was, now = account(before, key), account(after, key)
        rows.append(
            (
                label(key),
                was.held,
                was.mapped,
                linked(was.lost, before, key),
                was.queued,
                was.held - now.held,
                now.held,
                left(now.lost, after, key),
            )
        )
    names = ("held", "mapped", "lost", "folios queued", "the shrinker gives back", "held then", "lost then")
    return Table(
        "Before and after one run of the shrinker, in pages",
        ("kernel", *names),
        tuple(rows),
        "Computed by the model, now. Held is what the folios have, and what a cgroup would be charged for them; mapped "
        "is what anybody maps; lost is the rest.",
    )


HUGE, SMALL = "mm; mmap 1 0 512; faultpmd 1 0", "mm; mmap 1 0 64; fault 1 0 4"
STAYS = (
    ("2 MiB, half unmapped", f"{HUGE}; dontneed 1 256 256"),
    (
        "2 MiB, the same half dropped by parent and child",
        f"{HUGE}; fork 1; dontneed 1 256 256; dontneed 2 256 256",
    ),
    ("2 MiB, half unmapped, somebody has a reference", f"{HUGE}; get 1; dontneed 1 256 256"),
    ("2 MiB, all unmapped, somebody has a reference", f"{HUGE}; get 1; munmap 1 0 512"),
    ("64 KiB, half unmapped", f"{SMALL}; dontneed 1 8 8"),
)
"""What has become of a folio when the shrinker runs, and the operations."""


def stays() -> Table:
    """Return what is still lost when the shrinker has run, by what has become of a huge page."""
    rows = []
    for name, before in STAYS:
        text = f"{before}; shrink {SCAN}"
        known = [key for key in KERNELS if not before.startswith(SMALL) or key in EVERY_ORDER]
        rows.append(
            (name, *(left(account(text, key).lost, text, key) if key in known else "–" for key in KERNELS))
        )

    def result(found: Rows) -> str:
        """Say what only the kernel without page mapcounts leaves."""
        mine = [row for row in found if bare(row[-1]) != "0" and {bare(cell) for cell in row[1:-1]} == {"0"}]
        return "; ".join(f"{label(AVERAGE)} alone keeps {bare(row[-1])}: {row[0]}" for row in mine)

    return Table(
        "One folio: pages that are lost even when the shrinker has run",
        ("when it runs", *map(label, KERNELS)),
        tuple(rows),
        "Computed by the model, now. A reference is one that no mapping accounts for: of get_user_pages(), say. With "
        "its last reference a folio of which nothing is mapped goes; one that is mapped in part is split at the next "
        "run. Without page mapcounts, a folio with as many mappings as pages does not count as partially mapped. "
        "v6.5-rc3 has 64 KiB folios with the companion of the series alone, and queues none; v6.1 has none.",
        result,
    )


def share(part: int, whole: int) -> str:
    """Return a part of a whole in percent."""
    return f"{100 * part / whole:.1f} %"


def published() -> Table:
    """Return a report's bytes beside the model's pages for the same share: what was lost, what a split gave back."""
    held, mapped, fell = CADVISOR.on_lists, CADVISOR.stat["total_rss"], CADVISOR.usage - CADVISOR.usage_split
    values = {"case": "service", "also": "nobody"}
    before, after = account(ops(values), NEWEST), account(shrunk(values), NEWEST)
    return Table(
        "A report, and the same share of one huge page",
        ("", "held", "mapped", "lost", "of what is held", "a split gave back"),
        (
            (
                f"{CADVISOR.source}, bytes",
                f"{held:,}",
                f"{mapped:,}",
                f"{held - mapped:,}",
                share(held - mapped, held),
                f"{fell:,}",
            ),
            (
                f"{label(NEWEST)}, pages",
                before.held,
                before.mapped,
                linked(before.lost, shrunk(values), NEWEST),
                share(before.lost, before.held),
                before.held - after.held,
            ),
        ),
        "The first row is published, and three of its numbers follow from it: held is total_active_anon + "
        "total_inactive_anon + total_unevictable, lost is held less total_rss, and what the split gave back is how far "
        f"usage_in_bytes fell. {CADVISOR.source}: {CADVISOR.cited} The second row is computed by the model, now, from "
        f"the share alone. {LINKER_SOURCE} It tells of no memory that was lost: that is the model’s.",
        told(3, what="lost, "),
    )


def numbers(values: Values) -> tuple[Table, ...]:
    """Return the case that is chosen, kernel by kernel; what no shrinker gives back; and what was published."""
    return per_kernel(values), stays(), published()


ASKED = {"case": "linker", "also": "nobody"}


def answer() -> tuple[int, str]:
    """Return how much is charged when the linker has given back all but five pages, and what the shrinker does."""
    was, now = account(ops(ASKED), NEWEST), account(shrunk(ASKED), NEWEST)
    case = CASES["linker"]
    written = case.folios * HPAGE_PMD_NR
    right = {was.mapped: 0, HPAGE_PMD_NR: 1}.get(was.held, 2)
    return right, (
        f"{written - was.held:,} pages go at once, those of the huge pages of which nothing is mapped any more. The "
        f"last one has {was.mapped} pages that are, so all of its {was.held} stay: {kib(was.held)} are charged for an "
        f"Rss of {kib(was.mapped)}. It waits on the split queue until memory is short. Then the shrinker splits it, "
        f"and {was.held - now.held} pages go back."
    )


STORY = Story(
    "lost-memory",
    make,
    (
        kernel("a", NEWEST, KERNELS),
        kernel("b", "none", KERNELS, none=True),
        Choice(
            "case",
            "given back",
            tuple((case.name, key) for key, case in CASES.items()),
            "linker",
            "which part of its huge pages the program gives back, with one MADV_DONTNEED",
        ),
        Choice(
            "also",
            "also held by",
            tuple((name, key) for key, name in ALSO.items()),
            "nobody",
            "who holds the huge page, or the last of them, besides the process: a child drops the same pages",
        ),
    ),
    Question(
        "While a kernel is built, ld.lld fills four huge pages, 8 MiB, and gives them back with one MADV_DONTNEED that "
        "is five pages short. Its Rss falls to 20 KiB. How much stays charged to the cgroup?",
        ("20 KiB: what is mapped", "2 MiB: one huge page", "8 MiB: all four"),
        answer,
        figures=1,
    ),
    numbers,
    left=("memory", "what_files_say", "transport"),
    right=("queue",),
    actions=("put", "shrink"),
    below=("own_numbers", "captured_process"),
    notice="right",
)
