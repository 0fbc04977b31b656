"""What a document of a capture holds, typed, and its bounds.

Page tables are written as one step of a recording is (:mod:`folioviz.evidence.recordings.format`): runs of pages by
process and region, folios by ids in the order in which they are found. Beside them stands what is known of the machine
and of the regions.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

FORMAT: Final = 1
"""The number of this format."""
MAX_PACKED: Final = 8 << 20
"""Most bytes of a document, as it lies in a file."""
MAX_UNPACKED: Final = 40 << 20
"""Most bytes of a document's JSON."""
MAX_VALUES: Final = 14_000_000
"""Most commas and brackets of a document's JSON, which bounds what reading it takes."""
MAX_PAGES: Final = 4_194_304
"""Most pages of all regions, and of all folios: 16 GiB each, as much as the model has room for."""
MAX_PLACE: Final = 1 << 27
"""Where the last region ends at the latest: pages of the compacted address space."""
MAX_PROCESSES: Final = 64
MAX_REGIONS: Final = 65_536
MAX_RUNS: Final = 1_000_000
MAX_FOLIOS: Final = MAX_PAGES
"""Most folios, those of a single page included."""
MAX_ORDER: Final = 9
BLOCK: Final = 512
"""Pages of a 2 MiB block."""
PAGE: Final = 4096
"""Bytes of a page: the model has no other."""
UNKNOWN: Final = -1
"""A folio, mapcount or order that was not to be seen."""

