"""The registry: what kernels there are, by which names, and made of what."""

from __future__ import annotations

import pytest

from folioviz import kernels
from folioviz.errors import KernelError
from folioviz.evidence.recordings import kernels as recorded
from folioviz.evidence.recordings import replayed, scenarios
from folioviz.kernels import KERNELS, drops, find, keeps, link, modules_of, no_gather
from folioviz.kernels.kernel import ERAS
from folioviz.kernels.series import batch_zap, defer_any_order, remove_rmap_range
from folioviz.kernels.since_v6_8 import gather_runs, no_gather_runs
from folioviz.link import V6_5_RC3, functions_of
from folioviz.machine import fields
from tests.evidence.conformance.reader import FILES
from tests.evidence.conformance.reader import keys as vectors

SINCE_V6_8 = [key for key, kernel in KERNELS.items() if kernel.era in {"mTHP", "today"}]


def above(key):
    """Return the keys of a kernel's ancestors, the nearest first."""
    parent = KERNELS[key].parent
    return [parent, *above(parent)] if parent else []


def test_the_kernels_in_order():
    """By era, as the pickers have them; each stands on the base, v6.5-rc3, which alone has no parent."""
    assert list(KERNELS) == sorted(KERNELS, key=lambda key: list(ERAS).index(KERNELS[key].era))
    assert [key for key in KERNELS if not above(key)] == ["v6.5-rc3"]
    assert {above(key)[-1] for key in KERNELS if above(key)} == {"v6.5-rc3"}


@pytest.mark.parametrize("key", KERNELS)
def test_the_names_of_the_vectors_are_accepted(key):
    """A kernel is found by its key and by its alias, which are nobody else's."""
    alias = KERNELS[key].alias

    assert find(key) is KERNELS[key]
    if alias:
        assert find(alias) is KERNELS[key]
        assert [other.alias for other in KERNELS.values()].count(alias) == 1
        assert alias not in KERNELS


@pytest.mark.parametrize("key", SINCE_V6_8)
def test_the_later_kernels_stand_on_each_other(key):
    """Each release is an earlier one and what changed since; a kernel keeps what its ancestors keep."""
    kernel = KERNELS[key]

    assert {*above(key)} <= {"v6.5-rc3", *SINCE_V6_8}
    assert keeps(kernel) >= keeps(KERNELS[kernel.parent])
    assert keeps(kernel) <= fields.KEPT_BY_SOME
    assert drops(kernel) <= {row.name for row in fields.FIELDS} - fields.KEPT_BY_SOME


def test_what_the_kernels_keep():
    """The fields that a kernel adds, and those that it no longer maintains for large folios."""
    assert keeps(find("base")) == keeps(find("v4")) == drops(find("v4")) == frozenset()
    assert keeps(find("g610")) - keeps(find("g69")) == {"folio_large_mapcount", "mthp_stat", "swap_stat"}
    assert keeps(find("g612")) - keeps(find("g610")) == {"folio_partially_mapped", "shrink_underused"}
    assert len(keeps(find("g73")) - keeps(find("g612"))) == 5
    assert keeps(find("g73n")) == keeps(find("g73"))
    assert drops(find("g73n")) == {"folio_nr_pages_mapped", "page_mapcount"}
    assert (keeps(find("g61")) >= {"folio_double_map"}, drops(find("g61"))) == (
        True,
        {"folio_nr_pages_mapped"},
    )


def test_a_kernel_is_its_ancestors_and_itself():
    """Oldest first, so that later names win."""
    assert modules_of(find("v4")) == (*V6_5_RC3, defer_any_order, remove_rmap_range, batch_zap)


@pytest.mark.parametrize(
    ("name", "mode"), [(name, mode) for name in KERNELS for mode in kernels.GATHER_MODES]
)
def test_a_mode_replaces_two_functions(name, mode):
    """Only what concerns the gather differs between the modes; since v6.9 the gather takes runs."""
    runs = gather_runs in modules_of(find(name))
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


VECTORS = {key.partition("/")[0] for file in FILES for key in vectors(file)}
RECORDINGS = {replayed(kernel, next(iter(scenarios(kernel)))).release.model for kernel in recorded()}
"""What the files at hand can prove: the aliases that vectors have, the kernels that recordings are compared with."""


@pytest.mark.parametrize("key", KERNELS)
def test_a_kernel_claims_no_more_than_was_compared(key):
    """Vectors and recordings only where there are some, else a reading; and what was never posted says so."""
    kernel = KERNELS[key]
    proven = [*["vectors"] * (kernel.alias in VECTORS), *["recordings"] * (key in RECORDINGS)]

    assert kernel.proof.startswith(f"{' and '.join(proven) or 'reading only'}: ")
    assert ("ever posted" in kernel.title) == (kernel.era == "never")


@pytest.mark.parametrize("name", ["", "v9", "V4", "x" * 500])
def test_an_unknown_kernel_is_an_error(name):
    """The message names it, cut short if need be, at most three that come close, and what lists them."""
    with pytest.raises(KernelError) as error:
        find(name)

    assert str(error.value).startswith("no kernel '")
    assert str(error.value).endswith("folioviz kernels lists them all")
    assert len(str(error.value)) < 180
