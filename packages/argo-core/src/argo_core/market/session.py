"""Trading sessions as data: boundaries in a table, phases by looking them up."""

from bisect import bisect_right
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import AssetClass, Instrument
from argo_core.market.moment import aware


class Phase(StrEnum):
    """What a market is doing."""

    CLOSED = "closed"
    PRE = "pre"
    REGULAR = "regular"
    POST = "post"


@frozen
class Session:
    """One trading day: extended hours begin at `pre` and end at `post`; all aware UTC."""

    pre: datetime
    open: datetime
    close: datetime
    post: datetime

    def __attrs_post_init__(self) -> None:
        for name in ("pre", "open", "close", "post"):
            aware(name, getattr(self, name))
        if not self.pre <= self.open < self.close <= self.post:
            problem = f"{self.pre} {self.open} {self.close} {self.post} are out of order"
            raise InvalidInput("session", problem, "give pre <= open < close <= post")

    def phase(self, at: datetime) -> Phase:
        """The phase at that moment; each boundary belongs to what it begins."""
        if self.open <= at < self.close:
            return Phase.REGULAR
        if self.pre <= at < self.open:
            return Phase.PRE
        if self.close <= at < self.post:
            return Phase.POST
        return Phase.CLOSED


@frozen
class SessionTable:
    """Stock sessions in order, and the span the table vouches for: `since` <= t < `until`."""

    sessions: tuple[Session, ...]
    since: datetime
    until: datetime

    def __attrs_post_init__(self) -> None:
        ends = [edge for one in self.sessions for edge in (one.pre, one.post)]
        if ends != sorted(ends):
            raise InvalidInput("sessions", "they overlap or are out of order", "sort them by time")

    def phase(self, instrument: Instrument, at: datetime) -> Phase:
        """The session phase of the instrument; crypto trades always.

        Raises:
            InvalidInput: a stock is asked about at a moment outside the table.
        """
        if instrument.asset_class is AssetClass.CRYPTO:
            return Phase.REGULAR
        if not self.since <= at < self.until:
            problem = f"{at.isoformat()} is outside the session table"
            raise InvalidInput("at", problem, f"ask between {self.since} and {self.until}")
        newest = self.session(at)
        return Phase.CLOSED if newest is None else newest.phase(at)

    def session(self, at: datetime) -> Session | None:
        """The newest stock session whose extended hours have begun; None before all of them."""
        place = bisect_right(self.sessions, at, key=lambda session: session.pre)
        return self.sessions[place - 1] if place else None
