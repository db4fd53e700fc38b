"""Somebody at a browser, over real HTTP: keeps the session's cookie, asks as our own pages do."""

import re
from typing import Any

import orjson
import pyotp
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from attrs import define, field, frozen

_COOKIE = re.compile(r"alpine=[^;]+")
_PATIENCE = ClientTimeout(total=10)


@frozen
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@define
class Browser:
    """`headers` are sent with everything, such as a key's; `answers` keeps all that came back."""

    url: str
    headers: dict[str, str] = field(factory=dict, repr=False)
    cookie: str = field(default="", repr=False)
    answers: list[Answer] = field(factory=list, repr=False)

    async def ask(self, method: str, path: str, asked: object = None, **headers: str) -> Answer:
        sent = {"Sec-Fetch-Site": "same-origin", **self.headers, **headers}
        if self.cookie:
            sent["Cookie"] = self.cookie
        data = None
        if asked is not None:
            data, sent["Content-Type"] = orjson.dumps(asked), "application/json"
        async with (
            ClientSession(timeout=_PATIENCE, cookie_jar=DummyCookieJar()) as http,
            http.request(method, f"{self.url}{path}", data=data, headers=sent) as got,
        ):
            found = _COOKIE.search(got.headers.get("Set-Cookie", ""))
            self.cookie = found[0] if found else self.cookie
            answer = Answer(got.status, dict(got.headers), await got.read())
        self.answers.append(answer)
        return answer

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def post(self, path: str, asked: object = None) -> Answer:
        return await self.ask("POST", path, asked)

    async def log_in(self, email: str, password: str) -> Answer:
        return await self.post("/v1/account/login", {"email": email, "password": password})

    async def add_second_factor(self, password: str) -> tuple[str, list[str]]:
        """Enrol an app; its secret and the recovery codes."""
        begun = await self.post("/v1/account/second-factor", {"password": password})
        secret: str = begun.json["secret"].replace(" ", "")
        code = {"code": pyotp.TOTP(secret).now()}
        confirmed = await self.post("/v1/account/second-factor/confirm", code)
        return secret, confirmed.json["recovery_codes"]
