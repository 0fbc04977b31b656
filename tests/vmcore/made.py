"""A small kernel's memory, made by hand for drgn: page tables, struct pages of three releases, one process.

Frames 0 to 511 hold the page tables and the process's structs; folios are made in the 2 MiB blocks that follow. It is
noted which frames were read.
"""

from __future__ import annotations

import struct

from drgn import (
    Architecture,
    FindObjectFlags,
    Object,
    Platform,
    PlatformFlags,
    Program,
    TypeEnumerator,
    TypeKind,
    TypeMember,
)

PAGE, BLOCK, STRIDE = 4096, 512, 64
DIRECT, VMEMMAP = 0xFFFF_8880_0000_0000, 0xFFFF_EA00_0000_0000
BLOCKS = 8
PRESENT, WRITE, USER, PSE, PROTNONE = 1, 2, 4, 1 << 7, 1 << 8
ADDRESS = ((1 << 52) - 1) & ~0xFFF
PARTIALLY_MAPPED, DOUBLE_MAP, NODE_SHIFT = 11, 9, 62
ANON = 1
RELEASES = ("6.1.192", "6.12.117", "7.3.4", "7.3.4-no_page_mapcount")
READ, WRITABLE, SHARED, HUGE = 0x1, 0x3, 0x80, 0x2000_0000
NAMES = {
    "entire": {"6.1": ("page", "compound_mapcount", 64 + 16), "": ("folio", "_entire_mapcount", 64 + 20)},
    "nrpm": {"6.1": None, "": ("folio", "_nr_pages_mapped", 64 + 24)},
    "large": {"6.1": None, "": ("folio", "_large_mapcount", 64 + 16)},
    "flags_1": {"": ("folio", "_flags_1", 64)},
    "list": {"6.1": ("page", "deferred_list", 128 + 16), "": ("folio", "_deferred_list", 128 + 16)},
    "mm_ids": {"6.1": None, "6.12": None, "": ("folio", "_mm_ids", 64 + 32)},
    "compound": {"7.3": ("page", "compound_info", 8), "": ("page", "compound_head", 8)},
}
"""Field -> release -> (struct, member, bytes from the folio's first struct page on); '' is any other."""


def of(release, name):
    """Return where a release has a field."""
    found = NAMES[name]
    return next((place for key, place in found.items() if key and release.startswith(f"{key}.")), found[""])


