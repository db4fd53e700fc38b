"""Watches what is held at every price, and notes what that brings."""

from datetime import datetime
from decimal import Decimal

from argo_core.execution.office import Office
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.trading.fact import CauseRaised, ExitWanted, Fact, Trailed
from argo_core.trading.holding import Holding
from argo_core.trading.monitor import Found, Hit, Monitor, PriceJump
from argo_core.trading.state import Cause


class Watchman:
    """The engine's own copy of every stop, armed for just what is filled."""

    def __init__(self, office: Office) -> None:
        self.monitor = Monitor(office.policy.monitor)
        self._office = office
        self._armed: dict[Symbol, tuple[Holding, Decimal]] = {}
        office.keeper.changed = self.arm

    def arm(self) -> None:
        """Watch what the book holds now."""
        book = self._office.book
        for symbol, holding in book.holdings.items():
            quantity = abs(book.quantity(symbol))
            known = self._armed.get(symbol)
            if known is None or known[0] != holding:
                tick = self._office.market.instrument(symbol).tick
                self.monitor.hold(holding, quantity, tick=tick)
            elif known[1] != quantity:
                self.monitor.arm(symbol, quantity)
            self._armed[symbol] = holding, quantity
        for symbol in self._armed.keys() - book.holdings.keys():
            self.monitor.drop(symbol)
            del self._armed[symbol]

    async def judge(self, quote: Quote, now: datetime) -> None:
        """Note what a price does to what is held.

        Raises:
            JournalError: it could not be noted.
        """
        found = self.monitor.on_quote(quote, now)
        if found is not None:
            await self._note(found, now)

    async def judge_time(self, now: datetime) -> None:
        """Note whose time is over, whether or not there are prices.

        Raises:
            JournalError: it could not be noted.
        """
        for hit in self.monitor.due(now):
            await self._note(hit, now)

    def accept(self) -> None:
        """An operator takes prices as they are, however far they jumped."""
        for symbol in self._armed:
            self.monitor.accept(symbol)

    def _is_open(self, symbol: Symbol, now: datetime) -> bool:
        return self._office.market.phase(symbol, now) is Phase.REGULAR

    async def _note(self, found: Found, now: datetime) -> None:
        fact: Fact
        match found:
            case Hit():
                holding = found.holding
                if found.price is not None and not self._is_open(holding.symbol, now):
                    # Nothing can be sold, and a lonely price at night is no reason for tomorrow.
                    return
                why = f"{found.reason} at {found.price}" if found.price else str(found.reason)
                fact = ExitWanted(now, holding.symbol, found.reason, why)
            case PriceJump():
                if Cause.PRICE_JUMP in self._office.book.causes:
                    return
                why = f"{found.symbol} went from {found.reference} to {found.price} overnight"
                fact = CauseRaised(now, Cause.PRICE_JUMP, why)
            case _:
                holding = found.holding
                fact = Trailed(now, holding.symbol, holding.best, holding.stop)
                self._armed[holding.symbol] = (
                    holding,
                    abs(self._office.book.quantity(holding.symbol)),
                )
        await self._office.note(fact)
