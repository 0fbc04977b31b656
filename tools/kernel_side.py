"""Boot a kernel of Debian's in QEMU, and compare what drgn reads of its memory with /proc and with the model.

``python -m tools.kernel_side`` needs no root and no KVM, the programs of tools/vm.py, drgn, and two packages: a kernel
(``--kernel``, as there) and its debugging information (``--debug PACKAGE``, or a .deb file or a vmlinux; 300 MB).
There, two processes lay memory out, and are captured by /proc and by /proc/kcore. Then QEMU dumps the machine's memory,
and the dump is captured here. The three must show the same pages and folios, kcore and the dump the same fields, and
the model of the nearest release the same fields once the operations that make such a layout are done on it.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from folioviz.capture import read
from folioviz.capture.captured import FOLIO, PAGES, STATE
from folioviz.capture.form import BLOCK
from folioviz.capture.report import report
from folioviz.capture.state import state
from folioviz.evidence.recordings.nearest import release_of
from folioviz.evidence.recordings.observed import ZERO_PAGE
from folioviz.rebuild import rebuild
from tools import debian, vm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.capture.captured import Capture
    from folioviz.evidence.recordings.comparison import Difference

DEBUG = "linux-image-6.12-cloud-amd64-dbg"
MEMORY = "4G"
PATIENCE = 900
"""Seconds until a machine that has not said what it saw never will."""
RANGE = "100000000000-140000400000"
MID = 4
"""The order of the guest's own folios, under kernels that have them."""
GUEST = vm.ROOT / "tests" / "vmcore" / "guest.py"
INIT = (
    vm.BEGINNING
    + """\
/bin/busybox insmod /fw_cfg.ko
{python} /guest.py {range}
/bin/busybox poweroff -f
"""
)
SAID = re.compile(r"^(proc|kcore|pids) (\S+)$", re.MULTILINE)


def main() -> None:
    """Boot, dump, compare; the status is 1 if anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kernel", nargs="+", default=[vm.KERNEL], metavar="PACKAGE", help=vm.KERNELS)
    parser.add_argument("--debug", default=DEBUG, help="the package of its debugging information, or a file")
    parser.add_argument("--keep", metavar="FOLDER", help="where captures are kept")
    asked = parser.parse_args()
    vm.require()
    with TemporaryDirectory() as name:
        folder = Path(name)
        image = debian.vmlinuz(asked.kernel, folder / "kernel")
        vmlinux = debugging(asked.debug, folder / "debug")
        vm.say(f"{image.name}, {vmlinux.name}")
        ramdisk = vm.initramfs(folder / "root", folder / "initramfs")
        append(ramdisk, folder / "more", folder / "kernel" / "files", vmlinux)
        vm.say(f"initramfs of {ramdisk.stat().st_size / 2**20:.0f} MiB; booting")
        said = boot(image, ramdisk, folder)
        line = [sys.executable, "-m", "folioviz", "capture", *said["pids"].split(","), "--range", RANGE]
        line += [
            "--vmcore",
            str(folder / "dump"),
            "--vmlinux",
            str(vmlinux),
            "-o",
            str(folder / "dump.json.gz"),
        ]
        subprocess.run(line, check=True)
        files = {name: base64.b64decode(said[name]) for name in ("proc", "kcore")}
        files["dump"] = (folder / "dump.json.gz").read_bytes()
        if asked.keep:
            Path(asked.keep).mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                (Path(asked.keep) / f"{name}.json.gz").write_bytes(data)
    wrong = [*compared({name: read(data) for name, data in files.items()})]
    vm.say("\n".join(wrong) or "everything is equal")
    if wrong:
        raise SystemExit(1)


def debugging(package: str, folder: Path) -> Path:
    """Return a kernel with debugging information, out of a package that is a file, or that apt gets.

    Raises:
        SystemExit: if there is none in it.
    """
    if "vmlinux" in Path(package).name:
        return Path(package)
    folder.mkdir()
    files = [Path(package).resolve()] if package.endswith(".deb") else debian.fetched([package], folder)
    for file in files:
        packed = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", file], stdout=subprocess.PIPE)
        words: list[str | Path] = ["tar", "-x", "-C", folder, "--wildcards", "./usr/lib/debug/*/vmlinux*"]
        subprocess.run(words, stdin=packed.stdout, check=False, stderr=subprocess.DEVNULL)
    found = next(folder.glob("usr/lib/debug/boot/vmlinux-*"), None)
    if found is None:
        raise SystemExit(f"{package}: no vmlinux in it")
    return found


def append(ramdisk: Path, root: Path, kernel: Path, vmlinux: Path) -> None:
    """Append an archive to an initramfs: drgn, the debugging information, and what the machine does."""
    (root / "packages").mkdir(parents=True)
    for file, name in vm.files_of(["drgn"]):
        target = root / "packages" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    vm.libraries(root)
    shutil.copy2(vmlinux, root / "vmlinux")
    shutil.copy2(GUEST, root / "guest.py")
    [module] = kernel.rglob("qemu_fw_cfg.ko*")
    data = module.read_bytes()
    if module.suffix == ".xz":
        import lzma

        data = lzma.decompress(data)
    (root / "fw_cfg.ko").write_bytes(data)
    python = os.path.realpath(sys.executable)
    init = root / "init"
    init.write_text(INIT.format(home=sys.base_prefix, python=python, range=RANGE), encoding="utf-8")
    init.chmod(0o755)
    names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
    with ramdisk.open("ab") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names, stdout=out, check=True)


def boot(image: Path, ramdisk: Path, folder: Path) -> dict[str, str]:
    """Boot, wait until the machine has said what it saw, dump its memory, and return that.

    Raises:
        SystemExit: if it has not said so in time.
    """
    command: list[str | Path] = [
        *("qemu-system-x86_64", "-m", MEMORY, "-nographic", "-no-reboot", "-net", "none", "-accel", "tcg"),
        *("-cpu", "max", "-device", "vmcoreinfo", "-qmp", f"unix:{folder}/qmp,server=on,wait=off"),
        *("-kernel", image, "-initrd", ramdisk, "-append", f"{vm.COMMAND_LINE} no_timer_check"),
    ]
    late = time.monotonic() + PATIENCE
    console = folder / "console"
    with (
        console.open("wb") as out,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out) as machine,
    ):
        try:
            text = ""
            while "\nready" not in text:
                if machine.poll() is not None or time.monotonic() > late:
                    raise SystemExit(f"kernel_side: the machine has not said what it saw:\n{text[-4000:]}")
                time.sleep(1)
                text = vm.CONTROL.sub("", console.read_text(encoding="utf-8", errors="replace"))
            vm.say(SAID.sub(lambda hit: f"{hit[1]}: {len(hit[2])} letters", text))
            ask(folder / "qmp", "stop", {})
            ask(folder / "qmp", "dump-guest-memory", {"paging": False, "protocol": f"file:{folder}/dump"})
        finally:
            machine.kill()
    return dict(SAID.findall(text))


def ask(path: Path, execute: str, arguments: dict[str, object]) -> None:
    """Ask QEMU for something, and wait until it is done.

    Raises:
        SystemExit: if it refuses.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        lines = connection.makefile("rw", encoding="utf-8")
        for line in ({"execute": "qmp_capabilities"}, {"execute": execute, "arguments": arguments}):
            lines.write(json.dumps(line) + "\n")
            lines.flush()
            while "return" not in (answer := json.loads(lines.readline())):
                if "error" in answer:
                    raise SystemExit(f"kernel_side: {execute}: {answer['error']}")


