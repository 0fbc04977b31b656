"""A kernel's own memory as a source of words: what /proc would say of processes, and what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from drgn import FaultError, Program, ProgramFlags

from folioviz.capture import words
from folioviz.capture.form import BLOCK, MAX_ORDER
from folioviz.capture.words import Scan, System, Vma
from folioviz.evidence.recordings.nearest import release_of
from folioviz.vmcore import columns
from folioviz.vmcore.entries import PTRS, leaves, spread, word
from folioviz.vmcore.structs import Block, Structs
from folioviz.vmcore.tasks import vmas_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from drgn import Object

    from folioviz.capture.form import Setting
    from folioviz.vmcore.entries import Leaf

SETTINGS: Final[tuple[tuple[str, Setting], ...]] = (
    ("always", "always"),
    ("madvise", "madvise"),
    ("inherit", "inherit"),
)
"""The masks of orders huge_anon_orders_*, mm/huge_memory.c from v6.8 on."""
PAGE_OFFSET: Final = 0xFFFF_8880_0000_0000
"""Where physical memory is mapped, if no variable says so: __PAGE_OFFSET_BASE_L4, asm/page_64_types.h of x86."""
PGDIR_5: Final = 48
"""``pgdir_shift`` of five levels."""


class Core:
    """Some processes of a kernel whose memory drgn reads; a :class:`~folioviz.capture.words.Source`."""

    privileged: Final = True

    def __init__(self, program: Program, mms: Sequence[Object]) -> None:
        """Find out where fields are.

        Args:
            program: the kernel.
            mms: the mm_structs of the processes.
        """
        self._program = program
        self._mms = mms
        self._structs = Structs(program)
        self._mask = self._number("physical_mask", (1 << 52) - 1) & ~0xFFF
        self._direct = self._number("page_offset_base", PAGE_OFFSET)
        self._levels = 5 if self._number("pgdir_shift", 0) == PGDIR_5 else 4
        self._frames = self._number("max_pfn", 1 << 40)
        self._averages: bool | None = None
        name = program["init_uts_ns"].name
        self._release = name.release.string_().decode("utf-8", "replace")
        self._version = name.version.string_().decode("utf-8", "replace")
        self._first_page_decides = release_of(self._release, self._version).first_subpage_decides

    def system(self) -> System:
        """Return what is known of the machine; of counters nothing.

        Whether the kernel has CONFIG_NO_PAGE_MAPCOUNT is what the folios have shown that were read before.
        """
        live = self._program.flags & ProgramFlags.IS_LIVE
        return System(
            release=self._release,
            version=self._version,
            thp=self._thp(),
            sizes=self._sizes(),
            no_page_mapcount=bool(self._averages),
            memory="live" if live else "dump",
        )

    def vmas(self, process: int) -> list[Vma]:
        """Return the mappings of a process by address."""
        return vmas_of(self._mms[process])

    def pagemap(self, process: int, start: int, pages: int) -> np.ndarray:
        """Return what pagemap would say from a virtual page on, uint64; zeros where there is nothing."""
        found = np.zeros(pages, np.uint64)
        by_pmd = np.zeros(pages, bool)
        for leaf in self._leaves(process, start, start + pages):
            whole = word(leaf, self._mask, self._frames)
            whole = spread(whole) if leaf.huge else whole
            low, high = max(leaf.page, start), min(leaf.page + PTRS, start + pages)
            found[low - start : high - start] = whole[low - leaf.page : high - leaf.page]
            by_pmd[low - start : high - start] = leaf.huge
        present = words.bit(found, words.PRESENT)
        found[present] |= self._exclusive(found[present], by_pmd[present]) << np.uint64(words.MMAP_EXCLUSIVE)
        return found

    def populated(self, process: int, start: int, pages: int) -> np.ndarray:
        """Return where something is: int64 of (first page, pages)."""
        found = [
            (max(leaf.page, start), min(leaf.page + PTRS, start + pages))
            for leaf in self._leaves(process, start, start + pages)
        ]
        return np.array([(low, high - low) for low, high in found], np.int64).reshape(-1, 2)

    def scan(self, process: int, start: int, pages: int) -> Scan:
        """Return what PMDs map; zero pages are told by their frames."""
        huge = [
            (max(leaf.page, start), min(leaf.page + PTRS, start + pages))
            for leaf in self._leaves(process, start, start + pages)
            if leaf.huge and words.bit(word(leaf, self._mask, self._frames), words.PRESENT)[0]
        ]
        return Scan([(low, high - low) for low, high in huge], [])

    def flags(self, spans: np.ndarray) -> np.ndarray:
        """Return what kpageflags would say of spans of frames one after the other, uint64."""
        return self._of_frames(spans, lambda block: block.flags)

    def counts(self, spans: np.ndarray) -> np.ndarray:
        """Return what kpagecount would say of spans of frames one after the other, uint64."""
        return self._of_frames(spans, lambda block: block.counts.astype(np.uint64))

    def raw(self, heads: np.ndarray) -> Mapping[str, np.ndarray]:
        """Return columns of :mod:`folioviz.capture.kernel_side` for large folios by their first frames."""
        return columns.columns(self._program, self._structs, heads, averages=bool(self._averages))

    # --- inside ---------------------------------------------------------------------------------------------------

    def _number(self, name: str, other: int) -> int:
        """Return a variable of the kernel's, or else another number."""
        try:
            return int(self._program[name].value_())
        except (LookupError, FaultError):
            return other

    def _leaves(self, process: int, start: int, end: int) -> list[Leaf]:
        """Return the tables of a range of virtual pages."""
        root = self._mms[process].pgd.value_() - self._direct
        return [*leaves(self._physical, root, self._levels, self._mask, start, end)]

    def _physical(self, address: int, size: int) -> bytes:
        """Return physical memory; zeros if it is not there: a table was freed meanwhile, or a dump left it out."""
        try:
            found: bytes = self._program.read(address, size, physical=True)
        except FaultError:
            return bytes(size)
        return found

    def _of_frames(self, spans: np.ndarray, column: Callable[[Block], np.ndarray]) -> np.ndarray:
        """Return a column of the struct pages of spans of frames, each in one 2 MiB."""
        numbers, at = np.unique(spans[:, 0] // BLOCK, return_inverse=True)
        blocks = [column(self._block(number)) for number in numbers.tolist()]
        parts = [
            blocks[k][first % BLOCK :][: end - first]
            for k, (first, end) in zip(at, spans.tolist(), strict=True)
        ]
        return np.concatenate([np.zeros(0, np.uint64), *parts])

    def _block(self, number: int) -> Block:
        """Read the struct pages of 2 MiB."""
        found = self._structs.block(number)
        self._averages = found.averages if found.averages is not None else self._averages
        return found

    def _exclusive(self, found: np.ndarray, by_pmd: np.ndarray) -> np.ndarray:
        """Return PM_MMAP_EXCLUSIVE of present pages, uint64, as this kernel's pagemap would have it.

        That is: mapped once, or with CONFIG_NO_PAGE_MAPCOUNT, of a folio that is not maybe mapped shared. For what a
        PMD maps, most kernels ask for the first page alone.
        """
        frame = (found & words.FRAME).astype(np.int64)
        if self._first_page_decides:
            frame = np.where(by_pmd, frame // BLOCK * BLOCK, frame)
        numbers, at = np.unique(frame // BLOCK, return_inverse=True)
        once = np.zeros((numbers.size, BLOCK), bool)
        for index, number in enumerate(numbers.tolist()):
            block = self._block(number)
            once[index] = ~block.shared if block.averages else block.counts == 1
        exclusive: np.ndarray = once[at, frame % BLOCK].astype(np.uint64)
        return exclusive

    def _thp(self) -> Setting | None:
        """Return what transparent_hugepage/enabled would say."""
        try:
            flags = int(self._program["transparent_hugepage_flags"])
            always = int(self._program["TRANSPARENT_HUGEPAGE_FLAG"])
            madvise = int(self._program["TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG"])
        except (LookupError, FaultError):
            return None
        return "always" if flags >> always & 1 else "madvise" if flags >> madvise & 1 else "never"

    def _sizes(self) -> dict[str, Setting]:
        """Return what each size's ``enabled`` would say; {} where there is one size."""
        try:
            masks = {setting: int(self._program[f"huge_anon_orders_{name}"]) for name, setting in SETTINGS}
        except (LookupError, FaultError):
            return {}
        return {
            f"{4 << order}kB": next(
                (setting for setting, mask in masks.items() if mask >> order & 1), "never"
            )
            for order in range(2, MAX_ORDER + 1)
        }
