"""What cards, cells, lists and queues have to mark, read from a machine's arrays: the page is compared with it."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import numpy as np

from folioviz.machine import fields as f
from folioviz.machine import journal as j
from folioviz.machine import memory as m
from folioviz.machine.memcg import MAX_MEMCGS, MEMCG_OFFLINE, MEMCG_ONLINE, MEMCG_REPARENTED
from folioviz.machine.memory import BUG_NAMES
from folioviz.mm.headers import batch_slot, deferred_list
from folioviz.ops.ops import Shrink
from folioviz.views.panels.lane_runs import MIGRATING

FLAG, DOUBLE = (f.FIELDS[number].word for number in (f.FOLIO_PARTIALLY_MAPPED, f.FOLIO_DOUBLE_MAP))
FREED = "freed, still mapped"
PARTS = {"maps": 0, "gather": 1, "pins": 2, "swap cache": 3, "in hand": 4}
"""What a reference count is made of, in the order in which it is told."""
BADGE = re.compile(r'<(?:button|span) class="fv-badge[^"]*"[^>]* title="([^"]*)">([^<]*)<')
MARKS = ("", "e", "z", "ez")
STATS = ("split", "split_failed", "split_deferred", "nr_anon", "nr_anon_partially_mapped")


def bare(html):
    """Return what a person reads of some HTML."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def chain(machine, head):
    """Return the heads of the folios on a list, the first one first."""
    found, node = [], int(machine.list_next[head])
    while node != head:
        found.append(node - deferred_list(0))
        node = int(machine.list_next[node])
    return found


def queues(machine):
    """Return the heads of the folios on the root's deferred split queue, and on those of cgroups."""
    return [chain(machine, m.MEMCG_QUEUE + n if n else m.SPLIT_QUEUE) for n in range(MAX_MEMCGS + 1)]


