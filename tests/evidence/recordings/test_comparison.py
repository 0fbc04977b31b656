"""Whatever a recording shows is compared: a change of any of it is noticed, and named."""

from __future__ import annotations

import msgspec
import pytest

from folioviz.evidence.recordings import recording, replay, verdict
from folioviz.evidence.recordings.verdict import DIFFERS, EQUAL


def changed(kernel, scenario, step, change):
    """Return the differences of a recording after one of its steps was changed."""
    found = recording(kernel, scenario)
    raw = msgspec.to_builtins(found.steps[step])
    change(raw)
    steps = list(found.steps)
    steps[step] = msgspec.convert(raw, type(steps[step]))
    result = verdict(replay(found._replace(steps=tuple(steps))))
    return result.state, {(finding.step, finding.difference.field) for finding in result.unexplained}


@pytest.mark.parametrize(
    ("kernel", "scenario"),
    [("7.3.4", "b4_front"), ("7.3.4", "d9_front"), ("6.12.117", "i4_shrink"), ("6.1.192", "d9_front")],
)
def test_what_is_not_changed_is_equal(kernel, scenario):
    """Tables, folios, counters, calls, removals and sums of a recording are those of the model."""
    assert changed(kernel, scenario, 2, lambda raw: None) == (EQUAL, set())


def run(raw, place, value):
    """Change one value of the first run of region a of process P."""
    raw["procs"]["P"]["a"][0][place] = value


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (0, 0, "state"),
        (1, 5, "state"),
        (2, "z", "state"),
        (2, "s", "state"),
        (5, 3, "offset"),
        (6, 2, "mapcount"),
        (7, "am", "flags"),
        (8, 0, "exclusive"),
        (4, 1, "order"),
    ],
)
def test_every_column_of_a_page_table_counts(place, value, field):
    """State, offset, mapcount, flags and the exclusive bit of a page are compared."""
    state, found = changed("7.3.4", "b4_front", 2, lambda raw: run(raw, place, value))

    assert state == DIFFERS
    assert (2, field) in found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ref", 11),
        ("entire", 1),
        ("nrpm", 11),
        ("large", 11),
        ("pm", 0),
        ("dq", 0),
        ("mmid_mc", [11, 0]),
        ("mmid", [1, 1]),
        ("maybe_shared", 1),
        ("mc", [[16, 1]]),
        ("ae", [[16, 0]]),
    ],
)
def test_every_field_of_a_folio_counts(field, value):
    """What was read of struct folio is compared, one field at a time."""
    state, found = changed(
        "7.3.4", "b4_front", 2, lambda raw: raw["folios"]["0"]["raw"].update({field: value})
    )

    assert state == DIFFERS
    assert len(found) == 1


@pytest.mark.parametrize(
    ("part", "name", "value", "field"),
    [
        ("vm", "thp_deferred_split_page", 1, "thp_deferred_split_page"),
        ("vm", "thp_split_page", 1, "thp_split_page"),
        ("vm", "thp_split_pmd", 1, "thp_split_pmd"),
        ("vm", "thp_fault_alloc", 1, "thp_fault_alloc"),
        ("vm", "nr_anon_transparent_hugepages", 1, "nr_anon_transparent_hugepages"),
        ("n", "rmap_remove", 2, "rmap_remove"),
        ("n", "rmap_add", 1, "rmap_add"),
        ("n", "deferred_split", 0, "deferred_split"),
        ("n", "split_queue_lock", 2, "split_queue_lock"),
        ("n", "tlb_remove", 2, "tlb_remove"),
        ("n", "unqueue", 1, "unqueue"),
        ("n", "split_folio", 1, "split_folio"),
        ("n", "zap_pmd", 1, "zap_pmd"),
    ],
)
def test_every_count_counts(part, name, value, field):
    """Counters and calls are compared, also where the kernel counted nothing."""
    found = changed("7.3.4", "b4_front", 2, lambda raw: raw[part].update({name: value}))

    assert found == (DIFFERS, {(2, field)})


def test_a_count_that_is_missing_is_none():
    """What the recording leaves out did not change on the kernel, but it did in the model."""
    found = changed("7.3.4", "b4_front", 2, lambda raw: raw["mthp"].clear())

    assert found[0] == DIFFERS
    assert {(2, "64kB split_deferred"), (2, "64kB nr_anon_partially_mapped")} <= found[1]


