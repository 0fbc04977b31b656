"""What is "partially mapped"? Pages that are counted, or an average; a flag that stays; zeros that are not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.files.scenario import MAX_AT
from folioviz.stories.parts.partial import belief, fault, seen
from folioviz.stories.parts.parts import Cell, Choice, Question, Story, Table
from folioviz.stories.parts.pieces import kernel, label, linked, order, scenario
from folioviz.stories.parts.results import ends, reds, told

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Values

COUNTS, AVERAGE = "v7.3", "v7.3+no-page-mapcount"
KERNELS = ("v6.8", "v6.9", "v6.10", "v6.12", COUNTS, AVERAGE)
"""The kernels that have anonymous folios of many sizes; in v6.1 and v6.5 no PTE fault makes one."""
DROPS = (
    ("nothing", "none"),
    ("the first page", "page"),
    ("the first half", "half"),
    ("the first half and a page", "more"),
    ("the second half", "back"),
    ("all but the last page", "last"),
    ("all", "all"),
)
ZEROS = (
    ("none", "none"),
    ("the last quarter", "quarter"),
    ("the second half", "half"),
    ("all but the first", "most"),
)
THEN = (
    ("nothing", "none"),
    ("mapped again: remap", "remap"),
    ("the shrinker", "shrink"),
    ("the shrinker, with max_ptes_none 0", "strict"),
)
MEANS = {
    "v6.8": "any page unmapped",
    "v6.9": "any page unmapped",
    "v6.10": "… and any still mapped",
    "v6.12": "… and any still mapped",
    COUNTS: "… and any still mapped",
    AVERAGE: "mappings < pages, no PMD",
}
"""What makes a folio partially mapped, when PTEs go."""
SAME = (1, 7, 8, 9, 15)
"""So many pages of sixteen are dropped by both."""
LIMITS = (511, 409, 299, 0)
UNUSED = 300
"""Zero-filled pages of the 2 MiB folio that the table of the underused is about."""


def drop(mm: int, size: int, what: str) -> list[str]:
    """Return the operation by which a process drops a part of the folio."""
    pages = 1 << size
    first, many = {
        "page": (0, 1),
        "half": (0, pages // 2),
        "more": (0, pages // 2 + 1),
        "back": (pages // 2, pages // 2),
        "last": (0, pages - 1),
        "all": (0, pages),
    }.get(what, (0, 0))
    return [f"dontneed {mm} {first} {many}"] if many else []


def dropped(values: Values) -> str:
    """Return the operations up to the drops: a folio, perhaps zeros in it, perhaps a fork, what each process drops."""
    size = values["order"]
    pages = 1 << size
    zeros = {"quarter": pages // 4, "half": pages // 2, "most": pages - 1}.get(values["zero"], 0)
    parts = [fault(size)]
    parts += [f"zero 1 {pages - zeros} {zeros}"] if zeros else []
    parts += ["fork 1"] if values["child"] != "no" else []
    parts += drop(1, size, values["parent"])
    parts += drop(2, size, values["child"])
    return "; ".join(parts)


def ops(values: Values) -> str:
    """Return the operations, with what happens then; a folio that is gone is not mapped again."""
    then = {"remap": ["remap 1"], "shrink": ["shrink 1"], "strict": ["maxnone 0", "shrink 1"]}
    gone = values["parent"] == "all" and values["child"] in {"no", "all"}
    after = [] if gone and values["then"] == "remap" else then.get(values["then"], [])
    return "; ".join([dropped(values), *after])


def make(values: Values) -> Scenario:
    """Return the scenario; the playhead stands at its end."""
    return scenario(ops(values), values["a"], values["b"], at=MAX_AT)


def these(values: Values) -> Table:
    """Return what every kernel makes of what is chosen."""
    pages, before, after = 1 << values["order"], dropped(values), ops(values)
    rows = []
    for key in KERNELS:
        one, end = seen(before, key), seen(after, key)
        row: list[object] = [label(key), belief(one, pages, before, key), f"{one.mapped} of {pages}"]
        row += [one.mappings, Cell(one.anon, mark="" if one.anon == one.mapped else "bad"), one.events]
        row += [belief(end, pages, after, key), end.freed, end.zero_ptes] if after != before else []
        row.append(MEANS[key])
        rows.append(tuple(row))
    more = ("then", "pages given back", "PTEs of the zero page") if after != before else ()
    names = ("kernel", "partially mapped?", "pages mapped", "mappings", "NR_ANON_MAPPED", "split events")
    return Table(
        "These drops, kernel by kernel",
        (*names, *more, "what that means there"),
        tuple(rows),
        "Computed by the model, now. Before v6.12 there is no flag: what is on the queue counts as partially mapped. "
        "Red: what the kernel says is wrong.",
    )


def both(pages: int) -> str:
    """Return the operations of two processes that drop the same first pages of sixteen."""
    return f"{fault(4)}; fork 1; dontneed 1 0 {pages}; dontneed 2 0 {pages}"


def same_pages() -> Table:
    """Return from how many pages on, dropped by both, a kernel notices."""
    rows = tuple(
        (label(key), *(belief(seen(both(pages), key), 16, both(pages), key) for pages in SAME))
        for key in (COUNTS, AVERAGE)
    )
    left = ("both drop", *(f"{n} of 16: {2 * (16 - n)} mappings stay" for n in SAME))
    caption = "Parent and child drop the same pages of an order-4 folio"
    return Table(caption, left, rows, result=reds("answers are wrong"))


REMAP = f"{fault(4)}; remap 1"


def sticky() -> Table:
    """Return what a failed migration leaves of a folio that is whole."""
    rows = []
    for key in KERNELS:
        one, end = seen(REMAP, key), seen(f"{REMAP}; shrink 1", key)
        flag = "–" if one.flagged is None else "set" if one.flagged else "clear"
        rows.append(
            (
                label(key),
                linked(f"{one.mapped} of 16", REMAP, key),
                Cell(flag, mark="bad" if one.flagged else ""),
                Cell("yes" if one.queued else "no", mark="bad" if one.queued else ""),
                belief(end, 16, f"{REMAP}; shrink 1", key),
            )
        )
    return Table(
        "A whole order-4 folio, unmapped for a migration that fails, and mapped again",
        ("kernel", "pages mapped", "PG_partially_mapped", "queued", "after one run of the shrinker"),
        tuple(rows),
        "Computed by the model, now. From v6.12 on, the same is in the vectors of the compiled functions.",
        told(3, what="queued, "),
    )


def underused() -> Table:
    """Return what the shrinker does with a 2 MiB folio of which many pages hold zeros, by the limit."""
    rows = []
    for limit in LIMITS:
        text = f"mm; mmap 1 0 512; faultpmd 1 0; zero 1 0 {UNUSED}; maxnone {limit}; shrink 1"
        one = seen(text, COUNTS)
        what = (
            "split"
            if one.state == "split"
            else "kept, still queued"
            if one.queued
            else "kept, taken off the queue"
        )
        rows.append(
            (f"max_ptes_none {limit}", linked(what, text, COUNTS), one.underused, one.freed, one.zero_ptes)
        )
    return Table(
        f"A whole 2 MiB folio with {UNUSED} pages of zeros meets the shrinker",
        (label(COUNTS), "the folio", "thp_underused_split_page", "pages given back", "PTEs of the zero page"),
        tuple(rows),
        "Computed by the model, now. 511 is the default of khugepaged/max_ptes_none: nothing is ever underused.",
        ends(1),
    )


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what is chosen under every kernel; the limit of the average; the flag that stays; the underused."""
    return these(values), same_pages(), sticky(), underused()


