from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from folioviz import KERNELS, link
from folioviz.cli import app
from folioviz.compare.compare import Comparison, compare
from folioviz.compare.mail import mail
from folioviz.compare.report import report
from folioviz.errors import FoliovizError
from folioviz.files import scenario, share
from folioviz.files.scenario import find, shipped
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.ops.ops import parse_line
from folioviz.readout.records import records
from folioviz.serving import serve
from tools.dashboard import PATIENCE

COMMAND = [sys.executable, "-m", "folioviz"]
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
VECTORS = ("run", "-", "--format", "vectors", "--kernel", "v4")


def cli(*words, stdin=None):
    """Run the command in this process."""
    return CliRunner().invoke(app, words, input=stdin)


def out(*words, stdin=None):
    """Return what the command prints; it must succeed and be quiet on stderr."""
    done = cli(*words, stdin=stdin)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def refused(*words, stdin=None):
    """Return the message of a command that must exit with status 2 and print one clear message."""
    done = cli(*words, stdin=stdin)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.stderr


def lines_of(text):
    """Return the lines of JSON that a stream printed."""
    return [json.loads(line) for line in text.splitlines()]


# -------------------------------------------------------------------------------------------------- what it prints


def test_version_kernels_and_scenarios_are_listed():
    """Every kernel and scenario is there by name; a scenario's document reads as that scenario."""
    assert out("--version").startswith("folioviz ")
    assert [line.split()[0] for line in out("kernels").splitlines()] == ["kernel", *KERNELS, "They"]
    assert [line.split()[0] for line in out("scenarios").splitlines()] == ["name", *shipped()]
    assert find("back") == scenario.loads(out("scenarios", "back"))


def test_source_lists_functions_and_prints_one():
    """As the kernel links it, with file, release and change; a name that is none gets the nearest."""
    assert "zap_present_ptes" in out("source", "v6.9", "--list")
    lines = out("source", "v6.9", "zap_present_ptes").splitlines()

    assert "# mm/memory.c, v6.9" == lines[0]
    assert lines[1].startswith("# 10ebac4f95e7 (")
    assert lines[3].startswith("def zap_present_ptes(")
    assert "\n".join(lines) in (whole := out("source", "v6.9"))
    assert set(re.findall(r"^def (\w+)\(", whole, re.MULTILINE)) == set(link("v6.9").names)
    assert "did you mean zap_present_ptes" in refused("source", "v6.9", "zap_present_pte")
    assert "no kernel" in refused("source", "v9")


@pytest.mark.parametrize(
    ("engine", "said", "ran"),
    [
        ("auto", "in plain Python, or as machine code", "plain Python or machine code (llvmlite "),
        ("python", "in plain Python, as FOLIOVIZ_ENGINE says.", "plain Python"),
        ("compiled", "as FOLIOVIZ_ENGINE says.", "machine code (llvmlite "),
    ],
)
def test_what_runs_is_said(monkeypatch, engine, said, ran):
    """Below the list of kernels, and in a report's last line; a report is the same whatever has run so far."""
    monkeypatch.setenv("FOLIOVIZ_ENGINE", engine)

    assert said in out("kernels").splitlines()[-1]
    assert f", {ran}" in out("report", "front").splitlines()[-1]
    monkeypatch.setattr("folioviz.engine.choice.LOADS", 0)
    assert f", {ran}" in out("report", "front").splitlines()[-1]
    monkeypatch.setattr("folioviz.engine.native.installed", lambda: False)
    assert "pip install 'folioviz[fast]'" in out("kernels").splitlines()[-1]


def test_table_has_a_row_for_each_operation_and_kernel_that_costs():
    """The numbers of the table are the model's; costs that are zero everywhere have no column."""
    lines = out("run", "whole-folio").splitlines()
    head = lines[0].split()

    assert "entm" not in head
    assert lines[1].split() == ["1", "mm"]
    assert lines[5].split() == [
        *("4", "munmap", "1", "0", "64", "v4", "1/3"),
        *("16", "16", "16", "2", "1", "1", "16", "16", "1", "1", "1", "1", "16"),
    ]
    assert lines[8].split()[:5] == ["all", "v4", "16", "1", "2"]
    assert f"sqlock    {COSTS['sqlock'].words}" in lines


