"""What happens with the day: the official close, the next session, splits, and losses."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from argo_core.errors import BrokerError, InvalidInput
from argo_core.events import TradingAlarm
from argo_core.execution.office import Office
from argo_core.market.quote import Quote
from argo_core.market.session import Session
from argo_core.trading.account import account_view
from argo_core.trading.broker_view import Split
from argo_core.trading.credible import check_splits
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
# For so long the first prices are waited for before what is held counts at its cost.
_FIRST_PRICES = timedelta(minutes=5)


class Daily:
    """Looks at the account against the clock, and at the broker's calendar once a session."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._began = office.now()
        self._prepared: datetime | None = None
        self._tried: datetime | None = None

    async def begin(self) -> bool:
        """Note what the time of day brings; whether shares were split, so that all is to be read.

        Raises:
            JournalError: it could not be noted.
        """
        now = self._office.now()
        session = self._office.market.session(now)
        if session is None:
            return False
        await self._close_day(session, now)
        return await self._prepare(session, now)

    async def count(self) -> None:
        """Note what the marks bring: losses beyond their limits, and new highs.

        Raises:
            JournalError: it could not be noted.
        """
        now, book = self._office.now(), self._office.book
        unmarked = book.held().keys() - book.marks.keys()
        if book.account is None or (unmarked and now - self._began < _FIRST_PRICES):
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

    def is_of_today(self, quote: Quote) -> bool:
        """Whether a price is none from before a split that was applied for this session."""
        session = self._office.market.session(self._office.now())
        if session is None or quote.at >= session.pre:
            return True
        return (quote.symbol, session.open.date()) not in self._office.book.splits

    async def _close_day(self, session: Session, now: datetime) -> None:
        """At the official close the equity is kept, which the next day's loss is counted from.

        Of a close that nobody saw here the broker says what the equity was, once its account was
        read in the session after it.
        """
        book, is_over = self._office.book, now >= session.close
        if book.account is None or book.accounted_at is None:
            return
        over = session if is_over else self._office.market.session(session.pre - _MOMENT)
        if over is None or (book.day_closed and book.day_closed.day >= over.close.date()):
            return
        if is_over:
            unmarked = book.held().keys() - book.marks.keys()
            equity, read = (
                (book.account.equity, book.accounted_at) if unmarked else (book.equity, now)
            )
            # Whoever comes later finds money in it that came since, which counts as a flow, too.
            since = (one.flow for one in book.flows.values() if over.close < one.flow.at <= read)
            equity -= sum((one.amount for one in since if not one.earned), Decimal(0))
        elif book.accounted_at >= session.pre:
            equity = book.account.last_equity
        else:
            return
        await self._office.note(DayClosed(over.close, over.close.date(), equity))

    async def _prepare(self, session: Session, now: datetime) -> bool:
        """Once a session, as soon as its extended hours begin: what ended, and what was split."""
        tried = self._tried
        if self._prepared == session.pre or (tried and now - tried < self._office.policy.retry):
            return False
        self._tried = now
        day, book = session.open.date(), self._office.book
        try:
            theirs = await self._office.ask(self._office.broker.sessions(day, day))
            splits = await self._splits(day)
            check_splits(splits)
        except (BrokerError, InvalidInput) as error:
            self._office.notice(TradingAlarm(now, f"the day is not prepared: {error}"))
            return False
        facts: list[Fact] = [
            CauseCleared(now, cause, f"the session of {day} begins")
            for cause, (since, _) in book.causes.items()
            if relieved(cause, Relief.NEXT_SESSION) and since < session.pre
        ]
        facts += [SplitApplied(now, one.symbol, one.new, one.old, one.at.date()) for one in splits]
        hours = [(session.open, session.close)]
        if theirs is not None and [(one.open, one.close) for one in theirs] != hours:
            why = f"the broker's hours of {day} are not ours"
            facts.append(CauseRaised(now, Cause.CALENDAR, why))
        if facts:
            await self._office.note(*facts)
        self._prepared = session.pre
        return bool(splits)

    async def _splits(self, day: date) -> Sequence[Split]:
        """Of what is held, since it was bought: also those of days on which nobody was here.

        Raises:
            BrokerError: the broker does not say.
        """
        book = self._office.book
        bought = {symbol: self._day_of(book.since[symbol]) for symbol in book.held()}
        if not bought:
            return ()
        asked = self._office.broker.splits(tuple(bought), min(*bought.values(), day), day)
        return [
            one
            for one in sorted(await self._office.ask(asked), key=lambda one: one.at)
            if (one.symbol, one.at.date()) not in book.splits and bought[one.symbol] < one.at.date()
        ]

    def _day_of(self, at: datetime) -> date:
        """The session that was at that time, by whose evening it may be tomorrow in UTC."""
        session = self._office.market.session(at)
        return session.open.date() if session else at.date()
