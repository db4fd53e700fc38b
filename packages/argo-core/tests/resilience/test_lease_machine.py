"""Whatever happens to clocks, answers and processes, one publishes, and late writes are refused."""

from argo_core.testing.lease_machine import LeaseMachine

TestLease = LeaseMachine.TestCase
