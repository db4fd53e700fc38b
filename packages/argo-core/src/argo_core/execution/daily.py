"""What happens with the day: losses, the official close, the next session, splits."""

from datetime import datetime, timedelta
from decimal import Decimal

from argo_core.errors import BrokerError
from argo_core.events import TradingAlarm
from argo_core.execution.office import Office
from argo_core.market.session import Session
from argo_core.trading.account import account_view
from argo_core.trading.fact import (
    CauseCleared,
    CauseRaised,
    DayClosed,
    Fact,
    HighWater,
    SplitApplied,
)
from argo_core.trading.risk.losses import losses
from argo_core.trading.state import Cause, Relief, relieved

# A new high is worth a fact when it is that much higher; a crash forgets no more.
_RISE = Decimal("0.0005")
_MOMENT = timedelta(microseconds=1)


class Daily:
    """Looks at the account against the clock, and at the broker's calendar once a session."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._prepared: datetime | None = None
        self._tried: datetime | None = None

    async def look(self) -> None:
        """Note what the time of day and the marks bring.

        Raises:
            JournalError: it could not be noted.
        """
        now = self._office.now()
        session = self._office.market.session(now)
        if session is not None:
            await self._close_day(session, now)
            await self._prepare(session, now)
        await self._losses(now)

    async def _close_day(self, session: Session, now: datetime) -> None:
        """At the official close the equity is kept, which the next day's loss is counted from.

        Of a close that nobody saw here the broker says what the equity was.
        """
        book = self._office.book
        if book.account is None:
            return
        over = (
            session if now >= session.close else self._office.market.session(session.pre - _MOMENT)
        )
        if over is None or (book.day_closed and book.day_closed.day >= over.close.date()):
            return
        equity = book.equity if over is session else book.account.last_equity
        await self._office.note(DayClosed(over.close, over.close.date(), equity))

    async def _prepare(self, session: Session, now: datetime) -> None:
        """Once a session, as soon as its extended hours begin: what ended, and what was split."""
        tried = self._tried
        if self._prepared == session.pre or (tried and now - tried < self._office.policy.retry):
            return
        self._tried = now
        day, book = session.open.date(), self._office.book
        held = tuple(book.held())
        try:
            theirs = await self._office.ask(self._office.broker.sessions(day, day))
            splits = (
                await self._office.ask(self._office.broker.splits(held, day, day)) if held else ()
            )
        except BrokerError as error:
            self._office.notice(TradingAlarm(now, f"the day is not prepared: {error}"))
            return
        facts: list[Fact] = [
            CauseCleared(now, cause, f"the session of {day} begins")
            for cause, (since, _) in book.causes.items()
            if relieved(cause, Relief.NEXT_SESSION) and since < session.pre
        ]
        facts += [
            SplitApplied(now, one.symbol, one.new, one.old, day)
            for one in splits
            if (one.symbol, day) not in book.splits and book.since[one.symbol] < session.open
        ]
        hours = [(session.open, session.close)]
        if theirs is not None and [(one.open, one.close) for one in theirs] != hours:
            why = f"the broker's hours of {day} are not ours"
            facts.append(CauseRaised(now, Cause.CALENDAR, why))
        if facts:
            await self._office.note(*facts)
        self._prepared = session.pre

    async def _losses(self, now: datetime) -> None:
        book = self._office.book
        if book.account is None:
            return
        view = account_view(book, self._office.market.sectors)
        facts: list[Fact] = [
            CauseRaised(now, cause, why)
            for cause, why in losses(view, self._office.policy.limits)
            if cause not in book.causes
        ]
        if book.equity > book.high * (1 + _RISE):
            facts.append(HighWater(now, book.equity))
        if facts:
            await self._office.note(*facts)
