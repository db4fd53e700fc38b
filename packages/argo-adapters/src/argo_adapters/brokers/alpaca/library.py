"""alpaca-py, made to keep its bounds: everything of ours that touches the library is here.

It is imported when a broker is opened, because it is an extra that brings pandas. Its REST client
is synchronous, has no timeouts and repeats by itself; here it has the first and does not do the
second: who repeats an order must first look what became of it.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from logging import CRITICAL, Logger, NullHandler
from ssl import create_default_context
from types import MappingProxyType
from typing import Any, Protocol

from argo_adapters.brokers.alpaca.refusals import Refusal
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.http.remaining import remaining_calls
from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_core.errors import BrokerAway, BrokerError, BrokerGarbled, InvalidSetting

MAX_BYTES = 8_000_000
MAX_MESSAGE = 1_000_000

_CHUNK = 65_536
# The stream closes in five of these at most.
_CLOSE_S = 0.15
_PING_S = 10

Handler = Callable[[object], Awaitable[None]]


class StreamRefused(Exception):  # noqa: N818 - it is what happened
    """The stream does not take the key."""


class Rest(Protocol):
    """Calls that block; for one thread alone."""

    @property
    def remaining(self) -> int | None:
        """How many calls Alpaca said are left, with its last answer; None where it did not."""
        ...

    def ask(self, method: str, path: str, data: Mapping[str, object]) -> object:
        """The value of the answer's JSON, None where it is empty, or a `Refusal`.

        Raises:
            BrokerAway: no connection, or no whole answer in time.
            BrokerGarbled: an answer that is too large, packed, not JSON or sends us elsewhere.
        """
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


class Feed(Protocol):
    """One connection to the stream."""

    async def start(self) -> None:
        """Connect, show the key, listen, and wait until it is confirmed.

        Raises:
            StreamRefused: the key is not taken.
            Exception: whatever the library raises.
        """
        ...

    async def consume(self) -> None:
        """Hand on every message until the connection breaks, with whatever the library raises."""
        ...

    async def close(self) -> None:
        """End the connection, within a second."""
        ...


def open_rest(
    settings: AlpacaBrokerSettings, monotonic: Callable[[], float], *, data: bool = False
) -> Rest:
    """alpaca-py's client for trading, or for corporate actions at the `data` host.

    The first time it imports the library, which takes a second.
    """
    from alpaca.common.exceptions import APIError  # type: ignore[import-not-found] # noqa: PLC0415
    from alpaca.data.historical.corporate_actions import (  # type: ignore[import-not-found] # noqa: PLC0415
        CorporateActionsClient,
    )
    from alpaca.trading.client import (  # type: ignore[import-not-found] # noqa: PLC0415
        TradingClient,
    )

    keys = settings.key_id, settings.secret_key
    client: Any
    if data:
        client = CorporateActionsClient(*keys, raw_data=True, url_override=settings.data)
    else:
        paper = not settings.live
        client = TradingClient(*keys, paper=paper, raw_data=True, url_override=settings.rest)
    # Its constructor takes no zero for "do not repeat".
    client._retry = 0
    session = client._session
    # Proxies and passwords of the environment are nobody's wish here.
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"
    adapter = _adapter(settings, monotonic)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return _LibraryRest(client, adapter, settings.name, APIError)


class _LibraryRest:
    def __init__(self, client: Any, adapter: Any, name: str, refused: Any) -> None:
        self._client = client
        self._adapter = adapter
        self._name = name
        self._refused = refused

    @property
    def remaining(self) -> int | None:
        headers: Mapping[str, str] = self._adapter.headers
        return remaining_calls(headers)

    def ask(self, method: str, path: str, data: Mapping[str, object]) -> object:
        call = getattr(self._client, method.lower())
        try:
            found: object = call(path, dict(data))
        except self._refused as error:
            response = error.response
            return Refusal(response.status_code, response.headers, response.content)
        except BrokerError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody knows what happened
            problem = f"no connection or no whole answer ({type(error).__name__})"
        else:
            return found
        # Raised out here, because the library's errors carry the request with its keys.
        raise BrokerAway(self._name, problem)

    def close(self) -> None:
        self._client._session.close()


def _adapter(settings: AlpacaBrokerSettings, monotonic: Callable[[], float]) -> Any:
    """A way to send requests with a limit of time and size, which takes nothing but strict JSON."""
    from requests.adapters import (  # type: ignore[import-not-found, import-untyped, unused-ignore] # noqa: PLC0415
        HTTPAdapter,
    )

    name, limit_s = settings.name, settings.timeout_s

    class BoundedAdapter(HTTPAdapter):  # type: ignore[misc, unused-ignore] # the library is untyped
        headers: Mapping[str, str] = MappingProxyType({})

        def send(self, request: Any, *given: Any, **options: Any) -> Any:
            ends = monotonic() + limit_s
            options |= {"stream": True, "timeout": (limit_s, limit_s)}
            response = super().send(request, *given, **options)
            try:
                body = self._body(response, ends)
            except BaseException:
                response.close()
                raise
            # What was read to its end may be used for the next call.
            response.raw.release_conn()
            self.headers = response.headers
            _check(name, response.status_code, response.headers, body)
            response._content = body
            response._content_consumed = True
            # Otherwise the library guesses the letters of every body.
            response.encoding = "utf-8"
            return response

        def _body(self, response: Any, ends: float) -> bytes:
            body = bytearray()
            while chunk := response.raw.read1(_CHUNK, decode_content=False):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise BrokerGarbled(name, f"the answer is larger than {MAX_BYTES:,} bytes")
                if monotonic() > ends:
                    raise TimeoutError
            return bytes(body)

    return BoundedAdapter()


def _check(name: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Refuse what the library would follow, unpack without a limit or read too kindly."""
    if headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise BrokerGarbled(name, "the answer is packed in a way nobody asked for")
    if status < 200 or 300 <= status < 400:  # noqa: PLR2004 - success and redirections
        raise BrokerGarbled(name, f"status {status}, and redirects are refused")
    if status < 400 and body:  # noqa: PLR2004 - Bad Request
        try:
            parse(body)
        except StrictJsonError as error:
            problem = f"the answer is no JSON: {error}"
        else:
            return
        raise BrokerGarbled(name, problem)


