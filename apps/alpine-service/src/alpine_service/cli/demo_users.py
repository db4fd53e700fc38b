"""The demo's users. What opens their accounts is kept beside the demo, to be shown again."""

import os
from pathlib import Path

import orjson
from attrs import asdict, evolve, field, frozen

from alpine_service.cli.key import DEED
from alpine_service.cli.user import add_user
from alpine_service.cli.who import account_of
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.accounts.tokens import SECRET_BYTES, make_secret
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.domain.plans.plan import FREE
from alpine_service.errors import Conflict, InvalidSetting
from alpine_service.ports.outside import Chance
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.plans import plans_on

FILE = "users.json"
_DAYS = 366
_PLANS = {"free": (Scope.SIGNALS,), "pro": tuple(Scope)}


@frozen
class DemoUser:
    """Somebody on a plan; `key` is empty until it was made."""

    plan: str
    email: str
    password: str = field(repr=False)
    key: str = field(default="", repr=False)


def planned_users(folder: Path, chance: Chance) -> list[DemoUser]:
    """Those of the demo before, or new ones, written down first; blocking.

    Raises:
        InvalidSetting: the file cannot be read or written.
    """
    path = folder / FILE
    try:
        if path.exists():
            return [DemoUser(**one) for one in orjson.loads(path.read_bytes())]
        users = [
            DemoUser(plan, f"{plan}@alpine.example", make_secret(chance.draw(SECRET_BYTES)))
            for plan in _PLANS
        ]
        keep_users(folder, users)
    except (OSError, ValueError, TypeError) as error:
        fix = "remove the folder, or begin anew by --fresh"
        raise InvalidSetting(str(path), "it cannot be used", fix) from error
    return users


def keep_users(folder: Path, users: list[DemoUser]) -> None:
    """Write them down, for us alone; blocking."""
    half = folder / f"{FILE}.half"
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps([asdict(one) for one in users]))
    half.replace(folder / FILE)


async def settled_user(ground: Ground, user: DemoUser) -> DemoUser:
    """The user with account, plan and key; what is there already stays, a trial they took too."""
    try:
        user_id = await add_user(ground, user.email, user.password, Role.SUBSCRIBER)
        # A key of an account that was deleted opens nothing.
        user = evolve(user, key="")
    except Conflict:
        user_id = (await account_of(ground, user.email)).id
    plans, now = plans_on(ground), ground.clock.now()
    entitled = await plans.entitlements.entitlement_now(user_id, now)
    if entitled.plan == FREE.plan != user.plan:
        reference = f"demo {user_id} {now:%Y-%m-%d}"
        await plans.subscriptions.record(
            user_id, BillingKind.GRANTED, reference, DEED, plan=user.plan, days=_DAYS
        )
    if user.key:
        return user
    made = await plans.api_keys.make(user_id, "demo", _PLANS[user.plan], None, DEED)
    return evolve(user, key=made.text)
