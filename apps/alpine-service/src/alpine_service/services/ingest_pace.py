"""How long to wait before the log is asked again."""

from attrs import define, frozen

from alpine_service.ports.outside import Chance


@frozen
class Pace:
    """Seconds: between two looks when all is well, and at most when it is not."""

    poll_s: float = 1.0
    longest_s: float = 60.0


PACE = Pace()


@define
class Waiting:
    """Doubles the wait with each failure in a row.

    Half of a wait is left to chance, so that many who were turned away at once do not come back at
    once.
    """

    _pace: Pace
    _chance: Chance
    failures: int = 0

    def after_success(self) -> float:
        self.failures = 0
        return self._pace.poll_s

    def after_failure(self, retry_after_s: float | None = None) -> float:
        """The wait; never shorter than what the server asked for."""
        # An exponent without a bound would become a number without one.
        doubled = self._pace.poll_s * 2.0 ** min(self.failures, 32)
        whole = min(doubled, self._pace.longest_s)
        self.failures += 1
        share = int.from_bytes(self._chance.draw(2)) / 0xFFFF
        return max(whole * (0.5 + share / 2), retry_after_s or 0.0)