def open_feed(settings: AlpacaBrokerSettings, handler: Handler) -> Feed:
    """alpaca-py's stream of executions; every message goes to `handler`, as its JSON.

    The library's own endless loop is not used: it hides when it begins again, and what happened
    before that is never told.
    """
    from alpaca.trading.stream import (  # type: ignore[import-not-found] # noqa: PLC0415
        TradingStream,
    )

    class LibraryFeed(_Manners, TradingStream):  # type: ignore[misc, unused-ignore] # may be absent
        pass

    feed = LibraryFeed(
        settings.key_id,
        settings.secret_key,
        paper=not settings.live,
        raw_data=True,
        url_override=settings.stream,
        websocket_params=_socket(settings),
    )
    feed.handler = handler
    # It asks for executions only once somebody wants them.
    feed.subscribe_trade_updates(handler)
    return feed


def _socket(settings: AlpacaBrokerSettings) -> dict[str, object]:
    params: dict[str, object] = {
        "open_timeout": settings.timeout_s,
        "ping_interval": _PING_S,
        "ping_timeout": _PING_S,
        "close_timeout": _CLOSE_S,
        "max_size": MAX_MESSAGE,
        "max_queue": 1_024,
        # At its lowest level it writes down what it sends, the key with it.
        "logger": _silent(),
    }
    if settings.stream.startswith("wss:"):
        # Made here, in a thread, because it reads every certificate of the machine.
        params["ssl"] = create_default_context()
    return params


class _Manners:
    """What is different about our stream; mixed into the library's, whose parts these are."""

    handler: Handler
    listens = False
    _ws: Any
    _start_ws: Callable[[], Awaitable[None]]

    async def start(self) -> None:
        await self._start_ws()
        while not self.listens:
            await self._dispatch(json.loads(await self._ws.recv()))

    async def consume(self) -> None:
        """Dispatch whatever comes.

        The library's own loop waits by `asyncio.wait_for`, which before Python 3.12 loses a
        cancellation that comes together with a message: nobody could have ended it.
        """
        while True:
            await self._dispatch(json.loads(await self._ws.recv()))

    async def _auth(self) -> None:
        try:
            await super()._auth()  # type: ignore[misc] # the library's
        except ValueError as error:
            # One of its children says that what came is no JSON.
            if type(error) is not ValueError:
                raise
        else:
            return
        raise StreamRefused

    async def _dispatch(self, message: Any) -> None:
        if message.get("stream") == "listening":
            self.listens = True
        await self.handler(message)


def _silent() -> Logger:
    logger = Logger("argo.alpaca.stream", CRITICAL + 1)  # noqa: LOG001 - below no other one
    logger.addHandler(NullHandler())
    return logger


def require_library() -> None:
    """Say at once that the extra is missing.

    Raises:
        InvalidSetting: it is.
    """
    if find_spec("alpaca") is None:
        fix = "install argo-adapters[alpaca]"
        raise InvalidSetting("alpaca", "the library alpaca-py is not installed", fix)
