"""A browser for tests: it keeps the session's cookie and says where its pages are from."""

from http.cookies import SimpleCookie
from typing import Any

import orjson
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from attrs import define, evolve, field, frozen

from alpine_service.api.app import build_app
from alpine_service.api.keys import (
    CREDENTIALS,
    LOGIN,
    OWN_ACCOUNT,
    REGISTRATION,
    SECOND_FACTORS,
    SESSIONS,
)
from alpine_service.api.session_cookie import cookie_name
from alpine_service.testing.account_house import AccountHouse
from alpine_service.testing.fake_platform import PUBLIC_URL, Fakes

Client = TestClient[web.Request, web.Application]


@frozen
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    cookies: SimpleCookie
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@define
class Browser:
    """One person's; `cookie` is its session's secret, or None."""

    client: Client
    name: str = "__Host-alpine"
    cookie: str | None = field(default=None, repr=False)
    program: str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    async def ask(self, method: str, path: str, asked: object = None, **headers: str) -> Answer:
        """Ask as a page of ours would, and take up the cookie that comes back."""
        sent = {"Sec-Fetch-Site": "same-origin", "User-Agent": self.program, **headers}
        if self.cookie is not None:
            sent["Cookie"] = f"{self.name}={self.cookie}"
        if asked is not None:
            sent["Content-Type"] = "application/json"
        data = orjson.dumps(asked) if asked is not None else None
        async with self.client.request(method, path, data=data, headers=sent) as response:
            return self._took(response, await response.read())

    async def post(self, path: str, asked: object = None) -> Answer:
        return await self.ask("POST", f"/v1/account{path}", asked)

    async def get(self, path: str = "") -> Answer:
        return await self.ask("GET", f"/v1/account{path}")

    async def delete(self, path: str = "", asked: object = None) -> Answer:
        return await self.ask("DELETE", f"/v1/account{path}", asked)

    def _took(self, response: ClientResponse, body: bytes) -> Answer:
        cookies = SimpleCookie()
        for line in response.headers.getall("Set-Cookie", []):
            cookies.load(line)
        if self.name in cookies:
            self.cookie = cookies[self.name].value or None
        return Answer(response.status, dict(response.headers), cookies, body)


def account_app(house: AccountHouse, public_url: str = PUBLIC_URL) -> web.Application:
    """The interface over that house; plans and keys are fakes."""
    services = house.services
    fakes = Fakes(clock=house.clock, observer=house.observer)
    platform = fakes.platform(
        public_url=public_url,
        services={
            REGISTRATION: services.registration,
            LOGIN: services.login,
            SESSIONS: services.sessions,
            CREDENTIALS: services.credentials,
            SECOND_FACTORS: services.second_factors,
            OWN_ACCOUNT: services.own_account,
        },
    )
    return build_app(evolve(platform, sessions=services.sessions, cookie=cookie_name(public_url)))
