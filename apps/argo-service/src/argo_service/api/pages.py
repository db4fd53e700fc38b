"""The pages and the machine-readable description; both are made once, when the app is built."""

from aiohttp import web

from argo_service.api import keys
from argo_service.api.landing_page import landing_page
from argo_service.api.page_style import POLICY
from argo_service.api.parameters import Parameters


async def openapi_json(request: web.Request) -> web.Response:
    """The OpenAPI document."""
    Parameters.of(request.rel_url, ())
    return web.Response(body=request.app[keys.OPENAPI], content_type="application/json")


async def docs(request: web.Request) -> web.Response:
    """The same for people."""
    Parameters.of(request.rel_url, ())
    return _page(request.app[keys.DOCS_PAGE])


async def landing(request: web.Request) -> web.Response:
    """Where to begin."""
    Parameters.of(request.rel_url, ())
    app = request.app
    symbols = tuple(app[keys.ENGINE].known.instruments)
    text = landing_page(symbols, app[keys.NOTICE], is_open=app[keys.KEYRING].is_open)
    return _page(text)


def _page(text: str) -> web.Response:
    return web.Response(
        text=text, content_type="text/html", headers={"Content-Security-Policy": POLICY}
    )
