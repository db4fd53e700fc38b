"""The API on a socket, and the rule about who may be listened to without keys."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from argo_core.errors import InvalidSetting
from argo_service.address import reserve
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


def reserve_some(listen: Listen) -> socket.socket:
    """The address, or any free port of the same host when it is taken.

    Raises:
        CannotListen: there is no free port either.
    """
    try:
        return reserve(listen)
    except CannotListen:
        return reserve(Listen(host=listen.host, port=0))


@asynccontextmanager
async def listening(app: web.Application, reserved: socket.socket) -> AsyncIterator[str]:
    """Serve on a reserved socket until the block ends; gives the address.

    Raises:
        CannotListen: somebody else was faster after all.
    """
    runner = web.AppRunner(app, shutdown_timeout=GRACE_S, access_log=None)
    await runner.setup()
    try:
        host, port = reserved.getsockname()[:2]
        try:
            await web.SockSite(runner, reserved).start()
        except OSError as error:
            raise CannotListen.at(host, port, error) from error
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        await runner.cleanup()
