"""What lets others use pages, too: a child, a driver."""

from __future__ import annotations

from folioviz.ops.op import Int, Op


class Fork(Op, frozen=True):
    """Copy a process, sharing its pages."""

    call = "dup_mmap"
    takes = ("mm",)
    example = "mm; mmap 1 0 64; fault 1 0 4; fork 1"
    mm: Int


class Pin(Op, frozen=True):
    """Pin pages for a device that writes to them (FOLL_PIN), as io_uring's registered buffers do; fork copies them."""

    call = "pin_user_pages"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; fault 1 0 4; pin 1 3 1"
    verb = "pin"
    deed = "pin {address}"
    mm: Int
    vpn: Int
    pages: Int


class Unpin(Op, frozen=True):
    """Drop one FOLL_PIN of a folio."""

    call = "unpin_user_page"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; pin 1 3 1; unpin 1"
    deed = "unpin folio {folio}"
    folio: Int


class Dontfork(Op, frozen=True):
    """MADV_DONTFORK on a range: fork leaves it out; VMAs are cut, and merged as the kernel does."""

    call = "madvise_dontfork"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; dontfork 1 0 16"
    verb = "advise"
    deed = "advise {address}"
    mm: Int
    vpn: Int
    pages: Int


class Dofork(Op, frozen=True):
    """MADV_DOFORK on a range: fork copies it again."""

    call = "madvise_dofork"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; dontfork 1 0 16; dofork 1 0 16"
    verb = "advise"
    deed = "advise {address}"
    mm: Int
    vpn: Int
    pages: Int


class Get(Op, frozen=True):
    """Take a plain reference on a folio, as a driver or GUP would."""

    call = "pin_folio"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; get 1"
    folio: Int


class Put(Op, frozen=True):
    """Drop a reference taken by ``get``."""

    call = "unpin_folio"
    takes = ("folio",)
    example = "mm; mmap 1 0 64; fault 1 0 4; get 1; put 1"
    folio: Int
