"""The web application around a running engine."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from attrs import frozen

from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.engine.engine import Engine
from argo_core.execution.trader import Trader
from argo_core.ports import Clock, SignalIndex, SignalLog
from argo_service.api import keys
from argo_service.api.allowance import Allowances
from argo_service.api.docs_page import docs_page
from argo_service.api.feed import Feed
from argo_service.api.keyring import Keyring
from argo_service.api.loop_watch import watch_loop
from argo_service.api.middlewares import LARGEST_BODY, answer, dress, guard_door
from argo_service.api.openapi import openapi
from argo_service.api.probes import Probe
from argo_service.api.published import Publication
from argo_service.api.routes import OPERATIONS, add_routes
from argo_service.api.signal_views import ProseOf, no_prose
from argo_service.api.skill import close_skill_desk
from argo_service.backtesting.desk import Desk
from argo_service.config.tree import Api
from argo_service.machine import Machine
from argo_service.record import OpenLog
from argo_service.skill.desk import SkillDesk
from argo_service.skill.told import SpentSoFar, nothing_spent
from argo_service.standing_by.post import Post
from argo_service.tally import Tally
from argo_service.tracing import NOTHING_TRACED, Tracing
from argo_service.version import VERSION

CONTROLS_PER_MINUTE = 60


@frozen
class Served:
    """What the API shows and asks.

    `clock` is the engine's: ages are told on its time. `missing_keys` are settings of vendors that
    are switched on and have no key. `prose_of` finds a language model's words about a signal.
    `publication` says what may be shown; without one nothing of the log is. `trading` is whoever
    trades, None where nothing is traded; `backtests` is where those are asked for, if anywhere.
    `store` is the log with its fences, and `post` this process's place beside a standby, if any.
    `spent` says what each source has cost. `folder` is on the disk that must not fill up.
    `tracing` is told of requests, too.
    """

    engine: Engine
    log: SignalLog
    index: SignalIndex
    clock: Clock
    metrics: PrometheusMetrics
    tally: Tally
    probes: Sequence[Probe]
    missing_keys: Sequence[str] = ()
    notice: str = ""
    prose_of: ProseOf = no_prose
    publication: Publication | None = None
    trading: Trader | None = None
    backtests: Desk | None = None
    store: OpenLog | None = None
    post: Post | None = None
    spent: SpentSoFar = nothing_spent
    folder: Path = Path()
    tracing: Tracing = NOTHING_TRACED


def build_app(served: Served, keyring: Keyring, api: Api) -> web.Application:
    """The application; it starts and stops the watch over its own keys, and its streams."""
    app = web.Application(middlewares=[answer, guard_door], client_max_size=LARGEST_BODY)
    app[keys.ENGINE] = served.engine
    app[keys.LOG] = served.log
    app[keys.INDEX] = served.index
    app[keys.PUBLICATION] = served.publication
    app[keys.FEED] = Feed(served.log, served.publication, served.clock)
    app[keys.CLOCK] = served.clock
    app[keys.SKILL] = SkillDesk(served.log, served.clock, served.spent)
    app[keys.METRICS] = served.metrics
    served.metrics.service.built(VERSION)
    app[keys.MACHINE] = Machine(served.folder)
    app[keys.TRACING] = served.tracing
    app[keys.TALLY] = served.tally
    app[keys.PROBES] = tuple(served.probes)
    app[keys.MISSING_KEYS] = tuple(served.missing_keys)
    app[keys.NOTICE] = served.notice
    app[keys.PROSE_OF] = served.prose_of
    app[keys.TRADING] = served.trading
    app[keys.STORE] = served.store
    app[keys.POST] = served.post
    app[keys.BACKTESTS] = served.backtests
    app[keys.KEYRING] = keyring
    app[keys.ALLOWANCES] = Allowances("default", api.requests_per_minute)
    app[keys.PUBLIC_ALLOWANCES] = Allowances("public", api.public_requests_per_minute)
    app[keys.CONTROL_ALLOWANCES] = Allowances("control", CONTROLS_PER_MINUTE)
    app[keys.PROXIES] = api.proxies()
    app[keys.STARTED_S] = served.clock.monotonic()
    document = openapi(OPERATIONS)
    app[keys.OPENAPI] = json.dumps(document, indent=1).encode()
    app[keys.DOCS_PAGE] = docs_page(document)
    app.cleanup_ctx.append(_watch_keys)
    app.cleanup_ctx.append(_feed_streams)
    app.cleanup_ctx.append(_watch_loop)
    app.cleanup_ctx.append(close_skill_desk)
    app.cleanup_ctx.append(_run_backtests)
    # Before open connections are waited for, which streams would otherwise be till they are cut.
    app.on_shutdown.append(_end_streams)
    app.on_response_prepare.append(dress)
    add_routes(app)
    return app


async def _watch_keys(app: web.Application) -> AsyncIterator[None]:
    keyring = app[keys.KEYRING]
    await keyring.refresh()
    watch = asyncio.create_task(keyring.keep_fresh(), name="API keys")
    yield
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    await keyring.close()


async def _feed_streams(app: web.Application) -> AsyncIterator[None]:
    feeding = asyncio.create_task(app[keys.FEED].run(), name="streams")
    yield
    feeding.cancel()
    with suppress(asyncio.CancelledError):
        await feeding


async def _watch_loop(app: web.Application) -> AsyncIterator[None]:
    watching = asyncio.create_task(
        watch_loop(app[keys.CLOCK], app[keys.METRICS].service.lagged), name="event loop's lag"
    )
    yield
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def _run_backtests(app: web.Application) -> AsyncIterator[None]:
    desk = app[keys.BACKTESTS]
    if desk is None:
        yield
        return
    await desk.open()
    running = asyncio.create_task(desk.run(), name="backtests")
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def _end_streams(app: web.Application) -> None:
    if (desk := app[keys.BACKTESTS]) is not None:
        desk.close()
    await app[keys.FEED].close()
