"""A selection becomes operations on a kernel; what is said of it is what a machine does, and the links do it again."""

from __future__ import annotations

import asyncio
import re

from folioviz.files import share
from folioviz.files.scenario import Scenario
from folioviz.lab import Lab
from folioviz.proc.node import totals
from folioviz.views import Machine
from folioviz.views.machine_panels.answers import Answer, key_of
from folioviz.views.machine_panels.asking import Asking, pieces
from folioviz.views.machine_panels.look import Look
from tests.boards import on_page
from tests.views.machine_panels import captures


def answered(look):
    """Return the whole answer to what is selected."""
    found = Answer(key_of(look))
    for _ in found.find(look):
        assert not found.done
    return found


def run(query, kernel):
    """Return the sums of a machine after a link's operations."""
    found, faults = share.read(share.fields_of(query), Scenario(()))
    assert not faults
    lab = Lab(kernel)
    for op in found.ops:
        lab.apply(op)
    return totals(lab.machine)


def test_the_link_makes_what_was_seen():
    """A machine that follows it holds as much that nobody maps as was read; after munmap nothing is left."""
    look = Look(captures.taken())
    found = answered(look)
    munmap, shrink = found.deeds

    assert (found.refused, found.differences) == ("", [])
    assert run(found.query, "v7.3").lost == 416
    assert run(munmap.query, "v7.3").held == 0
    assert run(shrink.query, "v7.3").held == 96
    assert "munmap would free 2,048 KiB" in munmap.sentence
    assert "the shrinker would free 1,664 KiB" in shrink.sentence


def test_what_differs_and_what_is_left_out_is_said():
    """On a kernel without folios of 64 KiB, each difference is listed; what the model cannot have is named."""
    look = Look(captures.taken())
    look.select(1, 0)
    look.ask("v6.1")
    asking = Asking(lambda: None)
    asking.ask(look)
    shown = "".join(pieces(look, asking, "x").values())
    found = asking.known(look)

    assert found.differences
    assert f"with {len(found.differences)} difference" in shown
    assert f"differences: {len(found.differences)}" in shown
    assert "1 folio of order 4: the kernel has none" in shown
    assert "Becomes" in shown
    assert 'href="explorer.ipynb?' in shown


def test_without_privileges_it_says_why_not():
    """There are no folios to rebuild; there is no link."""
    look = Look(captures.taken(captures.UNPRIVILEGED))
    look.select(1, 0)
    asking = Asking(lambda: None)
    asking.ask(look)
    shown = "".join(pieces(look, asking, "x").values())

    assert "Not rebuilt: the capture was taken without privileges" in shown
    assert "href" not in shown


def test_a_block_is_answered_at_once_and_a_region_on_demand():
    """Whoever selects a cell reads the answer; all of a region may take seconds, and is asked by a button."""
    machine = Machine()
    machine.heard({"cell": [1, 9]})
    block = on_page(machine)["asked"]
    machine.heard({"click": "region:2"})
    region = on_page(machine)["asked"]
    machine.heard({"click": "do:ask"})

    assert "Becomes 4 operations; equal to what was read on every page." in block
    assert 'data-fv="do:ask"' in region
    assert "Becomes" not in region
    assert re.search(r"Becomes \d+ operations", on_page(machine)["asked"])


def test_another_kernel_is_asked():
    """The sentences are of the kernel that was picked; one that there is not is told."""
    machine = Machine()
    machine.heard({"kernel": ["A", "v6.12"]})
    asked = on_page(machine)["asked"]
    machine.heard({"kernel": ["A", "v0"]})

    assert "Under v6.12, munmap would free 2,048 KiB" in asked
    assert "v0" in on_page(machine)["said"]
    assert "kernel=v6.12" in machine.screen._data["link"]["query"]


def test_while_it_is_asked_the_last_answer_stays_and_cannot_be_pressed():
    """In a kernel, the page shows the selection first; the last question alone is answered."""

    async def walk():
        machine = Machine()
        await machine.asking.work.task
        machine.heard({"cell": [1, 8]})
        machine.heard({"cell": [2, 3]})
        first = on_page(machine)
        await machine.asking.work.task
        return first, on_page(machine)

    first, then = asyncio.run(walk())

    assert "Region 2, block 3" in first["chosen"]
    assert first["asked"].count("inert") >= 3
    assert "inert" not in then["asked"]
    assert "Becomes 20 operations" in then["asked"]
