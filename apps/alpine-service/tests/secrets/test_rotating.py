"""A secret that is being changed: whichever of the two the other side knows, it works."""

from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alpine_service.adapters.log_http.client import open_log
from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.link import connected
from alpine_service.domain.rotating import Rotating
from alpine_service.errors import DatabaseRefused, FeedRefused
from alpine_service.testing.postgres import TestDatabase

VALUES = st.sampled_from(["a", "b", "c"])


class RotatingMachine(RuleBasedStateMachine):
    """The other side knows one value; ours are two at most, and the right one is soon first."""

    def __init__(self) -> None:
        super().__init__()
        self.ours = Rotating(())
        self.known: set[str] = set()

    @rule(new=VALUES, old=st.none() | VALUES)
    def turn(self, new: str, old: str | None) -> None:
        self.ours.turn(new, old)
        self.known = {new} | ({old} if old else set())
        assert self.ours.values[0] == new

    @rule(theirs=VALUES)
    def ask(self, theirs: str) -> None:
        for _ in range(2):
            for value in self.ours.values[:1]:
                if value != theirs:
                    self.ours.turned_down(value)
        if theirs in self.known:
            assert self.ours.values[0] == theirs

    @invariant()
    def nothing_is_lost_or_shown(self) -> None:
        assert set(self.ours.values) == self.known
        assert len(self.ours.values) == len(self.known) <= 2
        assert not any(repr(value) in repr(self.ours) for value in self.known)


TestRotating = RotatingMachine.TestCase


@given(VALUES, VALUES)
def test_one_that_is_not_the_first_changes_nothing(value: str, other: str) -> None:
    ours = Rotating((value,))
    ours.turned_down(value)
    ours.turned_down(other)
    assert ours.values == (value,)


def name_for(database: TestDatabase) -> str:
    return f"turning_{urlsplit(database.url).path.removeprefix('/')}"


async def role(database: TestDatabase, password: str, verb: str = "ALTER") -> str:
    """The URL of a role of its own, with that password from now on."""
    name = name_for(database)
    async with connected(database.superuser_url) as superuser:
        await superuser.execute(f"{verb} ROLE {name} LOGIN PASSWORD '{password}'")
    head, _, tail = database.url.partition("://")
    return f"{head}://{name}:{password}@{tail.rpartition('@')[2]}"


async def test_a_pool_goes_on_whichever_password_the_server_has(database: TestDatabase) -> None:
    old = await role(database, "old", "CREATE")
    new = old.replace(":old@", ":new@")
    way = Rotating((old,))
    async with open_database(way, size=2) as pool:
        assert await pool.fetchval("SELECT 1") == 1
        # We know of the change first, then the server does.
        way.turn(new, old)
        await pool.renew()
        assert await pool.fetchval("SELECT 2") == 2
        assert way.values == (old, new)
        await role(database, "new")
        await pool.renew()
        assert await pool.fetchval("SELECT 3") == 3
        async with connected(way) as connection:
            assert await connection.fetchval("SELECT 4") == 4
        # Neither is right: the server's word is what is told, without a password.
        await role(database, "another")
        await pool.renew()
        with pytest.raises(DatabaseRefused) as refused:
            await pool.fetchval("SELECT 5")
    async with connected(database.superuser_url) as superuser:
        await superuser.execute(f"DROP ROLE {name_for(database)}")
    assert "old" not in str(refused.value).replace("password authentication", "")


async def test_the_logs_other_key_is_tried_when_one_is_turned_down() -> None:
    async def answer(request: web.Request) -> web.Response:
        is_known = request.headers.get("Authorization") == "Bearer old"
        return web.Response(status=200 if is_known else 401, body=b"{}")

    app = web.Application()
    app.router.add_get("/api/v1/bodies", answer)
    async with TestServer(app) as server:
        keys = Rotating(("new", "old"))
        async with open_log(f"http://{server.host}:{server.port}", keys) as log:
            with pytest.raises(FeedRefused):
                await log.bodies(0)
            assert await log.bodies(0) == b"{}"
            assert log.has_key
            keys.turn("new", None)
            with pytest.raises(FeedRefused):
                await log.bodies(0)
    assert "new" not in repr(log)
