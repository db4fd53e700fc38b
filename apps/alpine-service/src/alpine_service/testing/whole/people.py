"""People with accounts, made as an operator makes them, and what they send with their requests."""

from collections.abc import Sequence
from contextlib import closing

from attrs import field, frozen

from alpine_service.adapters.secrets.passwords import Argon2Passwords
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.services.subscriptions import Deed
from alpine_service.settings import Settings, read_settings
from alpine_service.testing.whole.browser import Browser
from alpine_service.testing.whole.service import Service
from alpine_service.wiring.accounts import accounts_on
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.offline import offline
from alpine_service.wiring.plans import plans_on

PASSWORD = "nine slow herons over the weir"  # noqa: S105 - it opens nothing elsewhere
_OPERATOR = Deed("operator", "127.0.0.1")
Headers = dict[str, str]


@frozen
class Person:
    """Somebody with an account, an API key that may all, and one for tests."""

    id: str
    email: str
    key: str = field(repr=False)
    test_key: str = field(repr=False)

    @property
    def headers(self) -> Headers:
        """With the key that has the plan's rights."""
        return bearer(self.key)

    @property
    def test_headers(self) -> Headers:
        """With the key that has the public data, whatever the plan."""
        return bearer(self.test_key)


def bearer(key: str) -> Headers:
    return {"Authorization": f"Bearer {key}"}


def settings_of(service: Service) -> Settings:
    """The settings that the process has, to work beside it."""
    return read_settings(service.settings)


async def add_people(service: Service, plans: Sequence[tuple[str, str | None]]) -> list[Person]:
    """An account for each pair of name and plan; None is the free plan."""
    async with offline(settings_of(service)) as ground:
        with closing(Argon2Passwords(ground.chance)) as passwords:
            return [await _add(ground, passwords, name, plan) for name, plan in plans]


async def add_admin(service: Service, name: str = "root") -> Browser:
    """An admin at a browser, with a second factor."""
    async with offline(settings_of(service)) as ground:
        with closing(Argon2Passwords(ground.chance)) as passwords:
            staff = accounts_on(ground, passwords).staff
            email = f"{name}@people.example"
            await staff.add_user(email, PASSWORD, Role.ADMIN, _OPERATOR.actor)
    browser = Browser(service.url)
    await browser.log_in(email, PASSWORD)
    await browser.add_second_factor(PASSWORD)
    return browser


async def lower(service: Service, person: Person) -> None:
    """Take back what was granted, so that the free plan is left, from now on."""
    async with offline(settings_of(service)) as ground:
        await plans_on(ground).subscriptions.record(
            person.id,
            BillingKind.REFUNDED,
            f"back-{person.id}",
            _OPERATOR,
            refunds=f"granted-{person.id}",
        )


async def _add(ground: Ground, passwords: Argon2Passwords, name: str, plan: str | None) -> Person:
    email = f"{name}@people.example"
    staff = accounts_on(ground, passwords).staff
    user_id = await staff.add_user(email, PASSWORD, Role.SUBSCRIBER, _OPERATOR.actor)
    room = plans_on(ground)
    if plan is not None:
        await room.subscriptions.record(
            user_id, BillingKind.GRANTED, f"granted-{user_id}", _OPERATOR, plan=plan, days=30
        )
    scopes = tuple(Scope)
    live = await room.api_keys.make(user_id, "live", scopes, None, _OPERATOR)
    test = await room.api_keys.make(user_id, "test", scopes, None, _OPERATOR, is_test=True)
    return Person(user_id, email, live.text, test.text)
