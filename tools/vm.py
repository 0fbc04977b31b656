"""Boot a kernel of Debian's in QEMU, ask it whether a capture is exact there, and record it for the model.

``python -m tools.vm`` (make test-vm) needs no root and no KVM. It takes the programs of :data:`NEEDED`, and the package
of a kernel, which apt gets: ``--kernel PACKAGE``, or .deb files. The machine begins with busybox, this Python, and what
folioviz's core and its tests of captures need. There, the tests run as root; what they print is printed here. Then
``folioviz record`` does the library's scenarios there, and what it wrote comes back and is verified here.
"""

from __future__ import annotations

import argparse
import base64
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from folioviz.evidence.verify import verify
from tools import debian

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = {
    "qemu-system-x86_64": "qemu-system-x86",
    "cpio": "cpio",
    "busybox": "busybox-static",
    "dpkg-deb": "dpkg",
    "ldd": "libc-bin",
}
"""Program -> Debian's package of it."""
KERNEL = "linux-image-6.12-cloud-amd64"
KERNELS = "a kernel's packages: names for apt, or .deb files"
MEMORY = "2G"
PATIENCE = 900
"""Seconds until a machine that has not said that it is done never will."""
COMMAND_LINE = "console=ttyS0 quiet panic=-1 mitigations=off transparent_hugepage=madvise"
LEFT_OUT = shutil.ignore_patterns(
    "test", "tests", "idlelib", "tkinter", "ensurepip", "config-*", "*.a", "site-packages"
)
TESTS = ("tests/capture/test_live.py", "tests/capture/test_privilege.py", "tests/capture/test_system.py")
BEGINNING = """#!/bin/busybox sh
/bin/busybox --install -s /bin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t tmpfs tmp /tmp
export PATH=/bin HOME=/tmp PYTHONHOME={home} PYTHONPATH=/folioviz:/packages PYTHONDONTWRITEBYTECODE=1
cd /folioviz
/bin/busybox uname -r
"""
"""How a machine of ours begins, whatever it is for."""
INIT = (
    BEGINNING
    + """\
{python} -m pytest -q -p no:cacheprovider --noconftest {tests}
echo "the tests ended with status $?"
echo 3600000 > {sleep}
{python} -m folioviz record --times 1 -o $HOME/recording
echo "the recorder ended with status $?"
echo "{begin}"
gzip -c $HOME/recording | base64
echo "{end}"
/bin/busybox poweroff -f
"""
)
CONTROL = re.compile(r"\x1b(\[[0-9;?=]*[a-zA-Z]|c)|\r")
"""What moves a terminal's cursor."""
SLEEP = "/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs"
"""For how long khugepaged sleeps: nothing else in the machine touches what is recorded, so once is enough."""
PASSED = ("the tests ended with status 0", "the recorder ended with status 0")
BEGIN, END = "--- the recording", "--- its end"
"""What is printed around a recording, which is packed by gzip, as base64."""


