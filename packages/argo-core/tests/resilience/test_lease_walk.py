"""Ways through the machine of leases that chance alone seldom finds, gone one step at a time."""

import pytest

from argo_core.resilience.lease_table import Role
from argo_core.testing.lease_machine import LeaseMachine


def checked(machine: LeaseMachine) -> None:
    machine.at_most_one_believes()
    machine.nobody_believes_for_long_in_what_another_was_granted()
    machine.what_was_written_carries_fences_that_never_go_back()


@pytest.fixture
def machine() -> LeaseMachine:
    """The first of three processes publishes."""
    made = LeaseMachine()
    made.a_process_takes_over(0, 0.1)
    assert made.processes[0].tenancy.role is Role.PUBLISHING
    checked(made)
    return made


def test_a_lease_is_renewed_and_others_are_refused(machine: LeaseMachine) -> None:
    machine.a_renewal_takes_its_time(0, 0.5)
    machine.a_process_takes_over(1, 0.1)
    assert machine.processes[1].tenancy.role is Role.STANDBY
    machine.a_process_writes_whatever_it_believes(0)
    checked(machine)
    assert machine.written == [1]


def test_a_renewal_that_comes_too_late_is_refused_and_ends_it(machine: LeaseMachine) -> None:
    machine.a_process_asks_for_more_time(0, answered=False)
    machine.the_stores_clock_is_set(30.0)
    machine.a_process_asks_for_more_time(0, answered=True)
    machine.an_answer_comes(0, 0)
    assert machine.processes[0].tenancy.role is Role.LOST
    machine.a_process_leaves(0)
    assert machine.processes[0].tenancy.role is Role.STANDBY
    checked(machine)


def test_who_was_paused_does_nothing_and_writes_late_with_an_old_fence(
    machine: LeaseMachine,
) -> None:
    first = machine.processes[0]
    machine.a_process_is_paused_or_wakes(0)
    for deed in (
        machine.a_process_asks_for_the_lease,
        machine.a_process_asks_for_more_time,
    ):
        deed(0, answered=True)
    machine.an_answer_comes(0, 0)
    machine.a_process_reads_the_newest_fence(0)
    machine.a_process_opens_the_log(0)
    machine.a_process_leaves(0)
    assert first.tenancy.role is Role.PUBLISHING
    machine.time_passes(30.0)
    machine.a_process_takes_over(1, 0.1)
    checked(machine)
    machine.a_process_is_paused_or_wakes(0)
    machine.a_process_writes_whatever_it_believes(0)
    assert first.tenancy.role is Role.LOST
    machine.a_process_writes_whatever_it_believes(1)
    machine.a_process_writes_whatever_it_believes(2)
    checked(machine)
    assert machine.written == [2]


def test_of_two_grants_the_older_may_be_heard_of_last(machine: LeaseMachine) -> None:
    machine.a_process_leaves(0)
    machine.a_process_asks_for_the_lease(1, answered=True)
    machine.time_passes(30.0)
    machine.a_process_asks_for_the_lease(1, answered=True)
    machine.an_answer_comes(1, 1)
    machine.an_answer_comes(1, 0)
    assert machine.processes[1].tenancy.token == machine.store.token == 3
    checked(machine)


def test_a_lease_that_another_has_by_now_is_not_given_back(machine: LeaseMachine) -> None:
    machine.the_stores_clock_is_set(30.0)
    machine.a_process_takes_over(1, 0.1)
    machine.nobody_believes_for_long_in_what_another_was_granted()
    ends = machine.store.ends
    machine.a_process_leaves(0)
    assert machine.store.ends == ends


def test_who_stands_by_has_nothing_to_leave(machine: LeaseMachine) -> None:
    machine.a_process_leaves(2)
    assert machine.processes[2].tenancy.role is Role.STANDBY
