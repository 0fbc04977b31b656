"""The registry: what kernels there are, by which names, and made of what."""

from __future__ import annotations

import pytest

from folioviz import kernels
from folioviz.errors import KernelError
from folioviz.kernels import (
    KERNELS,
    batch_zap,
    defer_any_order,
    find,
    link,
    modules_of,
    no_gather,
    remove_rmap_range,
)
from folioviz.link import V6_5_RC3


def test_the_kernels_of_the_series():
    """The base, each patch upon the one before, what came earlier, and what was never posted."""
    assert list(KERNELS) == [
        "v6.5-rc3",
        "v6.5-rc3+v4.1",
        "v6.5-rc3+v4.2",
        "v6.5-rc3+v4",
        "v6.5-rc3+v3",
        "v6.5-rc3+v4full",
        "v6.5-rc3+v4fix",
    ]


@pytest.mark.parametrize(
    ("alias", "key"),
    [
        ("base", "v6.5-rc3"),
        ("p1", "v6.5-rc3+v4.1"),
        ("p12", "v6.5-rc3+v4.2"),
        ("v4", "v6.5-rc3+v4"),
        ("v3", "v6.5-rc3+v3"),
        ("v4full", "v6.5-rc3+v4full"),
        ("v4fix", "v6.5-rc3+v4fix"),
    ],
)
def test_the_names_of_the_vectors_are_accepted(alias, key):
    """A kernel is found by its key and by its alias."""
    assert find(alias) is find(key) is KERNELS[key]


def test_a_kernel_is_its_ancestors_and_itself():
    """Oldest first, so that later names win."""
    assert modules_of(find("v4")) == (*V6_5_RC3, defer_any_order, remove_rmap_range, batch_zap)


@pytest.mark.parametrize(
    ("name", "mode"), [(name, mode) for name in KERNELS for mode in kernels.GATHER_MODES]
)
def test_a_mode_replaces_two_functions(name, mode):
    """Only what concerns the gather differs between the modes."""
    from_gather = {name for name, source in link(name, mode).sources.items() if source == no_gather.__name__}

    assert from_gather == ({"__tlb_remove_page", "tlb_batch_pages_flush"} if mode == "none" else set())


def test_each_patch_changes_what_it_says():
    """Where the functions of the v4 kernel come from."""
    sources = link("v4").sources

    assert sources["zap_pte_range"] == sources["try_zap_anon_pte_range"] == "folioviz.kernels.batch_zap"
    assert (
        sources["page_remove_rmap"]
        == sources["folio_remove_rmap_range"]
        == "folioviz.kernels.remove_rmap_range"
    )
    assert sources["deferred_split_folio"] == "folioviz.mm.huge_memory"
    assert link("p1").sources["page_remove_rmap"] == "folioviz.kernels.defer_any_order"


def test_linking_the_same_twice_is_free():
    """A kernel is linked once."""
    assert link("v4", "none") is link("v4", "none")
    assert link("v4", "none") is not link("v4", "batched")


def test_what_was_never_posted_says_so():
    """A kernel without vectors does not claim that it was compared."""
    for kernel in KERNELS.values():
        posted = kernel.alias in {"base", "p1", "p12", "v4", "v3"}
        assert kernel.proof.startswith("vectors: equal" if posted else "reading only: never posted")
        assert ("ever posted" in kernel.title) == (not posted)


@pytest.mark.parametrize("name", ["", "v9", "V4", "x" * 500])
def test_an_unknown_kernel_is_an_error(name):
    """The message names it, cut short if need be, and what there is."""
    with pytest.raises(KernelError) as error:
        find(name)

    assert str(error.value).startswith("no kernel '")
    assert str(error.value).endswith("there are " + ", ".join(KERNELS))
    assert len(str(error.value)) < 250
