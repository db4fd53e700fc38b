"""`argo serve`: the engine and the API, until somebody asks it to stop."""

import argparse
import asyncio
import logging
import os
import socket
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from aiohttp import web

from argo_adapters.clocks.system import SystemClock
from argo_adapters.observers.event_log import EventLog
from argo_adapters.observers.json_lines import JsonLines
from argo_core.engine.loop import run as run_loop
from argo_core.ports import Clock
from argo_service.address import reserve
from argo_service.api import keys as app_keys
from argo_service.api.app import build_app
from argo_service.api.keyring import Keyring
from argo_service.api_keys import ApiKeyFile, keys_path
from argo_service.cli.exit_codes import Exit
from argo_service.cli.hangup import hangup_reloads, hangups, reloading
from argo_service.cli.listen import listening, refuse_open_door
from argo_service.cli.output import write_line
from argo_service.cli.stop import stop_wish, wishes
from argo_service.config.tree import Settings
from argo_service.known_secrets import KnownSecrets, known_in
from argo_service.reloading import Adjustable, Reloader
from argo_service.running import Running
from argo_service.sealed_process import forbid_cores, seal_process
from argo_service.secret_stores import completed, secret_store
from argo_service.service_manager import ServiceManager
from argo_service.settings import Configuration, read_configuration
from argo_service.wiring import running


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument("--quiet", action="store_true", help="log warnings and errors only")
    command.add_argument(
        "--record", type=Path, metavar="FILE", help="write all that decisions are made of to FILE"
    )
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Run until SIGTERM or Ctrl-C."""
    # First of all, because from here on there are keys in memory.
    forbid_cores()
    configuration = read_configuration(given.config)
    settings = configuration.settings
    if settings.secrets.seal_process:
        seal_process()
    level = "WARNING" if given.quiet else settings.logging.level.upper()
    known = known_in(settings)
    lines = JsonLines(known.redactor)
    handler = logging.StreamHandler()
    handler.setFormatter(lines)
    logging.basicConfig(level=level, handlers=[handler])
    keys = ApiKeyFile(keys_path(settings.database))
    refuse_open_door(settings.listen, keys)
    # Had first, because a taken port should not cost a warm-up and an entry in the log.
    with reserve(settings.listen) as reserved:
        asyncio.run(_serve(configuration, keys, reserved, given.record, lines=lines, known=known))
    return Exit.DONE


async def _serve(
    configuration: Configuration,
    keys: ApiKeyFile,
    reserved: socket.socket,
    record: Path | None,
    *,
    lines: JsonLines,
    known: KnownSecrets,
) -> None:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(stop_wish(hangup=not hangup_reloads()))
        heard = stack.enter_context(hangups())
        store = known.listening(await stack.enter_async_context(secret_store(configuration, clock)))
        settings = (await completed(configuration, store)).settings
        known.keep(settings)
        argo = await stack.enter_async_context(
            running(settings, clock, (EventLog(),), record=record, store=store, known=known)
        )
        lines.ids = argo.tracing.ids
        keyring = Keyring(keys, clock)
        app = build_app(argo.served(), keyring, settings.api)
        address = await stack.enter_async_context(listening(app, reserved))
        reloader = Reloader(
            settings, partial(_read, configuration.path, clock, known), _adjustable(argo, app)
        )
        await stack.enter_async_context(reloading(heard, reloader))
        manager = ServiceManager.of(os.environ)  # noqa: TID251 - systemd's words are no settings
        await stack.enter_async_context(manager.watching(clock))
        write_line(f"Argo answers on {address}")
        manager.tell("READY=1", f"STATUS=answers on {address}")
        if argo.duty is None or argo.post is None:
            await run_loop(argo.engine, clock, argo.observer, stop)
        else:
            stack.enter_context(wishes(argo.post))
            await argo.duty.run(stop)


async def _read(given: Path | None, clock: Clock, known: KnownSecrets) -> Settings:
    """The settings as they are written now, completed with secrets that are elsewhere."""
    configuration = await asyncio.to_thread(read_configuration, given)
    # Known before anything is said of them, whether they are taken on or refused.
    known.learn(configuration.settings)
    async with secret_store(configuration, clock) as store:
        return (await completed(configuration, known.listening(store))).settings


def _adjustable(argo: Running, app: web.Application) -> Adjustable:
    return Adjustable(
        engine=argo.engine,
        turnstiles=argo.turnstiles,
        allowances=app[app_keys.ALLOWANCES],
        public_allowances=app[app_keys.PUBLIC_ALLOWANCES],
        clock=argo.clock,
        observer=argo.observer,
        refresh=argo.refresh_keys,
        risk=argo.limits,
    )
