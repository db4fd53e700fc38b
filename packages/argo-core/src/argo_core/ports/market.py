"""What the market tells: prices, past bars, when and how much it trades."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from argo_core.consensus.opinion import SourceName
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session
from argo_core.ports.answers import Answer
from argo_core.trading.ticks import Tick


class Quotes(Protocol):
    """Prices of many symbols in as few calls as the vendor allows."""

    @property
    def name(self) -> SourceName:
        """Who answers, for events and blame."""
        ...

    async def quotes(self, asked: Sequence[Instrument]) -> Answer[Quote]:
        """The newest price of each instrument; those without one are `missing`, never zero.

        Raises:
            VendorError: no answer could be had for any of them.
        """
        ...


class History(Protocol):
    """Complete past minute bars, to warm up volatility and indicators."""

    @property
    def name(self) -> SourceName:
        """Who answers, for events and blame."""
        ...

    async def minute_bars(
        self, asked: Sequence[Instrument], since: datetime, until: datetime
    ) -> Answer[Bar]:
        """Bars that start at or after `since` and end at or before `until`.

        Sorted by symbol, then time; minutes without a trade are absent.

        Raises:
            VendorError: no answer could be had.
        """
        ...


class Calendar(Protocol):
    """When instruments trade."""

    def phase(self, instrument: Instrument, at: datetime) -> Phase:
        """The session phase at that moment; crypto is always REGULAR.

        Raises:
            InvalidInput: the moment lies outside the table.
        """
        ...

    def session(self, at: datetime) -> Session | None:
        """The newest stock session whose extended hours have begun; None before all of them."""
        ...


class Liquidity(Protocol):
    """How much of an instrument trades."""

    async def daily_values(
        self, asked: Sequence[Instrument], until: datetime
    ) -> Mapping[Symbol, Decimal]:
        """The average value traded in a day over the last 20 sessions, of those it knows.

        Raises:
            VendorError: no answer could be had.
        """
        ...


class MarketStream(Protocol):
    """What the market does between two looks at it: quotes, and halts of trading."""

    @property
    def connected(self) -> bool:
        """Whether it hears the market now."""
        ...

    @property
    def dropped(self) -> int:
        """How many messages it has left out because they could not be believed."""
        ...

    def watch(self, symbols: Sequence[Symbol]) -> None:
        """Want the quotes of these from now on, and of no others; the most wanted first.

        Of more than it can carry, and of those it was not made for, the rest is left out. Until
        that has reached the vendor, quotes of others may still come.
        """
        ...

    def ticks(self) -> AsyncGenerator[Tick, None]:
        """What happens, as it does, beginning with a `StreamGap`, and another after every break.

        Halts and their ends are told of every symbol it was made for; what was halted before a gap
        is not told again. Of what waits to be taken only the newest quote and halt of each symbol
        is kept. The price of a quote is halfway between its sides, or the one that is there, for
        trades are not told. It goes on for ever, whatever fails, and ends when it is closed. It is
        for one listener at a time.
        """
        ...
