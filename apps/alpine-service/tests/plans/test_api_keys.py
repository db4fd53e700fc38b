"""API keys: made, found, rotated, revoked."""

import asyncio
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from attrs import Factory, frozen

from alpine_service.adapters.billing.manual import ManualBilling
from alpine_service.adapters.postgres.api_keys import KeyTable
from alpine_service.adapters.postgres.subscriptions import SubscriptionTable
from alpine_service.domain.accounts.principal import Means
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.api_key import LONGEST_OVERLAP, KeyFound, KeyShown
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.domain.plans.key_text import new_key
from alpine_service.domain.plans.plan import FREE, PLANS, TEST
from alpine_service.errors import Conflict, InvalidInput, NotThere
from alpine_service.services.api_keys import ApiKeys, Made
from alpine_service.services.subscriptions import Deed, Subscriptions
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import BEGINNING, FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase

ADDRESS = "192.0.2.7"
DAY = timedelta(days=1)


@frozen
class Counting(KeyTable):
    """The store, and how often it was asked."""

    looks: list[bytes] = Factory(list)
    touches: list[str] = Factory(list)

    async def find(self, digest: bytes, now: datetime) -> KeyFound | None:
        self.looks.append(digest)
        return await KeyTable.find(self, digest, now)

    async def touch(self, key_id: str, address: str, now: datetime) -> None:
        self.touches.append(key_id)
        await KeyTable.touch(self, key_id, address, now)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(database: TestDatabase) -> Counting:
    return Counting(database.app)


@pytest.fixture
def keys(store: Counting, clock: FakeClock) -> ApiKeys:
    return ApiKeys(store, clock, FakeChance(), FakeObserver())


@pytest_asyncio.fixture
async def user(database: TestDatabase) -> str:
    return await add_user(database.app, "usr_one")


def deed(user: str) -> Deed:
    return Deed(user, ADDRESS)


async def made(keys: ApiKeys, user: str, *scopes: Scope, is_test: bool = False) -> Made:
    return await keys.make(
        user, "a key", scopes or (Scope.SIGNALS,), None, deed(user), is_test=is_test
    )


async def subscribe(database: TestDatabase, clock: FakeClock, user: str, plan: str) -> None:
    table, billing = SubscriptionTable(database.app), ManualBilling("pay@alpine.example")
    service = Subscriptions(table, billing, clock, FakeObserver())
    reference = f"{user}-{plan}"
    await service.record(
        user, BillingKind.GRANTED, reference, deed("usr_admin"), plan=plan, days=30
    )


async def only(keys: ApiKeys, user: str, key_id: str) -> KeyShown:
    (found,) = [each for each in await keys.of_user(user) if each.id == key_id]
    return found


