"""Argo, wired by hand: everything the engine needs, opened in order and closed in reverse."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

import aiohttp
from attrs import frozen

from argo_adapters.calendar.session_table import UNTIL, load_session_table
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.client import open_session
from argo_adapters.observers.fan_out import FanOut
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_adapters.tapes.recorder import Recorder, recording
from argo_adapters.vendors.yfinance.chart import chart_fetcher
from argo_adapters.vendors.yfinance.fetched import YFINANCE
from argo_adapters.vendors.yfinance.library import LibraryBars, library_download
from argo_adapters.vendors.yfinance.source import YfinanceQuotes
from argo_core.backtest.recording import About, Origin
from argo_core.engine.engine import Engine
from argo_core.engine.inputs import unrecorded
from argo_core.engine.outside import Outside, Registration, nobody_refuses
from argo_core.engine.price_life import PriceLife
from argo_core.engine.publication import Publication
from argo_core.errors import InvalidInput
from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock, Observer, Secrets, Turnstile
from argo_core.resilience.variance_clock import VarianceClock
from argo_service.api.app import Served
from argo_service.api.clock_probe import clock_probe_of
from argo_service.api.cluster_probe import cluster_probe
from argo_service.api.engine_probes import engine_probes, never
from argo_service.api.probes import Probe
from argo_service.api.record_probe import self_check_probe
from argo_service.api.recording_probe import recording_probe
from argo_service.api.standby_probes import standby_probes
from argo_service.api.store_probe import postgres_write_probe, write_probe
from argo_service.api.trading_health import trading_probe
from argo_service.backtesting.opened import desk_by
from argo_service.chance import seeded
from argo_service.clustering import clustering
from argo_service.collector import Collector
from argo_service.config.trading import ACCOUNT
from argo_service.config.tree import Settings
from argo_service.fingerprint import code_sha256, config_sha256
from argo_service.folder import make_folder_of
from argo_service.record import OpenLog, opened_log
from argo_service.record_keys import mark_used, reveal_key_of
from argo_service.secret_stores import live_keys
from argo_service.sharing import sharing, spending_path
from argo_service.shields import build_shields
from argo_service.skill.spending import spent_so_far
from argo_service.standing_by.duty import Duty, duty_of
from argo_service.standing_by.post import Post, opened_post
from argo_service.tally import Tally
from argo_service.tracing import NOTHING_TRACED, Tracing, tracing
from argo_service.trading.opened import (
    OpenTrading,
    Outlook,
    opened_trading,
    refuse_what_cannot_trade,
)
from argo_service.turnstiles import Turnstiles, build_turnstiles
from argo_service.vendors import plug_in, plug_in_liquidity, plug_in_stream, vendor_keys
from argo_service.witnessing import publication_of
from argo_service.writing import plug_in_reasoner, writing

if TYPE_CHECKING:
    from argo_adapters.tracing.finished import Finished


@frozen
class Running:
    """A started engine and what belongs to it; `code` is the digest of the program.

    With a standby the engine is not started: that is the `duty`'s, from `post`.
    """

    settings: Settings
    engine: Engine
    log: OpenLog
    publication: Publication
    clock: Clock
    observer: Observer
    metrics: PrometheusMetrics
    tally: Tally
    turnstiles: Turnstiles
    recorder: Recorder | None = None
    trader: Trader | None = None
    code: str = ""
    refresh_keys: Callable[[], Awaitable[bool]] | None = None
    post: Post | None = None
    duty: Duty | None = None
    skew: Probe | None = None
    tracing: Tracing = NOTHING_TRACED

    def served(self, notice: str = "") -> Served:
        """What the API shows of it."""
        shadowed_s = never if self.duty is None else self.duty.last_shadow
        probes = engine_probes(
            self.engine, self.log, self.tally, self.clock, UNTIL, shadowed_s=shadowed_s
        )
        if self.settings.log.database_url is None:
            probes += (write_probe(self.settings.database),)
        else:
            probes += (postgres_write_probe(self.settings.log.database_url),)
        if self.skew is not None:
            probes += (self.skew,)
        if self.engine.shards is not None:
            probes += (cluster_probe(self.engine, self.tally),)
        if self.recorder is not None:
            probes += (recording_probe(self.recorder),)
        if self.trader is not None:
            probes += (trading_probe(self.trader, self.clock),)
        if self.post is not None:
            probes += standby_probes(self.post, self.log, self.clock)
        probes += (self_check_probe(self.log),)
        missing = [key for key, secret in vendor_keys(self.settings).items() if secret is None]
        return Served(
            engine=self.engine,
            log=self.log,
            index=self.log,
            clock=self.clock,
            metrics=self.metrics,
            tally=self.tally,
            probes=probes,
            missing_keys=missing,
            notice=notice,
            prose_of=self.prose_of,
            publication=self.publication,
            trading=self.trader,
            store=self.log,
            post=self.post,
            backtests=desk_by(self.settings, self.code),
            spent=partial(
                spent_so_far, spending_path(self.settings.database), self.tally, self.clock.now()
            ),
            folder=self.settings.database.parent,
            tracing=self.tracing,
        )

    def prose_of(self, signal_id: str) -> tuple[str, str] | None:
        """A language model's words about a signal, and who wrote them."""
        words = self.engine.writer.prose(signal_id)
        return None if words is None else (words.text, words.source)


