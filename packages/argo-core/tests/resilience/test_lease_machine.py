"""Whatever happens to clocks, answers and processes, one publishes, and late writes are refused."""

from hypothesis import settings

from argo_core.resilience.lease import LeasePolicy
from argo_core.testing.lease_machine import LeaseMachine

TestLease = LeaseMachine.TestCase
# A step costs next to nothing, and what goes wrong takes some of them in the right order.
TestLease.settings = settings(max_examples=min(400, 10 * settings().max_examples))


def test_a_lease_of_another_length_has_the_proportions_that_the_machine_is_played_with() -> None:
    assert LeasePolicy.lasting(6.0) == LeasePolicy()
    assert LeasePolicy.lasting(12.0) == LeasePolicy(12.0, 4.0, 8.0, 1.0)