class Made:
    """A kernel whose memory is filled in by hand."""

    def __init__(self, release, numa=True):
        """Make an empty one."""
        self.release, self.numa = release, numa
        self.memory = bytearray(BLOCKS * BLOCK * PAGE // 8)
        self.pages = bytearray(BLOCKS * BLOCK * STRIDE)
        self.used = 16
        self.vmas = []
        self.read = set()
        self.pgd = self.frame()
        for frame in range(BLOCKS * BLOCK):
            self.put(frame, 48, "<i", -1)

    def frame(self):
        """Take a frame for the kernel's own."""
        self.used += 1
        return self.used

    def put(self, frame, offset, kind, value):
        """Write to a struct page."""
        struct.pack_into(kind, self.pages, frame * STRIDE + offset, value)

    def get(self, frame, offset, kind):
        """Read from a struct page."""
        return struct.unpack_from(kind, self.pages, frame * STRIDE + offset)[0]

    # --- folios -----------------------------------------------------------------------------------------------------

    def folio(self, frame, order, **fields):
        """Make an anonymous folio that nobody maps; fields as a capture has them."""
        self.put(frame, 24, "<Q", 0xFFFF_8881_0000_0000 | ANON)
        self.put(frame, 0, "<Q", fields.get("node", 0) << NODE_SHIFT)
        self.put(frame, 52, "<i", fields.get("ref", 1))
        self.put(frame, 56, "<Q", fields.get("memcg", 0))
        for tail in range(1, 1 << order):
            self.put(frame + tail, 8, "<Q", (VMEMMAP + frame * STRIDE) | 1)
        if not order:
            return
        for name in ("entire", "large"):
            if place := of(self.release, name):
                self.put(frame, place[2], "<i", fields.get(name, 0) - 1)
        if place := of(self.release, "nrpm"):
            self.put(frame, place[2], "<i", fields.get("nrpm", 0))
        if place := of(self.release, "mm_ids"):
            self.put(frame, place[2], "<Q", fields.get("maybe_shared", 0) << 63)
        flags = fields.get("pm", 0) << PARTIALLY_MAPPED | fields.get("dm", 0) << DOUBLE_MAP
        self.put(frame, 64, "<Q", flags)
        if order > 1:
            at = of(self.release, "list")[2]
            own = VMEMMAP + frame * STRIDE + at
            self.put(frame, at, "<Q", 0xFFFF_8880_0000_1000 if fields.get("dq") else own)

    def mapcounts(self, frame, pages, times):
        """Say how often PTEs map pages."""
        for page in range(pages):
            self.put(frame + page, 48, "<i", times - 1)

    # --- page tables ------------------------------------------------------------------------------------------------

    def entry(self, page, value, level=0):
        """Write an entry of page tables; level 1 is a PMD."""
        table = self.pgd
        for above in (3, 2, 1):
            at = table * PAGE + (page // BLOCK**above % BLOCK) * 8
            if above == level:
                struct.pack_into("<Q", self.memory, at, value)
                return
            [found] = struct.unpack_from("<Q", self.memory, at)
            if not found:
                found = self.frame() * PAGE | PRESENT | WRITE | USER
                struct.pack_into("<Q", self.memory, at, found)
            table = (found & ADDRESS) // PAGE
        struct.pack_into("<Q", self.memory, table * PAGE + page % BLOCK * 8, value)

    def map(self, page, frame, pages=1, flags=PRESENT | WRITE | USER):
        """Map frames with PTEs."""
        for one in range(pages):
            self.entry(page + one, (frame + one) * PAGE | flags)

    def vma(self, start, end, flags):
        """Add a mapping."""
        self.vmas.append((start, end, flags))

    # --- drgn -------------------------------------------------------------------------------------------------------

    def program(self):
        """Return it as a program of drgn's; give the process's mm_struct, too."""
        made = Program(
            Platform(Architecture.X86_64, PlatformFlags.IS_LITTLE_ENDIAN | PlatformFlags.IS_64_BIT)
        )
        types = self._types(made)
        objects = self._objects(made, types)

        def find_type(_, kinds, name, __):
            return types.get(name) if types.get(name) and types[name].kind in kinds else None

        def find_object(_, name, flags, __):
            found = objects.get(name)
            wanted = FindObjectFlags.CONSTANT if name.startswith("PG_") else FindObjectFlags.VARIABLE
            if found is not None and found.type_.kind == TypeKind.FUNCTION:
                wanted = FindObjectFlags.FUNCTION
            return found if found is not None and flags & wanted else None

        made.register_type_finder("made", find_type, enable_index=0)
        made.register_object_finder("made", find_object, enable_index=0)
        mm = self._process(made, types)

        def physical(_, count, offset, __):
            self.read |= {*range(offset // PAGE, (offset + count - 1) // PAGE + 1)}
            return bytes(self.memory[offset : offset + count]).ljust(count, b"\0")

        made.add_memory_segment(DIRECT, BLOCKS * BLOCK * PAGE, physical)
        made.add_memory_segment(0, BLOCKS * BLOCK * PAGE, physical, True)
        made.add_memory_segment(
            VMEMMAP, len(self.pages), lambda _, count, offset, __: bytes(self.pages[offset : offset + count])
        )
        return made, mm

    def _types(self, made):
        """Return the types by their names."""
        word = made.int_type("unsigned long", 8, False)
        number = made.int_type("int", 4, True)
        pointer = made.pointer_type(made.void_type())
        text = made.array_type(made.int_type("char", 1, True), 65)
        page = {
            "flags": (0, word),
            "mapping": (24, pointer),
            "_mapcount": (48, number),
            "_refcount": (52, number),
        }
        page["memcg_data"] = (56, word)
        folio = {"flags": (0, word)}
        for name in NAMES:
            if place := of(self.release, name):
                kind, member, offset = place
                wide = word if name in {"flags_1", "list", "mm_ids", "compound"} else number
                (page if kind == "page" else folio)[member] = (
                    offset % STRIDE if kind == "page" else offset,
                    wide,
                )
        name = self._struct(made, "new_utsname", 130, release=(0, text), version=(65, text))
        fields = ("vm_start", "vm_end", "vm_flags")
        vma = self._struct(
            made,
            "vm_area_struct",
            56,
            **{field: (8 * index, word) for index, field in enumerate(fields)},
            vm_file=(24, pointer),
            vm_ops=(32, pointer),
            vm_mm=(40, lambda: made.pointer_type(types["mm_struct"])),
            vm_next=(48, lambda: made.pointer_type(types["vm_area_struct"])),
        )
        fields = ("pgd", "start_brk", "brk", "start_stack")
        mm = self._struct(
            made,
            "mm_struct",
            40,
            **{field: (8 * index, word) for index, field in enumerate(fields)},
            mmap=(32, made.pointer_type(vma)),
        )
        types = {
            "page": self._struct(made, "page", STRIDE, **page),
            "folio": self._struct(made, "folio", 4 * STRIDE, **folio),
            "uts_namespace": self._struct(made, "uts_namespace", 130, name=(0, name)),
            "mm_struct": mm,
            "vm_area_struct": vma,
            "unsigned long": word,
        }
        return types

    def _struct(self, made, tag, size, **members):
        """Return a type of (offset, type) members."""
        return made.struct_type(tag, size, [TypeMember(kind, n, at * 8) for n, (at, kind) in members.items()])

    def _objects(self, made, types):
        """Return the variables and enumerators by their names."""
        word = types["unsigned long"]
        uts = bytearray(130)
        uts[: len(self.release)] = self.release.encode()
        flags = made.enum_type(
            "pageflags",
            made.int_type("unsigned int", 4, False),
            [
                TypeEnumerator("PG_partially_mapped", PARTIALLY_MAPPED),
                TypeEnumerator("PG_double_map", DOUBLE_MAP),
            ],
        )
        old = self.release.startswith("6.1.")
        found = {
            "vmemmap": Object(made, made.pointer_type(types["page"]), VMEMMAP),
            "page_offset_base": Object(made, word, DIRECT),
            "max_pfn": Object(made, word, BLOCKS * BLOCK),
            "zero_page_pfn" if self.release.startswith("7.3.") else "zero_pfn": Object(made, word, 3),
            "root_mem_cgroup": Object(made, word, 0x1000),
            "init_uts_ns": Object.from_bytes_(made, types["uts_namespace"], bytes(uts)),
            "PG_double_map" if old else "PG_partially_mapped": Object(
                made, flags, DOUBLE_MAP if old else PARTIALLY_MAPPED
            ),
        }
        if "zero_page_pfn" in found:
            found["zero_pfn"] = Object(made, made.function_type(word, []), address=0x1000)
        if self.numa:
            found["node_data"] = Object(made, made.array_type(word, 4), [0] * 4)
        return found

    def _process(self, made, types):
        """Write the process's structs on a page; return its mm_struct."""
        mm = self.frame() * PAGE
        places = [mm + 64 * index for index in range(1, len(self.vmas) + 1)]
        struct.pack_into("<5Q", self.memory, mm, DIRECT + self.pgd * PAGE, 0, 0, 0, DIRECT + places[0])
        for (start, end, flags), at, following in zip(self.vmas, places, [*places[1:], None], strict=True):
            link = DIRECT + following if following else 0
            struct.pack_into("<7Q", self.memory, at, start * PAGE, end * PAGE, flags, 0, 0, DIRECT + mm, link)
        return Object(made, made.pointer_type(types["mm_struct"]), DIRECT + mm)
