"""Serve a demo: a database and a witness of its own, users on a free and a paid plan.

It reads the log that is named, cosigns its checkpoints, and shows how to ask for what it verified.
Mails are laid down in a folder, and everything answers this machine only.
"""

import argparse
import asyncio
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import orjson
from attrs import frozen

from alpine_service.adapters.postgres.feed_figures import FeedFigures, feed_figures
from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.cli.demo_place import demo_folder, forget_demos
from alpine_service.cli.demo_users import DemoUser, keep_users, planned_users, settled_user
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import complain, say
from alpine_service.cli.spans import seconds
from alpine_service.domain.feed.verifier_key import read_verifier_key
from alpine_service.errors import InvalidInput, Malformed
from alpine_service.server import serve_until, stop_wish
from alpine_service.settings import LogSettings, MailSettings, Settings
from alpine_service.wiring.folder import make_folder
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.keys import witness_signer
from alpine_service.wiring.offline import offline

BASE = Path(".alpine")
POLL_S = 0.2
FIGURES_EVERY_S = 5.0
_LINES = "alpine.log"


@frozen
class _Wishes:
    """What the command line asked for; `span_s` None lasts until somebody stops it."""

    settings: Settings
    ready: Path | None
    for_parent: bool
    plain: bool
    span_s: float | None


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument("--log-url", required=True, help="the log that is read and witnessed")
    command.add_argument("--log-key", required=True, help="its verifier key")
    command.add_argument(
        "--folder", default=str(BASE), help=f"where demos keep their data (default {BASE})"
    )
    command.add_argument("--fresh", action="store_true", help="forget the demos before")
    command.add_argument("--for", dest="span", metavar="SPAN", help="stop by itself, such as 30s")
    command.add_argument(
        "--plain", action="store_true", help="say every few seconds what there is by now"
    )
    command.add_argument(
        "--ready",
        metavar="FILE",
        help="write address and witness key there, as JSON, once it answers",
    )
    command.add_argument(
        "--for-parent",
        action="store_true",
        help="stop when standard input is closed, as it is when whoever started this has died",
    )
    command.set_defaults(run=run)


def run(given: argparse.Namespace, settings: Settings) -> int:
    """The exit code is 1 if nothing was verified and cosigned."""
    wishes = _Wishes(
        settings=_settings(given, settings),
        ready=None if given.ready is None else Path(given.ready),
        for_parent=given.for_parent,
        plain=given.plain,
        span_s=None if given.span is None else seconds("--for", given.span),
    )
    figures = asyncio.run(_play(wishes))
    say(f"Alpine: {_sentence(figures)}")
    if not figures.cosigned:
        complain("nothing was verified and cosigned; is the log there, and does it ask us?")
        return Exit.FAILED
    return Exit.DONE


def _settings(given: argparse.Namespace, settings: Settings) -> Settings:
    try:
        key = read_verifier_key(given.log_key)
    except Malformed as error:
        raise InvalidInput("--log-key", str(error), "give the log's verifier key") from error
    base = Path(given.folder)
    folder, problem = demo_folder(base, key)
    if given.fresh:
        forget_demos(folder.parent)
        if problem is not None:
            forget_demos(base)
    if problem is not None:
        say(f"{problem}; the demo is in {folder.parent} instead")
    port, internal_port = _free(settings.port), _free(settings.internal_port)
    return Settings(
        port=port,
        internal_port=internal_port,
        public_url=f"http://127.0.0.1:{port}",
        folder=folder,
        # The log of a demo is open to this machine: any key gets hints and sealed bodies.
        log=LogSettings(given.log_url.rstrip("/"), given.log_key, "demo", POLL_S),
        mail=MailSettings(f"file:{(folder / 'mail').absolute()}"),
        private_webhooks=True,
        notice="A demo: vendors are simulated and prices recorded. Nothing here can be traded on.",
    )


def _free(port: int) -> int:
    """That port of this machine, or any other if somebody has it."""
    for one in (port, 0):
        with suppress(OSError), socket.socket() as chosen:
            chosen.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            chosen.bind(("127.0.0.1", one))
            return int(chosen.getsockname()[1])
    raise InvalidInput("ALPINE_PORT", "there is no free port", "end something")


async def _play(wishes: _Wishes) -> FeedFigures:
    settings, stop = wishes.settings, stop_wish()
    await asyncio.to_thread(make_folder, settings.folder)
    users = await asyncio.to_thread(planned_users, settings.folder, SystemChance())
    witness = await asyncio.to_thread(witness_signer, settings, SystemChance())
    answers: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    end = asyncio.Event()
    with (settings.folder / _LINES).open("ab") as lines:
        serving = asyncio.create_task(serve_until(end, settings, answers.set_result, lines))
        try:
            await asyncio.wait((serving, answers), return_when=asyncio.FIRST_COMPLETED)
            if not answers.done():
                # It ended before it answered: by an error, which is for whoever asked.
                await serving
            if wishes.for_parent:
                _stop_with_parent(stop)
            async with offline(settings) as ground:
                settled = [await settled_user(ground, one) for one in users]
                await asyncio.to_thread(keep_users, settings.folder, settled)
                _show(settings, witness.key, settled)
                if wishes.ready is not None:
                    ready = {"url": settings.public_url, "witness_key": witness.key}
                    await asyncio.to_thread(_write, wishes.ready, orjson.dumps(ready))
                await _wait(stop, serving, wishes, ground)
                return await feed_figures(ground.database)
        finally:
            end.set()
            await serving


async def _wait(
    stop: asyncio.Event, serving: "asyncio.Task[None]", wishes: _Wishes, ground: Ground
) -> None:
    """Until somebody wants it to end, its time is over, or it broke."""
    stopping = asyncio.create_task(stop.wait())
    waited = 0.0
    while not stopping.done() and not serving.done():
        left = None if wishes.span_s is None else wishes.span_s - waited
        if left is not None and left <= 0:
            break
        step = FIGURES_EVERY_S if left is None else min(left, FIGURES_EVERY_S)
        await asyncio.wait((stopping, serving), timeout=step, return_when=asyncio.FIRST_COMPLETED)
        waited += step
        if wishes.plain and not stopping.done():
            say(_sentence(await feed_figures(ground.database)))
    stopping.cancel()


def _stop_with_parent(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def read_to_the_end() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        # The loop may be gone when standard input is closed after the end.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    # A daemon, because it may wait for ever.
    threading.Thread(target=read_to_the_end, name="parent", daemon=True).start()


def _write(path: Path, data: bytes) -> None:
    """Whole or not there, for whoever looks for it again and again."""
    half = path.with_name(f"{path.name}.half")
    half.write_bytes(data)
    half.replace(path)


def _show(settings: Settings, witness_key: str, users: list[DemoUser]) -> None:
    url, best = settings.public_url, users[-1]
    say(f"Alpine answers on {url}; open it in a browser, and sign in as one of these")
    say(f"  reads       {settings.log.url}, as {settings.log.key}")
    say(f"  cosigns as  {witness_key}")
    for user in users:
        say(f"  {user.plan + ' plan':10}  {user.email}  password {user.password}  key {user.key}")
    say("  try")
    bearer = f'-H "Authorization: Bearer {best.key}"'
    say(f"    curl {bearer} '{url}/v1/signals?limit=3'")
    say(f"    curl -N {bearer} {url}/v1/stream")
    say(f"  mails, and all else, are in {settings.folder}")


def _sentence(figures: FeedFigures) -> str:
    return (
        f"{figures.verified} entries verified, {figures.cosigned} of them cosigned;"
        f" {figures.signals} signals and {figures.events} events to serve"
    )
