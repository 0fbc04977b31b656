"""A part of what was seen, with whoever else maps the same folios."""

from __future__ import annotations

import pytest

from folioviz.errors import DocumentError, LimitError
from folioviz.rebuild import Vma, focus, rebuild
from tests.rebuild.seen import mapped, short, small, state

REGIONS = {"a": (100, 2000), "b": (1 << 20, 600)}


def seen():
    """Return a process and its child: a folio in three places, and much else."""
    return state(
        {
            "P": {"a": [mapped(412, 512, 0), small(1000, 50, 10)], "b": [mapped(0, 16, 1)]},
            "C": {"a": [mapped(412, 100, 0), mapped(1700, 4, 0, 100)], "b": [small(500, 9, 90)]},
        },
        {0: 9, 1: 4},
        REGIONS,
        huge={"P a": frozenset({412})},
        vmas={"P a": (Vma(0, 950), Vma(950, 2000, "r"))},
    )


def test_the_same_folios_elsewhere_stay():
    """Of all other regions only the 2 MiB with these folios, under the name of their first page; the rest is said."""
    part = focus(seen(), "P a", 412, 512)
    found = rebuild(part, "v7.3")

    assert dict(part.regions) == {"a+412": (512, 512), "a+1436": (1536, 512)}
    assert [*part.observed.tables] == ["P a+412", "C a+412", "C a+1436"]
    assert part.unread == ("75 pages outside of pages 412–923 of P a, of other folios",)
    assert part.vmas == {"P a+412": (Vma(0, 512),)}
    assert found.same_structure
    assert found.left_out == part.unread
    assert "faultpmd 1 0" in short(found)


def test_a_part_without_folios_is_one_too():
    """It has its VMA, and nothing in it."""
    found = rebuild(focus(seen(), "C b", 0, 100), "v7.3")

    assert short(found) == "mm; mmap 1 0 512"
    assert found.same_structure


def test_what_is_not_there_is_refused():
    """By name, with what there is."""
    with pytest.raises(DocumentError, match="no region 'P c': there are P a, P b, C a, C b"):
        focus(seen(), "P c")
    with pytest.raises(LimitError, match="range of pages of P b is '500 to 699': it must be within 0 to 599"):
        focus(seen(), "P b", 500, 200)
