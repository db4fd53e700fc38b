"""A customer who changes things all the time, and remembers what was acknowledged."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import count
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from attrs import Factory, define, field

from alpine_service.testing.whole.people import PASSWORD, Headers, Person

_PATIENCE = ClientTimeout(total=5)
_PAUSE_S = 0.2
# Less than the plan has, so that what was not acknowledged has room too.
_MOST = 4
_COOKIE = re.compile(r"alpine=([^;]+)")
_BROKEN_OFF = 599
_FAILED = 500
Answer = tuple[int, Any]


@define(eq=False)
class Customer:
    """What must be there is what was acknowledged; what broke off may be there or not."""

    url: str
    person: Person
    receiver_url: str
    endpoint_id: str
    """An endpoint that stays, to be told of tests."""

    keys: dict[str, str] = Factory(dict)
    """Living keys by id; their texts."""

    ended_keys: dict[str, str] = field(factory=dict, repr=False)
    webhooks: dict[str, str] = Factory(dict)
    """Living endpoints by id; their descriptions."""

    ended_webhooks: set[str] = Factory(set)
    tests: set[str] = Factory(set)
    """Deliveries that were promised."""

    unsure: set[str] = Factory(set)
    """Ids of which an end was asked for and never acknowledged."""

    deeds: int = 0
    _numbers: Iterator[int] = Factory(count)
    _session: Headers = field(factory=dict, repr=False)
    _turn: asyncio.Lock = Factory(asyncio.Lock)

    async def log_in(self) -> None:
        """Open the session that all deeds are done with."""
        body = {"email": self.person.email, "password": PASSWORD}
        async with (
            ClientSession(timeout=_PATIENCE, cookie_jar=DummyCookieJar()) as http,
            http.post(f"{self.url}/v1/account/login", json=body) as response,
        ):
            found = _COOKIE.search(response.headers.get("Set-Cookie", ""))
        assert found, "the customer was not let in"  # noqa: S101 - this is for tests
        self._session = {"Cookie": found[0], "Sec-Fetch-Site": "same-origin"}

    async def run(self) -> None:
        """Do one thing after the other until cancelled."""
        async with ClientSession(timeout=_PATIENCE, cookie_jar=DummyCookieJar()) as http:
            while True:
                for deed in (self._key, self._webhook, self._test):
                    async with self._turn:
                        await deed(http)
                    await asyncio.sleep(_PAUSE_S)  # noqa: TID251 - it works beside real processes

    async def rest(self) -> None:
        """Do nothing more until `go_on`."""
        await self._turn.acquire()

    def go_on(self) -> None:
        self._turn.release()

    async def ask(
        self, http: ClientSession, method: str, path: str, body: object = None, **headers: str
    ) -> Answer:
        """The answer; 599 if it broke off."""
        data = None if body is None else orjson.dumps(body)
        kind: Mapping[str, str] = {} if body is None else {"Content-Type": "application/json"}
        sent = {**self._session, **kind, **headers}
        try:
            async with http.request(method, f"{self.url}{path}", data=data, headers=sent) as got:
                told = await got.read()
                return got.status, orjson.loads(told) if told else None
        except (ClientError, TimeoutError):
            return _BROKEN_OFF, None

    async def there(self, path: str, name: str) -> dict[str, Any]:
        """What a list has now, by id."""
        async with ClientSession(timeout=_PATIENCE, cookie_jar=DummyCookieJar()) as http:
            status, told = await self.ask(http, "GET", path)
        assert status == HTTPStatus.OK, (path, status, told)  # noqa: S101 - this is for tests
        return {each["id"]: each for each in told[name]}

    async def _key(self, http: ClientSession) -> None:
        if len(self.keys) >= _MOST:
            id_ = next(iter(self.keys))
            status, _ = await self.ask(http, "DELETE", f"/v1/account/keys/{id_}")
            self._ended(id_, status, self.keys)
            return
        asked = {"name": f"key {next(self._numbers)}", "scopes": ["signals"]}
        status, told = await self.ask(http, "POST", "/v1/account/keys", asked)
        if status == HTTPStatus.CREATED:
            self.deeds += 1
            self.keys[told["key"]["id"]] = told["text"]
        elif status == HTTPStatus.CONFLICT:
            await self._tidy(http, "/v1/account/keys", "keys", self.keys)

    async def _webhook(self, http: ClientSession) -> None:
        if len(self.webhooks) >= _MOST:
            id_ = next(iter(self.webhooks))
            status, _ = await self.ask(http, "DELETE", f"/v1/webhooks/{id_}")
            self._ended(id_, status, self.webhooks)
            return
        description = f"hook {next(self._numbers)}"
        asked = {"url": self.receiver_url, "description": description, "symbols": ["NONE"]}
        status, told = await self.ask(http, "POST", "/v1/webhooks", asked)
        if status == HTTPStatus.CREATED:
            self.deeds += 1
            self.webhooks[told["webhook"]["id"]] = description
        elif status == HTTPStatus.CONFLICT:
            await self._tidy(http, "/v1/webhooks", "webhooks", self.webhooks)

    async def _test(self, http: ClientSession) -> None:
        path = f"/v1/webhooks/{self.endpoint_id}/test"
        once = {"Idempotency-Key": f'"{self.person.id}.{next(self._numbers)}"'}
        status, told = await self.ask(http, "POST", path, **once)
        if status == HTTPStatus.ACCEPTED:
            self.deeds += 1
            self.tests.add(told["delivery_id"])
            again, same = await self.ask(http, "POST", path, **once)
            assert again >= _FAILED or same == told, (again, same)  # noqa: S101 - this is for tests

    async def _tidy(
        self, http: ClientSession, path: str, name: str, known: Mapping[str, str]
    ) -> None:
        """End what is there and was never acknowledged, so that there is room again."""
        status, told = await self.ask(http, "GET", path)
        for each in told[name] if status == HTTPStatus.OK else ():
            is_stray = str(each.get("name", each.get("description"))).startswith(("key ", "hook "))
            if each["id"] not in known and is_stray and not each.get("revoked_at"):
                await self.ask(http, "DELETE", f"{path}/{each['id']}")

    def _ended(self, id_: str, status: int, living: dict[str, str]) -> None:
        if status == HTTPStatus.NO_CONTENT or (
            status == HTTPStatus.NOT_FOUND and id_ in self.unsure
        ):
            self.deeds += 1
            text = living.pop(id_)
            if living is self.keys:
                self.ended_keys[id_] = text
            else:
                self.ended_webhooks.add(id_)
        elif status >= _FAILED:
            self.unsure.add(id_)
        else:
            raise AssertionError(f"{id_} was acknowledged, and its end is answered with {status}")
