"""The whole site over real services of accounts, plans and digests, and a reader without scripts.

Time, chance and what is slow are fakes, mails wait in the database to be read.
"""

import re
from functools import cache
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestClient
from attrs import define, evolve, field, frozen

from alpine_service.adapters.postgres.digests import PostgresDigests
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.adapters.zones import SystemZones
from alpine_service.api import keys
from alpine_service.api.session_cookie import cookie_name
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.pages.dashboard import build_site
from alpine_service.pages.rendering import Renderer, renderer
from alpine_service.pages.static_files import read_static
from alpine_service.services.digest import DigestNeeds, Digests
from alpine_service.services.subscriptions import Deed
from alpine_service.testing.account_house import AccountHouse, account_house
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_platform import PUBLIC_URL, Fakes
from alpine_service.testing.plan_house import plans_over
from alpine_service.testing.postgres import TestDatabase
from alpine_service.wiring.plans import PlansRoom

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
_OPERATOR = Deed("operator", "192.0.2.1")


@frozen
class PageHouse:
    """The application, and what a test looks at besides."""

    accounts: AccountHouse
    plans: PlansRoom
    digests: Digests
    app: web.Application

    async def grant(self, user_id: str, plan: str, days: int = 30) -> None:
        """So many days of a plan, as if they were paid for."""
        reference = f"{user_id}-{plan}-{self.accounts.clock.now().isoformat()}"
        await self.plans.subscriptions.record(
            user_id, BillingKind.GRANTED, reference, _OPERATOR, plan=plan, days=days
        )


def page_house(
    database: TestDatabase,
    public_url: str = PUBLIC_URL,
    accounts: AccountHouse | None = None,
) -> PageHouse:
    """A house of one's own; by default its accounts have fakes of what is slow."""
    house = accounts or account_house(database.app)
    fakes = Fakes(clock=house.clock, observer=house.observer)
    plans = plans_over(database.app, fakes)
    digests = Digests(
        DigestNeeds(
            PostgresDigests(database.app),
            PostgresSignals(database.app),
            Entitlements(database.app),
            SystemZones(),
            house.clock,
            FakeChance("digests"),
            house.observer,
        ),
        public_url,
    )
    services = house.services
    platform = fakes.platform(
        public_url=public_url,
        services={
            keys.REGISTRATION: services.registration,
            keys.LOGIN: services.login,
            keys.SESSIONS: services.sessions,
            keys.CREDENTIALS: services.credentials,
            keys.SECOND_FACTORS: services.second_factors,
            keys.OWN_ACCOUNT: services.own_account,
            keys.SUBSCRIPTIONS: plans.subscriptions,
            keys.API_KEYS: plans.api_keys,
            keys.QUOTAS: plans.quotas,
            keys.DIGESTS: digests,
        },
    )
    real = evolve(
        platform,
        sessions=services.sessions,
        api_keys=plans.api_keys,
        quotas=plans.quotas,
        cookie=cookie_name(public_url),
    )
    return PageHouse(house, plans, digests, build_site(real, _made_with()))


@cache
def _made_with() -> Renderer:
    """Read once: all templates are the same in all tests."""
    return renderer(read_static())


@frozen
class Read:
    """A page as it came."""

    status: int
    headers: dict[str, str]
    cookies: SimpleCookie
    html: str

    @property
    def words(self) -> str:
        """What somebody reads, tags left out."""
        return unescape(_SPACE.sub(" ", _TAG.sub(" ", self.html))).strip()

    @property
    def location(self) -> str | None:
        """Where it sends the browser."""
        return self.headers.get("Location")


@define
class PageReader:
    """Somebody's browser without scripts; `cookie` is its session's secret, or None."""

    client: TestClient[web.Request, web.Application]
    cookie: str | None = field(default=None, repr=False)
    name: str = "__Host-alpine"
    program: str = FIREFOX

    async def get(self, path: str) -> Read:
        """Look at a page; where it sends the browser is not followed."""
        return await self._ask("GET", path, None, {"Sec-Fetch-Site": "none"})

    async def send(
        self, path: str, fields: list[tuple[str, str]] | dict[str, str] | None = None, **said: str
    ) -> Read:
        """Send a form of one of our pages; `said` are headers instead of what browsers say."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC_URL}
        headers.update({name.replace("_", "-"): text for name, text in said.items()})
        return await self._ask("POST", path, urlencode(fields or {}), headers)

    async def _ask(self, method: str, path: str, data: str | None, said: dict[str, str]) -> Read:
        headers = {"User-Agent": self.program, "Accept": "text/html", **said}
        if self.cookie is not None:
            headers["Cookie"] = f"{self.name}={self.cookie}"
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        async with self.client.request(
            method, path, data=data, headers=headers, allow_redirects=False
        ) as response:
            cookies = SimpleCookie()
            for line in response.headers.getall("Set-Cookie", []):
                cookies.load(line)
            if self.name in cookies:
                self.cookie = cookies[self.name].value or None
            return Read(response.status, dict(response.headers), cookies, await response.text())
