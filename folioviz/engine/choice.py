"""Which engine runs: plain Python at once, machine code when it pays.

Both do the same to the same machine, so that each operation may run on either. Machine code that is on disk is loaded
as soon as a kernel has done a little work in this process; what is not there is compiled after as much work as
compiling takes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args
from weakref import WeakKeyDictionary, WeakSet

from folioviz.engine import native
from folioviz.engine.compiled import Bound, compiled
from folioviz.engine.subset import CannotCompileError
from folioviz.errors import KernelError, shown
from folioviz.extras import how

if TYPE_CHECKING:
    from folioviz.engine.module import Keeps
    from folioviz.link import Linked
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op

Engine: TypeAlias = Literal["auto", "python", "compiled"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)
VARIABLE: Final = "FOLIOVIZ_ENGINE"
"""The environment variable that says which engine "auto" is."""
LOADS: Final = 20_000
"""After so many rows of plain Python (about 0.1 CPU s) machine code is loaded if it is on disk."""
COMPILES: Final = 600_000
"""After so many (about 2 CPU s) a kernel is compiled."""
ROWS_OF_A_PAGE: Final = 20
"""So many rows an operation is thought to leave for each page of its range."""

_spent: WeakKeyDictionary[Linked, int] = WeakKeyDictionary()
"""Rows that plain Python has left in this process, by kernel."""
_cannot: WeakSet[Linked] = WeakSet()
"""Kernels with a patch that only plain Python can run; to find that out takes longer than a small operation."""


def asked(engine: str) -> Engine:
    """Return the engine that is asked for; what "auto" is may be said by :data:`VARIABLE`.

    Raises:
        KernelError: if there is no such engine.
    """
    word = os.environ.get(VARIABLE, engine) if engine == "auto" else engine
    for one in ENGINES:
        if one == word:
            return one
    raise KernelError(f"no engine {shown(word)}: there are {', '.join(ENGINES)}")


def may_compile() -> bool:
    """Tell whether machine code may run here."""
    return native.installed() and asked("auto") != "python"


def runs() -> str:
    """Return what may run here, in words: the same for the whole of a process, whatever has run so far."""
    engine, code = asked("auto"), f"machine code ({native.compiler()})" if native.installed() else ""
    if engine == "python" or not code:
        return "plain Python"
    return code if engine == "compiled" else f"plain Python or {code}"


def state() -> str:
    """Return in one sentence what runs here, and why."""
    if not native.installed():
        return f"They run in plain Python; {how('fast')} lets long work run as machine code."
    if asked("auto") == "auto":
        return f"They run in plain Python, or as machine code ({native.compiler()}) where that pays."
    return f"They run {'in' if asked('auto') == 'python' else 'as'} {runs()}, as {VARIABLE} says."


class Choice:
    """Chooses what runs each operation on one machine.

    Attributes:
        engine: what was asked for.
        ran: what ran last, "python" or "compiled".
    """

    def __init__(self, engine: str, linked: Linked, machine: Machine, keeps: Keeps, *, patched: bool) -> None:
        """Choose for a kernel on a machine; nothing is compiled yet, unless that was asked for.

        Raises:
            KernelError: for an unknown engine, or a compiled one that cannot be had.
        """
        self.engine = asked(engine)
        self.ran = "python"
        self._linked, self._keeps, self._patched = linked, keeps, patched
        self._machine = machine
        self._bound: Bound | None = None
        self._plain = self.engine == "python" or (
            self.engine == "auto" and (linked in _cannot or not native.installed())
        )
        if self.engine == "compiled":
            self._bound = compiled(linked, keeps, checked=patched).bind(machine)

    @property
    def loaded(self) -> bool:
        """Tell whether machine code is at hand: it runs, and checks, whatever comes."""
        return self._bound is not None

    def pick(self, op: Op) -> Bound | None:
        """Return the compiled kernel if it is to run an operation, or None: plain Python is."""
        if self._bound is None and not self._plain:
            rows = _spent.get(self._linked, 0) + ROWS_OF_A_PAGE * getattr(op, "pages", 0)
            if rows >= LOADS:
                self._bound = self._made(compile_it=rows >= COMPILES)
        self.ran = "compiled" if self._bound else "python"
        return self._bound

    def _made(self, *, compile_it: bool) -> Bound | None:
        """Return the compiled kernel, if it can be had and pays."""
        try:
            kernel = compiled(self._linked, self._keeps, checked=self._patched)
            return kernel.bind(self._machine) if compile_it or kernel.ready else None
        except CannotCompileError:
            self._plain = True
            _cannot.add(self._linked)
            return None

    def spent(self, rows: int) -> None:
        """Note how many rows plain Python left for an operation."""
        _spent[self._linked] = _spent.get(self._linked, 0) + rows
