"""Rules of MREMAP_DONTUNMAP: breaking any one of them fails a case of tests/kernels/readings_of_moves.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import vma
from folioviz.kernels.since_v6_12 import mremap_many
from folioviz.mm import mremap
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_moves import OF_MOVES
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "the old VMA goes": Mutation(
        mremap.mremap_dontunmap,
        "move_vma(m, mm, old, new, nr, 1)",
        "move_vma(m, mm, old, new, nr, 0)",
        "v6.5-rc3",
        "a part of a huge page moves, and nothing of the folio is unmapped",
    ),
    "a range over VMAs moves": Mutation(
        mremap.mremap_dontunmap,
        "after < old + nr",
        "after < old",
        "v6.12",
        "before v6.17 a range over VMAs is left where it is, and its destination is unmapped",
    ),
    "the destination stays when a move fails": Mutation(
        mremap.mremap_dontunmap,
        "    do_munmap(m, mm, new, new + nr)\n",
        "",
        "v6.1",
        "before v6.17 a range over VMAs is left where it is, and its destination is unmapped",
    ),
    "v6.17 moves the first VMA only": Mutation(
        mremap_many.mremap_dontunmap,
        "vma = find_vma(m, mm, at)\n    return",
        "vma = -1\n    return",
        "v7.3",
        "v6.17 moves VMA by VMA, and each of them stays",
    ),
    "what was moved whole keeps its anon_vma": Mutation(
        vma.dontunmap_complete,
        "store(m, VMA_ANON, vma, 0)",
        "pass",
        "v6.8",
        "what was moved whole has no anon_vma, and merges as what nobody touched does",
    ),
    "it keeps what it inherited": Mutation(
        vma.dontunmap_complete,
        "store(m, VMA_FORK_CHILD, vma, 0)",
        "pass",
        "v6.1",
        "and a child's, which has pages again, has inherited nothing",
    ),
    "what was moved in part loses its anon_vma": Mutation(
        vma.dontunmap_complete,
        "m.vma_start[vma] == old and m.vma_end[vma] == old + nr",
        "m.vma_start[vma] <= old",
        "v6.9",
        "what was moved in part keeps its anon_vma, and fork shares its pages",
    ),
    "v7.3 keeps the page offset": Mutation(
        mremap_many.dontunmap_complete,
        "store(m, VMA_PGOFF, vma, old)",
        "pass",
        "v7.3",
        "v7.3: what is empty again merges with a VMA that never moved",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_MOVES[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
