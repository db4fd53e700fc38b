"""What a signal leads to: an entry that the rules allow, an end of what is held, or nothing."""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import evolve

from argo_core.execution.office import Office
from argo_core.market.instrument import AssetClass
from argo_core.signals.signal import Signal
from argo_core.trading.account import account_view
from argo_core.trading.book import Book
from argo_core.trading.certificate import Certificate
from argo_core.trading.fact import ExitWanted, Fact, Intended, Judged
from argo_core.trading.grid import lower, upper
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.intent import Wish, intent_of
from argo_core.trading.order import (
    Bracket,
    GoodTill,
    Leg,
    OrderRequest,
    OrderType,
    Side,
    order_id,
)
from argo_core.trading.risk.judge import judge
from argo_core.trading.sizing import size
from argo_core.trading.views import AccountView, Proposal


class Entries:
    """Turns signals into facts to be noted; `account` is what makes order ids ours."""

    def __init__(self, account: str, office: Office) -> None:
        self._account = account
        self._office = office
        self._market = office.market

    def facts(self, book: Book, index: int, signal: Signal, now: datetime) -> tuple[Fact, ...]:
        """What the signal at `index` of the log leads to, empty where it leads to nothing.

        Nobody wishes for a pair: the rules would deny each of them, again and again.
        """
        limits, known = self._office.policy.limits, self._market.instruments.get(signal.symbol)
        if known is None or known.asset_class is not AssetClass.STOCK:
            return ()
        if _was_judged(book, signal):
            return ()
        entries = [one for one in book.open_orders(signal.symbol) if one.leg.opens]
        coming = sum((one.remaining * one.request.side.sign for one in entries), Decimal(0))
        intent = intent_of(
            signal,
            # What an entry may bring at any moment is as good as held.
            book.quantity(signal.symbol) or coming,
            close_on=self._office.policy.close_on,
            short_selling=limits.short_selling,
        )
        if intent.wish is Wish.CLOSE:
            return _close(book, index, signal, intent.why, now)
        if intent.wish is not Wish.OPEN or intent.side is None:
            return ()
        account = self._account_of(book)
        proposal = self._proposal(account, signal, intent.side, now)
        name = order_id(self._account, signal.id, Leg.ENTRY, 0)
        view = self._market.view(signal.symbol, now)
        certificate = judge(name, proposal, account, view, limits, now)
        if not certificate.allowed:
            return (Judged(now, certificate),)
        return Judged(now, certificate), self._intended(certificate, proposal, signal, index, now)

    def _account_of(self, book: Book) -> AccountView:
        """The account without marks for what nobody has priced: its cost says nothing of losses."""
        account = account_view(book, self._market.sectors)
        marks = {symbol: one for symbol, one in account.marks.items() if symbol in book.marks}
        return evolve(account, marks=marks)

    def _proposal(
        self, account: AccountView, signal: Signal, side: Side, now: datetime
    ) -> Proposal:
        """The entry as large as the limits let it be."""
        symbol, limits = signal.symbol, self._office.policy.limits
        limit = self._limit(signal, side)
        proposal = Proposal(
            symbol=symbol,
            asset_class=self._market.instruments[symbol].asset_class,
            side=side,
            quantity=Decimal(0),
            limit=limit,
            opens=True,
            stop=signal.stop,
            target=signal.target,
            signal_id=signal.id,
            decided_at=signal.decided_at,
            horizon_s=signal.horizon_s,
        )
        sized = size(proposal, account, self._market.view(symbol, now), limits, now)
        return evolve(proposal, quantity=sized.quantity)

    def _limit(self, signal: Signal, side: Side) -> Decimal:
        """A little beyond what the other side asks, so that it is filled at once or not at all."""
        quote, tick = (
            self._market.quotes.get(signal.symbol),
            self._market.instruments[signal.symbol].tick,
        )
        cross = self._office.policy.cross
        if side is Side.BUY:
            price = (quote.ask or quote.price) if quote else signal.entry
            return upper(price * (1 + cross), tick)
        price = (quote.bid or quote.price) if quote else signal.entry
        return max(tick, lower(price * (1 - cross), tick))

    def _intended(
        self,
        certificate: Certificate,
        proposal: Proposal,
        signal: Signal,
        index: int,
        now: datetime,
    ) -> Intended:
        stop = signal.stop or proposal.limit
        request = OrderRequest(
            id=certificate.order_id,
            symbol=signal.symbol,
            side=proposal.side,
            quantity=proposal.quantity,
            type=OrderType.LIMIT,
            limit=proposal.limit,
            bracket=Bracket(stop, signal.target),
            good_till=GoodTill.CANCELLED,
        )
        trail = self._office.policy.trail
        holding = Holding(
            symbol=signal.symbol,
            side=proposal.side,
            signal_id=signal.id,
            signal_index=index,
            stop=stop,
            target=signal.target,
            until=signal.decided_at + timedelta(seconds=signal.horizon_s),
            best=proposal.limit,
            trail=None if trail is None else proposal.limit * trail,
        )
        return Intended(now, request, Leg.ENTRY, signal.id, index, holding)


def _was_judged(book: Book, signal: Signal) -> bool:
    """Whether it came before; after a restart the newest signals come again."""
    sent = (signal.id, Leg.ENTRY) in book.revisions
    return sent or any(one.signal_id == signal.id for one in book.denied)


def _close(book: Book, index: int, signal: Signal, why: str, now: datetime) -> tuple[Fact, ...]:
    """Only what is newer than the position closes it: after a restart older ones come again."""
    holding = book.holdings.get(signal.symbol)
    entries = (one for one in book.open_orders(signal.symbol) if one.leg.opens)
    since = [one.signal_index or 0 for one in (holding, *entries) if one is not None]
    if not since or max(since) >= index:
        return ()
    return (ExitWanted(now, signal.symbol, ExitReason.SIGNAL, f"{why}, entry {index}"),)
