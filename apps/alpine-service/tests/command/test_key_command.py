"""API keys by command."""

import pytest
import pytest_asyncio

from alpine_service.adapters.postgres.api_keys import KeyTable
from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.services.api_keys import ApiKeys
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.operating import Operator
from alpine_service.testing.postgres import TestDatabase

EMAIL = "ann@example.com"


@pytest_asyncio.fixture(autouse=True)
async def _ann(alpine: Operator) -> None:
    await alpine("user", "add", EMAIL, stdin="seven-green-herons-over-water")


async def test_a_key_is_shown_once_and_opens_until_it_is_revoked(
    alpine: Operator, database: TestDatabase
) -> None:
    words = ("--name", "desk", "--scope", "signals", "--scope", "stream", "--expires", "90d")
    made = await alpine("key", "add", EMAIL, *words)

    text = made.out.strip()
    keys = ApiKeys(KeyTable(database.app), SystemClock(), SystemChance(), FakeObserver(), 0)
    principal = await keys.principal(text, "127.0.0.1")
    assert principal is not None
    listed = await alpine("key", "list", EMAIL)
    assert text not in listed.out
    assert "alive" in listed.out
    (shown,) = (await alpine("key", "list", EMAIL, "--json")).json["keys"]
    assert shown["scopes"] == ["signals", "stream"]
    assert shown["expires_at"] is not None
    await alpine("key", "revoke", EMAIL, shown["id"])
    assert await keys.principal(text, "127.0.0.1") is None
    assert "dead" in (await alpine("key", "list", EMAIL)).out


async def test_a_key_for_trying_out_is_marked(alpine: Operator) -> None:
    made = await alpine("key", "add", EMAIL, "--name", "try", "--test", "--json")

    assert made.json["key"].startswith("alp_test_")
    assert made.json["is_test"] is True
    assert "digest" not in made.json


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", EMAIL, "--name", "x", "--expires", "soon"), 2, "--expires: it is no number"),
        (("add", EMAIL, "--name", " "), 2, "name: it is no name"),
        (("add", "ben@example.com", "--name", "x"), 1, "no such account"),
        (("revoke", EMAIL, "key_nobody"), 1, "no such key"),
    ],
)
async def test_what_cannot_be_done_is_one_line(
    alpine: Operator, words: tuple[str, ...], code: int, said: str
) -> None:
    done = await alpine("key", *words, code=code)

    (line,) = done.errors.splitlines()
    assert line.startswith(f"alpine: {said}")
