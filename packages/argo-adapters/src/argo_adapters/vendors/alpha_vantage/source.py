"""Alpha Vantage's opinions: bulk quotes, rates of crypto pairs and one look at all news.

One ask costs a call for every 100 stocks, one or two for each crypto pair, and one for the news
if the last one is some time ago. Nothing is asked about a single stock: the indicators are those of
the prices sampled here from one ask to the next.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import aiohttp
from attrs import field, frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.key import Key, KeyUse, Parts, Shown, as_key
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.alpha_vantage.bulk import read_bulk
from argo_adapters.vendors.alpha_vantage.calls import Calls
from argo_adapters.vendors.alpha_vantage.crypto import LastDay, read_last_day, read_rate
from argo_adapters.vendors.alpha_vantage.news import LIMIT, Newsroom, read_news
from argo_adapters.vendors.alpha_vantage.refusals import refuses_key
from argo_core.consensus.opinion import ALPHA_VANTAGE, Opinion, SourceName
from argo_core.consensus.rules.quotes_and_news import RULE, NewsItem, QuoteRow, score
from argo_core.errors import InvalidInput, VendorError, VendorGarbled
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.market.samples import Samples
from argo_core.ports import Answer, Clock, Missing, Turnstile
from argo_core.resilience.budget import Amount

CHUNK = 100
"""Of a longer list the vendor reads only so many, and says nothing about it."""

HORIZON_S = 3_600
MOST_SYMBOLS = 20_000
"""Prices are remembered for so many symbols, those asked about last."""

_LOGGER = logging.getLogger(__name__)
_SHOWN = 200


class Entitlement(StrEnum):
    """What the key's plan allows for US stocks; without one the prices are yesterday's."""

    REALTIME = "realtime"
    DELAYED = "delayed"


@frozen
class AlphaVantageSettings:
    """How Alpha Vantage is asked.

    `class_mark` is what the vendor writes in place of our dot in `BRK.B`. `timeout_s` is wall
    seconds for a call. News and a pair's last day are fetched again after so many seconds.
    """

    key: Key = field(repr=False, converter=as_key)
    entitlement: Entitlement = field(converter=Entitlement)
    base_url: str = "https://www.alphavantage.co"
    class_mark: str = "-"
    timeout_s: float = 5.0
    news_every_s: float = 120.0
    day_every_s: float = 900.0


@frozen
class _Sight:
    """A row, and the hash of the answer it was in."""

    row: QuoteRow
    sha256: str


@frozen
class _Seen:
    """What some calls of an ask showed, and why other symbols have no price, or none of use."""

    sights: dict[Symbol, _Sight] = field(factory=dict)
    absent: dict[Symbol, str] = field(factory=dict)
    problems: dict[Symbol, str] = field(factory=dict)


class AlphaVantageOpinions:
    """The port `OpinionSource`. Remembers prices and news, so one instance serves one process."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: AlphaVantageSettings,
        *,
        turnstile: Turnstile,
    ) -> None:
        self._client = HttpClient(
            session,
            ALPHA_VANTAGE,
            settings.base_url,
            turnstile=turnstile,
            key=KeyUse(settings.key, show=_in_query, refuses=refuses_key),
        )
        self._clock = clock
        self._settings = settings
        self._samples: dict[Symbol, Samples] = {}
        self._days: dict[Symbol, LastDay] = {}
        self._newsroom = Newsroom()
        self._news_read: datetime | None = None

    @property
    def name(self) -> SourceName:
        """`alpha_vantage`."""
        return ALPHA_VANTAGE

    @property
    def model(self) -> str:
        """The version of the rule."""
        return RULE

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """The calls: one for every hundred stocks, two for each crypto pair, one for the news."""
        stocks = sum(one.asset_class is AssetClass.STOCK for one in asked)
        pairs = len(asked) - stocks
        return Amount(calls=-(-stocks // CHUNK) + 2 * pairs + bool(asked))

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """At most one opinion for each instrument, as of the time of its quote.

        While there are no news an opinion does without them, as it does without enough samples.

        Raises:
            VendorError: no quote could be had.
        """
        if not asked:
            return Answer((), calls=0)
        visit = Visit(self._client, self._settings.timeout_s)
        calls = Calls(self._client, visit, self._clock)
        stocks = [one.symbol for one in asked if one.asset_class is AssetClass.STOCK]
        parts = [stocks[start : start + CHUNK] for start in range(0, len(stocks), CHUNK)]
        asks = [self._stocks(calls, part) for part in parts]
        pairs = [one.symbol for one in asked if one.asset_class is AssetClass.CRYPTO]
        parts += [[pair] for pair in pairs]
        asks += [self._pair(calls, pair) for pair in pairs]
        # The news come last, so that a limit spares the prices.
        *outcomes, _ = await visit.each([*asks, self._news(calls, now)])
        seen, errors = _Seen(), []
        for part, outcome in zip(parts, outcomes, strict=True):
            if isinstance(outcome, VendorError):
                errors.append(outcome)
                seen.problems.update(dict.fromkeys(part, outcome.problem))
            else:
                seen.sights.update(outcome.sights)
                seen.absent.update(outcome.absent)
                seen.problems.update(outcome.problems)
        if errors and not seen.sights:
            raise visit.failed(errors[0])
        items = self._formed(seen, now)
        if seen.problems and not items:
            reasons = ", ".join(sorted(set(seen.problems.values())))[:_SHOWN]
            raise visit.failed(VendorGarbled(ALPHA_VANTAGE, f"no quote can be used: {reasons}"))
        missing = (Missing(*each) for each in (seen.absent | seen.problems).items())
        return Answer(items, tuple(missing), calls=visit.calls)

    async def _stocks(self, calls: Calls, symbols: Sequence[Symbol]) -> _Seen:
        names = {symbol.replace(".", self._settings.class_mark): symbol for symbol in symbols}
        rows, reply = await calls.read(
            "REALTIME_BULK_QUOTES",
            # Nobody knows which spelling comes back.
            partial(read_bulk, names | {symbol: symbol for symbol in symbols}),
            symbol=",".join(names),
            entitlement=self._settings.entitlement,
        )
        sights = {symbol: _Sight(row, reply.sha256) for symbol, row in rows.usable.items()}
        return _Seen(sights, rows.absent, rows.unusable)

    async def _pair(self, calls: Calls, symbol: Symbol) -> _Seen:
        coin, _, money = symbol.partition("/")
        # What lasts goes first: where a limit cuts an ask short, the next one has it already.
        lasting = timedelta(seconds=self._settings.day_every_s)
        known = self._days.get(symbol)
        if known is None or self._clock.now() - known.until >= lasting:
            self._days[symbol], _ = await calls.read(
                "CRYPTO_INTRADAY",
                read_last_day,
                symbol=coin,
                market=money,
                interval="15min",
                outputsize="compact",
            )
        rate, reply = await calls.read(
            "CURRENCY_EXCHANGE_RATE",
            partial(read_rate, symbol),
            from_currency=coin,
            to_currency=money,
        )
        try:
            return _Seen({symbol: _Sight(self._days[symbol].row(rate), reply.sha256)})
        except InvalidInput as error:
            return _Seen(problems={symbol: f"{error.field}: {error.problem}"})

    async def _news(self, calls: Calls, now: datetime) -> _Seen:
        """Read the news into the newsroom; nobody is seen by that."""
        every = timedelta(seconds=self._settings.news_every_s)
        if self._news_read is None or now - self._news_read >= every:
            try:
                articles, _ = await calls.read(
                    "NEWS_SENTIMENT",
                    read_news,
                    time_from=self._newsroom.since(now),
                    sort="LATEST",
                    limit=LIMIT,
                )
            except VendorError as error:
                # Without news there are still prices; what is known of the news fades by itself.
                _LOGGER.warning("no news: %s", error)
            else:
                self._newsroom.add(articles, now)
                self._news_read = now
        return _Seen()

    def _formed(self, seen: _Seen, now: datetime) -> tuple[Opinion, ...]:
        news = self._newsroom.about({_news_ticker(symbol): symbol for symbol in seen.sights})
        return tuple(
            self._opinion(symbol, sight, news.get(symbol, ()), now)
            for symbol, sight in seen.sights.items()
        )

    def _opinion(
        self, symbol: Symbol, sight: _Sight, news: Sequence[NewsItem], now: datetime
    ) -> Opinion:
        row = sight.row
        # Taken out and put back at the end, so that the first are those not asked about for long.
        samples = self._samples.pop(symbol, Samples()).observe(row.price, row.at)
        self._samples[symbol] = samples
        while len(self._samples) > MOST_SYMBOLS:
            del self._samples[next(iter(self._samples))]
        # The answer came after it was asked for, so a quote may be newer than the ask.
        scored = score(row, samples.reading, news, max(now, row.at))
        return Opinion(
            source=ALPHA_VANTAGE,
            symbol=symbol,
            strength=scored.strength,
            as_of=row.at,
            horizon_s=HORIZON_S,
            raw_sha256=sight.sha256,
            rule=RULE,
            facts=scored.facts,
        )


def _news_ticker(symbol: Symbol) -> str:
    coin, slash, _ = symbol.partition("/")
    return f"CRYPTO:{coin}" if slash else symbol


def _in_query(parts: Parts) -> Shown:
    """The vendor knows no other way."""
    return Shown(query={"apikey": parts[0]})
