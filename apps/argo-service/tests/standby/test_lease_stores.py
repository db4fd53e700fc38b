"""The lease in a Redis and in PostgreSQL: what becomes of the publisher when its store is away."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from argo_adapters.postgres.launcher import NoServer as NoPostgres
from argo_adapters.postgres.launcher import private_server as private_postgres
from argo_adapters.postgres.roles import make_roles
from argo_adapters.redis.launcher import NoServer as NoRedis
from argo_adapters.redis.launcher import PrivateServer as PrivateRedis
from argo_adapters.redis.launcher import private_server as private_redis


def there(server: Any) -> Any:
    """The server, or a failure where it must not be missing, or a skip that says why."""
    if isinstance(server, NoRedis | NoPostgres):
        if os.environ.get("CI"):  # noqa: TID251 - it is no setting of ours
            pytest.fail(server.problem)
        pytest.skip(server.problem)
    return server


@pytest.fixture
async def redis() -> AsyncIterator[PrivateRedis]:
    context = private_redis()
    server = await asyncio.to_thread(context.__enter__)
    try:
        yield there(server)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


@pytest.fixture
async def postgres() -> AsyncIterator[Any]:
    context = private_postgres()
    server = await asyncio.to_thread(context.__enter__)
    try:
        yield there(server)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


@pytest.mark.timed
async def test_without_its_redis_the_publisher_stops_itself_and_comes_back_with_it(
    stage: Any, redis: PrivateRedis
) -> None:
    stage.configure('standby.lease = "redis"\nredis.timeout_ms = 500\n')
    stage.secrets["ARGO_REDIS_URL"] = redis.url
    blue = await stage.serve("blue")
    await blue.becomes("publishing")

    os.kill(redis.pid, signal.SIGSTOP)
    body = await blue.becomes("standby")
    assert (body["fence"], body["lease"]) == (None, None)
    assert body["reason"] == "the lease was not renewed in time"
    there = len(stage.entries())
    # What it reads it goes on showing, and the gate says why it should not be switched to.
    assert await blue.status("health?level=ready") == 200
    assert await blue.status("health?level=deep") == 503
    assert len(stage.entries()) == there

    os.kill(redis.pid, signal.SIGCONT)
    body = await blue.becomes("publishing")
    assert body["fence"] == 2
    await blue.stop()
    await stage.check_record()


@pytest.mark.timed
async def test_on_postgresql_the_other_follows_whoever_was_paused(
    stage: Any, postgres: Any
) -> None:
    roles = await make_roles(postgres.url, "argo")
    stage.secrets["ARGO_LOG__DATABASE_URL"] = roles.app_url
    stage.secrets["ARGO_LOG__OWNER_URL"] = roles.owner_url
    blue, green = await stage.both()
    blue.send(signal.SIGSTOP)
    body = await green.becomes("publishing")
    assert body["fence"] == body["newest_fence"] == 2
    blue.send(signal.SIGCONT)
    await blue.becomes("standby")
    await blue.until("publisher", lambda body: "green" in (body["holder"] or ""))
    size = (await green.get("signals?limit=1"))["log"]["size"]
    await blue.until("signals?limit=1", lambda body: body["log"]["size"] > size)
    assert (await green.ask("release"))["role"] == "standby"
    assert (await blue.ask("take-over"))["fence"] == 3
    await green.stop()
    await blue.stop()