def test_table_shows_even_runs_as_one_row_and_bugs_beside_their_operation():
    """64 faults are one row with their sum; a bug stands in the row of its operation."""
    assert re.search(
        r"^3-66 +fault 1 0 4 \.\.\. fault 1 1008 4 +v6\.5-rc3 +64 +64 +1024 *$",
        out("run", "sixty-four-folios"),
        re.MULTILINE,
    )
    assert re.search(r"^4 +exit 1 +v3 +BUG: free_mapped, uaf *$", out("run", "s390-and-v3"), re.MULTILINE)


def test_json_is_the_comparison():
    """--format json prints exactly what compare() returns."""
    one = find("back")

    printed = msgspec.json.decode(out("run", "back", "--format", "json", "--kernel", "base"), type=Comparison)
    assert printed == compare(one.ops, ["base"])


def test_csv_has_one_row_per_operation_and_kernel():
    """Every cost has a column; a kernel whose run has ended has no more rows; what was refused says why."""
    text = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5; shrink 1; get 6; exit 1"
    rows = list(
        csv.DictReader(
            io.StringIO(out("run", "-", "--format", "csv", "--kernel", "base", "--kernel", "p1", stdin=text))
        )
    )
    text = "mm; mmap 1 0 64; fault 1 0 4; exit 1; mm"
    words = ("run", "-", "--format", "csv", "--kernel", "v3", "--kernel", "v4", "--mmu-gather", "none")
    ended = [
        (row["step"], row["kernel"], row["bugs"])
        for row in csv.DictReader(io.StringIO(out(*words, stdin=text)))
    ]

    assert len(rows) == 14
    assert list(rows[0]) == ["step", "op", "kernel", "result", *COSTS, "refused", "bugs"]
    assert rows[7]["sqlock"] == "1"
    assert (rows[10]["result"], rows[10]["refused"][:20]) == ("", "there is no folio 6:")
    assert ended[6:] == [
        ("4", "v6.5-rc3+v3", "free_mapped uaf"),
        ("4", "v6.5-rc3+v4", ""),
        ("5", "v6.5-rc3+v4", ""),
    ]


def test_report_is_the_report():
    """The command prints what report() returns, for the kernels and the mode that were asked for."""
    assert out("report", "back") == report(find("back"))
    assert out("report", "back", "--kernel", "v3", "--mmu-gather", "none") == report(
        find("back"), ["v3"], "none"
    )


def test_a_report_may_be_short_and_says_how_to_open_it_again(monkeypatch):
    """What it ends with is a command that hands the same operations and kernels to the server."""
    text = out("report", "back", "--short")
    asked = []
    monkeypatch.setattr(serve, "serve", lambda *_, **more: asked.append(more["query"]))
    [command] = [line for line in text.splitlines() if line.startswith("folioviz open ")]
    done = CliRunner().invoke(app, shlex.split(command)[1:])

    assert text == mail(find("back"))
    assert done.exit_code == 0
    assert done.output == ""  # the server says where it is
    assert share.from_query(share.fields_of(asked[0])).ops == find("back").ops
    CliRunner().invoke(
        app, ["open", "https://example.org/explorer.ipynb?scenario=front&at=3&read=code&from=tour"]
    )
    assert asked[1] == "scenario=front&a=v6.5-rc3&b=v6.5-rc3%2Bv4.1&at=3&read=code"
    assert "the link's s is 'AAAA'" in refused("open", "https://example.org/explorer.ipynb?s=AAAA")


