"""Do on the model what a recording says was done, and look at both after every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.errors import DocumentError, FoliovizError
from folioviz.evidence.recordings import kernel_side, model_side, naming
from folioviz.evidence.recordings.comparison import Difference, differences
from folioviz.evidence.recordings.grammar import read
from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.evidence.recordings.nearest import Release, release_of
from folioviz.evidence.recordings.observed import Observed
from folioviz.evidence.recordings.translation import ADVICE, Translator, may_have_stopped
from folioviz.lab import Lab
from folioviz.machine.memory import EFAULT, ENOMEM, Sizes
from folioviz.readout.explain import failure

if TYPE_CHECKING:
    from folioviz.evidence.recordings.format import About
    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.reading import Recording
    from folioviz.ops.op import Op

SIZES: Final = Sizes(pages=32768, tables=512, vmas=512)
"""Room for what recordings do: 128 MiB."""


class Done(NamedTuple):
    """One step, on both sides.

    Attributes:
        number: its place in the recording, from 0.
        text: what was done, as recorded.
        ops: what the model did for it.
        rows: journal rows ``[start, end)`` of the lab that the step took.
        kernel: what the kernel showed afterwards.
        model: what the model shows.
        differences: where they differ.
        not_modelled: why the step cannot be done on the model, '' if it can; then, and afterwards, nothing is compared.
    """

    number: int
    text: str
    ops: tuple[Op, ...]
    rows: tuple[int, int]
    kernel: Observed
    model: Observed
    differences: tuple[Difference, ...]
    not_modelled: str = ""


class Replay(NamedTuple):
    """A recording and what the model did for it.

    Attributes:
        about: what is known of the recording.
        release: the recorded kernel, with the key of the model that stands for it.
        lab: the model's lab; its history is the steps' operations.
        steps: one per recorded step.
        skip: why the kernel could not run the scenario, '' if it could.
        ours: whether the recording is one of the package's own.
    """

    about: About
    release: Release
    lab: Lab
    steps: tuple[Done, ...]
    skip: str = ""
    ours: bool = False


def replay(recording: Recording, thp: frozenset[int] | None = None, kernel: str | None = None) -> Replay:
    """Replay a recording.

    Args:
        recording: what to replay.
        thp: the orders that were enabled; else the recording's own, or those of the folios that it brings.
        kernel: the model to replay it on; else the nearest one.

    Raises:
        DocumentError: if a step of the recording has no operation, naming it.
        KernelError: if no model comes near.
    """
    about = recording.about
    release = release_of(about.release, about.version)
    if kernel is not None:
        release = release._replace(model=kernel)
    lab = Lab(release.model, sizes=SIZES)
    acts = []
    for step in recording.steps:
        try:
            acts.append(read(step.op))
        except DocumentError as error:
            raise DocumentError(f"scenario {about.scenario}, step {step.i}: {error}") from None
    where = Translator(lab.machine, thp or enabled(recording), release)
    names = naming.Names()
    done: list[Done] = []
    stopped = refused = ""
    for act, step in zip(acts, recording.steps, strict=True):
        start, first = lab.cursor, len(lab.applied)
        before = naming.Before(lab.machine)
        if not stopped:
            where.collapsing = kernel_side.collapsed_unasked(step)
            stopped, refused = _do(lab, where, act, step.rc)
        kernel_view = kernel_side.observe(about, step, recording.fields)
        ops = tuple(entry.op for entry in lab.applied[first:])
        if refused:
            found: tuple[Difference, ...] = (Difference("operation", "refused", "done", refused),)
            done.append(Done(step.i, step.op, ops, (start, lab.cursor), kernel_view, Observed(), found))
            stopped, refused = f"the model refused step {step.i}", ""
            continue
        if stopped:
            done.append(Done(step.i, step.op, ops, (start, lab.cursor), kernel_view, Observed(), (), stopped))
            continue
        model = model_side.observe(lab, start, before, where, names, release, kernel_view)
        found = tuple(differences(kernel_view, model))
        done.append(Done(step.i, step.op, ops, (start, lab.cursor), kernel_view, model, found))
    return Replay(about, release, lab, tuple(done), recording.skip)


def _do(lab: Lab, where: Translator, act: Act, result: int) -> tuple[str, str]:
    """Do a step; return why the model has no operation for it, and why it refused one; each '' if not so.

    A step that failed has done a part of its work only if it fails on the model in the same way; else, nothing is done.
    """
    start, ended, why = lab.cursor, 0, ""
    try:
        for op in where.operations(act, result):
            if op.call not in lab.linked.names:
                return f"{lab.kernel.key} has no {op.word}", ""
            ended = lab.apply(op).result
            if ended < 0 and (why := failure(lab.rows(-1))):
                break
    except NotModelledError as error:
        return str(error), ""
    except FoliovizError as error:
        why = str(error)
        ended = -EFAULT if act.word == "touch" else 0  # a page without a VMA is a signal, too
    if result >= 0:
        return "", why
    if act.word in ADVICE and may_have_stopped(act, result) and where.has_hole(act):
        ended = -ENOMEM
    if may_have_stopped(act, result) and ended != result:  # refused at once
        lab.seek(start)
        lab.cut()
    return "", ""


def enabled(recording: Recording) -> frozenset[int]:
    """Return the orders of folios that faults may bring: what the recording says, or else those that they brought."""
    if recording.about.thp is not None:
        return frozenset(int(order) for order in recording.about.thp.split("+"))
    born: dict[str, int] = {}
    split_off: set[str] = set()
    for step in recording.steps:
        for key, folio in step.folios.items():
            born.setdefault(key, folio.order)
            if folio.came_from is not None:
                split_off.add(key)
    return frozenset(order for key, order in born.items() if key not in split_off)
