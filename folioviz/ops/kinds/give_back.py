"""What a program gives back, or may lose."""

from __future__ import annotations

from folioviz.ops.op import Int, Op


class Munmap(Op, frozen=True):
    """Unmap a range: its VMAs go, too."""

    call = "do_munmap"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"
    verb = "unmap"
    mm: Int
    vpn: Int
    pages: Int


class Dontneed(Op, frozen=True):
    """MADV_DONTNEED on a range: its pages go, its VMAs stay."""

    call = "madvise_dontneed"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5"
    verb = "zap"
    mm: Int
    vpn: Int
    pages: Int


class Free(Op, frozen=True):
    """MADV_FREE on a range: a folio covered in part is split; before v6.10 all under PTEs, up to one shared or held."""

    call = "madvise_free"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; free 1 0 5"
    verb = "advise"
    deed = "advise {address}"
    mm: Int
    vpn: Int
    pages: Int


class Cold(Op, frozen=True):
    """MADV_COLD on a range: a folio covered in part is split; before v6.10 all under PTEs, up to one shared or held."""

    call = "madvise_cold"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; cold 1 0 5"
    verb = "advise"
    deed = "advise {address}"
    mm: Int
    vpn: Int
    pages: Int


class DontneedLocked(Op, frozen=True):
    """MADV_DONTNEED_LOCKED on a range: its pages go, also those that mlock holds."""

    call = "madvise_dontneed_locked"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; mlock 1 0 16; dontneedlocked 1 0 5"
    verb = "zap"
    deed = "zap {address}"
    mm: Int
    vpn: Int
    pages: Int


class Guard(Op, frozen=True):
    """MADV_GUARD_INSTALL on a range: what is mapped goes, markers come, and to touch one is a SIGSEGV."""

    call = "madvise_guard"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; guard 1 0 5"
    came = "MADV_GUARD_INSTALL came with v6.13"
    verb = "guard"
    deed = "guard {address}"
    mm: Int
    vpn: Int
    pages: Int


class Unguard(Op, frozen=True):
    """MADV_GUARD_REMOVE on a range: its markers go, what is mapped stays."""

    call = "madvise_unguard"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; guard 1 0 16; unguard 1 0 5"
    came = "MADV_GUARD_REMOVE came with v6.13"
    verb = "unguard"
    deed = "unguard {address}"
    mm: Int
    vpn: Int
    pages: Int


class Pageout(Op, frozen=True):
    """MADV_PAGEOUT on a range: its pages are swapped out; a folio covered in part is split, a shared one stays."""

    call = "madvise_pageout"
    takes = ("mm", "vpn", "end")
    example = "swapon 512; mm; mmap 1 0 64; fault 1 0 4; pageout 1 0 16"
    verb = "page out"
    deed = "page out {address}"
    mm: Int
    vpn: Int
    pages: Int


class Exit(Op, frozen=True):
    """End a process."""

    call = "exit_mmap"
    takes = ("mm",)
    example = "mm; mmap 1 0 64; fault 1 0 4; exit 1"
    mm: Int
