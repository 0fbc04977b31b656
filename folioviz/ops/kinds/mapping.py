"""What a program does to its VMAs, and where its pages are in them."""

from __future__ import annotations

from folioviz.ops.op import Int, Op


class Mm(Op, frozen=True):
    """Make a process without memory."""

    call = "mm_alloc"
    example = "mm"


class Mmap(Op, frozen=True):
    """Make a private anonymous VMA."""

    call = "mmap_region"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64"
    verb = "map"
    mm: Int
    vpn: Int
    pages: Int


class Mremap(Op, frozen=True):
    """Move pages to another address; out of several VMAs from v6.17 on."""

    call = "mremap_to"
    takes = ("mm", "vpn", "to", "pages")
    example = "mm; mmap 1 0 64; fault 1 0 4; mremap 1 0 8 1000"
    verb = "move"
    deed = "move pages {vpn} to {last}"
    mm: Int
    vpn: Int
    pages: Int
    to: Int


class Dontunmap(Op, frozen=True):
    """Move pages as mremap does, but leave their VMAs where they are, empty (MREMAP_DONTUNMAP)."""

    call = "mremap_dontunmap"
    takes = ("mm", "vpn", "to", "pages")
    example = "mm; mmap 1 0 64; fault 1 0 4; dontunmap 1 0 8 1000"
    verb = "move"
    deed = "move pages {vpn} to {last}"
    mm: Int
    vpn: Int
    pages: Int
    to: Int


class Uffdmove(Op, frozen=True):
    """UFFDIO_MOVE to where nothing is, holes too; VMAs stay; large folios are split, but for one that a PMD moves."""

    call = "userfaultfd_move"
    takes = ("mm", "vpn", "to", "pages")
    example = "mm; mmap 1 0 64; mmap 1 100 16; fault 1 0 4; uffdmove 1 0 16 100"
    came = "UFFDIO_MOVE came with v6.8"
    verb = "move"
    deed = "move pages {vpn} to {last}"
    mm: Int
    vpn: Int
    pages: Int
    to: Int


class Mprotect(Op, frozen=True):
    """Make a range read-only (0) or writable again (1), up to a hole; VMAs are cut, and merged as the kernel does."""

    call = "do_mprotect_pkey"
    takes = ("mm", "vpn", "end", "writable")
    example = "mm; mmap 1 0 64; mprotect 1 8 16 0"
    verb = "protect"
    deed = "protect {address}"
    mm: Int
    vpn: Int
    pages: Int
    writable: Int


class Mlock(Op, frozen=True):
    """Lock a range (mlock): its VMAs are cut, and merged as the kernel does, and its pages are faulted in."""

    call = "do_mlock"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; mlock 1 0 16"
    verb = "lock"
    deed = "lock {address}"
    mm: Int
    vpn: Int
    pages: Int


class Munlock(Op, frozen=True):
    """Unlock a range (munlock), up to a hole; its pages stay."""

    call = "do_munlock"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; mlock 1 0 16; munlock 1 0 16"
    verb = "unlock"
    deed = "unlock {address}"
    mm: Int
    vpn: Int
    pages: Int


class Protnone(Op, frozen=True):
    """Take all rights from a range (PROT_NONE), up to a hole; its pages stay, and mprotect gives rights back."""

    call = "mprotect_none"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; protnone 1 0 4"
    verb = "protect"
    deed = "protect {address}"
    mm: Int
    vpn: Int
    pages: Int
