"""Argo, wired by hand: everything the engine needs, opened in order and closed in reverse."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.client import open_session
from argo_core.engine.engine import Engine
from argo_core.engine.inputs import unrecorded
from argo_core.engine.outside import Outside, nobody_refuses
from argo_core.engine.price_life import PriceLife
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock, Observer, Secrets
from argo_core.resilience.variance_clock import VarianceClock
from argo_service.api.clock_probe import clock_probe_of
from argo_service.chance import seeded
from argo_service.clustering import clustering
from argo_service.config.tree import Settings
from argo_service.feeding import feeding
from argo_service.fingerprint import code_sha256
from argo_service.folder import make_folder_of
from argo_service.guarding import guarding
from argo_service.known_secrets import KnownSecrets
from argo_service.observing import observing
from argo_service.record import opened_log
from argo_service.record_keys import mark_used
from argo_service.registering import recorded_into, refuse_recorded_standby, registration_of
from argo_service.running import Running
from argo_service.standing_by.duty import duty_of
from argo_service.standing_by.post import opened_post
from argo_service.trading.opened import opened_trading, refuse_what_cannot_trade
from argo_service.trading.outlook import outlook_of
from argo_service.witnessing import publication_of

if TYPE_CHECKING:
    from argo_adapters.tracing.finished import Finished


@asynccontextmanager
async def running(
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
    known: KnownSecrets | None = None,
) -> AsyncIterator[Running]:
    """Open the log and the vendors, start the engine; at the end stop it and close them.

    `yahoo_url` is a simulator's Yahoo; the real one is reached through its library alone. `pace` is
    how many seconds of simulated vendors pass in each of the wall's. All that the engine is told is
    written to the new file `record`. With a `store` keys of vendors are read there again and again;
    without one they stay what the settings have. What is `known` is blanked in spans, the secrets
    of the settings unless it is given. Where the prices are `recorded` ones of another
    day, outcomes do not wait for the witnesses' times, which are of this one.

    Raises:
        InvalidInput: the recording is there already, or cannot be made.
        InvalidSetting: the clock is behind the log, or trading is not set up.
        JournalError: the trading journal cannot be used.
        LogError: the log cannot be used.
        SecretError: the key of a vendor cannot be read.
    """
    await asyncio.to_thread(refuse_what_cannot_trade, settings)
    refuse_recorded_standby(settings, record)
    calendar = await asyncio.to_thread(load_session_table)
    code = await asyncio.to_thread(code_sha256)
    await asyncio.to_thread(make_folder_of, settings.database)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        watch = await enter(observing(settings, clock, observers, keep, known))
        observer, tracer = watch.observer, watch.tracing.tracer
        log = await enter(opened_log(settings, writing=not settings.standby.enabled))
        session = await enter(open_session(*watch.tracing.http))
        publication = await publication_of(settings, log, session, clock, observer, tracer=tracer)
        # This jitter keeps processes from moving in step; nothing that is recorded depends on it.
        chance = SystemRandom().random
        post = await enter(opened_post(settings, clock, observer, chance))
        # Two coordinators with the same name would have the same shards in the workers' memories.
        run = f"{settings.log.name} {SystemRandom().getrandbits(64):016x}"
        sharding = await enter(clustering(settings.cluster, run))
        guards = await enter(guarding(settings, clock, observer, chance, store=store, pace=pace))

        def known_price(symbol: Symbol) -> Decimal | None:
            quote = engine.known.quotes.get(symbol)
            return None if quote is None else quote.price

        feeds = await enter(
            feeding(settings, session, clock, guards, known_price, yahoo_url=yahoo_url)
        )
        registration = await registration_of(settings, code)
        simulated = yahoo_url is not None
        recorder = await enter(recorded_into(record, settings, registration, simulated=simulated))
        outlook = outlook_of(
            settings, session, clock, calendar=calendar, watch=watch, guards=guards
        )
        trading = None
        if outlook is not None and post is None:
            trading = await enter(opened_trading(settings, outlook))
        engine = Engine(
            settings.profile(),
            settings.instruments(),
            Outside(
                sources=feeds.sources,
                quotes=feeds.quotes,
                history=feeds.history,
                calendar=calendar,
                log=log,
                index=log,
                clock=clock,
                observer=observer,
                life=PriceLife(VarianceClock(calendar), settings.freshness.rule()),
                opinion_cache=guards.shared.opinions,
                quote_cache=guards.shared.quotes,
                locks=guards.shared.locks,
                shields=guards.shields,
                publication=publication,
                writing=feeds.writing,
                chance=seeded(settings.seed),
                journal=recorder or unrecorded,
                trading=post.seat if post else trading.side if trading else None,
                refuse_to_write=post.refuse_to_write if post else nobody_refuses,
                recorded=recorded,
                tracer=tracer,
                sharding=sharding,
            ),
            registration,
        )
        argo = Running(
            settings=settings,
            engine=engine,
            log=log,
            publication=publication,
            clock=clock,
            observer=observer,
            metrics=watch.metrics,
            tally=watch.tally,
            turnstiles=guards.turnstiles,
            recorder=recorder,
            trader=trading.trader if trading else None,
            limits=outlook.limits if outlook else None,
            code=code,
            refresh_keys=guards.live.refresh,
            post=post,
            duty=None
            if post is None
            else duty_of(settings, post, engine, log, publication, outlook, clock, observer),
            # A tape's clock agrees with nobody's.
            skew=clock_probe_of(settings, session, clock)
            if isinstance(clock, SystemClock)
            else None,
            tracing=watch.tracing,
        )
        if post is None:
            await enter(_started(argo))
        yield argo


@asynccontextmanager
async def _started(argo: Running) -> AsyncIterator[None]:
    """The engine goes until the block ends."""
    try:
        await argo.engine.start()
    except BaseException:
        await argo.publication.stop()
        raise
    try:
        # The start has written an entry, so from now on the key has signed something.
        await asyncio.to_thread(mark_used, argo.settings)
        yield
    finally:
        await argo.engine.stop()