def test_a_scenario_may_be_a_name_a_file_or_stdin(tmp_path):
    """All three ways give the same."""
    path = tmp_path / "mine.yaml"
    scenario.save(find("front"), path)
    expected = out("run", "front", "--format", "json")

    assert expected == out("run", str(path), "--format", "json")
    assert expected == out("run", "-", "--format", "json", stdin=path.read_text())


# ------------------------------------------------------------------------------------------------------- a stream


def test_vectors_are_one_line_per_scenario():
    """Each line has the operations and the records of a fresh machine; blank lines and comments are skipped."""
    first, second = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 64", "mm; fork 1; fault 1 0 0; exit 2"
    printed = lines_of(out(*VECTORS, stdin=f"# two: scenarios\n\n{first} # one\n  {second};\r\n"))

    assert printed == [
        {"ops": text.split("; "), "records": records(Lab("v4"), parse_line(text))} for text in (first, second)
    ]
    assert printed[1]["records"][2] == {"r": -22}


def test_vectors_have_what_a_later_kernel_keeps():
    """v7.3's records have the total mapcount, the flag, owners and the statistics of sizes (the vectors' fields)."""
    text = "mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 0 4; exit 2"
    (line,) = lines_of(out("run", "-", "--format", "vectors", "--kernel", "g73", stdin=text))
    folio = line["records"][4]["F"][0]
    last = line["records"][5]

    assert (folio["lm"], folio["pm"], folio["ids"]) == (27, 0, [1, 11, 2, 15, 1])
    assert (last["M"], last["F"][0]["pm"], last["F"][0]["ids"]) == (
        {"4": [0, 0, 1, 1, 1]},
        1,
        [1, 11, 0, -1, 0],
    )
    assert len(last["S"]) == 7


def test_a_trace_for_viewers_is_one_document():
    """Each kernel is a process, and an operation that one kernel refuses leaves the others' numbers as they are."""
    text = "mm; mmap 1 0 64; fault 1 0 4; underused 0; munmap 1 0 16"
    said = json.loads(out("run", "-", "--format", "events", "--kernel", "v4", "--kernel", "v7.3", stdin=text))
    done = [one for one in said["traceEvents"] if one.get("cat") == "operation"]

    assert [(one["pid"], one["args"]["operation"]) for one in done] == [
        *((1, number) for number in (1, 2, 3, 5)),
        *((2, number) for number in (1, 2, 3, 4, 5)),
    ]


def test_vectors_stop_at_a_bug():
    """The record of a bug has its names and no state, and is the last."""
    (line,) = lines_of(
        out(
            "run",
            "-",
            "--kernel",
            "v3",
            "--mmu-gather",
            "none",
            "--format",
            "vectors",
            stdin="mm; mmap 1 0 8; fault 1 0 0; exit 1; mm",
        )
    )

    assert len(line["ops"]) == 5
    assert line["records"][3:] == [{"r": 0, "B": ["free_mapped", "uaf"]}]


def test_vectors_of_several_kernels_name_the_kernel():
    """With more than one kernel, each scenario is as many lines, and each says whose it is."""
    printed = lines_of(out(*VECTORS, "--kernel", "base", stdin="mm\nmm; mm\n"))

    assert [(line["kernel"], len(line["ops"])) for line in printed] == [
        (key, n) for n in (1, 2) for key in ("v6.5-rc3+v4", "v6.5-rc3")
    ]


@pytest.mark.parametrize(
    "text", ["# a\nname: x\nops: [mm, fork 1]\n", '\n{"ops": ["mm", "fork 1"]}', "---\nops: mm; fork 1"]
)
def test_vectors_of_a_document(text, tmp_path):
    """A document is one scenario, from stdin and from a file, whatever comments it begins with."""
    (tmp_path / "one").write_text(text)
    expected = [{"ops": ["mm", "fork 1"], "records": records(Lab("v4"), parse_line("mm; fork 1"))}]

    assert expected == lines_of(out(*VECTORS, stdin=text))
    assert expected == lines_of(out("run", str(tmp_path / "one"), *VECTORS[2:]))


