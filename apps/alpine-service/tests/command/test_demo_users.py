"""The demo's users, when it starts again after somebody has used them."""

from pathlib import Path

from attrs import evolve

from alpine_service.cli.demo_users import DemoUser, settled_user
from alpine_service.cli.key import DEED
from alpine_service.settings import Settings
from alpine_service.testing.postgres import TestDatabase
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.offline import offline
from alpine_service.wiring.plans import plans_on

USER = DemoUser("free", "free@alpine.example", "many grey herons at noon")


def _settings(database: TestDatabase, folder: Path) -> Settings:
    return Settings(database_url=database.urls.app, folder=folder)


async def _plan(ground: Ground, user_id: str) -> str:
    now = ground.clock.now()
    return (await plans_on(ground).entitlements.entitlement_now(user_id, now)).plan


async def test_a_demo_user_keeps_a_trial_that_was_started(
    database: TestDatabase, tmp_path: Path
) -> None:
    async with offline(_settings(database, tmp_path)) as ground:
        before = await settled_user(ground, USER)
        user_id = await database.app.fetchval("SELECT id FROM users")
        await plans_on(ground).subscriptions.start_trial(user_id, "pro", DEED)

        assert await settled_user(ground, before) == before
        assert await _plan(ground, user_id) == "pro"


async def test_a_demo_user_who_was_deleted_comes_back_with_another_key(
    database: TestDatabase, tmp_path: Path
) -> None:
    async with offline(_settings(database, tmp_path)) as ground:
        before = await settled_user(ground, evolve(USER, plan="pro"))
        await database.app.execute("DELETE FROM users")

        after = await settled_user(ground, before)

        user_id = await database.app.fetchval("SELECT id FROM users")
        assert await _plan(ground, user_id) == "pro"
        assert after.key != before.key
        assert await plans_on(ground).api_keys.principal(after.key, "127.0.0.1") is not None
