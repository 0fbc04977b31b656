"""Rules of the simulation of several CPUs: with any one turned round, a quick test fails."""

from __future__ import annotations

import pytest

from folioviz.contention import curves, hardware, loops, output, prices, program, simulation, turns, workloads
from tests.contention import test_command, test_curves, test_hardware, test_loops, test_simulation
from tests.mutations.turning import Turned, is_noticed, rules_of

ALONE = (test_simulation.test_one_cpu_takes_what_its_costs_come_to, "v6.5-rc3+v4.1", "ld.lld")
BLOCKING = (test_simulation.test_cpus_that_block_come_to_the_same, 6, 1)
FOUR_QUEUES = (test_simulation.test_cpus_that_block_come_to_the_same, 16, 4)
LINES = (test_simulation.test_so_do_cpus_that_meet_at_lines,)
SECTIONS = (test_loops.test_every_section_is_a_lock_taken, "fault-unmap")
COSTS = (test_loops.test_a_loop_has_every_cost_of_its_journal, "v7.3", "fork-exit")
SHARED = (test_loops.test_what_setup_leaves_is_shared,)
ARRAYS = (test_curves.test_arrays_are_kernels_by_cpus,)
TURNS = (test_curves.test_lanes_have_bounds,)
TABLE = (test_command.test_the_table_has_a_line_per_kernel_and_number_of_cpus,)
run, reader = simulation._Run, loops._Reader
ROOMS = {
    "simulation": {
        "a lock has one holder": Turned(run._section, "max(self.lock_free[queue], now)", "now", *BLOCKING),
        "a turn ends with its lines": Turned(
            run._section, "end = turn + comes + inside + lines", "end = turn + comes + inside", *BLOCKING
        ),
        "the lock's line goes from CPU to CPU": Turned(
            run._section, "self._transfer(self.lock_owner[queue], cpu)", "0.0", *BLOCKING
        ),
        "CPUs are dealt out to queues": Turned(run._section, "cpu % self.queues", "0", *FOUR_QUEUES),
        "folios are each CPU's own": Turned(
            run._section, "cpu * self.program.folios + folio", "folio", *BLOCKING
        ),
        "a folio is queued at the end": Turned(
            run._relink,
            "first, then = before[head], head",
            "first, then = head, after[head]",
            test_simulation.test_the_queue_is_the_kernels,
        ),
        "neighbours are written to": Turned(run._relink, "{first, then, node}", "{node}", *BLOCKING),
        "the head is in the lock's line": Turned(run._relink, "if line != head:", "if True:", *BLOCKING),
        "an own line is here": Turned(
            run._transfer,
            "owner == cpu or owner < 0",
            "owner < 0",
            test_simulation.test_as_many_queues_as_cpus_meet_nowhere,
        ),
        "sockets have so many CPUs": Turned(
            run._transfer,
            "self.socket[owner] == self.socket[cpu]",
            "True",
            test_simulation.test_another_socket_is_farther,
        ),
        "a line has one writer": Turned(run._line, "max(self.line_free.get(line, 0.0), now)", "now", *LINES),
        "memory serves one loop after the other": Turned(
            run._loop_ends,
            "max(self.memory_free, now - self.program.memory)",
            "now - self.program.memory",
            test_simulation.test_memory_is_a_limit_for_every_kernel,
        ),
        "what went before is not measured": Turned(
            run.measure,
            "self.work = self.held = 0.0",
            "pass",
            test_simulation.test_private_work_is_what_it_costs,
            8,
        ),
        "loops have their variants in turn": Turned(run.until, "% VARIANTS", "% 2", *ALONE),
    },
    "program": {
        "an operation is entered": Turned(
            program.priced,
            "loop.private @ price + loop.entered * OPERATION_NS",
            "loop.private @ price",
            *ALONE,
        ),
        "the user's time is its own": Turned(program.priced, "user * hardware.user_ns", "0 * user", *ALONE),
        "variants come to their price": Turned(program._variants, "user / user.mean()", "user", *ALONE),
        "the hardware says what an atomic takes": Turned(
            prices.prices,
            "getattr(hardware, ns) if isinstance(ns, str) else ns",
            "0.0 if isinstance(ns, str) else ns",
            test_hardware.test_every_cost_has_a_price,
        ),
    },
    "loops": {
        "a section ends with the lock": Turned(
            reader.unlocks, "self._moves = None", "self._moves = []", *SECTIONS
        ),
        "what is counted under the lock is inside": Turned(
            reader.counts, "if self._moves is None:", "if True:", *SECTIONS
        ),
        "an event counts so many times": Turned(
            reader.reads, "new if address == NOWHERE else 1", "1", *COSTS
        ),
        "an atomic on a shared line is no private work": Turned(
            reader.touches, "self._private[-1][kind - 1] -= 1", "pass", *COSTS
        ),
        "folios of the setup are shared": Turned(
            reader.touches, "not self._shared[page]", "self._shared[page]", *SHARED
        ),
        "a folio's own counts lie in its second page": Turned(
            reader.touches, "page + behind", "page", *SHARED
        ),
        "a loop ends with the queue that it found": Turned(
            loops.compiled,
            "int(machine.split_queue_len[0]) != before or",
            "",
            test_loops.test_a_loop_ends_as_it_began,
        ),
        "a loop has at most 64 folios": Turned(
            workloads.workload,
            "1 <= folios <= MAX_FOLIOS",
            "1 <= folios",
            test_loops.test_a_workload_has_bounds,
        ),
    },
    "curves": {
        "memory is no waiting for each other": Turned(
            curves.waiting_share, "(sum(run.waited) - run.waited[AT_MEMORY])", "sum(run.waited)", *ARRAYS
        ),
        "a band holds the middle": Turned(
            curves._band, "arrays.min(axis=0), arrays.max(axis=0)", "arrays[1], arrays[1]", *ARRAYS
        ),
        "there are at most 128 CPUs": Turned(
            curves,
            "MOST_CPUS",
            129,
            test_curves.test_what_cannot_be_simulated_is_refused,
            "the number of CPUs is 129: it must be a whole number from 1 to 128",
            "v6.5-rc3",
            129,
            "fault-unmap",
        ),
        "far is not nearer": Turned(
            hardware.Hardware.band,
            "max(near, self.far_ns)",
            "near",
            test_hardware.test_another_socket_is_not_nearer,
        ),
        "lanes begin at a turn": Turned(
            turns.lanes, "max(run.since, float(table[0, 1]))", "run.since", *TURNS
        ),
    },
    "output": {
        "the assumptions stand below the table": Turned(
            output._said, "yield from found.assumptions", "yield from ()", *TABLE
        ),
        "what is missing stands there, too": Turned(
            output._said, "yield from found.missing", "yield from ()", *TABLE
        ),
        "a share is told in percent": Turned(
            output._line, "100 * array[row, column] for array", "array[row, column] for array", *TABLE
        ),
        "the label goes where the numbers go": Turned(
            output._csv,
            "[found.label, key, cpus,",
            "[key, key, cpus,",
            test_command.test_json_and_csv_have_the_same_numbers,
        ),
    },
}
RULES = rules_of(ROOMS)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_turned_round_is_noticed(name, request):
    """The test passes, and fails once the rule is turned round."""
    is_noticed(RULES[name], request)
