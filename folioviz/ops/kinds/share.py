"""What lets others use pages, too: a child, a driver."""

from __future__ import annotations

from folioviz.ops.op import Int, Op


class Fork(Op, frozen=True):
    """Copy a process, sharing its pages."""

    call = "dup_mmap"
    takes = ("mm",)
    example = "mm; mmap 1 0 64; fault 1 0 4; fork 1"
    mm: Int


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
