"""A key that is rotated while calls are made: one more try, on a turn of its own, and no leak."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.http.client import HttpClient, open_session
from argo_adapters.http.key import FixedKey, KeyUse, Parts, Shown, as_key, bearer
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.http.secrecy import Redactor
from argo_adapters.vendors.alpha_vantage.refusals import refuses_key
from argo_adapters.vendors.grok import GrokSettings
from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import InvalidSetting, VendorUnavailable
from argo_core.testing.fake_turnstile import FakeTurnstile

OLD, NEW = "canary-old-1a2b", "canary-new-3c4d"


class RotatedKey:
    """Shows `values` one after the other, the next each time one is refused."""

    def __init__(self, *values: str) -> None:
        self._values = list(values)
        self.refusals: list[Parts] = []

    def parts(self) -> Parts:
        return (self._values[0],)

    async def refused(self, shown: Parts) -> bool:
        self.refusals.append(shown)
        if len(self._values) > 1:
            del self._values[0]
        return self.parts() != shown


@asynccontextmanager
async def vendor(
    takes: Callable[[web.Request], bool], key: RotatedKey, **said: object
) -> AsyncIterator[tuple[HttpClient, list[web.Request], FakeTurnstile]]:
    """A vendor that takes some keys, and a client that shows `key`."""
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        await request.read()
        if takes(request):
            return web.json_response({"good": True})
        status = said.get("status", 401)
        assert isinstance(status, int)
        return web.json_response(said.get("body", {"error": "no"}), status=status)

    app, turnstile = web.Application(), FakeTurnstile()
    app.router.add_route("*", "/{tail:.*}", handler)
    show, refuses = said.get("show", bearer), said.get("refuses")
    use = KeyUse(key, show) if refuses is None else KeyUse(key, show, refuses)  # type: ignore[arg-type]
    async with TestServer(app) as server, open_session() as session:
        url = str(server.make_url("/"))
        yield HttpClient(session, MASSIVE, url, turnstile=turnstile, key=use), seen, turnstile


def bears(value: str) -> Callable[[web.Request], bool]:
    return lambda request: request.headers.get("Authorization") == f"Bearer {value}"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_followed_by_the_other_one_once(status: int) -> None:
    key = RotatedKey(OLD, NEW)
    async with vendor(bears(NEW), key, status=status) as (client, seen, turnstile):
        async with client.call() as call:
            reply = await call.post("ask", {"q": 1})
        assert (reply.status, call.made, len(seen)) == (200, 2, 2)
        # Each request passed the vendor's limits.
        assert len(turnstile.passed) == 2
    assert key.refusals == [(OLD,)]


async def test_what_nobody_takes_is_asked_twice_and_not_for_ever() -> None:
    key = RotatedKey(OLD, NEW, "canary-third")
    async with vendor(bears("another"), key) as (client, seen, _):
        async with client.call() as call:
            reply = await call.get("ask")
        assert (reply.status, len(seen)) == (401, 2)


async def test_a_key_without_another_is_asked_once() -> None:
    async with vendor(bears(NEW), RotatedKey(OLD)) as (client, seen, _):
        async with client.call() as call:
            assert (await call.get("ask")).status == 401
        assert len(seen) == 1


async def test_without_a_second_turn_the_refusal_stands() -> None:
    async with vendor(bears(NEW), RotatedKey(OLD, NEW)) as (client, seen, turnstile):
        async with client.call() as call:
            turnstile.closed = VendorUnavailable(MASSIVE, "its breaker is open", calls=0)
            reply = await call.get("ask")
        assert (reply.status, len(seen)) == (401, 1)


async def test_a_key_in_the_query_is_followed_by_the_other_one_too() -> None:
    key = RotatedKey(OLD, NEW)
    body = {"Error Message": "the parameter apikey is invalid or missing. Please claim your key."}
    async with vendor(
        lambda request: request.query["apikey"] == NEW,
        key,
        status=200,
        body=body,
        show=lambda parts: Shown(query={"apikey": parts[0]}),
        refuses=refuses_key,
    ) as (client, seen, _):
        async with client.call() as call:
            reply = await call.get("query", {"function": "X"})
        assert reply.json() == {"good": True}
        assert [request.query["function"] for request in seen] == ["X", "X"]


async def test_keys_of_before_are_blanked_as_well() -> None:
    async with vendor(bears(NEW), RotatedKey(OLD, NEW)) as (client, _, _turnstile):
        async with client.call() as call:
            await call.get("ask")
        assert client.clean(f"we saw {OLD}, then {NEW}") == "we saw ***, then ***"
        assert "canary" not in repr(client)


async def test_a_key_that_cannot_travel_is_refused_before_any_call() -> None:
    async with open_session() as session:
        with pytest.raises(InvalidSetting, match="key") as caught:
            HttpClient(
                session,
                MASSIVE,
                "http://127.0.0.1:1",
                turnstile=OpenTurnstile(),
                key=KeyUse(FixedKey("canary\n7f3a")),
            )
    assert "canary" not in str(caught.value)


def test_nothing_shown_of_a_key_holds_it() -> None:
    key = as_key("canary-7f3a")
    shown = f"{key!r} {KeyUse(key)!r} {bearer(key.parts())!r} {GrokSettings('canary-7f3a')!r}"
    assert "canary" not in shown


def test_so_many_keys_are_remembered_and_the_latest_always() -> None:
    redactor = Redactor(())
    for number in range(1_000):
        redactor.learn((f"canary-{number:04}",))
    assert "canary" not in redactor.clean("canary-0999 and canary-0800")
    # Bounded, or a store that rotates by mistake every second would fill the memory.
    assert redactor.clean("canary-0000") == "canary-0000"


def test_what_stays_in_force_is_never_forgotten_however_many_keys_come_and_go() -> None:
    redactor = Redactor(("canary-made-with",))
    redactor.keep(("canary-kept",))
    redactor.learn(("canary-long-lived",))
    for number in range(1_000):
        redactor.learn((f"canary-{number:04}",))
        # Whoever reads a key again, or shows it, says that it is in force.
        redactor.learn(("canary-long-lived",))
    assert "canary" not in redactor.clean("canary-made-with canary-kept canary-long-lived")