def main() -> None:
    """Boot, ask, compare; the status is 1 if anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kernel", nargs="+", default=[KERNEL], metavar="PACKAGE", help=KERNELS)
    parser.add_argument(
        "--recording", metavar="FILE", type=Path, help="keep the recording as FILE, packed by gzip"
    )
    asked = parser.parse_args()
    require()
    start = time.monotonic()
    with TemporaryDirectory() as name:
        folder = Path(name)
        image = debian.vmlinuz(asked.kernel, folder / "kernel")
        say(f"{image.name}, out of {', '.join(asked.kernel)}")
        ramdisk = initramfs(folder / "root", folder / "initramfs")
        say(f"initramfs of {ramdisk.stat().st_size / 2**20:.0f} MiB; booting")
        printed = boot(image, ramdisk)
        say(f"{time.monotonic() - start:.0f} s; verifying")
        file = asked.recording or folder / f"{image.name}.jsonl.gz"
        file.write_bytes(recorded(printed))
        equal = verify([str(file)]).equal
    say(f"{time.monotonic() - start:.0f} s")
    if not equal or any(line not in printed for line in PASSED):
        raise SystemExit(1)


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def require() -> None:
    """Leave with what is missing, and the line that installs it.

    Raises:
        SystemExit: if something is missing.
    """
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        packages = " ".join(NEEDED[program] for program in missing)
        raise SystemExit(f"vm: {', '.join(missing)} missing: apt-get install {packages}")


# ------------------------------------------------------------------------------------------------ the initramfs


def initramfs(root: Path, image: Path) -> Path:
    """Pack what the machine starts with."""
    for name in ("bin", "dev", "proc", "sys", "tmp", "packages", "folioviz"):
        (root / name).mkdir(parents=True)
    shutil.copy2(str(shutil.which("busybox")), root / "bin" / "busybox")
    python = Path(os.path.realpath(sys.executable))
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    put(python, root)
    shutil.copytree(stdlib, root / stdlib.relative_to("/"), ignore=LEFT_OUT)
    for file in files_of(needed()):
        target = root / "packages" / file[1]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file[0], target)
    for name in ("folioviz", "tests"):
        shutil.copytree(ROOT / name, root / "folioviz" / name)
    shutil.copy2(ROOT / "pyproject.toml", root / "folioviz")
    libraries(root)
    init = root / "init"
    init.write_text(
        INIT.format(
            home=sys.base_prefix, python=python, tests=" ".join(TESTS), begin=BEGIN, end=END, sleep=SLEEP
        ),
        encoding="utf-8",
    )
    init.chmod(0o755)
    names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
    with image.open("wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names, stdout=out, check=True)
    return image


def put(file: Path, root: Path) -> None:
    """Copy a file to the place that it has here."""
    target = root / file.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copy2(file, target)


def needed() -> set[str]:
    """Return the packages that folioviz's core and pytest need."""
    found: set[str] = set()
    asked = [*PROJECT["dependencies"], "pytest"]
    while asked:
        need = Requirement(asked.pop())
        if need.name not in found and (need.marker is None or need.marker.evaluate({"extra": ""})):
            found.add(need.name)
            asked += importlib.metadata.requires(need.name) or ()
    return found


def files_of(packages: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Yield the files of packages: where each is, and its path below the folder of packages."""
    for name in packages:
        for file in importlib.metadata.distribution(name).files or ():
            if not str(file).startswith("..") and "tests" not in file.parts:
                yield Path(str(file.locate())), str(file)


def libraries(root: Path) -> None:
    """Add the shared libraries that the programs and modules of a root need."""
    programs = [
        path
        for path in root.rglob("*")
        if path.is_file() and (".so" in path.name or os.access(path, os.X_OK))
    ]
    said = subprocess.run(["ldd", *programs], check=False, capture_output=True, text=True).stdout
    for path in set(re.findall(r"(?:=> |^\s)(/\S+) \(0x", said, re.MULTILINE)):
        if not path.startswith(str(root)):
            put(Path(path), root)


# ------------------------------------------------------------------------------------------------ the machine


def boot(image: Path, ramdisk: Path) -> str:
    """Boot, and return what the machine prints until it is off; it is printed as it comes.

    Raises:
        SystemExit: if it is not off in time.
    """
    command: list[str | Path] = [
        *("qemu-system-x86_64", "-m", MEMORY, "-nographic", "-no-reboot", "-net", "none", "-accel", "tcg"),
        *("-cpu", "max", "-kernel", image, "-initrd", ramdisk, "-append", COMMAND_LINE),
    ]
    lines, told = [], True
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as machine:
        late = threading.Timer(PATIENCE, machine.kill)
        late.start()
        for line in machine.stdout or ():
            text = CONTROL.sub("", line.decode("utf-8", "replace")).rstrip()
            lines.append(text)
            told |= text == END
            if told:
                say(f"  {text}")
            told &= text != BEGIN
        late.cancel()
    if machine.returncode:
        raise SystemExit(
            f"vm: the machine was not off after {PATIENCE} s, or QEMU failed ({machine.returncode})"
        )
    return "\n".join(lines)


def recorded(printed: str) -> bytes:
    """Return the recording that a machine has printed, packed by gzip.

    Raises:
        SystemExit: if it has printed none.
    """
    found = re.search(f"^{BEGIN}$(.*)^{END}$", printed, re.MULTILINE | re.DOTALL)
    if not found or not found[1].strip():
        raise SystemExit("vm: the machine has recorded nothing")
    return base64.b64decode(found[1])


if __name__ == "__main__":
    main()
