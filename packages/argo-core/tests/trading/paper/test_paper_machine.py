"""The paper broker next to a plain count of what it says."""

from argo_core.testing.broker_machine import BrokerMachine

TestPaperBrokerMachine = BrokerMachine.TestCase