class Marks:
    """What one machine marks; ``truth`` has its page tables, ``left`` the ids that live when its operation ends."""

    def __init__(self, truth, left):
        self.truth, self.machine, self.left = truth, truth.machine, left
        machine = truth.machine
        self.places = {head: place for one in queues(machine) for place, head in enumerate(one, start=1)}
        self.scanned = set(chain(machine, m.SCAN_LIST))
        self.refs = Counter()
        for entry in machine.pte[(machine.pte & m.PTE_PRESENT) != 0].tolist():
            self.refs[int(machine.page_folio[entry >> m.ENTRY_SHIFT]), "maps"] += 1
        self.pmds = Counter((machine.pmd[(machine.pmd & m.PMD_HUGE) != 0] >> m.ENTRY_SHIFT).tolist())
        for head, pmds in self.pmds.items():
            self.refs[head, "maps"] += pmds
        for batch in range(int(machine.tlb_batch_count[0]) + 1):
            for slot in range(batch_slot(batch), batch_slot(batch) + int(machine.tlb_batch_nr[batch])):
                head = int(machine.page_folio[machine.tlb_page[slot]])
                self.refs[head, "gather"] += int(machine.tlb_nr[slot]) if machine.tlb_nr.size else 1
        self.moving = {
            folio for lane in truth.lanes.values() for folio, flags in lane.values() if flags & MIGRATING
        }

    def kept(self, name, head):
        """Return what a field that only some kernels keep has of a folio, None where it is not kept."""
        field = getattr(self.machine, name)
        return int(field[head]) if field.size else None

    def zeros(self, head, size):
        """Return which pages of a folio are zero-filled."""
        field = self.machine.page_zero_filled
        return (field[head : head + size] if field.size else np.zeros(size)) != 0

    def spurious(self, folio, head):
        """Tell whether a queued folio gains nothing there."""
        size = 1 << int(self.machine.folio_order[head])
        flagged = self.kept("folio_partially_mapped", head)
        if head not in self.places or flagged == 0:
            return False
        mapped = np.array(self.truth.mapcounts(head, int(self.machine.folio_order[head]))) > 0
        mapped |= bool(self.machine.folio_entire_mapcount[head] >= 0)
        if not mapped.any():
            return folio not in self.moving
        freed = int((self.zeros(head, size) & mapped).sum()) if flagged is not None else 0
        return folio not in self.left or (bool(mapped.all()) and not freed)

    def queued(self, folio, head):
        """Return the badge of a folio on the queue."""
        flagged = self.kept("folio_partially_mapped", head)
        more = " · unflagged" if flagged == 0 else " · spurious" if self.spurious(folio, head) else ""
        cgroup = self.cgroup(head)
        return f"queued #{self.places[head]}{f' · cgroup {cgroup}' if cgroup else ''}{more}"

    def cgroup(self, head):
        """Return the cgroup on whose queue a folio waits, or would: the root, if that took over what its own had."""
        cgroup = int(self.machine.folio_memcg[head])
        return 0 if self.machine.memcg_state[cgroup] == MEMCG_REPARENTED else cgroup

    def passed_over(self, head):
        """Tell whether a folio's cgroup was removed and has kept its queue."""
        return bool(self.machine.memcg_state[self.cgroup(head)] == MEMCG_OFFLINE)

    def counted(self, head, order):
        """Return how many pages of a folio are mapped, by the counter that its kernel goes by."""
        machine, mapped = self.machine, self.truth.pages_mapped(head, order)
        if order and machine.maintains(f.FOLIO_NR_PAGES_MAPPED):
            return min(int(machine.folio_nr_pages_mapped[head]), 1 << order)
        mappings, *_ = self.parts(head)
        total = self.kept("folio_large_mapcount", head)
        blind = order and not machine.maintains(f.PAGE_MAPCOUNT)
        return min(total + 1, 1 << order) if blind and total + 1 != mappings else mapped

    def badges(self, folio, head):
        """Return the texts of a folio's badges."""
        machine, order = self.machine, int(self.machine.folio_order[head])
        mapped, counted, size = self.truth.pages_mapped(head, order), self.counted(head, order), 1 << order
        flagged, pins = self.kept("folio_partially_mapped", head), int(machine.folio_pins[head])
        found = {self.queued(folio, head)} if head in self.places else set()
        if flagged:
            found.add(FLAG)
        elif 0 < counted < size and not (head in self.places and flagged is None):
            found.add("partially mapped")
        told = {
            f"cgroup {self.cgroup(head)}": head not in self.places and self.cgroup(head) > 0,
            "never visited": head in self.places and self.passed_over(head),
            "with the shrinker": head in self.scanned,
            "waiting in mmu_gather": self.parts(head)[1] > 0,
            f"pinned ×{pins}" if pins > 1 else "pinned": pins > 0,
            "PMD-mapped": self.pmds[head] > 0,
            DOUBLE: bool(self.kept("folio_double_map", head)),
            "swap cache": self.cached(head) > 0,
            f"{int(self.zeros(head, size).sum())} zero-filled": self.zeros(head, size).any(),
            FREED: bool(machine.folio_refcount[head] <= 0 and mapped),
        }
        return found | {text for text, is_so in told.items() if is_so}

    def check_badges(self, body, folio, head):
        """Compare a card's badges; those that have no room are named by the last one, which counts them."""
        texts = set()
        for title, text in BADGE.findall(body):
            names = unescape(title).replace(FREED, FREED[:5]).split(", ")
            texts |= set(names) if re.fullmatch(r"\+\d+", text) else {unescape(text)}
        texts = {FREED if text == FREED[:5] else text for text in texts if " at step " not in text}
        assert (folio, texts) == (folio, self.badges(folio, head))

    def parts(self, head):
        """Return references of mappings, gather, pins, swap cache, and others; below 0: so many were dropped too early.

        A flush drops a slot's reference before it empties the slot.
        """
        maps, gather = self.refs[head, "maps"], self.refs[head, "gather"]
        pins = int(self.machine.folio_pins[head])
        cached = self.cached(head)
        other = int(self.machine.folio_refcount[head]) - maps - gather - pins - cached
        flushed = min(max(-other, 0), gather)
        return maps, gather - flushed, pins, cached, other + flushed

    def cached(self, head):
        """Return how many references the swap cache has of a folio: one for each page, or none."""
        slot = self.kept("folio_swap", head)
        return 0 if slot is None or slot < 0 else 1 << int(self.machine.folio_order[head])

    def check_refcount(self, body, head):
        """Compare what a card says that a reference count is made of."""
        found = re.search(r'data-counter="refcount".*?<b>(.*?)</b></span>', body, re.DOTALL)
        text, refs = bare(found[1]), int(self.machine.folio_refcount[head])
        if " = " not in text and " all " not in text:
            return
        *parts, other = self.parts(head)
        told = dict.fromkeys(PARTS, 0)
        if text.endswith(" all maps"):
            told["maps"] = refs
        for number, word in re.findall(r"(\d+) (maps|gather|pins|swap cache|in hand)", text):
            told[word] = int(number)
        early = re.search(r"− (\d+) dropped", text)
        assert (text, [*told.values()]) == (text, [*parts, max(other, 0)])
        assert int(early[1] if early else 0) == max(-other, 0)

    def check_cells(self, body, head, written):
        """Compare what is marked on each cell: AnonExclusive, zero-filled, and written by the last step."""
        size = 1 << int(self.machine.folio_order[head])
        exclusive = self.machine.page_anon_exclusive[head : head + size] != 0
        want = [
            (count, bool(mine), bool(zero), head + place in written)
            for place, (count, mine, zero) in enumerate(
                zip(
                    self.truth.mapcounts(head, size.bit_length() - 1),
                    exclusive,
                    self.zeros(head, size),
                    strict=True,
                )
            )
        ]
        canvas = re.search(r'data-cells="([^"]*)" data-changed="([^"]*)"', body)
        if canvas:
            runs = re.findall(r"(\d+)\*(\d+)([ez]*)", canvas[1])
            changed = set(map(int, filter(None, canvas[2].split(","))))
            found = [
                (int(count), "e" in marks, "z" in marks)
                for pages, count, marks in runs
                for _ in range(int(pages))
            ]
            found = [(*one, place in changed) for place, one in enumerate(found)]
        else:
            cells = re.search(r'<div class="fv-cells".*?</div>', body)[0]
            found = [
                (int(text or 0), " x" in kind, " z" in kind, " d" in kind)
                for kind, text in re.findall(r'<i class="([^"]*)">(\d*)</i>', cells)
            ]
        assert [
            (at, *pair) for at, pair in enumerate(zip(found, want, strict=True)) if pair[0] != pair[1]
        ] == []

    def check_line(self, line, folio, head):
        """Compare a folio's line of a list."""
        order = int(self.machine.folio_order[head])
        mapped = f"{self.truth.pages_mapped(head, order)}/{1 << order}"
        spans = re.findall(r"<span[^>]*>(.*?)</span>", line)
        assert [mapped, str(self.machine.folio_refcount[head])] == spans[1:3]
        place = re.search(r'<em class="fv-(\w+)">#(\d+)</em>', line)
        kind = "info" if self.kept("folio_partially_mapped", head) == 0 else "warn"
        kind = "bad" if self.spurious(folio, head) else kind
        want = (kind, str(self.places[head])) if head in self.places else None
        assert (place.groups() if place else None) == want

    def check_queue(self, html):
        """Compare the badges of the queue's folios."""
        for folio, body in re.findall(r'<li data-queued="(\d+)">(.*?)</li>', html, re.DOTALL):
            head = self.truth.heads[int(folio)]
            flagged = self.kept("folio_partially_mapped", head)
            cgroup = self.cgroup(head)
            want = [f"cgroup {cgroup}{', removed' * self.passed_over(head)}"] if cgroup else []
            want += [] if flagged is None else ["flagged" if flagged else "unflagged"]
            want += ["spurious"] * self.spurious(int(folio), head)
            assert [text for _, text in BADGE.findall(body)] == want
            assert ("for nothing" in body) == self.spurious(int(folio), head)


