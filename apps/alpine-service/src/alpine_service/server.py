"""The application on a socket, from the first listen to the last goodbye."""

import asyncio
import signal
from collections.abc import Callable

from aiohttp import web

from alpine_service.app import build_app
from alpine_service.errors import CannotListen
from alpine_service.settings import Settings

# Whoever asks us to stop waits a second before becoming rude; requests under way get half of it.
GRACE_S = 0.5


async def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is told the URL once connections are accepted.

    Raises:
        CannotListen: the address cannot be had.
    """
    # Listened for first, so that a signal during the start is not lost.
    stop = asyncio.Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wish, stop.set)
    runner = web.AppRunner(build_app(), shutdown_timeout=GRACE_S)
    await runner.setup()
    try:
        announce(await _listen(runner, settings))
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> str:
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        # asyncio puts the address, which our own sentence has already, in front of the reason.
        reason = str(error.strerror).rpartition(": ")[2]
        raise CannotListen(f"{settings.host}:{settings.port}", reason) from error
    # Asked of the socket, because port 0 becomes a real one only there.
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