def compared(found: dict[str, Capture]) -> Iterator[str]:
    """Yield what differs: pages and folios of all three, fields of two, and fields from the model's."""
    proc, kcore, dump = (found[name] for name in ("proc", "kcore", "dump"))
    for name, other in (("kcore", kcore), ("dump", dump)):
        tables = {part: (getattr(proc, part), getattr(other, part)) for part in ("orders", "foreign")}
        tables["runs"] = _told(proc, proc), _told(other, proc)
        for part, (one, two) in tables.items():
            if one.shape != two.shape:
                yield f"{part}: {one.shape} by /proc, {two.shape} by {name}"
            elif (one != two).any():
                rows = np.flatnonzero((one != two).reshape(len(one), -1).any(axis=1))
                yield f"{part}: {rows.size} differ by {name}, the first: {one[rows[0]]} by /proc, {two[rows[0]]}"
        for number, (one, two) in enumerate(zip(proc.regions, other.regions, strict=False), start=1):
            if one != two and proc.about.pmds:
                yield f"region {number}: {one} by /proc, {two} by {name}"
        vm.say(f"{name}: {len(other.regions)} regions, {len(other.runs)} runs, {other.orders.size} folios")
    for name, values in kcore.raw.items():
        if (values != dump.raw[name]).any():
            yield f"{name}: {values.tolist()} by kcore, {dump.raw[name].tolist()} in the dump"
    vm.say(report(dump, everything=True, each=True))
    yield from modelled(proc, dump)


def _told(capture: Capture, proc: Capture) -> np.ndarray:
    """Return the runs that /proc can tell of: before v6.7, which brought PAGEMAP_SCAN, not the huge zero page."""
    whole = (capture.runs[:, STATE] == ZERO_PAGE) & (capture.runs[:, PAGES] == BLOCK)
    told: np.ndarray = capture.runs if proc.about.pmds else capture.runs[~whole]
    return told


def _one_more(one: Difference) -> bool:
    """Tell whether the kernel has one reference more than the model."""
    return (
        one.field == "refcount"
        and isinstance(one.kernel, int)
        and isinstance(one.model, int)
        and one.kernel == one.model + 1
    )


def modelled(proc: Capture, dump: Capture) -> Iterator[str]:
    """Yield in which fields the model differs, region by region, once the operations that make it are done.

    That is what differs of the dump, and not of what /proc shows, of which the tests of rebuild tell. One folio has one
    reference more, and it is said if it has not: the guest has pinned a page of it.
    """
    model = release_of(dump.about.release, dump.about.version).model
    fields, pinned = 0, set()
    for number in range(1, len(dump.regions) + 1):
        if (dump.runs_of(number)[:, FOLIO] >= 0).any():
            known = rebuild(state(proc, number), model).differences
            seen = state(dump, number)
            fields += sum(len(folio) for folio in seen.observed.folios.values())
            for one in rebuild(seen, model).differences:
                if _one_more(one):
                    pinned.add(one.subject)
                elif one not in known:
                    yield f"region {number} on {model}: {one}"
    vm.say(f"{fields} fields of folios compared with {model}; pinned: {', '.join(sorted(pinned))}")
    if len(pinned) != bool(dump.orders[dump.orders == MID].size):
        yield f"pinned are {pinned or 'no folios'}: it must be the one of 64 KiB, where there are such"


if __name__ == "__main__":
    main()
