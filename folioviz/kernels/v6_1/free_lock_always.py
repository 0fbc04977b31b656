"""v6.1 to v6.4: the split queue's lock is taken for every huge page that is freed, queued or not."""

from __future__ import annotations

from folioviz.machine.journal import UNQUEUED_FREED
from folioviz.machine.primitives import (
    View,
    list_del_init,
    list_empty,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    why,
)
from folioviz.mm.headers import deferred_list


def free_transhuge_page(m: View, folio: int) -> None:
    """Take a huge page that is being freed off the queue, if it is there.

    Follows mm/huge_memory.c, v6.1: before deedad80f660 ("THP: avoid lock when check whether THP is in deferred list",
    v6.5).
    """
    spin_lock(m)
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_FREED, folio, 0)
    spin_unlock(m)
