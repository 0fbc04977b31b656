"""Operations in the few words that a person reads: in a strip, a button's answer, a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.ops import ops
from folioviz.race.history import Together
from folioviz.readout.words import size

if TYPE_CHECKING:
    from folioviz.ops.op import Op

LABELS = {
    "mm": "new process",
    "mmap": "mmap",
    "fault": "fault",
    "faultpmd": "fault PMD",
    "dontneed": "MADV_DONTNEED",
    "splitpmd": "split PMD",
    "split": "split folio",
    "shrink": "shrinker",
    "glimit": "gather limit",
    "enabled": "sizes",
    "underused": "shrink_underused",
    "maxnone": "max_ptes_none",
    "zero": "zero-fill",
    "remap": "failed migration",
    "free": "MADV_FREE",
    "cold": "MADV_COLD",
    "pageout": "MADV_PAGEOUT",
    "dontunmap": "MREMAP_DONTUNMAP",
    "uffdmove": "UFFDIO_MOVE",
    "protnone": "PROT_NONE",
    "dontfork": "MADV_DONTFORK",
    "dofork": "MADV_DOFORK",
    "dontneedlocked": "MADV_DONTNEED_LOCKED",
    "collapse": "MADV_COLLAPSE",
    "rmcgroup": "remove cgroup",
    "together": "race",
}
"""Operation word -> what a person reads, where they differ."""


def label(op: Op) -> str:
    """Return an operation's name as a person reads it."""
    word = op.word
    return LABELS.get(word, word)


FORMS = {
    "fault": "fault order {0.order} at page {0.vpn}",
    "mremap": "mremap pages {0.vpn}–{1} to {0.to}",
    "dontunmap": "MREMAP_DONTUNMAP pages {0.vpn}–{1} to {0.to}",
    "uffdmove": "UFFDIO_MOVE pages {0.vpn}–{1} to {0.to}",
    "split": "split folio {0.folio}",
    "remap": "failed migration of folio {0.folio}",
    "cgroup": "process {0.mm} into cgroup {0.cgroup}",
    "rmcgroup": "remove cgroup {0.cgroup}",
    "zero": "zero-fill {0.pages} pages of folio {0.folio} from {0.page}",
}
"""Operation word -> the few words for it, where those of its group do not do."""
RANGED = (
    *(ops.Munmap, ops.Dontneed, ops.Mmap, ops.Touch, ops.Free, ops.Cold, ops.Pageout),
    *(ops.Guard, ops.Unguard, ops.Pin, ops.Protnone, ops.Dontfork, ops.Dofork),
    *(ops.Mlock, ops.Munlock, ops.DontneedLocked, ops.Collapse),
)


def described(op: Op) -> str:
    """Return an operation in a few words: its name and its arguments."""
    if isinstance(op, Together):
        return f"{label(op)} of {op.short()}"
    end = getattr(op, "vpn", 0) + getattr(op, "pages", 1) - 1
    text = " ".join([label(op), *op.short().split()[1:]])
    if op.word in FORMS:
        text = FORMS[op.word].format(op, end)
        if isinstance(op, ops.Split) and op.order:
            text += f" to order {op.order}"
    elif isinstance(op, RANGED):
        text = f"{label(op)} pages {op.vpn}–{end}"
    elif isinstance(op, ops.FaultPmd | ops.Write | ops.SplitPmd):
        text = f"{label(op)} page {op.vpn}"
    elif isinstance(op, ops.Get | ops.Put | ops.Unpin | ops.Migrate | ops.Reclaim):
        text = f"{label(op)} folio {op.folio}"
    elif isinstance(op, ops.Mprotect):
        text = f"mprotect {'writable' if op.writable else 'read-only'} pages {op.vpn}–{end}"
    elif isinstance(op, ops.Enabled):
        text = f"{size(op.order)} folios {'allowed' if op.on else 'forbidden'}"
    elif isinstance(op, ops.Underused):
        text = f"shrink_underused {'on' if op.on else 'off'}"
    return text
