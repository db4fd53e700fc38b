"""Alpaca's prices and history: calls that do not grow with the number of symbols.

Stocks and crypto have different routes, so an ask is at least one call for each of the two, and
one may fail while the other answers.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import aiohttp
from attrs import field, frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.key import Key, KeyUse, Parts, Shown
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.alpaca.asking import Desk
from argo_adapters.vendors.alpaca.parts import Chunk, Part, chunks, together
from argo_adapters.vendors.alpaca.rows import BarBook, read_snapshots
from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorGarbled
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Answer, Clock, Turnstile
from argo_core.resilience.queue import Urgency

ALPACA = SourceName("alpaca")

CHUNK = 500
"""Symbols in one address of about 2.5 kB; twice as many have been refused as too long."""

HISTORY_CHUNK = 100
HISTORY_WAIT_S = 60.0
"""Pages of history wait that long for the vendor's limit, behind every question about prices."""

PAGE = 10_000
PAGES = 60
"""A hundred symbols that trade every minute fill 50 pages in a week, around the clock."""


class Feed(StrEnum):
    """Which exchanges are seen: one, all, or all a quarter of an hour ago."""

    IEX = "iex"
    SIP = "sip"
    DELAYED_SIP = "delayed_sip"


@frozen
class AlpacaSettings:
    """How Alpaca is asked. `timeout_s` bounds each call, in wall seconds.

    The key has two parts, its id and its secret. The feed is always sent: left out, it would depend
    on the account's plan.
    """

    key: Key = field(repr=False)
    base_url: str = "https://data.alpaca.markets"
    feed: Feed = field(default=Feed.IEX, converter=Feed)
    timeout_s: float = 3.0


def open_client(
    session: aiohttp.ClientSession, settings: AlpacaSettings, turnstile: Turnstile
) -> HttpClient:
    """Calls with the settings' keys, which it keeps to itself."""
    use = KeyUse(settings.key, show=_in_headers)
    return HttpClient(session, ALPACA, settings.base_url, turnstile=turnstile, key=use)


def _in_headers(parts: Parts) -> Shown:
    names = "APCA-API-KEY-ID", "APCA-API-SECRET-KEY"
    return Shown(dict(zip(names, parts, strict=True)))


class AlpacaQuotes:
    """The ports `Quotes` and `History`."""

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
        self._clock = clock
        self._settings = settings

    @property
    def name(self) -> SourceName:
        """`alpaca`."""
        return ALPACA

    async def quotes(self, asked: Sequence[Instrument]) -> Answer[Quote]:
        """The last trade of each, with bid and ask where somebody quotes them.

        Raises:
            VendorError: no call answered, or nothing that came can be believed.
        """
        if not asked:
            return Answer((), calls=0)
        visit = Visit(self._client, self._settings.timeout_s, Urgency.INTERACTIVE)
        parts = [(chunk, self._snapshots(visit, chunk)) for chunk in chunks(asked, CHUNK)]
        return await together(visit, parts)

    async def minute_bars(
        self, asked: Sequence[Instrument], since: datetime, until: datetime
    ) -> Answer[Bar]:
        """Complete bars of that span, prices adjusted for splits.

        Raises:
            VendorError: no call answered, or nothing that came can be believed.
        """
        if not asked:
            return Answer((), calls=0)
        visit = Visit(
            self._client, self._settings.timeout_s, Urgency.BACKFILL, wait_s=HISTORY_WAIT_S
        )
        # A bar whose minute is not over would change after we have used it.
        last = min(until, self._clock.now())
        parts = [
            (chunk, self._bars(visit, chunk, since, last)) for chunk in chunks(asked, HISTORY_CHUNK)
        ]
        answer = await together(visit, parts)
        ordered = sorted(answer.items, key=lambda one: (one.symbol, one.start))
        return Answer(tuple(ordered), answer.missing, calls=answer.calls)

    async def _snapshots(self, visit: Visit, chunk: Chunk) -> Part[Quote]:
        part: Part[Quote] = Part()
        path, params = self._route(chunk, "snapshots")

        async def read(root: Node) -> None:
            found, feed = root, f"alpaca:{self._settings.feed}"
            if _is_crypto(chunk):
                # The pairs' map is wrapped, the stocks' is not.
                found, feed = root["snapshots"], "alpaca:crypto"
            read_snapshots(found, chunk, self._clock.now(), feed, part)

        await self._desk.ask(visit, path, params, chunk, part.missing, read=read)
        return part

    async def _bars(
        self, visit: Visit, chunk: Chunk, since: datetime, until: datetime
    ) -> Part[Bar]:
        path, params = self._route(chunk, "bars")
        params |= {"timeframe": "1Min", "limit": str(PAGE), "sort": "asc"}
        params |= {"start": _stamp(since), "end": _stamp(until)}
        if not _is_crypto(chunk):
            params["adjustment"] = "split"
        book = BarBook(since, until)
        missing: dict[Symbol, str] = {}

        async def read(root: Node) -> str | None:
            # Ten thousand bars take long enough to read for the beat to notice.
            await asyncio.to_thread(book.read, root["bars"], chunk)
            following = root.get("next_page_token")
            return following.text() if following else None

        for _ in range(PAGES):
            token = await self._desk.ask(visit, path, params, chunk, missing, read=read)
            if token is None:
                return book.part(chunk, missing)
            params["page_token"] = token
        raise VendorGarbled(ALPACA, f"more than {PAGES} pages of bars")

    def _route(self, chunk: Chunk, call: str) -> tuple[str, dict[str, str]]:
        if _is_crypto(chunk):
            return f"/v1beta3/crypto/us/{call}", {}
        return f"/v2/stocks/{call}", {"feed": str(self._settings.feed)}


def _is_crypto(chunk: Chunk) -> bool:
    return chunk[0].asset_class is AssetClass.CRYPTO


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