async def test_a_key_stands_for_its_owner(
    database: TestDatabase, keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    await subscribe(database, clock, user, "pro")
    new = await made(keys, user, Scope.STREAM, Scope.SIGNALS)
    who = await keys.principal(new.text, ADDRESS)
    assert who is not None
    assert (who.user_id, who.means, who.means_id) == (user, Means.KEY, new.key.id)
    assert who.scopes == {Scope.STREAM, Scope.SIGNALS}
    assert who.entitlement == PLANS["pro"].entitlement
    assert who.is_verified
    assert not who.second_factor
    assert await keys.of_user(user) == [
        await only(keys, user, new.key.id),
    ]


async def test_only_the_digest_of_a_key_is_stored(
    database: TestDatabase, keys: ApiKeys, user: str
) -> None:
    new = await made(keys, user)
    row = await database.owner.fetchval("SELECT to_jsonb(k)::text FROM api_keys k")
    trail = await database.owner.fetchval("SELECT jsonb_agg(a)::text FROM audit a")
    assert new.text not in row
    assert new.text[13:] not in row
    assert new.text[13:] not in trail
    assert new.text not in repr(new)
    assert new.key.hint == new.text[:13]


async def test_a_key_of_staff_is_a_subscribers(database: TestDatabase, keys: ApiKeys) -> None:
    admin = await add_user(database.app, "usr_admin", Role.ADMIN)
    who = await keys.principal((await made(keys, admin)).text, ADDRESS)
    assert who is not None
    assert who.role is Role.SUBSCRIBER


async def test_a_test_key_has_the_public_data_whatever_its_owner_pays(
    database: TestDatabase, keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    await subscribe(database, clock, user, "pro")
    new = await made(keys, user, is_test=True)
    assert new.text.startswith("alp_test_")
    who = await keys.principal(new.text, ADDRESS)
    assert who is not None
    assert who.entitlement == TEST


async def test_a_mistyped_key_costs_no_look_up(keys: ApiKeys, store: Counting, user: str) -> None:
    new = await made(keys, user)
    typo = new.text[:20] + ("a" if new.text[20] != "a" else "b") + new.text[21:]
    assert await keys.principal(typo, ADDRESS) is None
    assert store.looks == []


async def test_a_key_that_nobody_made_stands_for_nobody(keys: ApiKeys, store: Counting) -> None:
    stranger = new_key(FakeChance("stranger").draw, is_test=False)
    for _ in range(3):
        assert await keys.principal(stranger.text, ADDRESS) is None
    assert len(store.looks) == 3


async def test_a_busy_key_is_looked_up_once_a_second(
    keys: ApiKeys, store: Counting, clock: FakeClock, user: str
) -> None:
    new = await made(keys, user)
    for _ in range(50):
        assert await keys.principal(new.text, ADDRESS)
    await clock.advance(0.99)
    await keys.principal(new.text, ADDRESS)
    assert len(store.looks) == 1
    await clock.advance(0.01)
    await keys.principal(new.text, ADDRESS)
    assert len(store.looks) == 2


async def test_what_is_remembered_is_bounded(
    keys: ApiKeys, store: Counting, clock: FakeClock, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alpine_service.services.api_keys.MOST_REMEMBERED", 1)
    first, second = await made(keys, user), await made(keys, user)
    for new in (first, second, first):
        assert await keys.principal(new.text, ADDRESS)
    assert len(store.looks) == 3


async def test_a_revoked_key_opens_nothing_here_at_once_and_elsewhere_within_a_second(
    database: TestDatabase, keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    other_process = ApiKeys(KeyTable(database.app), clock, FakeChance(), FakeObserver())
    new, kept = await made(keys, user), await made(keys, user)
    for text in (new.text, kept.text):
        assert await other_process.principal(text, ADDRESS)
        assert await keys.principal(text, ADDRESS)
    await keys.revoke(user, new.key.id, deed(user))
    assert await keys.principal(new.text, ADDRESS) is None
    assert await keys.principal(kept.text, ADDRESS)
    await clock.advance(1.0)
    assert await other_process.principal(new.text, ADDRESS) is None
    shown = await only(keys, user, new.key.id)
    assert shown.revoked_at is not None
    with pytest.raises(NotThere):
        await keys.revoke(user, new.key.id, deed(user))


async def test_nobody_revokes_or_rotates_a_key_of_somebody_else(
    database: TestDatabase, keys: ApiKeys, user: str
) -> None:
    thief = await add_user(database.app, "usr_thief")
    new = await made(keys, user)
    with pytest.raises(NotThere):
        await keys.revoke(thief, new.key.id, deed(thief))
    with pytest.raises(NotThere):
        await keys.rotate(thief, new.key.id, None, None, deed(thief))
    assert await keys.principal(new.text, ADDRESS)


async def test_a_key_expires_on_time_although_it_is_remembered(
    keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    expires_at = clock.now() + timedelta(seconds=10, milliseconds=300)
    new = await keys.make(user, "short", (Scope.SIGNALS,), expires_at, deed(user))
    await clock.advance(10)
    assert await keys.principal(new.text, ADDRESS)
    await clock.advance(0.3)
    assert await keys.principal(new.text, ADDRESS) is None


async def test_a_suspended_owner_has_no_keys(
    database: TestDatabase, keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    new = await made(keys, user)
    assert await keys.principal(new.text, ADDRESS)
    await database.app.execute("UPDATE users SET suspended_at = $1", clock.now())
    await clock.advance(1)
    assert await keys.principal(new.text, ADDRESS) is None


async def test_the_last_use_is_written_at_most_once_a_minute(
    keys: ApiKeys, store: Counting, clock: FakeClock, user: str
) -> None:
    new = await made(keys, user)
    for _ in range(61):
        await keys.principal(new.text, ADDRESS)
        await clock.advance(1)
    assert len(store.touches) == 2
    shown = await only(keys, user, new.key.id)
    assert shown.last_used_at == BEGINNING + timedelta(seconds=60)
    assert shown.last_address == ADDRESS


async def test_the_last_use_is_written_once_by_all_processes(
    database: TestDatabase, user: str, clock: FakeClock
) -> None:
    table = KeyTable(database.app)
    new = await made(ApiKeys(table, clock, FakeChance(), FakeObserver()), user)
    await table.touch(new.key.id, "192.0.2.1", clock.now())
    await table.touch(new.key.id, "192.0.2.2", clock.now() + timedelta(seconds=59))
    (shown,) = await table.of_user(user)
    assert shown.last_address == "192.0.2.1"


async def test_a_plan_has_so_many_keys(
    database: TestDatabase, keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    first, _ = await made(keys, user), await made(keys, user)
    with pytest.raises(Conflict, match="2 keys"):
        await made(keys, user)
    await keys.revoke(user, first.key.id, deed(user))
    await made(keys, user)
    await subscribe(database, clock, user, "basic")
    for _ in range(3):
        await made(keys, user)
    with pytest.raises(Conflict, match="5 keys"):
        await made(keys, user)


async def test_many_at_once_make_no_more_keys_than_the_plan_has(
    database: TestDatabase, keys: ApiKeys, user: str
) -> None:
    results = await asyncio.gather(*(made(keys, user) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(each, Made) for each in results) == FREE.keys
    assert sum(isinstance(each, Conflict) for each in results) == 12 - FREE.keys
    assert await database.app.fetchval("SELECT count(*) FROM api_keys") == FREE.keys


async def test_a_rotated_key_works_until_the_chosen_moment_and_the_new_one_at_once(
    keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    old = await made(keys, user, Scope.STREAM)
    assert await keys.principal(old.text, ADDRESS)
    new = await keys.rotate(user, old.key.id, clock.now() + DAY, None, deed(user))
    assert (new.key.name, new.key.scopes) == (old.key.name, old.key.scopes)
    assert (await only(keys, user, old.key.id)).replaced_by == new.key.id
    await clock.advance(DAY.total_seconds() - 1)
    assert await keys.principal(old.text, ADDRESS)
    assert await keys.principal(new.text, ADDRESS)
    await clock.advance(1)
    assert await keys.principal(old.text, ADDRESS) is None
    assert await keys.principal(new.text, ADDRESS)


async def test_without_an_overlap_the_old_key_ends_at_once(
    keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    old = await made(keys, user)
    assert await keys.principal(old.text, ADDRESS)
    await keys.rotate(user, old.key.id, None, None, deed(user))
    assert await keys.principal(old.text, ADDRESS) is None


async def test_an_overlap_makes_no_key_live_longer(
    keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    soon = clock.now() + timedelta(hours=1)
    old = await keys.make(user, "short", (Scope.SIGNALS,), soon, deed(user))
    await keys.rotate(user, old.key.id, clock.now() + DAY, None, deed(user))
    assert (await only(keys, user, old.key.id)).expires_at == soon


async def test_a_key_is_replaced_once(keys: ApiKeys, clock: FakeClock, user: str) -> None:
    old = await made(keys, user)
    results = await asyncio.gather(
        *(keys.rotate(user, old.key.id, clock.now() + DAY, None, deed(user)) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Made) for each in results) == 1
    assert sum(isinstance(each, Conflict) for each in results) == 4


async def test_rotating_on_and_on_does_not_heap_up_keys(
    keys: ApiKeys, clock: FakeClock, user: str
) -> None:
    newest = await made(keys, user)
    until = clock.now() + DAY
    for _ in range(FREE.keys):
        newest = await keys.rotate(user, newest.key.id, until, None, deed(user))
    with pytest.raises(Conflict, match="overlap"):
        await keys.rotate(user, newest.key.id, until, None, deed(user))
    await clock.advance(DAY.total_seconds())
    last = await keys.rotate(user, newest.key.id, None, None, deed(user))
    assert await keys.principal(last.text, ADDRESS)


async def test_a_dead_key_is_not_rotated(keys: ApiKeys, user: str) -> None:
    old = await made(keys, user)
    await keys.revoke(user, old.key.id, deed(user))
    with pytest.raises(NotThere):
        await keys.rotate(user, old.key.id, None, None, deed(user))


@pytest.mark.parametrize("after", [-timedelta(seconds=1), LONGEST_OVERLAP + timedelta(seconds=1)])
async def test_an_overlap_is_in_bounds(
    keys: ApiKeys, clock: FakeClock, user: str, after: timedelta
) -> None:
    old = await made(keys, user)
    with pytest.raises(InvalidInput, match="old_until"):
        await keys.rotate(user, old.key.id, clock.now() + after, None, deed(user))


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        (" ", (Scope.SIGNALS,), 1),
        ("x" * 81, (Scope.SIGNALS,), 1),
        ("a\nb", (Scope.SIGNALS,), 1),
        ("good", (), 1),
        ("good", (Scope.SIGNALS,), 0),
        ("good", (Scope.SIGNALS,), 3_651),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(
    keys: ApiKeys, user: str, name: str, scopes: tuple[Scope, ...], days: int
) -> None:
    with pytest.raises(InvalidInput):
        await keys.make(user, name, scopes, BEGINNING + days * DAY, deed(user))
    assert await keys.of_user(user) == []


async def test_what_is_done_with_keys_is_in_the_trail(
    database: TestDatabase, keys: ApiKeys, user: str
) -> None:
    old = await made(keys, user)
    new = await keys.rotate(user, old.key.id, None, None, deed(user))
    await keys.revoke(user, new.key.id, deed(user))
    rows = await database.app.fetch("SELECT actor, deed, subject FROM audit ORDER BY number")
    assert [tuple(row) for row in rows] == [
        (user, "key.made", old.key.id),
        (user, "key.rotated", old.key.id),
        (user, "key.revoked", new.key.id),
    ]
