"""Is this process alive, and which version is it?"""

from importlib.metadata import version

from aiohttp import web

# Read at import, because the package's metadata is a file and the event loop must not wait for one.
VERSION = version("alpine-service")


async def health(_request: web.Request) -> web.Response:
    answer = {"status": "ok", "service": "alpine", "version": VERSION}
    # A stored answer would say nothing about the process of now.
    return web.json_response(answer, headers={"Cache-Control": "no-store"})
