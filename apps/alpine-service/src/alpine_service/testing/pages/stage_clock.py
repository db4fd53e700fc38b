"""A clock whose wall can be set: it stands still there, or goes on from there."""

from datetime import datetime, timedelta

from attrs import define, field

from alpine_service.adapters.system_clock import SystemClock


# The machine's clock has no slots, so none here would be of use.
@define(eq=False, slots=False)
class StageClock(SystemClock):
    """Sleeping, and measuring how long something takes, is as in the real world in any case."""

    _at: datetime
    _since: float | None = field(default=None, init=False)

    def now(self) -> datetime:
        passed = 0.0 if self._since is None else self.monotonic() - self._since
        return self._at + timedelta(seconds=passed)

    def set(self, at: datetime) -> None:
        """Go forward to then.

        Raises:
            ValueError: that was before now.
        """
        if at < self.now():
            raise ValueError("time does not go back")
        self._at, self._since = at, None if self._since is None else self.monotonic()

    def go_on(self) -> None:
        """Let time pass from now on."""
        self._at, self._since = self.now(), self.monotonic()
