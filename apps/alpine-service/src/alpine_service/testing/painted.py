"""A real HAProxy with the shipped configuration, in front of two colours that only answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web
from attrs import Factory, define

from alpine_service.domain.deploy.colour import Colour
from alpine_service.testing.torture import until
from alpine_service.testing.whole.proxy import Front, haproxy

_PORTS = {"8091": Colour.BLUE, "8093": Colour.GREEN}


@define(eq=False)
class Painted:
    """The proxy; `status` is what a colour answers with, and its name is the body."""

    front: Front
    status: dict[Colour, int] = Factory(lambda: dict.fromkeys(Colour, 200))


@asynccontextmanager
async def painted_site(program: str, shipped: Path, folder: Path) -> AsyncIterator[Painted]:
    """Both colours answer for the block, also when they are asked how they are."""
    async with AsyncExitStack() as stack:
        status = dict.fromkeys(Colour, 200)
        ports: dict[str, str] = {}
        for name, colour in _PORTS.items():
            port = await stack.enter_async_context(_answering(colour, status))
            # One port for everybody; the operator's is another one only in earnest.
            ports |= {name: port, str(int(name) + 1): port}
        proxy = haproxy(program, shipped, folder, ports)
        front = await asyncio.to_thread(proxy.__enter__)
        stack.callback(proxy.__exit__, None, None, None)

        async def is_there() -> bool:
            return await asyncio.to_thread(front.socket.is_socket)

        await until(is_there, 30, "the proxy is there")
        yield Painted(front, status)


@asynccontextmanager
async def _answering(colour: Colour, status: dict[Colour, int]) -> AsyncIterator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=colour, status=status[colour])

    async def well(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "version": "1.0", "probes": {}})

    app = web.Application()
    app.router.add_get("/health", well)
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield str(runner.addresses[0][1])
    finally:
        await runner.cleanup()
