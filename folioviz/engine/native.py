"""LLVM's text becomes machine code, which is kept on disk: the second process reads it in a blink.

The file is named by a hash of all that decides what is in it: every function, field and constant of the kernel and
what writes LLVM's text of them (:mod:`folioviz.engine.identity`); LLVM's version; the processor. So a change never
meets an old file, and what is on disk is found without writing the text. A folder that cannot be written, or is not
there, means that each process compiles for itself.
"""

from __future__ import annotations

import ctypes
import os
import tempfile
from contextlib import suppress
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from folioviz.engine.module import MOST_ARGUMENTS
from folioviz.extras import how, missing, version

if TYPE_CHECKING:
    from collections.abc import Callable

LEVEL: Final = 1
"""How hard LLVM tries: 2 and 3 take longer and give no faster zap."""
ONCE: Final = 0
"""How hard it tries with what runs only now: a tenth of the time, for code that takes thrice as long to run."""
MOST_FILES: Final = 256
"""So many kernels are kept, the oldest go."""
FOLDER: Final = "FOLIOVIZ_CACHE"
"""The environment variable that names another folder."""
DIGEST: Final = 32
WAY_IN: Final = ctypes.PYFUNCTYPE(
    ctypes.c_int64, *[ctypes.c_void_p] * 4, *[ctypes.c_int64] * (1 + MOST_ARGUMENTS)
)
"""The way in for one call (:mod:`folioviz.engine.module`)."""
BATCH_IN: Final = ctypes.PYFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * 5, ctypes.c_int64)
"""The way in for a list of operations (:mod:`folioviz.engine.batch`)."""

MISSING: Final = f"machine code needs llvmlite: {how('fast')}"


def installed() -> bool:
    """Tell whether kernels can be compiled here: llvmlite is installed (the ``fast`` extra)."""
    return not missing("fast")


def compiler() -> str:
    """Return what compiles, with its version."""
    return f"llvmlite {version('llvmlite')}"


@cache
def _llvm() -> Any:
    """Return LLVM's functions, ready for this processor."""
    binding: Any = import_module("llvmlite.binding")
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def _target(level: int = LEVEL) -> Any:
    """Return what makes code for this processor."""
    llvm = _llvm()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=level,
        codemodel="jitdefault",
        jit=True,
    )


@cache
def _linker() -> Any:
    """Return what links machine code into this process."""
    return _llvm().create_lljit_compiler(_target())


def folder() -> Path:
    """Return where machine code is kept."""
    from platformdirs import user_cache_path

    return Path(os.environ.get(FOLDER) or user_cache_path("folioviz")) / "kernels"


def name_of(identity: str, level: int = LEVEL) -> str:
    """Return the name of the file that holds machine code; ``identity`` is what decides it, but for what is here."""
    of = (identity, str(level), *_here())
    return f"{sha256(chr(0).join(of).encode()).hexdigest()}.o"


@cache
def _here() -> tuple[str, ...]:
    """Return what compiles here, and for which processor."""
    llvm = _llvm()
    features = llvm.get_host_cpu_features().flatten()
    return compiler(), llvm.get_default_triple(), llvm.get_host_cpu_name(), features


def kept(name: str) -> bytes | None:
    """Return the machine code in a file of that name if it is on disk, and whole."""
    with suppress(OSError):
        data = (folder() / name).read_bytes()
        if sha256(data[DIGEST:]).digest() == data[:DIGEST]:
            return data[DIGEST:]
    return None


def keep(name: str, code: bytes) -> None:
    """Write machine code to disk, if that is possible; readers see all of it or nothing."""
    with suppress(OSError):
        where = folder()
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=where, delete=False) as file:
            file.write(sha256(code).digest() + code)
        Path(file.name).replace(where / name)
        for old in sorted(where.glob("*.o"), key=lambda one: one.stat().st_mtime)[:-MOST_FILES]:
            old.unlink()


def compiled(text: str, level: int = LEVEL) -> bytes:
    """Return a text's machine code, an object file; 1 to 5 CPU s for a whole kernel, at level :data:`ONCE` a tenth."""
    llvm, target = _llvm(), _target(level)
    module = llvm.parse_assembly(text)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=level)
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    return bytes(target.emit_object(module))


_numbers = count()


def loaded(code: bytes, way_in: Any) -> Callable[..., int]:
    """Return the way into machine code, which stays in memory for as long as anybody has the way."""
    library = _llvm().JITLibraryBuilder().add_object_img(code).export_symbol("run")
    held = library.link(_linker(), f"kernel {next(_numbers)}")
    run: Callable[..., int] = way_in(held["run"])
    vars(run)["held"] = held
    return run


class Code:
    """Machine code that is loaded, or compiled, once it is needed.

    Attributes:
        identity: what decides it (:mod:`folioviz.engine.identity`).
    """

    def __init__(
        self, identity: str, write: Callable[[], str], way_in: Any, *, level: int = LEVEL, stays: bool = True
    ) -> None:
        """Note what it is; nothing is written or compiled yet.

        Args:
            identity: what decides it.
            write: returns LLVM's text, or raises that it cannot be compiled.
            way_in: the type of its way in.
            level: how hard LLVM tries; :data:`ONCE` for what runs only a little.
            stays: whether it is kept on disk; not what runs only now.
        """
        self.identity = identity
        self._write = write
        self._way_in, self._level, self._stays = way_in, level, stays
        self._run: Callable[..., int] | None = None

    @cached_property
    def text(self) -> str:
        """LLVM's text, written when it is first asked for.

        Raises:
            CannotCompileError: if a function has what only plain Python can run.
        """
        return self._write()

    @property
    def ready(self) -> bool:
        """Tell whether nothing is to be compiled: it has run, or is on disk. Whether it can be is not asked."""
        return self._run is not None or self._kept() is not None

    def _kept(self) -> bytes | None:
        """Return the machine code if it is on disk."""
        return kept(name_of(self.identity, self._level)) if self._stays else None

    def prepare(self) -> Callable[..., int]:
        """Make it ready, and return the way in; 1 to 5 CPU s for a whole kernel that is not on disk.

        Raises:
            CannotCompileError: if a function has what only plain Python can run.
        """
        if self._run is None:
            code = self._kept()
            if code is None:
                code = compiled(self.text, self._level)
                if self._stays:
                    keep(name_of(self.identity, self._level), code)
            self._run = loaded(code, self._way_in)
        return self._run
