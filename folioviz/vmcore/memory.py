"""A kernel's memory as a program of drgn's: the running one's, or a dump of one, with its debugging information."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drgn import Architecture, BadDataError, MissingDebugInfoError, Program

from folioviz.errors import LiveError, shown
from folioviz.vmcore.source import Core
from folioviz.vmcore.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PACKAGES: Final = (
    "linux-image-{0}-dbg of Debian, linux-image-{0}-dbgsym of Ubuntu, kernel-debuginfo of Fedora"
)
"""Where a distribution has a kernel's debugging information."""
INFO_FINDERS: Final = ("standard",)
"""Files of this machine alone: nothing is asked for over the network."""


class Memory:
    """A kernel's memory, opened: it can be read from now on without any privilege.

    Attributes:
        program: it, as drgn has it.
        tasks: its processes.
    """

    def __init__(self, vmcore: str = "", vmlinux: str = "") -> None:
        """Open it, and load debugging information.

        Args:
            vmcore: a dump of a kernel: /proc/vmcore, what makedumpfile made of it, or QEMU's dump-guest-memory; '' is
                the running kernel, by /proc/kcore.
            vmlinux: the kernel with debugging information; else that is looked for where distributions put it.

        Raises:
            LiveError: without root or /proc/kcore, if the file is no dump, without debugging information, or on another
                architecture than x86-64.
        """
        if vmcore:
            self.program = _opened(lambda program: program.set_core_dump(vmcore), shown(vmcore, 400), vmlinux)
        else:
            self.program = _opened(
                lambda program: program.set_kernel(), "the memory of the running kernel", vmlinux
            )
        self.tasks = Tasks(self.program)

    def source(self, pids: Sequence[int]) -> Core:
        """Return some processes as a source of words.

        Raises:
            LiveError: if one is not there, or has no memory.
        """
        return Core(self.program, [self.tasks.mm(pid) for pid in pids])


def _opened(attach: Callable[[Program], None], what: str, vmlinux: str) -> Program:
    """Attach a program, and load its debugging information."""
    program = Program()
    try:
        attach(program)
    except PermissionError:
        raise LiveError(f"{what} cannot be read without root") from None
    except (OSError, ValueError, LookupError, BadDataError) as error:
        raise LiveError(f"{what} cannot be read: {shown(str(error), 200)}") from None
    if not (platform := program.platform) or platform.arch != Architecture.X86_64:
        name = platform.arch.name if platform else "unknown"
        raise LiveError(
            f"{what} is of the architecture {name}: it must be X86_64, whose page tables are read"
        )
    try:
        release = program["UTS_RELEASE"].string_().decode("utf-8", "replace")
    except LookupError:
        raise LiveError(f"{what} is not a Linux kernel's, or has no VMCOREINFO") from None
    program.set_enabled_debug_info_finders(INFO_FINDERS)
    try:
        if vmlinux:
            program.load_debug_info([vmlinux], main=False)
        else:
            program.load_debug_info(main=True)
    except (MissingDebugInfoError, OSError, ValueError, BadDataError) as error:
        said = str(error).partition("\n")[0]
        raise LiveError(
            f"no debugging information for kernel {release} ({shown(said, 200)}); it is in a package"
            f" ({PACKAGES.format(release)}), or in a vmlinux: --vmlinux FILE"
        ) from None
    try:
        program.type("struct folio")
    except LookupError:
        raise LiveError(
            f"{what} is of kernel {release}, and {shown(vmlinux, 400)} is not its vmlinux"
        ) from None
    return program
