"""Captures as the tests of *A running machine* need them: small documents, written as a reader of /proc would."""

from __future__ import annotations

import base64
import gzip
import json

from folioviz.capture import read
from folioviz.views.machine_panels.taken import Taken

DOCUMENT = {
    "capture": 1,
    "about": {"release": "7.3.4", "privileged": True, "pmds": True, "deduced": ["mapcount"]},
    "processes": [{}, {"parent": 1}],
    "regions": [
        {"process": 1, "first": 500, "pages": 40, "rights": "rw-p", "advice": "huge"},
        {"process": 1, "first": 1024, "pages": 1024, "rights": "rw-p", "huge": [[0, 512]]},
        {"process": 2, "first": 500, "pages": 40, "rights": "rw-p"},
    ],
    "procs": {
        "1": {
            "1": [
                [0, 8, "p", 1, 0, 0, 2, "Ham", 0],
                [0, 4, "p", 0, 0, 8, 1, "Ham", 1],
                [2, 2, "p", 1, 1, 0, 1, "am", 1],
            ],
            "2": [
                [0, 512, "p", 1, 0, 0, 1, "Ham", 1],
                [0, 96, "p", 1, 0, 0, 1, "Ham", 1],
                [4, 1, "s"],
                [0, 2, "z"],
            ],
        },
        "2": {"3": [[0, 8, "p", -4, 0, 0, 2, "Ham", 0], [2, 1, "s"], [0, 1, "g"], [4, 1, "z"]]},
    },
    "orders": [[1, 4], [2, 0], [2, 9]],
    "vm": {"nr_anon_pages": 700},
    "mthp": {
        "64kB": {"nr_anon": 7, "nr_anon_partially_mapped": 0},
        "2048kB": {"nr_anon": 9, "nr_anon_partially_mapped": 1},
    },
}
"""A folio of 16 pages of which a fork shares 8 and nobody has 4; two small pages; a huge page, and 96 of another."""
HELD = 4 + 416
RAW = {
    "ref": [[1, 20], [1, 1], [1, 96]],
    "nrpm": [[1, 12], [1, 0x800000], [1, 96]],
    "pm": [[2, 0], [1, 1]],
    "dq": [[1, 0], [2, 1]],
    "node": [[3, 0]],
}
"""What the kernel's own memory says of its large folios."""
UNPRIVILEGED = {
    "capture": 1,
    "about": {"release": "6.12.1"},
    "processes": [{}],
    "regions": [{"process": 1, "first": 0, "pages": 1024, "rights": "rw-p", "huge": [[0, 512]]}],
    "procs": {"1": {"1": [[0, 512, "p", 0, 0, 0, 0, "", 1], [0, 6, "p"]]}},
}


def data(document=DOCUMENT, **about):
    """Return a document's bytes, with other things said about it."""
    return gzip.compress(json.dumps(document | {"about": document["about"] | about}).encode(), mtime=0)


def taken(document=DOCUMENT, name="svc.json.gz", **about):
    """Return a document as the dashboard has it."""
    return Taken(read(data(document, **about)), name)


def sent(document=DOCUMENT, name="svc.json.gz", **about):
    """Return what a browser sends of a document's file."""
    return f"{name}\n{base64.b64encode(data(document, **about)).decode()}"
