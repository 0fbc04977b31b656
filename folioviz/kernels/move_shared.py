"""What UFFDIO_MOVE takes for shared, as it came: whatever has no folio that is one process's own."""

from __future__ import annotations

from folioviz.machine.journal import MOVE_SHARED
from folioviz.machine.memory import EBUSY
from folioviz.machine.primitives import View, fail
from folioviz.mm.headers import pmd_index, pmd_page


def shared_pmd(m: View, mm: int, src: int) -> int:
    """Return -EBUSY for a huge PMD whose folio is not exclusive, and for the huge zero page, else 0.

    Follows mm/huge_memory.c, move_pages_huge_pmd(), v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    page = pmd_page(m.pmd[pmd_index(mm, src)])
    if page >= 0 and m.page_anon_exclusive[page]:
        return 0
    fail(m, MOVE_SHARED, src)
    return -EBUSY


def move_zeropage_pte(m: View, _mm: int, _dst: int, src: int) -> int:
    """Leave the shared zero page where it is: it is nobody's alone, and no folio.

    Follows mm/userfaultfd.c, move_pages_pte(), v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    fail(m, MOVE_SHARED, src)
    return -EBUSY
