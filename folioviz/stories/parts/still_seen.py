"""Are whole folios still queued today? what was seen of it outside of the model: on running kernels, and compiled."""

from __future__ import annotations

from folioviz.stories.parts.parts import Table
from folioviz.stories.parts.results import long

LEFT = Table(
    "What running kernels leave",
    ("kernel", "a healthy folio of 64 KiB, migrated", "half of a removed cgroup’s folio, after drop_caches"),
    (
        ("6.12.74, 6.12.85", "not flagged, not queued", "–"),
        ("6.12.88, 6.12.113", "flagged and queued", "–"),
        ("6.12.118", "flagged and queued", "still queued"),
        ("6.17.13, 6.18.15", "not flagged, not queued", "still queued"),
        ("7.0.13, 7.1.13, 7.2.13, 7.3.4", "flagged and queued", "split"),
    ),
    "Not computed here: recorded on whole kernels on 28 Nov 2026. Flagged and queued: split_deferred is 2 higher, "
    "nr_anon_partially_mapped 1, and the next migration splits the folio, or 2 written to drop_caches does. Not "
    "flagged: split_deferred is 1 higher. –: not recorded.",
    long("kernel"),
)
SEEN = Table(
    "What was run, and what was seen",
    ("case", "on running kernels", "the kernel’s functions, compiled"),
    (
        ("a VMA edge", "yes: 6.12.117 and 6.16 to 7.3, order 4 and 2 MiB", "yes"),
        ("a page-table edge", "yes: the same kernels, 2 MiB: 509 PTEs and 3", "yes"),
        ("a split of a fully mapped folio", "yes: 6.1.192 to 7.3; order 4 from 6.12 on", "yes"),
        ("a migration that fails", "no", "yes: 6.12.117 and 7.3.4"),
        (
            "a migration, and the next",
            "yes: the table above, order 4",
            "yes, but the migration around them is trimmed",
        ),
        ("v6.8, v6.9, v6.10", "no", "6.12’s, with later patches taken back"),
        ("v6.1", "yes: 6.1.192; v6.1 as released was not", "no"),
        ("v7.3 no page mapcount", "no", "yes"),
        ("v6.5-rc3 and the series", "no", "yes, except the two never posted"),
    ),
    "Not computed here. Running kernels: Debian’s, recorded in an emulator for this project. Compiled functions: "
    "rmap, queue, zap, split and free paths in userspace; locking, memcg and what calls migration are left out.",
    long("case"),
)