_SEEN: Final = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
Line: TypeAlias = Annotated[str, msgspec.Meta(max_length=400, pattern=rf"^{_SEEN}*\Z")]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_PAGES)]
Value: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MAX_REGIONS)]
Mapcount: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,64}\Z")]
Size: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,6}kB\Z")]
Setting: TypeAlias = Literal["always", "inherit", "madvise", "never"]
Counters: TypeAlias = Annotated[dict[Name, Value], msgspec.Meta(max_length=1000)]
Pairs: TypeAlias = Annotated[
    tuple[tuple[Annotated[int, msgspec.Meta(ge=1, le=BLOCK)], Mapcount], ...],
    msgspec.Meta(min_length=1, max_length=BLOCK),
]
Columns: TypeAlias = dict[
    Literal["ref", "entire", "nrpm", "large", "pm", "dq", "dm", "maybe_shared", "node", "memcg"],
    Annotated[
        list[
            tuple[
                Annotated[int, msgspec.Meta(ge=1, le=MAX_FOLIOS)],
                Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**32)],
            ]
        ],
        msgspec.Meta(max_length=MAX_FOLIOS),
    ],
]
"""Fields of ``struct folio`` -> (large folios, value) runs, by the names of :mod:`folioviz.capture.kernel_side`."""


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of the machine and of the reading.

    Attributes:
        release: the kernel's release, as uname(2) says it.
        version: the kernel's build, as uname(2) says it.
        page_size: bytes of a page.
        thp: what transparent_hugepage/enabled says; None if it was not to be read.
        sizes: size -> what that size's ``enabled`` says.
        no_page_mapcount: whether the kernel was built with CONFIG_NO_PAGE_MAPCOUNT; None if that was not found out.
        privileged: whether folios were to be seen; else folios, mapcounts and orders are not known.
        frozen: whether the processes were stopped while they were read.
        pmds: whether it was to be seen what PMDs map.
        ksm: pages that KSM has merged; None if the kernel does not tell, or tells lies.
        moved: pages whose entry in pagemap was another one when it was read again; they are left out.
        ms: how long the reading took.
        left_out: what was there and is not in the document -> how many pages.
        deduced: fields that /proc does not show, and that were deduced.
        memory: whose memory was read instead of /proc: that of the running kernel, or a dump of one.
    """

    release: Annotated[str, msgspec.Meta(max_length=100, pattern=rf"^[0-9]{{1,3}}\.[0-9]{{1,4}}{_SEEN}*\Z")]
    version: Line = ""
    page_size: Literal[4096] = 4096
    thp: Setting | None = None
    sizes: Annotated[dict[Size, Setting], msgspec.Meta(max_length=16)] = {}
    no_page_mapcount: bool | None = None
    privileged: bool = False
    frozen: bool = False
    pmds: bool = False
    ksm: Count | None = None
    moved: Annotated[int, msgspec.Meta(ge=0, le=2**40)] = 0
    ms: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0
    left_out: Annotated[dict[Line, Value], msgspec.Meta(max_length=16)] = {}
    deduced: Annotated[tuple[Line, ...], msgspec.Meta(max_length=16)] = ()
    memory: Literal["live", "dump"] | None = None


class Process(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A process: its number is its place in the list, from 1 on.

    Attributes:
        parent: the number of the process that forked it, 0 if that one was not captured.
        pid: its pid; only with addresses.
        name: its name; only with addresses.
    """

    parent: Annotated[int, msgspec.Meta(ge=0, le=MAX_PROCESSES)] = 0
    pid: Annotated[int, msgspec.Meta(ge=1, le=2**31)] | None = None
    name: Line | None = None


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A VMA, or a part of one that is large and mostly empty: its number is its place in the list, from 1 on.

    Attributes:
        process: whose it is.
        first: its first page in the compacted address space. There the order of regions, what adjoins, and places in
            2 MiB blocks are as in the process; wide gaps are narrow. What is at one address in several processes is
            at one place.
        pages: how many pages it has.
        rights: letters of /proc/PID/maps.
        kind: what it is; of a private mapping of a file, the anonymous pages alone are captured.
        advice: MADV_HUGEPAGE, MADV_NOHUGEPAGE or neither; None if not known.
        locked: whether it is mlocked; None if not known.
        huge: [first page, pages] of what PMDs map, counted in the region.
        address: its first byte's; only with addresses.
        name: what /proc/PID/maps calls it; only with addresses.
    """

    process: Annotated[int, msgspec.Meta(ge=1, le=MAX_PROCESSES)]
    first: Annotated[int, msgspec.Meta(ge=0, le=MAX_PLACE)]
    pages: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGES)]
    rights: Annotated[str, msgspec.Meta(pattern=r"^[r-][w-][x-]p\Z")]
    kind: Literal["anonymous", "heap", "stack", "file"] = "anonymous"
    advice: Literal["huge", "nohuge", "none"] | None = None
    locked: bool | None = None
    huge: Annotated[tuple[tuple[Count, Count], ...], msgspec.Meta(max_length=MAX_PAGES // BLOCK)] = ()
    address: Annotated[int, msgspec.Meta(ge=0, le=2**62)] | None = None
    name: Line | None = None

    @property
    def align(self) -> int:
        """Where its first page lies in a 2 MiB block, 0 to 511."""
        return self.first % BLOCK

    @property
    def blocks(self) -> int:
        """How many 2 MiB blocks it touches."""
        return -(-(self.align + self.pages) // BLOCK)


class Run(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Consecutive pages that are mapped alike: a recording's run, in which two numbers are relative.

    So written, what is regular looks the same everywhere and packs well, and no two runs can overlap.

    Attributes:
        gap: how many pages are absent between the run before, or the region's beginning, and this one.
        pages: how many pages it has.
        state: p present, z the zero page, s swapped out, g a guard marker. Only p has what follows.
        step: the first page's folio, counted from the last folio of the present run before, in the order of the
            document; the first one is counted from -1. 0 if folios were not to be seen.
        each: whether every page is an order-0 folio of its own, whose ids follow each other.
        offset: the first page's place in its folio.
        mapcount: how often the captured processes map each of its pages.
        flags: letters of /proc/kpageflags.
        exclusive: bit 56 of pagemap.
    """

    gap: Annotated[int, msgspec.Meta(ge=0, lt=MAX_PAGES)]
    pages: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGES)]
    state: Literal["p", "z", "s", "g"]
    step: Annotated[int, msgspec.Meta(ge=-MAX_FOLIOS, le=MAX_FOLIOS)] = 0
    each: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0
    offset: Annotated[int, msgspec.Meta(ge=0, lt=BLOCK)] = 0
    mapcount: Annotated[int, msgspec.Meta(ge=0, le=MAX_PAGES)] = 0
    flags: Literal["", "H", "a", "m", "Ha", "Hm", "am", "Ham"] = ""
    exclusive: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole of it.

    Attributes:
        capture: the format's number.
        about: what is known of the machine and of the reading.
        processes: the processes.
        regions: their regions, by process and address.
        procs: process -> region -> runs of pages.
        orders: (folios, order) runs: the orders of the folios 0, 1, ...; how often each page is mapped follows from
            the runs of pages.
        elsewhere: id of a large folio -> (pages, mapcount) runs over all of its pages: how often processes that were
            not captured map them. Folios that no other process maps are left out.
        unsure: (first folio, folios): others may map pages of these large folios, and the kernel does not tell which.
        raw: what the kernel's own memory says of the large folios, in their order.
        vm: /proc/vmstat at that time.
        mthp: size -> its statistics at that time.
    """

    capture: Literal[1]
    about: About
    processes: Annotated[tuple[Process, ...], msgspec.Meta(min_length=1, max_length=MAX_PROCESSES)]
    regions: Annotated[tuple[Region, ...], msgspec.Meta(max_length=MAX_REGIONS)]
    procs: Annotated[
        dict[
            Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]?\Z")],
            dict[
                Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,4}\Z")],
                Annotated[list[Run], msgspec.Meta(max_length=MAX_RUNS)],
            ],
        ],
        msgspec.Meta(max_length=MAX_PROCESSES),
    ] = {}
    orders: Annotated[
        list[
            tuple[
                Annotated[int, msgspec.Meta(ge=1, le=MAX_FOLIOS)],
                Annotated[int, msgspec.Meta(ge=0, le=MAX_ORDER)],
            ]
        ],
        msgspec.Meta(max_length=MAX_FOLIOS),
    ] = []
    elsewhere: Annotated[
        dict[Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,6})\Z")], Pairs],
        msgspec.Meta(max_length=MAX_FOLIOS),
    ] = {}
    unsure: Annotated[
        list[
            tuple[
                Annotated[int, msgspec.Meta(ge=0, le=MAX_FOLIOS)],
                Annotated[int, msgspec.Meta(ge=1, le=MAX_FOLIOS)],
            ]
        ],
        msgspec.Meta(max_length=MAX_FOLIOS),
    ] = []
    raw: Columns = {}
    vm: Counters = {}
    mthp: Annotated[dict[Size, Counters], msgspec.Meta(max_length=16)] = {}