@asynccontextmanager
async def running(  # noqa: PLR0915 - every part is opened here, in its order
    settings: Settings,
    clock: Clock,
    observers: Sequence[Observer] = (),
    *,
    yahoo_url: str | None = None,
    pace: float = 1.0,
    record: Path | None = None,
    recorded: bool = False,
    keep: "Callable[[Finished], None] | None" = None,
    store: Secrets | None = None,
) -> AsyncIterator[Running]:
    """Open the log and the vendors, start the engine; at the end stop it and close them.

    `yahoo_url` is a simulator's Yahoo; the real one is reached through its library alone. `pace` is
    how many seconds of simulated vendors pass in each of the wall's. All that the engine is told is
    written to the new file `record`. With a `store` keys of vendors are read there again and again;
    without one they stay what the settings have. Where the prices are `recorded` ones of another
    day, outcomes do not wait for the witnesses' times, which are of this one.

    Raises:
        InvalidInput: the recording is there already, or cannot be made.
        InvalidSetting: the clock is behind the log, or trading is not set up.
        JournalError: the trading journal cannot be used.
        LogError: the log cannot be used.
        SecretError: the key of a vendor cannot be read.
    """
    await asyncio.to_thread(refuse_what_cannot_trade, settings)
    if record is not None and settings.standby.enabled:
        problem = "what is recorded is one run from its start to its end"
        raise InvalidInput("record", problem, "record without a standby")
    calendar = await asyncio.to_thread(load_session_table)
    code = await asyncio.to_thread(code_sha256)
    await asyncio.to_thread(make_folder_of, settings.database)
    shares = settings.redis.url is not None
    async with AsyncExitStack() as stack:
        traced = await stack.enter_async_context(tracing(settings, keep))
        # A server counts as within reach until it is missed.
        tally = Tally(clock, True if shares else None)
        metrics = PrometheusMetrics(shared=shares, exemplar=traced.exemplar)
        collector = Collector()
        observer = FanOut(tally, metrics, *observers, collector)
        stack.callback(collector.release)
        alone = not settings.standby.enabled
        log = await stack.enter_async_context(opened_log(settings, writing=alone))
        session = await stack.enter_async_context(open_session(*traced.http))
        publication = await publication_of(
            settings, log, session, clock, observer, tracer=traced.tracer
        )

        def known_price(symbol: Symbol) -> Decimal | None:
            quote = engine.known.quotes.get(symbol)
            return None if quote is None else quote.price

        # This jitter keeps processes from moving in step; nothing that is recorded depends on it.
        chance = SystemRandom().random
        post = await stack.enter_async_context(opened_post(settings, clock, observer, chance))
        # Two coordinators with the same name would have the same shards in the workers' memories.
        run = f"{settings.log.name} {SystemRandom().getrandbits(64):016x}"
        sharding = await stack.enter_async_context(clustering(settings.cluster, run))
        shared = await stack.enter_async_context(sharing(settings, clock, observer, chance))
        turnstiles = build_turnstiles(
            settings,
            clock,
            chance=chance,
            observer=observer,
            shared_limits=shared.limits,
            shared_breaker=shared.breaker,
            instances=settings.redis.instances,
            pace=pace,
        )
        shields = await build_shields(
            settings, turnstiles, shared.books, clock=clock, observer=observer, chance=chance
        )
        live = await stack.enter_async_context(
            live_keys(settings, store, clock=clock, observer=observer, chance=chance)
        )
        vendors = plug_in(
            settings, session, clock, known_price, turnstiles=turnstiles, keys=live.keys
        )
        fallbacks = _fallbacks(
            settings, session, clock, stack, yahoo_url, turnstile=turnstiles[YFINANCE]
        )
        reasoner = plug_in_reasoner(settings, session, clock, turnstiles, live.keys)
        registration = Registration(
            log=settings.log.name,
            strategy=settings.log.strategy,
            code_sha256=code,
            config_sha256=config_sha256(settings),
            seed=settings.seed,
            reveal_after_s=settings.log.sealed_s,
            reveal_key=await asyncio.to_thread(reveal_key_of, settings),
        )
        profile, instruments = settings.profile(), settings.instruments()
        recorder: Recorder | None = None
        if record is not None:
            origin = Origin.LIVE if yahoo_url is None else Origin.SIMULATED
            about = About.of(registration, profile, instruments, origin)
            recorder = await stack.enter_async_context(recording(record, about))
        trading: OpenTrading | None = None
        outlook: Outlook | None = None
        if settings.trading.enabled:
            outlook = Outlook(
                clock=clock,
                observer=observer,
                calendar=calendar,
                tracer=traced.tracer,
                turnstile=turnstiles.get(ACCOUNT),
                liquidity=plug_in_liquidity(settings, session, clock, turnstiles, live.keys),
                stream=plug_in_stream(settings, session, clock, live.keys),
            )
            if post is None:
                trading = await stack.enter_async_context(opened_trading(settings, outlook))
        engine = Engine(
            profile,
            instruments,
            Outside(
                sources=vendors.sources,
                quotes=(vendors.prices, *fallbacks),
                history=vendors.history,
                calendar=calendar,
                log=log,
                index=log,
                clock=clock,
                observer=observer,
                life=PriceLife(VarianceClock(calendar), settings.freshness.rule()),
                opinion_cache=shared.opinions,
                quote_cache=shared.quotes,
                locks=shared.locks,
                shields=shields,
                publication=publication,
                writing=None if reasoner is None else writing(settings, reasoner, shields, shared),
                chance=seeded(settings.seed),
                journal=recorder or unrecorded,
                trading=post.seat if post else trading.side if trading else None,
                refuse_to_write=post.refuse_to_write if post else nobody_refuses,
                recorded=recorded,
                tracer=traced.tracer,
                sharding=sharding,
            ),
            registration,
        )
        # A tape's clock agrees with nobody's.
        real = isinstance(clock, SystemClock)
        skew = clock_probe_of(settings, session, clock) if real else None
        if post is not None:
            yield Running(
                settings,
                engine,
                log,
                publication,
                clock,
                observer,
                metrics,
                tally,
                turnstiles,
                code=code,
                tracing=traced,
                post=post,
                skew=skew,
                duty=duty_of(settings, post, engine, log, publication, outlook, clock, observer),
                refresh_keys=live.refresh,
            )
            return
        try:
            await engine.start()
        except BaseException:
            await publication.stop()
            raise
        # The start has written an entry, so from now on the key has signed something.
        await asyncio.to_thread(mark_used, settings)
        try:
            yield Running(
                settings,
                engine,
                log,
                publication,
                clock,
                observer,
                metrics,
                tally,
                turnstiles,
                recorder,
                trading.trader if trading else None,
                code,
                tracing=traced,
                refresh_keys=live.refresh,
                skew=skew,
            )
        finally:
            await engine.stop()


def _fallbacks(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    stack: AsyncExitStack,
    yahoo_url: str | None,
    *,
    turnstile: Turnstile,
) -> tuple[YfinanceQuotes, ...]:
    if not settings.yfinance.enabled:
        return ()
    if yahoo_url is not None:
        fetch = chart_fetcher(session, yahoo_url, turnstile=turnstile)
        return (YfinanceQuotes(clock, fetch),)
    library = LibraryBars(library_download(), turnstile=turnstile)
    stack.callback(library.close)
    return (YfinanceQuotes(clock, library),)
