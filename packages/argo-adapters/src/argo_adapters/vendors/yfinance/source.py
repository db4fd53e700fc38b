"""Fallback prices from Yahoo, bounded so that Yahoo has no reason to block us.

Its data may not be redistributed, and its terms are for personal use: mark positions with it, do
not open any on it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import frozen

from argo_adapters.vendors.yfinance.fetched import (
    LONGEST_AHEAD,
    YFINANCE,
    FetchBars,
    LastClose,
)
from argo_adapters.vendors.yfinance.spelling import ticker_of
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput, VendorGarbled, VendorThrottled, VendorUnavailable
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Answer, Clock, Missing


@frozen
class YfinanceSettings:
    """At most `most` symbols in one ask, one ask in `every_s` seconds of the clock.

    `timeout_s` bounds an ask; it is one request after the other.
    """

    most: int = 20
    every_s: float = 60.0
    timeout_s: float = 20.0


class YfinanceQuotes:
    """The port `Quotes`, over any way to fetch bars; symbols beyond the bound take turns."""

    def __init__(
        self, clock: Clock, fetch: FetchBars, settings: YfinanceSettings | None = None
    ) -> None:
        self._clock = clock
        self._fetch = fetch
        self._settings = settings or YfinanceSettings()
        self._not_before: datetime | None = None
        self._asks = 0
        self._turns: dict[Symbol, int] = {}

    @property
    def name(self) -> SourceName:
        """`yfinance`."""
        return YFINANCE

    async def quotes(self, asked: Sequence[Instrument]) -> Answer[Quote]:
        """The close of the newest minute bar of each; neither bid nor ask.

        Raises:
            VendorThrottled: it is too early to ask again; nothing was sent.
            VendorError: no answer could be had for any of them.
        """
        if not asked:
            return Answer((), calls=0)
        self._wait_for_turn()
        chosen = self._choose(asked)
        try:
            async with self._clock.timeout(self._settings.timeout_s):
                fetched = await self._fetch([ticker_of(one) for one in chosen])
        except TimeoutError as error:
            problem = f"no answer within {self._settings.timeout_s:g} s"
            raise VendorUnavailable(YFINANCE, problem, calls=len(chosen)) from error
        except VendorThrottled as error:
            if error.retry_after_s is not None:
                self._pause(error.retry_after_s)
            raise
        items, missing = self._read(chosen, fetched.closes, fetched.problems)
        if not items and fetched.closes:
            problem = f"nothing that came can be believed: {missing[0].problem}"
            raise VendorGarbled(YFINANCE, problem, calls=fetched.calls)
        taken = {one.symbol for one in chosen}
        later = f"the fallback takes {self._settings.most} symbols at a time"
        missing += [Missing(one.symbol, later) for one in asked if one.symbol not in taken]
        return Answer(tuple(items), tuple(missing), calls=fetched.calls)

    def _wait_for_turn(self) -> None:
        now = self._clock.now()
        if self._not_before is not None and now < self._not_before:
            wait = (self._not_before - now).total_seconds()
            problem = f"not to be asked for another {wait:.0f} s"
            raise VendorThrottled(YFINANCE, problem, calls=0, retry_after_s=wait)
        self._pause(self._settings.every_s)

    def _pause(self, seconds: float) -> None:
        self._not_before = self._clock.now() + timedelta(seconds=seconds)

    def _choose(self, asked: Sequence[Instrument]) -> list[Instrument]:
        """Those whose last turn is longest ago, in the order asked."""
        by_turn = sorted(asked, key=lambda one: self._turns.get(one.symbol, 0))
        chosen = by_turn[: self._settings.most]
        self._asks += 1
        self._turns.update((one.symbol, self._asks) for one in chosen)
        return chosen

    def _read(
        self,
        chosen: Sequence[Instrument],
        closes: Mapping[str, LastClose],
        problems: Mapping[str, str],
    ) -> tuple[list[Quote], list[Missing]]:
        now = self._clock.now()
        items: list[Quote] = []
        missing: list[Missing] = []
        for one in chosen:
            ticker = ticker_of(one)
            close = closes.get(ticker)
            if close is None:
                missing.append(Missing(one.symbol, problems.get(ticker, "no bars")))
                continue
            try:
                items.append(_quote(one, close, now))
            except InvalidInput as error:
                missing.append(Missing(one.symbol, error.problem))
        return items, missing


def _quote(one: Instrument, close: LastClose, now: datetime) -> Quote:
    if close.start > now + LONGEST_AHEAD:
        problem = f"{close.start.isoformat()} is in the future"
        raise InvalidInput("at", problem, "give a moment that has been")
    if not 0 < close.price < float("inf"):
        raise InvalidInput("price", f"{close.price} is not a price", "give a positive number")
    price = one.on_tick(Decimal(repr(close.price)))
    return Quote(one.symbol, price, close.start, now, YFINANCE)
