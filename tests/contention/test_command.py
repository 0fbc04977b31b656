from __future__ import annotations

import csv
import io
import json

import pytest

from folioviz.contention import WORKLOADS, Hardware, contention, workload
from tests.test_cli import out, refused

SMALL = ("--folios", "4", "--cpus", "1,6")
TWO = ("--kernel", "p1", "--kernel", "v7.3")


def test_the_table_has_a_line_per_kernel_and_number_of_cpus():
    """72 columns, the numbers of contention(), and below them every sentence that has to be said."""
    lines = out("contention", *TWO, *SMALL).splitlines()
    found = contention(("p1", "v7.3"), (1, 6), workload("fault-unmap", folios=4))
    said = " ".join(" ".join(lines).split())

    assert lines[0].startswith("simulated: ")
    assert max(map(len, lines)) <= 72
    assert [line for line in lines if line in ("v4 1/3", "v7.3")] == ["v4 1/3", "v7.3"]
    six = lines[lines.index("v4 1/3") + 2].split()
    assert six[:2] == ["6", f"{found.pages_per_second.middle[0, 1] / 1e6:.1f}"]
    assert six[3:5] == [f"{100 * found.waiting.middle[0, 1]:.0f}", "%"]
    assert all(" ".join(text.split()) in said for text in (*found.assumptions, *found.missing, found.verdict))


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_workload_fits_into_72_columns(name):
    """With long names and wide numbers, too."""
    kernels = ("--kernel", "v7.3+no-page-mapcount", "--kernel", "v6.1.0" if name == "ld.lld" else "p1")
    size = ("--cpus", "96") if name == "ld.lld" else ("--cpus", "1,128", "--folios", "2")

    assert max(map(len, out("contention", *kernels, "--workload", name, *size).splitlines())) <= 72


def test_json_and_csv_have_the_same_numbers():
    """And the label and the assumptions, which go where the numbers go."""
    found = json.loads(out("contention", *TWO, *SMALL, "--format", "json"))
    rows = list(csv.DictReader(io.StringIO(out("contention", *TWO, *SMALL, "--format", "csv"))))

    assert [(row["kernel"], int(row["cpus"])) for row in rows] == [
        (kernel, cpus) for kernel in found["kernels"] for cpus in (1, 6)
    ]
    assert float(rows[1]["waiting_high"]) == pytest.approx(found["waiting"]["high"][0][1], rel=1e-5)
    assert float(rows[1]["pages_per_second"]) == pytest.approx(
        found["pages_per_second"]["middle"][0][1], rel=1e-5
    )
    assert {row["label"] for row in rows} == {found["label"]} == {"simulated"}
    assert all(text in rows[0]["assumptions"] for text in (*found["assumptions"], *found["missing"]))


def test_options_are_the_hardware():
    """Each number of the hardware has one, and what is not given is the workload's own."""
    options = (
        "--near 30 --far 90 --cpus-per-socket 4 --atomic 5 --user 1e3 --flush 3000 --bandwidth 0 --queues 2"
    )
    found = json.loads(out("contention", *TWO, *SMALL, *options.split(), "--format", "json"))
    own = json.loads(
        out("contention", "--workload", "ld.lld", "--cpus", "1", "--near", "30", "--format", "json")
    )

    assert Hardware(**found["hardware"]) == Hardware(5, 30, 90, 4, 1e3, 3000, 0, 2)
    assert own["hardware"]["user_ns"] == WORKLOADS["ld.lld"].hardware.user_ns


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--cpus", "129"), "the number of CPUs is 129: it must be a whole number from 1 to 128"),
        (("--cpus", "1,,2"), "--cpus is '1,,2': it must be whole numbers"),
        (
            ("--near", "2000"),
            "near_ns (a cache line from another CPU of the same socket) is 2000.0: it must be 0",
        ),
        (("--near", "nan"), "near_ns"),
        (("--queues", "0"), "it must be a whole number from 1 to 1,024"),
        (("--order", "10"), "the folios' order is 10: it must be 2 to 9"),
        (("--workload", "lld"), "no workload 'lld': did you mean ld.lld?"),
        (("--kernel", "v9"), "no kernel 'v9'"),
        (("--kernel", "v6.1"), "cannot fault order 4 under v6.1"),
    ],
)
def test_what_is_wrong_is_said_in_words(options, words):
    """With the bound, on one line, and status 2."""
    assert words in refused("contention", *options)
