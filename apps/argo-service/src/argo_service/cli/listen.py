"""The API on a socket, and the rule about who may be listened to without keys."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from argo_core.errors import InvalidSetting
from argo_service.api_keys import ApiKeyFile
from argo_service.config.tree import Listen
from argo_service.errors import CannotListen

# Whoever asks us to stop waits a second before becoming rude; requests under way get half of it.
GRACE_S = 0.5


def refuse_open_door(listen: Listen, keys: ApiKeyFile) -> None:
    """Without API keys only this machine may reach the service.

    Raises:
        InvalidSetting: the host is not a loopback address and no key was ever made.
    """
    if not listen.is_local and not keys.all():
        raise InvalidSetting(
            "listen.host",
            f"{listen.host} can be reached from other machines, and there are no API keys",
            "make one with `argo keys add NAME`, or listen on 127.0.0.1",
        )


@asynccontextmanager
async def listening(app: web.Application, listen: Listen) -> AsyncIterator[str]:
    """Serve until the block ends; gives the address, with the real port for port 0.

    Raises:
        CannotListen: the address cannot be had.
    """
    runner = web.AppRunner(app, shutdown_timeout=GRACE_S, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, listen.host, listen.port).start()
        except OSError as error:
            problem = f"cannot listen on {listen.host}:{listen.port}: {error.strerror}"
            fix = "stop what uses it, or set ARGO_LISTEN__PORT to another port"
            raise CannotListen(f"{problem}; {fix}") from error
        host, port = runner.addresses[0][:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        await runner.cleanup()
