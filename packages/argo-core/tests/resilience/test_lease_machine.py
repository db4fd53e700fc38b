"""Whatever happens to clocks, answers and processes, one publishes, and late writes are refused."""

from hypothesis import settings

from argo_core.testing.lease_machine import LeaseMachine

TestLease = LeaseMachine.TestCase
# A step costs next to nothing, and what goes wrong takes some of them in the right order.
TestLease.settings = settings(max_examples=min(400, 10 * settings().max_examples))
