"""The kernel: Linux v6.5-rc3, the part of mm/ that keeps account of anonymous folios.

Files and functions are named as in Linux. Functions take the machine first, use integers, array reads, loops and
:mod:`folioviz.machine.primitives` only, keep no state and do not know who called: so that the linker can trace or
compile them.
Ranges are ``[addr, end)`` in virtual page numbers. Arguments are assumed valid; :mod:`folioviz.ops.refusal` refuses
the others before a kernel runs.

Locks, outermost first, as far as they matter here: mmap_lock, the folio lock, the anon_vma's lock, the page-table lock
(PTL), the queue's split_queue_lock. All but the first are taken and released in the text. One CPU runs one operation
after the other, so nothing ever waits: then only split_queue_lock is in the machine, as a count of how often it is
taken, and zap_pte_range() counts its rounds, each of which is one hold of a PTL. The others do nothing
(:mod:`folioviz.machine.concurrency`) but with several CPUs, which :mod:`folioviz.race` has; it holds mmap_lock around
an operation. Each file says which of them its functions run under.

What the functions do, file by file, is in docs/kernel/README.md; what is not modelled, in docs/kernel/boundary.md.
"""
