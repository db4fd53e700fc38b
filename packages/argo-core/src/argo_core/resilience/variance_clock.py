"""Session time: a clock that runs as fast as prices move, and stands while the market is closed."""

from bisect import bisect_right
from datetime import datetime, timedelta

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import AssetClass, Instrument
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.resilience.door import not_negative


@frozen
class VarianceClock:
    """Session seconds per second: 1 in the regular session, `extended` around it, 0 while closed.

    Crypto always runs at 1. `extended` is the variance per second outside of the regular session
    relative to inside, so sigma need not know the phase. In a year of twelve stocks' minute bars it
    was 0.28 without moves above 0.5 % and 3.1 with them, most of that from a few large moves soon
    after a close; the default errs upwards from the former and leaves the rest to the rate of
    jumps. `settle` is how long after a close the official closing price is looked up, once.
    """

    table: SessionTable
    extended: float = 0.5
    settle: timedelta = timedelta(minutes=2)

    def __attrs_post_init__(self) -> None:
        not_negative("extended", self.extended)
        not_negative("settle", self.settle.total_seconds())

    def rate(self, instrument: Instrument, at: datetime) -> float:
        """Session seconds that pass per second at that moment.

        Raises:
            InvalidInput: a stock is asked about at a moment outside the table.
        """
        phase = self.table.phase(instrument, at)
        if phase is Phase.REGULAR:
            return 1.0
        return 0.0 if phase is Phase.CLOSED else self.extended

    def between(self, instrument: Instrument, since: datetime, until: datetime) -> float:
        """Session seconds from `since` to `until`.

        Raises:
            InvalidInput: `until` is earlier than `since`, or a stock is asked about outside the
                table.
        """
        if until < since:
            raise InvalidInput("until", f"{until} is before {since}", "give moments in order")
        if instrument.asset_class is AssetClass.CRYPTO:
            return (until - since).total_seconds()
        self.rate(instrument, since)
        self.rate(instrument, until)
        passed = 0.0
        sessions = self.table.sessions
        for place in range(self._place(since), len(sessions)):
            if sessions[place].pre >= until:
                break
            for begin, end, rate in self._stretches(sessions[place]):
                overlap = (min(end, until) - max(begin, since)).total_seconds()
                passed += rate * max(0.0, overlap)
        return passed

    def expires(self, instrument: Instrument, since: datetime, session_s: float) -> datetime:
        """When an answer of `since` ends that may live for `session_s` session seconds.

        A closed stretch ends it at the first pre-market open after it, because an overnight gap is
        no diffusion. One that was given before a close has settled ends when it has. Past its last
        session, the table's own end is the bound.

        Raises:
            InvalidInput: the time to live is negative or not finite, or a stock is asked about at a
                moment outside the table.
        """
        not_negative("session_s", session_s)
        if instrument.asset_class is AssetClass.CRYPTO:
            return since + timedelta(seconds=session_s)
        self.rate(instrument, since)
        return min(self._spent(since, session_s), self._settled(since))

    def next_boundary(self, instrument: Instrument, at: datetime) -> datetime | None:
        """The next change of phase after `at`, None when the market never changes it.

        Raises:
            InvalidInput: a stock is asked about at a moment outside the table.
        """
        if instrument.asset_class is AssetClass.CRYPTO:
            return None
        self.rate(instrument, at)
        near = self.table.sessions[self._place(at) :][:1]
        edges = (edge for one in near for edge in (one.pre, one.open, one.close, one.post))
        return next((edge for edge in edges if edge > at), None)

    def _spent(self, since: datetime, session_s: float) -> datetime:
        at, left = since, session_s
        sessions = self.table.sessions
        for place in range(self._place(since), len(sessions)):
            if at < sessions[place].pre:
                return sessions[place].pre
            for _, end, rate in self._stretches(sessions[place]):
                if at < end:
                    room = (end - at).total_seconds() * rate
                    if left < room:
                        return at + timedelta(seconds=left / rate)
                    at, left = end, left - room
        return self.table.until

    def _settled(self, since: datetime) -> datetime:
        place = bisect_right(
            self.table.sessions, since - self.settle, key=lambda session: session.close
        )
        if place == len(self.table.sessions):
            return self.table.until
        return self.table.sessions[place].close + self.settle

    def _place(self, at: datetime) -> int:
        """The first session that is not over at that moment."""
        return bisect_right(self.table.sessions, at, key=lambda session: session.post)

    def _stretches(self, session: Session) -> tuple[tuple[datetime, datetime, float], ...]:
        return (
            (session.pre, session.open, self.extended),
            (session.open, session.close, 1.0),
            (session.close, session.post, self.extended),
        )
