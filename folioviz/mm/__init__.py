"""The kernel: Linux v6.5-rc3, the part of mm/ that keeps account of anonymous folios.

Files and functions are named as in Linux. Functions take the machine first, use integers, array reads, loops and
:mod:`folioviz.machine.primitives` only, keep no state and do not know who called: so that the linker can trace or
compile them.
Ranges are ``[addr, end)`` in virtual page numbers. Arguments are assumed valid; :mod:`folioviz.ops.refusal` refuses
the others before a kernel runs.

Not modelled: several nodes, memcg, concurrency, swap, file pages, KSM, userfaultfd, the zero page, NUMA hinting,
mlock, FOLL_PIN, device memory, LRU batches, page-table levels above PMD, VMA merging (SPEC section 0).
"""
