"""Subscribers with keys, as many as the plans' own limits make necessary."""

from attrs import field, frozen

from alpine_service.adapters.secrets.passwords import Argon2Passwords
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.services.subscriptions import Deed
from alpine_service.testing.deliveries import set_plan
from alpine_service.testing.people import add_user
from alpine_service.wiring.accounts import accounts_on
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.plans import plans_on

PASSWORD = "nine slow herons over the weir"  # noqa: S105 - it opens nothing elsewhere
EMAIL = "reader@people.example"
_OPERATOR = Deed("operator", "127.0.0.1")


@frozen
class Subscriber:
    """An account of the pro plan with one key."""

    id: str
    key: str = field(repr=False)


async def add_subscribers(ground: Ground, count: int) -> list[Subscriber]:
    """Accounts without a password; hashing so many would take longer than the benchmark."""
    made, keys = [], plans_on(ground).api_keys
    for number in range(count):
        user_id = await add_user(ground.database, f"usr_bench{number}")
        await set_plan(ground.database, user_id, "pro", ground.clock.now())
        key = await keys.make(user_id, "bench", tuple(Scope), None, _OPERATOR)
        made.append(Subscriber(user_id, key.text))
    return made


async def add_reader(ground: Ground) -> None:
    """Somebody with a password, who signs in."""
    passwords = Argon2Passwords(ground.chance)
    try:
        staff = accounts_on(ground, passwords).staff
        await staff.add_user(EMAIL, PASSWORD, Role.SUBSCRIBER, _OPERATOR.actor)
    finally:
        passwords.close()