def test_a_malformed_line_is_named_after_the_lines_before_it_were_printed():
    """What came before is printed, the message names line and operation, and the status is 2."""
    done = cli(*VECTORS, stdin="mm\n\nmm; frob 1\nmm\n")

    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.startswith("folioviz: line 3: operation 2: unknown operation 'frob 1'")
    assert done.exit_code == 2


def test_a_stream_answers_each_line_before_the_next_comes():
    """One process serves a conversation: each line is answered and flushed at once."""
    with subprocess.Popen(
        [*COMMAND, *VECTORS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENV
    ) as process:
        for n in (1, 2, 3):
            process.stdin.write("mm; " * n + "\n")
            process.stdin.flush()
            assert len(json.loads(process.stdout.readline())["records"]) == n
        process.stdin.close()

        assert process.wait() == 0


@pytest.mark.slow
def test_a_hundred_scenarios_stream_through_one_process():
    """A hundred scenarios of thirty operations come out as a hundred lines, all the same."""
    ops = "; ".join(f"fault 1 {16 * k} 4; dontneed 1 {16 * k} 5; shrink 1" for k in range(9))
    done = subprocess.run(
        [*COMMAND, *VECTORS],
        input=f"mm; mmap 1 0 256; {ops}; exit 1\n" * 100,
        text=True,
        capture_output=True,
        check=True,
        env=ENV,
    )

    assert len(done.stdout.splitlines()) == 100
    assert len(set(done.stdout.splitlines())) == 1


# ------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run", "hole-folio"), "folioviz: no scenario 'hole-folio': did you mean whole-folio?"),
        (("run", "./none"), "folioviz: cannot read 'none': there is no such file"),
        (("run", "/dev/zero"), "folioviz: cannot read '/dev/zero': it is not a regular file"),
        (("run", "/dev/zero", "--format", "vectors"), "it is not a regular file"),
        (("run", "."), "it is not a regular file"),
        (("run", "x" * 5000), "no scenario 'xxx"),
        (("run", "./" + "x" * 5000), "File name too long"),
        (("run", "a\0b"), "no scenario 'a"),
        (("run", "front", "--kernel", "v7"), "folioviz: no kernel 'v7': did you mean v7.3 or "),
        (("report", "front", "--kernel", ""), "folioviz: no kernel '': folioviz kernels lists them all"),
        (("run", "front", "--mmu-gather", "both"), "'both' is not one of 'batched', 'none'"),
        (("run", "front", "--format", "xml"), "'xml' is not one of 'table', 'json', 'csv', 'vectors'"),
        (("run",), "Missing argument 'SCENARIO'"),
        (("frob",), "No such command 'frob'"),
        (("run", "front", "--frob"), "No such option"),
        (("scenarios", "hole-folio"), "did you mean whole-folio?"),
        (("serve", "--port", "0"), "Invalid value for '--port'"),
        (("serve", "--port", "x"), "Invalid value for '--port'"),
    ],
)
def test_a_bad_command_line_is_told_what_is_wrong(words, expected):
    """Status 2, one message, no traceback."""
    assert expected in refused(*words)


@pytest.mark.parametrize("format_", ["table", "json", "csv"])
def test_an_invalid_operation_is_an_error_with_its_number(format_):
    """Nothing is printed but the number of the operation and why it cannot be done."""
    done = cli("run", "-", "--format", format_, stdin="mm; mmap 1 0 64; fault 1 3 2")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "folioviz: operation 3 (fault 1 3 2): cannot fault order 2 at 0x7f0000003000: an order-2"
    )


def test_a_bad_file_is_named(tmp_path):
    """The message names the file, the place in it, the value and what is allowed."""
    path = tmp_path / "mine.yaml"
    path.write_text("ops: [mm, {op: fork, mm: true}]")

    assert (
        refused("run", str(path))
        == f"folioviz: '{path}': ops[1].mm is True: it must be a whole number of at most 32 bits\n"
    )


