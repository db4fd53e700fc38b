"""Ways through the machine of leases that chance alone seldom finds, gone one step at a time."""

import pytest

from argo_core.resilience.lease_table import Role
from argo_core.testing.lease_machine import POLICY, LeaseMachine


def checked(machine: LeaseMachine) -> None:
    machine.at_most_one_believes()
    machine.nobody_believes_for_longer_than_since_it_asked()
    machine.nobody_believes_for_long_in_what_another_was_granted()
    machine.nobody_stands_by_with_the_log_open()


@pytest.fixture
def machine() -> LeaseMachine:
    """The first of two processes publishes."""
    made = LeaseMachine()
    made.a_process_asks_and_hears(0, 0.1, 0.1)
    assert made.processes[0].tenancy.role is Role.PUBLISHING
    checked(made)
    return made


def test_a_lease_is_renewed_and_others_are_refused(machine: LeaseMachine) -> None:
    machine.a_process_asks_and_hears(0, 0.5, 0.5)
    machine.a_process_asks_and_hears(1, 0.1, 0.1)
    machine.a_process_writes_whatever_it_believes(0)
    assert [one.tenancy.role for one in machine.processes] == [Role.PUBLISHING, Role.STANDBY]
    checked(machine)


def test_belief_counts_from_the_ask_however_late_the_answer_comes(machine: LeaseMachine) -> None:
    first = machine.processes[0]
    asked_at = first.clock(machine.true)
    machine.a_process_asks_and_hears(0, 1.0, 2.0)
    assert first.tenancy.believes_until == asked_at + POLICY.stop_s
    checked(machine)


def test_whoever_does_not_hear_believes_no_more(machine: LeaseMachine) -> None:
    machine.a_process_asks(0)
    machine.an_ask_arrives(0, answered=False)
    machine.time_passes(6.0)
    assert not machine.processes[0].believes(machine.true)
    machine.a_process_asks_and_hears(0, 0.1, 0.1)
    assert machine.asks == []
    assert machine.processes[0].tenancy.role is Role.LOST
    machine.a_process_leaves(0)
    checked(machine)


def test_a_renewal_that_comes_too_late_is_refused_and_ends_it(machine: LeaseMachine) -> None:
    machine.the_stores_clock_is_set(30.0)
    machine.a_process_asks_and_hears(0, 0.1, 0.1)
    assert machine.processes[0].tenancy.role is Role.LOST
    machine.a_process_leaves(0)
    checked(machine)


def test_of_two_renewals_the_older_may_be_heard_of_last(machine: LeaseMachine) -> None:
    machine.a_process_asks_twice(0, 1.0)
    machine.all_that_is_on_its_way_comes(newest_first=True)
    checked(machine)


def test_more_time_for_an_earlier_lease_is_none_for_the_one_in_force() -> None:
    machine = LeaseMachine()
    machine.a_process_comes_and_goes(0, before=True, arrives=True)
    # The ask that was made first is granted last, and then the renewal is heard of.
    machine.all_that_is_on_its_way_comes(newest_first=True)
    first = machine.processes[0]
    assert (first.tenancy.role, first.tenancy.token) == (Role.TAKING_OVER, 2)
    checked(machine)


def test_an_end_of_an_earlier_lease_is_none_of_the_one_in_force() -> None:
    machine = LeaseMachine()
    machine.a_process_comes_and_goes(0, before=False, arrives=False)
    machine.a_process_asks_and_hears(0, 0.1, 0.1)
    machine.all_that_is_on_its_way_comes(newest_first=False)
    assert machine.processes[0].tenancy.role is Role.PUBLISHING
    checked(machine)


def test_more_time_and_a_lease_that_are_heard_of_when_belief_is_over_change_nothing(
    machine: LeaseMachine,
) -> None:
    machine.time_passes(2.0)
    machine.a_process_asks_and_hears(0, 0.1, 2.0)
    assert not machine.processes[0].believes(machine.true)
    machine.a_process_leaves(0)
    machine.time_passes(6.0)
    machine.a_process_asks_and_hears(1, 0.1, 4.0)
    assert machine.processes[1].tenancy.role is Role.STANDBY
    checked(machine)


def test_who_cannot_get_the_lease_leaves_nothing_on_its_way(machine: LeaseMachine) -> None:
    machine.a_process_comes_and_goes(1, before=False, arrives=True)
    assert machine.answers == []
    checked(machine)


def test_a_second_lease_is_not_taken_beside_the_first() -> None:
    machine = LeaseMachine()
    machine.a_process_asks(0)
    machine.time_passes(0.5)
    machine.a_process_asks_and_hears(0, 0.1, 0.1)
    machine.the_stores_clock_is_set(30.0)
    machine.all_that_is_on_its_way_comes(newest_first=False)
    checked(machine)


def test_who_was_paused_writes_late_with_an_old_fence(machine: LeaseMachine) -> None:
    machine.time_passes(30.0)
    machine.a_process_asks_and_hears(1, 0.1, 0.1)
    checked(machine)
    machine.a_process_writes_whatever_it_believes(0)
    machine.a_process_writes_whatever_it_believes(1)
    assert [one.tenancy.role for one in machine.processes] == [Role.LOST, Role.PUBLISHING]


def test_of_two_grants_the_older_may_be_heard_of_last(machine: LeaseMachine) -> None:
    machine.a_process_leaves(0)
    machine.a_process_asks(1)
    machine.an_ask_arrives(0, answered=True)
    machine.time_passes(30.0)
    machine.a_process_asks(1)
    machine.all_that_is_on_its_way_comes(newest_first=True)
    assert machine.processes[1].tenancy.token == machine.store.token == 3
    checked(machine)


def test_a_lease_that_another_has_by_now_is_not_given_back(machine: LeaseMachine) -> None:
    machine.the_stores_clock_is_set(30.0)
    machine.a_process_asks_and_hears(1, 0.1, 0.1)
    machine.nobody_believes_for_long_in_what_another_was_granted()
    ends = machine.store.ends
    machine.a_process_leaves(0)
    assert machine.store.ends == ends


def test_who_stands_by_has_nothing_to_leave(machine: LeaseMachine) -> None:
    machine.a_process_leaves(1)
    assert machine.processes[1].tenancy.role is Role.STANDBY
