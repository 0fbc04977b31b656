"""What brings pages, be it by a read, and what they hold."""

from __future__ import annotations

from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.ops.op import Int, Op


class Fault(Op, frozen=True):
    """Fault in a folio of ``2**order`` pages, order 0 to 9, each page mapped by a PTE and written."""

    call = "do_anonymous_page"
    takes = ("mm", "vpn", "order")
    example = "mm; mmap 1 0 64; fault 1 0 4"
    verb = "fault in"
    deed = "fault order {order} at {address}"
    aligned = "order"
    mm: Int
    vpn: Int
    order: Int


class FaultPmd(Op, frozen=True):
    """Fault in a 2 MiB folio mapped by one PMD, each of its pages written."""

    call = "do_huge_pmd_anonymous_page"
    takes = ("mm", "vpn")
    example = "mm; mmap 1 0 512; faultpmd 1 0"
    verb = "fault in"
    deed = "fault a huge page at {address}"
    aligned = HPAGE_PMD_NR
    mm: Int
    vpn: Int


class Read(Op, frozen=True):
    """Read one page after the other, up to where it may not (SIGSEGV): where nothing is mapped, a zero page comes."""

    call = "read_pages"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; read 1 0 16"
    verb = "read"
    deed = "read {address}"
    mm: Int
    vpn: Int
    pages: Int


class Touch(Op, frozen=True):
    """Write to one page after the other, faulting in what the enabled sizes allow, up to where it may not (SIGSEGV)."""

    call = "touch_pages"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 64; touch 1 0 16"
    verb = "write to"
    deed = "write to {address}"
    mm: Int
    vpn: Int
    pages: Int


class Write(Op, frozen=True):
    """Write to one page: fault it in, reuse it or copy it; a new folio's other pages hold zeros."""

    call = "handle_mm_fault"
    takes = ("mm", "vpn")
    example = "mm; mmap 1 0 64; fault 1 0 4; fork 1; write 2 3"
    deed = "write to {address}"
    mm: Int
    vpn: Int


class Collapse(Op, frozen=True):
    """MADV_COLLAPSE on a range: each aligned 2 MiB of it becomes one new folio, its holes zeros."""

    call = "madvise_collapse"
    takes = ("mm", "vpn", "end")
    example = "mm; mmap 1 0 512; fault 1 0 4; collapse 1 0 512"
    verb = "collapse"
    deed = "collapse {address}"
    mm: Int
    vpn: Int
    pages: Int


class Zero(Op, frozen=True):
    """Say that ``pages`` pages of a folio, from page ``page``, hold nothing but zeros."""

    call = "zero_pages"
    takes = ("folio", "page", "pages")
    example = "mm; mmap 1 0 64; fault 1 0 4; zero 1 0 8"
    folio: Int
    page: Int
    pages: Int
