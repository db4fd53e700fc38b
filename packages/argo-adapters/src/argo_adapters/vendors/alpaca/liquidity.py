"""How much of a stock trades in a day, from Alpaca's daily bars.

The feed is the one that is set: IEX alone sees about one share in forty, so what it says is far
too little, and never too much.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import aiohttp

from argo_adapters.http.fields import Node
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.alpaca.asking import Desk
from argo_adapters.vendors.alpaca.parts import Chunk, chunks
from argo_adapters.vendors.alpaca.source import ALPACA, AlpacaSettings, open_client
from argo_core.errors import VendorError, VendorGarbled
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.ports import Clock, Turnstile
from argo_core.resilience.queue import Urgency

DAYS = 20
FEWEST = 5
"""Of fewer days an average would be chance."""

CHUNK = 300
PAGE = 10_000
PAGES = 10

WAIT_S = 60.0
"""Nobody is in a hurry for what is asked once a day."""

# Twenty sessions and every holiday there may be between them.
_SPAN = timedelta(days=40)
_NEW_YORK = ZoneInfo("America/New_York")

Values = dict[datetime, Decimal]


class AlpacaLiquidity:
    """The port `Liquidity`: close times volume, on the average of the last 20 whole days."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: AlpacaSettings,
        *,
        turnstile: Turnstile,
    ) -> None:
        self._client = open_client(session, settings, turnstile)
        self._desk = Desk(self._client, clock)
        self._settings = settings

    async def daily_values(
        self, asked: Sequence[Instrument], until: datetime
    ) -> Mapping[Symbol, Decimal]:
        """As the port promises; pairs and what has fewer than five days are left out.

        The day of `until` in New York does not count, because it may not be over.
        """
        stocks = [one for one in asked if one.asset_class is AssetClass.STOCK]
        if not stocks:
            return {}
        visit = Visit(self._client, self._settings.timeout_s, Urgency.BACKFILL, wait_s=WAIT_S)
        parts = await visit.each(self._values(visit, one, until) for one in chunks(stocks, CHUNK))
        known = [part for part in parts if not isinstance(part, VendorError)]
        failures = [part for part in parts if isinstance(part, VendorError)]
        if not known:
            raise visit.failed(failures[0])
        return {symbol: value for part in known for symbol, value in part.items()}

    async def _values(
        self, visit: Visit, chunk: Chunk, until: datetime
    ) -> Mapping[Symbol, Decimal]:
        today = datetime.combine(until.astimezone(_NEW_YORK), time(), _NEW_YORK)
        params = {
            "timeframe": "1Day",
            "limit": str(PAGE),
            "sort": "asc",
            "adjustment": "split",
            "feed": str(self._settings.feed),
            "start": _stamp(today - _SPAN),
            "end": _stamp(today - timedelta(seconds=1)),
        }
        book: dict[Symbol, Values] = {one.symbol: {} for one in chunk}
        missing: dict[Symbol, str] = {}

        async def read(root: Node) -> str | None:
            await asyncio.to_thread(_read, root["bars"], book, today)
            following = root.get("next_page_token")
            return following.text() if following else None

        for _ in range(PAGES):
            token = await self._desk.ask(
                visit, "/v2/stocks/bars", params, chunk, missing, read=read
            )
            if token is None:
                return {one: _average(days) for one, days in book.items() if len(days) >= FEWEST}
            params["page_token"] = token
        raise VendorGarbled(ALPACA, f"more than {PAGES} pages of daily bars")


def _read(page: Node, book: Mapping[Symbol, Values], today: datetime) -> None:
    """Take the days of a page; a row that is no bar is a day nobody knows."""
    for symbol, days in book.items():
        rows = page.get(symbol)
        for row in rows.rows() if rows else ():
            try:
                at, volume = row["t"].moment_from_iso(), Decimal(repr(row["v"].number()))
                value = row["c"].positive_price() * volume
            except VendorGarbled:
                continue
            if at < today and volume >= 0:
                days[at] = value


def _average(days: Values) -> Decimal:
    last = [days[at] for at in sorted(days)[-DAYS:]]
    return (sum(last, Decimal(0)) / len(last)).quantize(Decimal("0.01"))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