def written(lab, side, step):
    """Return the pages whose cells the last step of a side wrote; one that has no more steps writes nothing."""
    if not 0 < step <= side.steps:
        return set()
    kind, address, old, new = lab.journal[side.at : side.at + 1][0].tolist()
    if kind >= j.WHY or address < 0:
        return set()
    number, place = lab.machine.where(address)
    value = new or old
    if f.FIELDS[number].name in {"page_mapcount", "page_anon_exclusive", "page_zero_filled"}:
        return {place}
    is_page = f.FIELDS[number].name == "pte" and value & (m.PTE_PRESENT | m.PTE_MIGRATION)
    return {value >> m.ENTRY_SHIFT} if is_page else set()


def check_differences(rows, wholes):
    """Compare the costs' last column with what B's whole operation costs more than A's."""
    for name, row in re.findall(r'data-cost="(\w+)">(.*?)</tr>', rows, re.DOTALL):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
        if len(cells) == 3 and cells[2]:
            by = wholes[1][name] - wholes[0][name]
            assert (name, cells[2].replace("−", "-").replace("+", "")) == (name, f"{by:,}")


def check_sizes(rows, side, machine):
    """Compare the statistics of each folio size."""
    for order, name, text in re.findall(
        rf'<th scope="row">hugepages-(\d+)kB (\w+)</th>.*?<td class="fv-{side.name}">([\d,–]+)</td>', rows
    ):
        place = (int(order) // 4).bit_length() - 1
        held = machine.mthp_stat.reshape(-1, m.NR_MTHP_STATS)
        since = machine.mthp_stat.size and (machine.folio_partially_mapped.size or not name.startswith("nr_"))
        want = f"{int(held[place, STATS.index(name)]):,}" if since else "–"
        assert f"{order} {name} {text}" == f"{order} {name} {want}"


def check_prospects(html, lab):
    """Let the shrinker do what the queue says that it would do, and compare; the lab is left as it was."""
    machine = lab.machine
    heads = {int(machine.folio_id[head]): head for one in queues(machine) for head in one}
    of = {head: n for n, one in enumerate(queues(machine)) for head in one}
    op = Shrink(len(heads))
    if not heads or lab.refusal(op) or any(machine.bug[0] & bit for bit in BUG_NAMES):
        return
    sizes = {folio: 1 << int(machine.folio_order[head]) for folio, head in heads.items()}
    start = lab.cursor
    lab.apply(op)
    still, scanned = {head for one in queues(machine) for head in one}, set()
    for folio, body in re.findall(r'<li data-queued="(\d+)">(.*?)</li>', html, re.DOTALL):
        head, size, text = heads[int(folio)], sizes[int(folio)], bare(body)
        if "the shrinker" not in text:  # it scans another queue first, or never this one
            assert head in still
            continue
        scanned.add(of[head])
        free = re.search(r"the shrinker would free ([\d,]+)", text)
        gone = int((machine.folio_id[machine.page_folio[head : head + size]] == 0).sum())
        if free:
            assert (text, int(free[1].replace(",", ""))) == (text, gone)
        elif "would drop it" in text:
            assert (text, head in still, gone) == (text, False, 0)
        else:
            assert "could not split it" in text
            assert machine.folio_order[head] == size.bit_length() - 1
    visited = {n for n in of.values() if not n or machine.memcg_state[n] == MEMCG_ONLINE}
    assert len(scanned) == bool(visited)
    assert scanned <= visited
    lab.seek(start)
    lab.cut()