@pytest.mark.parametrize("words", [("run", "-"), ("report", "-"), VECTORS])
def test_endless_input_ends_at_once(words):
    """/dev/zero on stdin is refused after 256 KiB, in every format."""
    with Path("/dev/zero").open("rb") as zeros:
        done = subprocess.run(
            [*COMMAND, *words],
            stdin=zeros,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=ENV,
        )

    assert done.returncode == 2
    assert "longer than 262144 bytes" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_named_pipe_is_not_waited_for(tmp_path):
    """A pipe to which nobody writes is refused."""
    os.mkfifo(tmp_path / "pipe")

    assert "it is not a regular file" in refused("run", str(tmp_path / "pipe"))
    assert "it is not a regular file" in refused("run", str(tmp_path / "pipe"), "--format", "vectors")


def test_a_closed_stdin_is_refused():
    """Without standard input there is a message, too."""
    done = subprocess.run(
        ["sh", "-c", '"$0" -m folioviz run - <&-', sys.executable],
        capture_output=True,
        text=True,
        check=False,
        env=ENV,
    )

    assert (done.returncode, done.stderr) == (2, "folioviz: standard input is closed\n")


@pytest.mark.parametrize(
    "words", [VECTORS, ("run", "sixty-four-folios"), ("report", "back"), ("run", "back", "--format", "csv")]
)
def test_a_reader_who_leaves_is_no_error(words):
    """When the reader closes the pipe, nothing is written to stderr."""
    process = subprocess.Popen(
        [*COMMAND, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV
    )
    process.stdout.close()
    _, errors = process.communicate(b"mm; mmap 1 0 64\n" * 200)

    assert errors == b""


def test_a_full_disk_is_told():
    """An error while writing is a message, not a traceback."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "run", "front"], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=ENV
        )

    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------------------------------------------- the servers


def test_the_command_loads_no_server_and_no_widgets():
    """Importing the command line takes none of the large libraries along."""
    heavy = {"voila", "jupyterlab", "jupyter_server", "ipywidgets", "bqplot", "IPython", "llvmlite"}
    code = f"import sys, folioviz.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENV)

    assert done.stdout == "[]\n"


def test_a_port_in_use_is_told():
    """Both servers say which port of which address is taken, before they load anything."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in ("serve", "lab"):
            message = refused(command, "--ip", "127.0.0.1", "--port", str(port), "--no-browser")

            assert (
                message
                == f"folioviz: cannot listen on port {port} of 127.0.0.1: Address already in use; try another --port\n"
            )


def test_notebooks_are_found_in_the_package_before_the_source_tree(tmp_path, monkeypatch):
    """An installed package has them inside, a source tree beside it; with neither there is a message."""
    monkeypatch.setattr(serve, "__file__", str(tmp_path / "folioviz" / "serving" / "serve.py"))
    with pytest.raises(FoliovizError, match="no notebooks in"):
        serve.notebooks()
    for folder in (tmp_path / "notebooks", tmp_path / "folioviz" / "notebooks"):
        folder.mkdir(parents=True)
        (folder / "explorer.ipynb").touch()

        assert folder == serve.notebooks()


def test_servers_are_started_as_told(tmp_path):
    """Voila hides tracebacks and culls idle kernels; neither server looks for another port."""
    voila = serve.voila_arguments(tmp_path, "localhost", 1234, "/x/", browser=False)
    lab = serve.lab_arguments(tmp_path, "localhost", 1234, browser=True, root=False)

    assert voila[0] == str(tmp_path)
    assert {
        "--Voila.port=1234",
        "--Voila.port_retries=0",
        "--Voila.base_url=/x/",
        "--Voila.open_browser=False",
        "--VoilaConfiguration.show_tracebacks=False",
        "--MappingKernelManager.cull_idle_timeout=600",
        "--MappingKernelManager.cull_connected=False",
    } < set(voila)
    assert {"--ServerApp.port=1234", "--ServerApp.open_browser=True", "--ServerApp.allow_root=False"} < set(
        lab
    )
