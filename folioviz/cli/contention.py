"""The command ``folioviz contention``."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

import typer

from folioviz.cli.app import KernelOption
from folioviz.contention.curves import CPUS, KERNELS
from folioviz.contention.curves import contention as simulated
from folioviz.contention.hardware import PARAMETERS
from folioviz.contention.output import printed
from folioviz.contention.workloads import WORKLOADS, workload
from folioviz.errors import DocumentError, shown

ABOUT = {one.name: one for one in PARAMETERS}


class Form(StrEnum):
    """How it prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def _option(name: str, flag: str, metavar: str) -> Any:
    """Return the option of one number of the hardware; its bounds are checked where the hardware is made."""
    one = ABOUT[name]
    text = f"{one.words[0].upper()}{one.words[1:]}. Usually {one.default:g}."
    return typer.Option(flag, metavar=metavar, help=text)


def contention(
    kernel: KernelOption = None,
    cpus: Annotated[str, typer.Option("--cpus", metavar="N,...", help="How many CPUs, 1 to 128.")] = ",".join(
        map(str, CPUS)
    ),
    name: Annotated[
        str, typer.Option("--workload", metavar="NAME", help=f"What they do: {', '.join(WORKLOADS)}.")
    ] = "fault-unmap",
    order: Annotated[int | None, typer.Option("--order", metavar="N", help="Of the folios, 2 to 9.")] = None,
    folios: Annotated[int | None, typer.Option("--folios", metavar="N", help="In a loop, 1 to 64.")] = None,
    near: Annotated[float | None, _option("near_ns", "--near", "NS")] = None,
    far: Annotated[float | None, _option("far_ns", "--far", "NS")] = None,
    socket: Annotated[int | None, _option("cpus_per_socket", "--cpus-per-socket", "N")] = None,
    atomic: Annotated[float | None, _option("atomic_ns", "--atomic", "NS")] = None,
    user: Annotated[float | None, _option("user_ns", "--user", "NS")] = None,
    flush: Annotated[float | None, _option("flush_ns", "--flush", "NS")] = None,
    bandwidth: Annotated[float | None, _option("bandwidth_gb", "--bandwidth", "GB/S")] = None,
    queues: Annotated[int | None, _option("queues", "--queues", "N")] = None,
    form: Annotated[Form, typer.Option("--format", help="How to print.")] = Form.TABLE,
) -> None:
    """Simulate CPUs that meet at split_queue_lock and at cache lines.

    Every CPU repeats one loop of the model, each counted event at a price in nanoseconds. What is printed is simulated:
    its assumptions stand below it. From-to is what cache lines of 20 to 140 ns would give.
    """
    asked: dict[str, Any] = {
        "near_ns": near,
        "far_ns": far,
        "cpus_per_socket": socket,
        "atomic_ns": atomic,
        "user_ns": user,
        "flush_ns": flush,
        "bandwidth_gb": bandwidth,
        "queues": queues,
    }
    found = workload(name, order, folios)
    hardware = replace(found.hardware, **{key: value for key, value in asked.items() if value is not None})
    typer.echo(printed(simulated(kernel or KERNELS, _numbers(cpus), found, hardware), form), nl=False)


def _numbers(text: str) -> list[int]:
    """Return the numbers of a list with commas.

    Raises:
        DocumentError: naming what is none.
    """
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) <= 9):
            raise DocumentError(
                f"--cpus is {shown(text)}: it must be whole numbers from 1 to 128, with commas"
            )
    return [int(part) for part in parts]
