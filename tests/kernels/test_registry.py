"""The registry: what kernels there are, by which names, and made of what."""

from __future__ import annotations

import pytest

from folioviz import kernels
from folioviz.errors import KernelError
from folioviz.kernels import KERNELS, drops, find, keeps, link, modules_of, no_gather
from folioviz.kernels.series import batch_zap, defer_any_order, remove_rmap_range
from folioviz.kernels.since_v6_8 import no_gather_runs
from folioviz.link import V6_5_RC3, functions_of
from folioviz.machine import fields

ALIASES = {
    "g61.0": "v6.1.0",
    "g61": "v6.1",
    "base": "v6.5-rc3",
    "p1": "v6.5-rc3+v4.1",
    "p12": "v6.5-rc3+v4.2",
    "v4": "v6.5-rc3+v4",
    "v3": "v6.5-rc3+v3",
    "v4full": "v6.5-rc3+v4full",
    "v4fix": "v6.5-rc3+v4fix",
    "g68": "v6.8",
    "g69": "v6.9",
    "g610": "v6.10",
    "g612": "v6.12",
    "g73": "v7.3",
    "g73n": "v7.3+no-page-mapcount",
}
"""The kernels, oldest first, by the names that the vectors have for them."""
LATER = [key for alias, key in ALIASES.items() if alias in {"g68", "g69", "g610", "g612", "g73", "g73n"}]


def test_the_kernels_in_order():
    """What came before the series, the base, each patch upon the one before, what was never posted, what came after."""
    assert list(KERNELS) == list(ALIASES.values())


@pytest.mark.parametrize(("alias", "key"), ALIASES.items())
def test_the_names_of_the_vectors_are_accepted(alias, key):
    """A kernel is found by its key and by its alias."""
    assert find(alias) is find(key) is KERNELS[key]


def test_the_later_kernels_stand_on_each_other():
    """Each release is the one before and what changed since; a kernel keeps what its ancestors keep."""
    assert [KERNELS[key].parent for key in LATER] == ["v6.5-rc3", *LATER[:-1]]
    for key in LATER:
        kernel = KERNELS[key]

        assert keeps(kernel) >= keeps(KERNELS[kernel.parent])
        assert keeps(kernel) <= fields.KEPT_BY_SOME
        assert drops(kernel) <= {row.name for row in fields.FIELDS} - fields.KEPT_BY_SOME


def test_what_the_kernels_keep():
    """The fields that a kernel adds, and those that it no longer maintains for large folios."""
    assert keeps(find("base")) == keeps(find("v4")) == drops(find("v4")) == frozenset()
    assert keeps(find("g610")) - keeps(find("g69")) == {"folio_large_mapcount", "mthp_stat"}
    assert keeps(find("g612")) - keeps(find("g610")) == {"folio_partially_mapped"}
    assert len(keeps(find("g73")) - keeps(find("g612"))) == 5
    assert keeps(find("g73n")) == keeps(find("g73"))
    assert drops(find("g73n")) == {"folio_nr_pages_mapped", "page_mapcount"}
    assert (keeps(find("g61")) >= {"folio_double_map"}, drops(find("g61"))) == (
        True,
        {"folio_nr_pages_mapped"},
    )


def test_every_module_says_what_it_follows():
    """A module of the registry has its change, and each change its module."""
    modules = {module.__name__.rpartition(".")[2] for kernel in KERNELS.values() for module in kernel.modules}
    base = {module.__name__.rpartition(".")[2] for module in V6_5_RC3}

    assert set(kernels.CHANGES) == modules - base | {"no_gather", "no_gather_runs"}


def test_a_kernel_is_its_ancestors_and_itself():
    """Oldest first, so that later names win."""
    assert modules_of(find("v4")) == (*V6_5_RC3, defer_any_order, remove_rmap_range, batch_zap)


@pytest.mark.parametrize(
    ("name", "mode"), [(name, mode) for name in KERNELS for mode in kernels.GATHER_MODES]
)
def test_a_mode_replaces_two_functions(name, mode):
    """Only what concerns the gather differs between the modes; since v6.9 the gather takes runs."""
    runs = name in LATER[1:]
    module = no_gather_runs if runs else no_gather
    from_gather = {function for function, source in link(name, mode).sources.items() if "no_gather" in source}
    remove = "__tlb_remove_folio_pages" if runs else "__tlb_remove_page"

    assert from_gather == ({remove, "tlb_batch_pages_flush"} if mode == "none" else set())
    assert from_gather <= set(link(name, mode).sources) & set(functions_of(module))


def test_each_patch_changes_what_it_says():
    """Where the functions of the v4 kernel come from."""
    sources = link("v4").sources

    assert (
        sources["zap_pte_range"] == sources["try_zap_anon_pte_range"] == "folioviz.kernels.series.batch_zap"
    )
    assert (
        sources["page_remove_rmap"]
        == sources["folio_remove_rmap_range"]
        == "folioviz.kernels.series.remove_rmap_range"
    )
    assert sources["deferred_split_folio"] == "folioviz.mm.huge_memory"
    assert link("p1").sources["page_remove_rmap"] == "folioviz.kernels.series.defer_any_order"


def test_linking_the_same_twice_is_free():
    """A kernel is linked once."""
    assert link("v4", "none") is link("v4", "none")
    assert link("v4", "none") is not link("v4", "batched")


def test_what_was_never_posted_says_so():
    """A kernel that was not compared does not claim that it was."""
    for alias, key in ALIASES.items():
        kernel = KERNELS[key]
        posted = alias not in {"v4full", "v4fix"}
        compared = alias not in {"v4full", "v4fix", "g61.0"}

        assert kernel.proof.startswith(("vectors", "recordings") if compared else "reading only: ")
        assert ("ever posted" in kernel.title) == (not posted)


@pytest.mark.parametrize("name", ["", "v9", "V4", "x" * 500])
def test_an_unknown_kernel_is_an_error(name):
    """The message names it, cut short if need be, and what there is."""
    with pytest.raises(KernelError) as error:
        find(name)

    assert str(error.value).startswith("no kernel '")
    assert str(error.value).endswith("there are " + ", ".join(KERNELS))
    assert len(str(error.value)) < 250
