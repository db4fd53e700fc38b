"""Alpaca's stream of market data: opened again whenever it breaks, and every break is told."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from typing import NoReturn

import aiohttp

from argo_adapters.http.secrecy import Redactor
from argo_adapters.vendors.alpaca.stream_frames import Control, Frames
from argo_adapters.vendors.alpaca.stream_settings import AlpacaStreamSettings
from argo_adapters.vendors.alpaca.stream_talk import (
    BUSY,
    FATAL,
    REFUSED,
    Talk,
    TalkEnded,
    first_of,
    talking,
)
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Clock
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.ticks import Tick, Ticks

SLOWEST_S = 30.0

_LOGGER = logging.getLogger(__name__)


class AlpacaMarketStream:
    """The port `MarketStream`, of the stocks among these instruments.

    The account has one connection for each feed, so another process with the same key has to wait.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: AlpacaStreamSettings,
        instruments: Sequence[Instrument],
    ) -> None:
        # A wrong address is refused now, and not in an hour.
        self._url = settings.url
        self._session = session
        self._clock = clock
        self._settings = settings
        stocks = [one for one in instruments if one.asset_class is AssetClass.STOCK]
        self._symbols = tuple(one.symbol for one in stocks)
        self._redactor = Redactor(settings.key.parts())
        self._frames = Frames(stocks, f"alpaca:{settings.feed}", clock, self._redactor)
        self._wanted: tuple[Symbol, ...] = ()
        self._changed = asyncio.Event()
        self._told: str | None = None
        self._connected = False
        self._openings = 0

    def __repr__(self) -> str:
        return f"AlpacaMarketStream({self._url})"

    @property
    def connected(self) -> bool:
        """Whether halts and quotes are subscribed to."""
        return self._connected

    @property
    def dropped(self) -> int:
        """How many messages could not be believed."""
        return self._frames.dropped

    def watch(self, symbols: Sequence[Symbol]) -> None:
        """As the port promises; `most` of the settings is what it can carry."""
        known = [one for one in symbols if one in self._symbols]
        self._wanted = tuple(known[: self._settings.most])
        self._changed.set()

    async def ticks(self) -> AsyncGenerator[Tick, None]:
        """As the port promises."""
        ticks = Ticks()
        task = asyncio.create_task(self._listen(ticks), name="alpaca-market-stream")
        try:
            while True:
                yield await ticks.take()
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _listen(self, ticks: Ticks) -> None:
        """One connection after the other, for ever."""
        failures = 0
        while True:
            openings, code = self._openings, 0
            try:
                await self._converse(ticks)
            except TalkEnded as ended:
                code, problem = ended.code, ended.problem
            except Exception as error:  # noqa: BLE001 - whatever broke it, it begins anew
                # Its text may be an address or a stranger's words.
                problem = type(error).__name__
            failures = 1 if self._openings > openings else failures + 1
            self._tell(problem, level=logging.ERROR if code in FATAL else logging.WARNING)
            await self._clock.sleep(self._pause_s(code, failures))

    async def _converse(self, ticks: Ticks) -> NoReturn:
        """Be connected until it breaks, and tell why it did."""
        try:
            async with talking(self._session, self._settings, self._frames, self._clock) as talk:
                early = Ticks()
                async with self._clock.timeout(self._settings.timeout_s):
                    await self._begin(talk, early)
                    await talk.first_quotes(self._wanted, early)
                self._openings += 1
                self._connected, self._told = True, None
                ticks.put(StreamGap(self._clock.now()))
                while early:
                    ticks.put(await early.take())
                await first_of(self._hear(talk, ticks), self._follow(talk))
        finally:
            self._connected = False
        raise TalkEnded("it ended")

    async def _begin(self, talk: Talk, early: Ticks) -> None:
        key = self._settings.key.parts()
        self._redactor.learn(key)
        try:
            await talk.begin(key, self._symbols, early)
        except TalkEnded as ended:
            if ended.code == REFUSED and await self._settings.key.refused(key):
                # There is another key, so there is no reason to wait as long as for a plan.
                raise TalkEnded("the key was replaced") from ended
            raise

    async def _hear(self, talk: Talk, ticks: Ticks) -> None:
        async for said in talk.hear():
            # What is not wanted any more may be on its way.
            stale = isinstance(said, Quote) and said.symbol not in self._wanted
            if not isinstance(said, Control) and not stale:
                ticks.put(said)

    async def _follow(self, talk: Talk) -> None:
        """Have those quotes told that are wanted now."""
        while True:
            self._changed.clear()
            await talk.quote(self._wanted)
            # It may stay as it is for days.
            await self._changed.wait()

    def _pause_s(self, code: int, failures: int) -> float:
        if code in FATAL:
            return self._settings.refused_s
        if code == BUSY:
            return self._settings.busy_s
        return min(SLOWEST_S, self._settings.backoff_s * 2.0 ** min(failures - 1, 10))

    def _tell(self, problem: str, level: int) -> None:
        # The same again is no news.
        if problem != self._told:
            self._told = problem
            _LOGGER.log(level, "alpaca: the stream of market data broke: %s", problem)
