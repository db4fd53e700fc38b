"""The whole service: every room on one ground, its application and its background tasks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiohttp import web
from attrs import asdict, frozen

from alpine_service.adapters.mail.mailer import Exchangeable
from alpine_service.adapters.postgres.answer_store import PostgresAnswers
from alpine_service.adapters.postgres.board_store import PostgresBoard
from alpine_service.adapters.postgres.common_keys import CommonKeys
from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.events import CHANNEL, EventStore
from alpine_service.adapters.postgres.expired_accounts import ExpiredAccounts
from alpine_service.adapters.postgres.expired_deliveries import ExpiredDeliveries
from alpine_service.adapters.postgres.kept import KeptServer
from alpine_service.adapters.postgres.migrating import check_current
from alpine_service.adapters.postgres.record_store import PostgresRecord
from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.adapters.postgres.wakeups import Wakeups
from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.adapters.secrets.passwords import Argon2Passwords
from alpine_service.adapters.secrets.vault import open_vault
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.adapters.tracing.opening import UNKEPT, Tracing
from alpine_service.api import keys
from alpine_service.api.listeners import Listeners
from alpine_service.api.platform import Limits, Platform
from alpine_service.api.session_cookie import cookie_name
from alpine_service.domain.rotating import Rotating
from alpine_service.pages.dashboard import build_site
from alpine_service.pages.rendering import Renderer, renderer
from alpine_service.pages.static_files import read_static
from alpine_service.ports.health import Probe
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Chance, Clock
from alpine_service.services.account_services import AccountServices
from alpine_service.services.answers import Answers
from alpine_service.services.board import Board
from alpine_service.services.health import Health
from alpine_service.services.signals import Signals
from alpine_service.services.stream import Stream
from alpine_service.services.sweeper import Sweeper
from alpine_service.services.track_record import TrackRecord
from alpine_service.settings import Settings
from alpine_service.tasks import Run, Tasks
from alpine_service.wiring.accounts import accounts_on, mailer_on, postman_on
from alpine_service.wiring.database import service_database
from alpine_service.wiring.delivery import DeliveryRoom, delivery_export_on, delivery_room
from alpine_service.wiring.feed import LogRoom, log_room, proofs_on
from alpine_service.wiring.folder import make_folder
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.keys import pinned_log, witness_signer
from alpine_service.wiring.live import Live
from alpine_service.wiring.plans import PlansRoom, plans_on
from alpine_service.wiring.probes import health_on

# Connections to the database: enough for requests and for what runs in the background.
CONNECTIONS = 16


@frozen
class Running:
    """The service while it runs. `stream` is closed before the listeners are waited for.

    `keep` is to run until the service ends: it keeps the database's server running, where that is
    our own, and raises NoServer once nothing helps any more.
    """

    app: web.Application
    health: Health
    stream: Stream
    keep: Run
    live: Live


@frozen
class _Rooms:
    """All that was put together."""

    accounts: AccountServices
    plans: PlansRoom
    log: LogRoom
    delivery: DeliveryRoom
    stream: Stream
    record: TrackRecord
    mailer: Exchangeable


@asynccontextmanager
async def running(
    settings: Settings,
    observer: Observer,
    clock: Clock | None = None,
    chance: Chance | None = None,
    *,
    probes: Sequence[Probe] = (),
    tracing: Tracing = UNKEPT,
) -> AsyncIterator[Running]:
    """Everything but the sockets, until the block is left; the machine's clock unless given.

    `probes` are those of what is around the service, such as of its event loop.

    Raises:
        InvalidSetting: something of the operator's cannot be meant.
        NoServer, DatabaseAway, DatabaseRefused: there is no database, or it is not current.
    """
    clock, chance = clock or SystemClock(), chance or SystemChance()
    log = pinned_log(settings)
    # The event loop must not wait for files.
    await asyncio.to_thread(make_folder, settings.folder)
    vault = await asyncio.to_thread(open_vault, settings.folder, chance)
    signer = await asyncio.to_thread(witness_signer, settings, chance)
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(service_database(settings))
        urls = own.urls
        way = Rotating((urls.app,))
        if settings.database_url is not None:
            way.turn(urls.app, settings.before.database_url)
        database = await stack.enter_async_context(open_database(way, size=CONNECTIONS))
        await check_current(database)
        await CommonKeys(database, vault).check(settings.witness_name, signer.key)
        wakeups = Wakeups(way, clock)
        ground = Ground(settings, clock, chance, vault, observer, database, wakeups, tracing)
        passwords = await asyncio.to_thread(Argon2Passwords, chance)
        stack.callback(passwords.close)
        plans = plans_on(ground)
        accounts = accounts_on(ground, passwords, (plans.export, delivery_export_on(ground)))
        log_reading = await stack.enter_async_context(log_room(ground, log, signer))
        delivery = await stack.enter_async_context(delivery_room(ground))
        stream = Stream(EventStore(database), wakeups.listen(CHANNEL), clock, observer)
        mailer = mailer_on(ground)
        record = TrackRecord(PostgresRecord(database), clock)
        rooms = _Rooms(accounts, plans, log_reading, delivery, stream, record, mailer)
        limits = Limits(**asdict(settings.bounds))
        platform = Platform(
            sessions=accounts.sessions,
            api_keys=plans.api_keys,
            quotas=plans.quotas,
            answers=Answers(PostgresAnswers(database), vault, clock),
            clock=clock,
            chance=chance,
            observer=observer,
            public_url=settings.public_url,
            cookie=cookie_name(settings.public_url),
            proxies=frozenset(settings.trusted_proxies),
            limits=limits,
            tracer=tracing.tracer,
            services=_services(ground, rooms),
        )
        app = build_site(platform, await asyncio.to_thread(_made_with), settings.notice)
        tasks = Tasks(clock, observer)
        await stack.enter_async_context(tasks.running(_runs(ground, rooms)))
        # Before the tasks are ended, because what is given back needs nothing of theirs.
        stack.push_async_callback(plans.quotas.release)
        stack.callback(stream.close)
        health = health_on(
            ground, log_reading.standing, log, tasks=tasks, stream=stream, besides=probes
        )
        app[keys.HEALTH] = health
        live = Live(limits, log_reading.keys, mailer, database, way, clock)
        yield Running(app, health, stream, _keeping(own.server, clock, observer), live)


def _made_with() -> Renderer:
    return renderer(read_static())


def _keeping(server: KeptServer | None, clock: Clock, observer: Observer) -> Run:
    async def keep() -> None:
        if server is not None:
            await server.run(clock, observer)
        # An operator's server is the operator's to start again.
        await asyncio.Event().wait()

    return keep


def _services(ground: Ground, rooms: _Rooms) -> dict[web.AppKey[Any], object]:
    """What handlers find, by its key."""
    accounts, plans, log = rooms.accounts, rooms.plans, rooms.log
    return {
        keys.REGISTRATION: accounts.registration,
        keys.LOGIN: accounts.login,
        keys.SESSIONS: accounts.sessions,
        keys.CREDENTIALS: accounts.credentials,
        keys.SECOND_FACTORS: accounts.second_factors,
        keys.OWN_ACCOUNT: accounts.own_account,
        keys.SUBSCRIPTIONS: plans.subscriptions,
        keys.API_KEYS: plans.api_keys,
        keys.QUOTAS: plans.quotas,
        keys.ADMINISTRATION: plans.administration,
        keys.WITNESS: log.witness,
        keys.INGEST_STANDING: log.standing,
        keys.LOG: log.view,
        keys.SIGNALS: Signals(PostgresSignals(ground.database), proofs_on(ground), ground.clock),
        keys.BOARD: Board(PostgresBoard(ground.database)),
        keys.TRACK_RECORD: rooms.record,
        keys.EVENTS: EventStore(ground.database),
        keys.WEBHOOKS: rooms.delivery.webhooks,
        keys.DIGESTS: rooms.delivery.digests,
        keys.STREAM: rooms.stream,
        keys.LISTENERS: Listeners(),
    }


def _runs(ground: Ground, rooms: _Rooms) -> dict[str, Run]:
    """What runs in the background, by its name."""
    database, log = ground.database, rooms.log
    expired = (
        ExpiredAccounts(database),
        ExpiredDeliveries(database),
        PostgresAnswers(database),
    )
    runs: dict[str, Run] = {
        "stream": rooms.stream.run,
        "track_record": rooms.record.run,
        "postman": postman_on(ground, rooms.mailer).run,
        "renewals": rooms.plans.renewals.run,
        "fan_out": rooms.delivery.fan_out.run,
        "courier": rooms.delivery.carry,
        "digests": rooms.delivery.digests.run,
        "sweeper": Sweeper(expired, ground.clock, ground.observer).run,
    }
    if log.ingest is not None:
        runs["ingest"] = log.ingest.run
    # The last, because listeners have to be known before it connects.
    runs["wakeups"] = ground.wakeups.run
    return runs
