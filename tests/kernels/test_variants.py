"""Kernels beside the registry: one text changed, which one CPU does not notice."""

from __future__ import annotations

import pytest

from folioviz import Lab, kernels, parse_line
from folioviz.kernels import KERNELS, VARIANTS, variants
from folioviz.kernels.kernel import followed
from folioviz.link import functions_of

OPS = (
    "mm; mmap 1 0 64; fault 1 0 2; fault 1 8 3; fork 1; dontneed 1 3 1; dontneed 2 9 4; migrate 2; shrink 1; "
    "shrink 9; exit 2"
)


@pytest.mark.parametrize("key", VARIANTS)
def test_a_variant_is_found_and_not_listed(key):
    """It has a name of its own, and its parent is a kernel of the registry."""
    assert kernels.find(key) is VARIANTS[key]
    assert key not in KERNELS
    assert VARIANTS[key].parent in KERNELS
    assert (VARIANTS[key].keeps, VARIANTS[key].drops) == ((), ())


@pytest.mark.parametrize("key", VARIANTS)
def test_one_cpu_does_not_notice(key):
    """Whatever it does, the machine ends as under the parent: mappings, counters, references, and the queue."""
    one, other = Lab(key), Lab(VARIANTS[key].parent)
    for op in parse_line(OPS):
        one.apply(op)
        other.apply(op)

    for name in (
        "page_mapcount",
        "folio_refcount",
        "folio_nr_pages_mapped",
        "pte",
        "split_queue_len",
        "mm_rss",
    ):
        assert (getattr(one.machine, name) == getattr(other.machine, name)).all(), name
    assert one.machine.bugs() == []


@pytest.mark.parametrize("name", variants.CHANGES)
def test_a_variant_says_what_it_follows(name):
    """Its functions cite the changes of the table, and those alone."""
    module = getattr(variants, name)
    said = {one["cited"] for function in functions_of(module).values() for one in followed(function.__doc__)}

    assert said == {change.cited for change in variants.CHANGES[name]}
