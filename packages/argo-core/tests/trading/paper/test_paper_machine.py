"""The paper broker next to a plain count of what it says."""

from hypothesis import settings

from argo_core.testing.broker_machine import BrokerMachine

TestPaperBrokerMachine = BrokerMachine.TestCase
# Orders live long: there is more to see in a long run than in many.
TestPaperBrokerMachine.settings = settings(stateful_step_count=120)
