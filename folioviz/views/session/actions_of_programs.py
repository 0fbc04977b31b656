"""The buttons of what programs do: map, write, give back, share."""

from __future__ import annotations

from folioviz.ops import ops
from folioviz.views.session.action import Action

OF_PROGRAMS = (
    Action(
        "fault",
        "Fault in",
        "fault in a folio of the chosen order, or of the largest below that fits; every page is written",
        lambda c: ops.Fault(c.mm, c.lo, c.order),
        row="pages",
        asks=("order",),
    ),
    Action(
        "faultpmd",
        "Fault PMD",
        "fault in a 2 MiB folio at the first selected page, mapped by one PMD, every page written",
        lambda c: ops.FaultPmd(c.mm, c.lo),
        row="pages",
    ),
    Action(
        "write",
        "Write",
        "write to the first selected page: fault in, reuse or copy (copy-on-write)",
        lambda c: ops.Write(c.mm, c.lo),
        row="pages",
    ),
    Action(
        "munmap",
        "munmap",
        "unmap the selected pages: their VMA goes, too",
        lambda c: ops.Munmap(c.mm, c.lo, c.pages),
        row="pages",
    ),
    Action(
        "dontneed",
        "MADV_DONTNEED",
        "zap the selected pages: the VMA stays",
        lambda c: ops.Dontneed(c.mm, c.lo, c.pages),
        row="pages",
    ),
    Action(
        "mmap",
        "mmap",
        "make an anonymous VMA of the selected pages",
        lambda c: ops.Mmap(c.mm, c.lo, c.pages),
        row="process",
    ),
    Action(
        "mremap",
        "mremap to",
        "move the selected pages to the address beside this button",
        lambda c: ops.Mremap(c.mm, c.lo, c.pages, c.asked["target"]),
        row="roomy",
        asks=("target",),
    ),
    Action(
        "dontunmap",
        "MREMAP_DONTUNMAP to",
        "move the selected pages to the address beside this button, but leave their VMA empty where it is "
        "(MREMAP_DONTUNMAP)",
        lambda c: ops.Dontunmap(c.mm, c.lo, c.pages, c.asked["target"]),
        asks=("target",),
    ),
    Action(
        "uffdmove",
        "UFFDIO_MOVE to",
        "move the selected pages to the address beside this button, in a VMA where nothing is mapped; "
        "large folios are split",
        lambda c: ops.Uffdmove(c.mm, c.lo, c.pages, c.asked["target"]),
        asks=("target",),
    ),
    Action(
        "fork",
        "fork",
        "copy the selected process, sharing its pages",
        lambda c: ops.Fork(c.mm),
        row="process",
    ),
    Action(
        "dontfork",
        "MADV_DONTFORK",
        "fork leaves the selected pages out",
        lambda c: ops.Dontfork(c.mm, c.lo, c.pages),
    ),
    Action(
        "dofork",
        "MADV_DOFORK",
        "fork copies the selected pages again",
        lambda c: ops.Dofork(c.mm, c.lo, c.pages),
    ),
    Action(
        "exit",
        "exit",
        "end the selected process",
        lambda c: ops.Exit(c.mm),
        row="process",
    ),
    Action(
        "mm",
        "New process",
        "make a process without memory",
        lambda _: ops.Mm(),
        row="process",
    ),
    Action(
        "get",
        "Get",
        "take a plain reference on the folio in focus, as a driver would",
        lambda c: ops.Get(c.folio),
        row="roomy",
    ),
    Action(
        "put",
        "Put",
        "drop a reference that Get took",
        lambda c: ops.Put(c.folio),
        row="roomy",
    ),
    Action(
        "pin",
        "FOLL_PIN",
        "pin the selected pages for a device that writes to them, as a registered buffer does; fork copies them",
        lambda c: ops.Pin(c.mm, c.lo, c.pages),
    ),
    Action("unpin", "Unpin", "drop one FOLL_PIN of the folio in focus", lambda c: ops.Unpin(c.folio)),
    Action(
        "touch",
        "Touch",
        "write to each selected page in turn; what is not mapped is faulted in by the sizes that are enabled",
        lambda c: ops.Touch(c.mm, c.lo, c.pages),
        row="pages",
    ),
    Action(
        "read",
        "Read",
        "read each selected page in turn; where nothing is mapped, a zero page comes",
        lambda c: ops.Read(c.mm, c.lo, c.pages),
    ),
    Action(
        "readonly",
        "Read-only",
        "mprotect(PROT_READ) on the selected pages",
        lambda c: ops.Mprotect(c.mm, c.lo, c.pages, 0),
    ),
    Action(
        "writable",
        "Writable",
        "mprotect(PROT_READ | PROT_WRITE) on the selected pages",
        lambda c: ops.Mprotect(c.mm, c.lo, c.pages, 1),
    ),
    Action(
        "protnone",
        "No access",
        "mprotect(PROT_NONE) on the selected pages: they stay mapped, and a touch is a SIGSEGV",
        lambda c: ops.Protnone(c.mm, c.lo, c.pages),
    ),
    Action(
        "mlock",
        "mlock",
        "lock the selected pages: they are faulted in, and may not be reclaimed",
        lambda c: ops.Mlock(c.mm, c.lo, c.pages),
    ),
    Action(
        "munlock",
        "munlock",
        "unlock the selected pages: they stay",
        lambda c: ops.Munlock(c.mm, c.lo, c.pages),
    ),
    Action(
        "dontneedlocked",
        "MADV_DONTNEED_LOCKED",
        "MADV_DONTNEED_LOCKED on the selected pages: they go, locked or not",
        lambda c: ops.DontneedLocked(c.mm, c.lo, c.pages),
    ),
    Action(
        "free",
        "MADV_FREE",
        "the contents of the selected pages may go: a folio of which they are a part is split",
        lambda c: ops.Free(c.mm, c.lo, c.pages),
    ),
    Action(
        "cold",
        "MADV_COLD",
        "the selected pages will not be used soon: a folio of which they are a part is split",
        lambda c: ops.Cold(c.mm, c.lo, c.pages),
    ),
    Action(
        "guard",
        "Guard",
        "MADV_GUARD_INSTALL on the selected pages: what is mapped goes, and a touch is a SIGSEGV from then on",
        lambda c: ops.Guard(c.mm, c.lo, c.pages),
    ),
    Action(
        "unguard",
        "Unguard",
        "MADV_GUARD_REMOVE on the selected pages: their markers go",
        lambda c: ops.Unguard(c.mm, c.lo, c.pages),
    ),
    Action(
        "pageout",
        "MADV_PAGEOUT",
        "swap the selected pages out: a folio of which they are a part is split, one that is shared is left alone",
        lambda c: ops.Pageout(c.mm, c.lo, c.pages),
    ),
    Action(
        "collapse",
        "MADV_COLLAPSE",
        "put one new folio in the place of each aligned 2 MiB of the selected pages",
        lambda c: ops.Collapse(c.mm, c.lo, c.pages),
    ),
    Action(
        "zero",
        "Zero-fill",
        "say that the selected pages of the folio at the first of them hold nothing but zeros; "
        "where none is mapped, all pages of the folio in focus",
        lambda c: ops.Zero(*c.empty),
    ),
)
