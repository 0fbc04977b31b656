"""The machine: fields, sizes, snapshots."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.errors import LimitError
from folioviz.machine import fields, memory
from folioviz.machine.fields import FIELDS, KEPT_BY_SOME
from folioviz.machine.memory import Machine, Sizes, address_of


def test_fields_are_views_of_one_array():
    """Writing to a field writes to mem, and the fields fill mem without gap or overlap."""
    machine = Machine(Sizes(pages=512, tables=1, vmas=1))
    sizes = [len(getattr(machine, row.name)) for row in FIELDS]
    for row in FIELDS:
        getattr(machine, row.name)[:] = row.number

    assert machine.mem.dtype == np.int32
    np.testing.assert_array_equal(machine.mem, np.repeat(np.arange(len(FIELDS)), sizes))


def test_where_names_the_field_of_an_address():
    """An address is a field's base and an index, there and back."""
    machine = Machine(Sizes(pages=512, tables=2, vmas=2))

    assert machine.where(machine.base[fields.PTE] + 700) == (fields.PTE, 700)
    assert machine.where(0) == (fields.FOLIO_ORDER, 0)
    assert machine.where(machine.mem.size - 1) == (fields.BUG, 0)


def test_an_idle_machine_has_all_its_memory_free():
    """Counters that begin at -1 do, every page is its own head, and free memory lies in blocks of 512 pages."""
    machine = Machine(Sizes(pages=2048, tables=4, vmas=4))

    assert machine.nr_free_pages[0] == 2048
    assert set(machine.page_mapcount) == set(machine.folio_entire_mapcount) == {-1}
    assert np.flatnonzero(machine.page_buddy == 9).tolist() == [0, 512, 1024, 1536]
    assert machine.bugs() == []


def test_a_snapshot_brings_everything_back():
    """Whatever is written afterwards, restore() undoes it; the snapshot itself does not change."""
    machine = Machine(Sizes(pages=512))
    before = machine.snapshot()
    machine.mem[::3] += 1
    machine.restore(before)

    np.testing.assert_array_equal(machine.mem, Machine(Sizes(pages=512)).mem)


def test_bugs_are_named_as_in_the_vectors():
    """Each bit of the bug field has a name."""
    machine = Machine(Sizes(pages=512))
    machine.bug[0] = memory.BUG_UAF | memory.BUG_ORDER

    assert machine.bugs() == ["uaf", "vm_bug:folio_order(folio) < 2"]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"pages": 1000}, "pages of the machine is 1000: it must be a multiple of 512 from 512 to 4194304"),
        ({"pages": 0}, "pages of the machine is 0: it must be a multiple of 512 from 512 to 4194304"),
        (
            {"pages": 2**23},
            "pages of the machine is 8388608: it must be a multiple of 512 from 512 to 4194304",
        ),
        ({"tables": 0}, "page tables of the machine is 0: it must be 1 to 16384"),
        ({"vmas": 99999}, "VMAs of the machine is 99999: it must be 1 to 16384"),
    ],
)
def test_sizes_have_bounds(sizes, message):
    """A machine that makes no sense is refused; the message names the thing, the value and the bound."""
    with pytest.raises(LimitError) as error:
        Sizes(**sizes)

    assert str(error.value) == message


def test_addresses_are_those_of_a_process():
    """Page numbers are shown as x86-64 user addresses of 4 KiB pages."""
    assert f"{address_of(3):#x}" == "0x7f0000003000"


KEPT = frozenset({"folio_large_mapcount", "folio_mm_id_0", "max_ptes_none", "mthp_stat", "shrink_underused"})


def test_a_machine_has_the_fields_that_its_kernel_keeps():
    """The others have no element: they take no room, and what all kernels keep is the same with and without them."""
    plain, later = Machine(Sizes(pages=512)), Machine(Sizes(pages=512), KEPT)
    sizes = {name: getattr(later, name).size for name in KEPT_BY_SOME}

    assert {name for name, size in sizes.items() if size} == KEPT
    assert sizes["folio_large_mapcount"] == 512
    assert sizes["mthp_stat"] == 50
    assert later.mem.size == plain.mem.size + 512 + 512 + 50 + 2
    for row in FIELDS:
        if not row.some:
            np.testing.assert_array_equal(getattr(later, row.name), getattr(plain, row.name))


def test_what_only_some_kernels_keep_begins_at_rest():
    """Mapcounts begin at -1, no folio is underused, and the shrinker looks for those that are."""
    machine = Machine(Sizes(pages=512), KEPT_BY_SOME)

    assert set(machine.folio_large_mapcount) == set(machine.folio_mm_id_mapcount_1) == {-1}
    assert (machine.max_ptes_none[0], machine.shrink_underused[0], machine.thp_enabled[0]) == (511, 1, 0)
    assert machine.where(machine.base[fields.THP_ENABLED]) == (fields.THP_ENABLED, 0)
    assert machine.pages_of(np.array([machine.base[fields.FOLIO_MM_ID_0] + 7])).tolist() == [7]
    assert machine.pages_of(np.array([machine.base[fields.THP_ENABLED]])).tolist() == []
