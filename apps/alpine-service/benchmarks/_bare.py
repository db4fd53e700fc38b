"""The limits: bare aiohttp that gives the same bytes, knows nobody and keeps nothing."""

import asyncio
import time

from aiohttp import web
from benchmarks._child import Orders


async def bare(orders: Orders) -> None:
    """Answers its port; then it is told what it is to say, `page` or `tell`, and the bytes.

    A page is what /page answers from now on. What is to be told goes to all that listen at
    /v1/stream; answered is when that began, in monotonic nanoseconds.
    """
    page = web.AppKey("page", dict[str, bytes])
    news: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def read(request: web.Request) -> web.Response:
        return web.Response(body=request.app[page]["body"], content_type="application/json")

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 3000\n\n")
        while True:
            await response.write(await asyncio.shield(news))

    app = web.Application()
    app[page] = {"body": b""}
    app.router.add_get("/page", read)
    app.router.add_get("/v1/stream", stream)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    orders.answer(runner.addresses[0][1])
    while (order := await orders.next()) is not None:
        what, body = order
        if what == "page":
            app[page]["body"] = body
            orders.answer(None)
        else:
            told, news = news, asyncio.get_running_loop().create_future()
            orders.answer(time.monotonic_ns())
            told.set_result(body)
    await runner.cleanup()