def answer() -> tuple[int, str]:
    """Return when the average notices that both have dropped the same half, and what counting pages says."""
    first = f"{fault(4)}; fork 1; dontneed 1 0 8"
    steps = [seen(text, AVERAGE) for text in (first, both(8))]
    right = next((place for place, one in enumerate(steps) if one.says), 2)
    exact, now = seen(both(8), COUNTS), steps[-1]
    more = seen(f"{first}; dontneed 2 0 9", AVERAGE)
    return right, (
        f"{now.mappings} mappings are left for 16 pages, one for each on average, and only fewer than 16 would count: "
        f"not flagged, and NR_ANON_MAPPED stays {now.anon} although {now.mapped} pages are mapped. {label(COUNTS)} "
        f"with page counts sees {exact.mapped} of 16 and flags it. Were one page more dropped, "
        f"{more.mappings} mappings would be left: {'flagged' if more.flagged else 'not flagged'}."
    )


def dropping(name: str, who: str, value: str, *, child: bool = False) -> Choice:
    """Return the choice of what a process drops."""
    options = (("there is no child", "no"), *DROPS) if child else DROPS
    return Choice(name, who, options, value, "by MADV_DONTNEED")


STORY = Story(
    "partially-mapped",
    make,
    (
        kernel("a", COUNTS, KERNELS),
        kernel("b", AVERAGE, KERNELS, none=True),
        order(4, low=2),
        dropping("parent", "parent drops", "half"),
        dropping("child", "child drops", "half", child=True),
        Choice("zero", "pages of zeros", ZEROS, "none", "pages that hold nothing but zeros"),
        Choice("then", "then", THEN, "none", "what happens to the folio after the drops"),
    ),
    Question(
        "A folio of 16 pages is shared after a fork, 32 mappings in all. Parent and child each drop its first half, "
        "the same eight pages. When does a v7.3 without page mapcounts (CONFIG_NO_PAGE_MAPCOUNT) flag it as partially "
        "mapped?",
        ("when the first of them drops", "when the second does", "not at all"),
        answer,
        asked=2,
        hints=("nopages",),
    ),
    numbers,
    left=("mapped_parts", "transport"),
    right=(),
)
