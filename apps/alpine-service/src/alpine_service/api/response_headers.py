"""The headers of every answer: what browsers must not do with it, and its request id."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from alpine_service.api.route import Route

REQUEST_ID = web.RequestKey("request_id", str)
ROUTE = web.RequestKey("route", Route)
RATE = web.RequestKey("rate", dict)

# Nothing of an answer of the API is ever shown as a page; the sandbox is for whoever does so.
PLAIN_POLICY = (
    "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Two years, as the preload list's advice is; all subdomains (ASVS 5.0, 3.4.1).
_HSTS = "max-age=63072000; includeSubDomains"

OnPrepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def response_headers(public_url: str) -> OnPrepare:
    """Sets them just before an answer leaves, so that streams have them too."""
    always: Mapping[str, str] = (
        _ALWAYS | {"Strict-Transport-Security": _HSTS}
        if public_url.startswith("https:")
        else _ALWAYS
    )

    async def prepare(request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        headers.update(always)
        # A page has policies of its own.
        headers.setdefault("Content-Security-Policy", PLAIN_POLICY)
        headers.setdefault("Referrer-Policy", "no-referrer")
        # Who answers, and in which version, is nobody's business.
        headers["Server"] = "alpine"
        if REQUEST_ID in request:
            headers["X-Request-Id"] = request[REQUEST_ID]
        headers.update(request.get(RATE, {}))
        route: Route | None = request.get(ROUTE)
        if route is not None and route.any_origin:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        else:
            headers["Cross-Origin-Resource-Policy"] = "same-origin"

    return prepare