@pytest.mark.parametrize(
    "name", ["split", "split_failed", "split_deferred", "nr_anon", "nr_anon_partially_mapped"]
)
def test_every_statistic_of_a_size_counts(name):
    """What hugepages-*kB/stats says is compared."""
    found = changed("7.3.4", "b4_front", 2, lambda raw: raw["mthp"]["64kB"].update({name: 7}))

    assert found == (DIFFERS, {(2, f"64kB {name}")})


@pytest.mark.parametrize("name", ["vmas", "Rss", "Pss", "Anonymous", "AnonHugePages"])
def test_every_sum_counts(name):
    """What smaps says is compared."""
    found = changed("7.3.4", "b4_front", 2, lambda raw: raw["smaps"]["P"]["a"].update({name: 3}))

    assert found == (DIFFERS, {(2, name)})


@pytest.mark.parametrize(("name", "value"), [("f", 1), ("o", 1), ("nr", 3)])
def test_every_rmap_removal_counts(name, value):
    """Which folio, from which page on and how many pages: one call after the other is compared."""
    found = changed("7.3.4", "b4_front", 2, lambda raw: raw["kp"][0].update({name: value}))

    assert found == (DIFFERS, {(2, "removal")})


def test_removals_that_are_folded_are_all_compared():
    """256 calls in one entry: a change of their step is a change of all but the first."""
    entry = {"e": "rm", "f": 0, "o": 0, "n": 1, "st": 0, "compound": 0}
    found = changed("6.1.192", "d9_pte_halves", 4, lambda raw: raw["kp"][0].update(o_step=[2, 0, 1]))
    fewer = changed("6.1.192", "d9_pte_halves", 4, lambda raw: raw["kp"][0].update(repeat=255))
    more = changed("6.1.192", "d9_pte_halves", 4, lambda raw: raw["kp"].append(entry))

    assert found == fewer == more == (DIFFERS, {(4, "removal")})


def test_a_folio_that_only_one_side_has_is_a_difference():
    """A large folio that the recording does not know, or the model, is named."""
    lost = changed("7.3.4", "b4_front", 2, lambda raw: raw["folios"].clear())
    more = changed(
        "7.3.4", "b4_front", 3, lambda raw: raw["folios"].update({"7": {"order": 2, "kpc": [[4, 0]]}})
    )

    assert (2, "exists") in lost[1]
    assert more == (DIFFERS, {(3, "exists")})


def test_a_folio_keeps_its_name():
    """The page tables say which folio is which, once; another id later is a difference."""
    _, found = changed("7.3.4", "b4_front", 2, lambda raw: run(raw, 3, 5))

    assert (2, "folio") in found


def test_where_a_page_was_before_a_split_counts():
    """Pages that were split off a folio say which one, and where in it they were."""
    _, found = changed("7.3.4", "i4_shrink", 3, lambda raw: run(raw, 9, [0, 7]))
    _, lost = changed("7.3.4", "i4_shrink", 3, lambda raw: raw["procs"]["P"]["a"][0].pop())

    assert found == {(3, "came_from_offset")}
    assert lost == {(3, "came_from"), (3, "came_from_offset")}


def test_what_the_model_refuses_is_a_difference():
    """The kernel did it, so the model must be able to."""
    state, found = changed("7.3.4", "b4_front", 2, lambda raw: raw.update(op="P mremap a 90 99 b 0"))

    assert state == DIFFERS
    assert found == {(2, "refused")}


def test_what_ends_with_an_error_in_the_model_is_a_difference():
    """The kernel wrote to all pages, so the model must be able to."""
    state, found = changed("7.3.4", "b4_front", 1, lambda raw: raw.update(op="P touch a 0 17"))

    assert state == DIFFERS
    assert found == {(1, "refused")}


def test_what_ends_with_an_error_is_done_up_to_there():
    """A write that the kernel ended, too, has written to the pages before."""
    state, found = changed("7.3.4", "b4_front", 1, lambda raw: raw.update(op="P touch a 0 17", rc=-14))

    assert (state, found) == (EQUAL, set())
