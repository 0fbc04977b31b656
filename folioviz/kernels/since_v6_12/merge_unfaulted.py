"""v6.16: a VMA without pages may take in a neighbour that has some; before, only the neighbour could take it in."""

from __future__ import annotations

from folioviz.machine.primitives import View


def is_mergeable_anon_vma(m: View, neighbour: int, vma: int) -> bool:
    """Tell whether the anon_vmas allow it: they are the same, or one of the two alone has one, and no others.

    Follows mm/vma.c, v6.16: 879bca0a2c4f ("mm/vma: fix incorrectly disallowed anonymous VMA merges").
    """
    if m.vma_anon[vma] == m.vma_anon[neighbour]:
        return True
    if m.vma_anon[neighbour] == 0:
        return bool(not m.vma_fork_child[vma])
    return bool(m.vma_anon[vma] == 0 and not m.vma_fork_child[neighbour])
