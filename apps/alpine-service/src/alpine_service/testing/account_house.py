"""All of accounts over a real database, with a clock, chance and hashes that tests see through.

A test reads the mails that wait instead of waiting for them.
"""

import re

import pyotp
from attrs import field, frozen

from alpine_service.adapters.postgres.accounts import PostgresAccounts
from alpine_service.adapters.postgres.audit import PostgresAuditTrail
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.factors import PostgresFactors
from alpine_service.adapters.postgres.sessions import PostgresSessions
from alpine_service.adapters.postgres.throttle import PostgresThrottle
from alpine_service.adapters.secrets.vault import AesVault
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import Opened, Visitor
from alpine_service.domain.accounts.totp import DIGITS, STEP_S
from alpine_service.ports.accounts import PasswordJudge, Passwords, Throttle
from alpine_service.services.account_services import (
    AccountNeeds,
    AccountServices,
    account_services,
)
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_passwords import FakeJudge, FakePasswords

EMAIL = "ada@people.example"
PASSWORD = "seven quiet foxes"  # noqa: S105 - it opens nothing
HOME = Visitor("192.0.2.1", "Firefox on Linux")
ELSEWHERE = Visitor("198.51.100.9", "curl")
_TOKEN = re.compile(r"#([A-Za-z0-9_-]{43})\n")


@frozen
class AccountHouse:
    """The services, and what a test looks at besides."""

    database: Database
    services: AccountServices
    clock: FakeClock
    observer: FakeObserver
    passwords: FakePasswords
    vault: AesVault
    trail: PostgresAuditTrail

    async def mails(self, to: str = EMAIL) -> list[str]:
        """The texts that wait for somebody, in the order in which they were written."""
        rows = await self.database.fetch(
            "SELECT text FROM mail_queue WHERE recipient = $1 ORDER BY queued_at, ctid", to
        )
        return [row["text"] for row in rows]

    async def subjects(self, to: str = EMAIL) -> list[str]:
        rows = await self.database.fetch(
            "SELECT subject FROM mail_queue WHERE recipient = $1 ORDER BY queued_at, ctid", to
        )
        return [row["subject"] for row in rows]

    async def token(self, to: str = EMAIL) -> str:
        """What the newest mail with a link carries."""
        found = [match[1] for text in await self.mails(to) if (match := _TOKEN.search(text))]
        return found[-1]

    async def deeds(self) -> list[str]:
        """What is in the audit trail, in order."""
        page = await self.trail.page(1_000)
        return [entry.deed for _, entry in reversed(page)]

    async def registered(self, email: str = EMAIL, password: str = PASSWORD) -> None:
        """An account whose address is verified."""
        await self.services.registration.register(email, password, HOME)
        await self.services.registration.verify(await self.token(email), HOME)

    async def opened(self, visitor: Visitor = HOME, email: str = EMAIL) -> Opened:
        """A session, or a pending one."""
        return await self.services.login.by_password(email, PASSWORD, visitor)

    async def principal(self, opened: Opened, visitor: Visitor = HOME) -> Principal:
        """Whose session it is; it must be somebody's."""
        found = await self.services.sessions.principal(opened.secret, visitor.address)
        if found is None:
            raise LookupError("the session is nobody's")
        return found

    async def signed_in(self) -> Principal:
        """Somebody registered, verified and signed in."""
        await self.registered()
        return await self.principal(await self.opened())

    async def staff(self, role: Role = Role.ADMIN) -> str:
        return await self.services.staff.add_user(EMAIL, PASSWORD, role, "operator")


def account_house(
    database: Database,
    *,
    passwords: Passwords | None = None,
    judge: PasswordJudge | None = None,
    throttle: Throttle | None = None,
    seed: str = "house",
) -> AccountHouse:
    """A house of one's own; by default with fakes of what is slow."""
    clock, chance, observer = FakeClock(), FakeChance(seed), FakeObserver()
    fake = FakePasswords()
    vault = AesVault([b"k" * 32], chance)
    trail = PostgresAuditTrail(database)
    services = account_services(
        AccountNeeds(
            accounts=PostgresAccounts(database),
            sessions=PostgresSessions(database),
            factors=PostgresFactors(database),
            trail=trail,
            throttle=throttle or PostgresThrottle(database),
            passwords=passwords or fake,
            judge=judge or FakeJudge(),
            vault=vault,
            clock=clock,
            chance=chance,
            observer=observer,
            public_url="https://alpine.example",
        )
    )
    return AccountHouse(database, services, clock, observer, fake, vault, trail)


@frozen
class App:
    """An authenticator app that somebody has."""

    secret: str = field(repr=False)

    def code(self, clock: FakeClock, ahead: int = 0) -> str:
        """What it shows now, or some steps later."""
        moment = int(clock.now().timestamp()) + ahead * STEP_S
        return pyotp.TOTP(self.secret, digits=DIGITS).at(moment)


async def enrol(house: AccountHouse, principal: Principal) -> tuple[App, Opened, tuple[str, ...]]:
    """A second factor for somebody: the app, the new session, the recovery codes."""
    factors = house.services.second_factors
    begun = await factors.begin(principal, PASSWORD, HOME)
    app = App(begun.secret)
    done = await factors.confirm(principal, app.code(house.clock), HOME)
    await house.clock.advance(STEP_S)
    return app, done.opened, done.codes
