"""Leaving without a lost request: first say that we do, then wait, then stop listening.

A proxy asks whether we are ready. Once it heard no, it sends no more; what came before is answered.
"""

from attrs import define

from alpine_service.ports.health import Condition, Finding, Level


@define
class Draining:
    """Keeps the port `Probe`: ready until `begin`, and never again."""

    is_draining: bool = False

    @property
    def name(self) -> str:
        return "draining"

    @property
    def level(self) -> Level:
        return Level.READY

    def begin(self) -> None:
        """From now on we are not ready."""
        self.is_draining = True

    async def check(self) -> Finding:
        facts = {"draining": self.is_draining}
        if self.is_draining:
            return Finding(Condition.DOWN, facts, "it is about to stop, and asks for no more")
        return Finding(facts=facts)
