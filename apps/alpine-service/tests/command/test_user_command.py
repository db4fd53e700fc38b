"""Accounts by command."""

import pytest

from alpine_service.testing.operating import Operator
from alpine_service.testing.postgres import TestDatabase

PASSWORD = "seven-green-herons-over-water"
EMAIL = "ann@example.com"


async def test_a_user_is_added_with_a_password_from_standard_input(
    alpine: Operator, database: TestDatabase
) -> None:
    done = await alpine("user", "add", EMAIL, "--role", "admin", stdin=f"{PASSWORD}\n")

    user_id = done.out.strip()
    row = await database.app.fetchrow("SELECT * FROM users WHERE id = $1", user_id)
    assert row is not None
    assert (row["email"], row["role"]) == (EMAIL, "admin")
    assert row["verified_at"] is not None
    assert PASSWORD not in done.out + done.errors
    listed = (await alpine("user", "list", "--json")).json["users"]
    assert [(one["id"], one["role"]) for one in listed] == [(user_id, "admin")]
    assert EMAIL in (await alpine("user", "list", "--text", "ann@")).out
    assert EMAIL not in (await alpine("user", "list", "--role", "support")).out


async def test_what_the_operator_does_is_in_the_audit_trail(
    alpine: Operator, database: TestDatabase
) -> None:
    added = await alpine("user", "add", EMAIL, "--json", stdin=f"{PASSWORD}\n")
    user_id = added.json["id"]
    await alpine("user", "role", EMAIL, "support")
    await alpine("user", "disable", user_id)
    assert "disabled" in (await alpine("user", "list")).out
    await alpine("user", "enable", user_id)

    rows = await database.app.fetch(
        "SELECT deed FROM audit WHERE actor = 'operator' AND subject = $1 ORDER BY number", user_id
    )
    deeds = ["account.added", "account.role_changed", "account.suspended", "account.restored"]
    assert [row["deed"] for row in rows] == deeds


@pytest.mark.parametrize(
    ("words", "stdin", "code", "said"),
    [
        (("add", "nobody"), PASSWORD, 2, "email: it is not an e-mail address"),
        (("add", EMAIL), "", 2, "password: standard input has none"),
        (("add", EMAIL), "password1234567", 2, "password: "),
        (("role", "ben@example.com", "admin"), "", 1, "no such account"),
        (("disable", "usr_nobody"), "", 1, "no such account"),
        (("list", "--limit", "0"), "", 2, "--limit: it is out of range"),
    ],
)
async def test_what_cannot_be_done_is_one_line(
    alpine: Operator, words: tuple[str, ...], stdin: str, code: int, said: str
) -> None:
    done = await alpine("user", *words, stdin=stdin, code=code)

    (line,) = done.errors.splitlines()
    assert line.startswith(f"alpine: {said}")


async def test_an_address_has_one_account(alpine: Operator) -> None:
    await alpine("user", "add", EMAIL, stdin=PASSWORD)
    done = await alpine("user", "add", EMAIL.upper(), stdin=PASSWORD, code=1)

    assert done.errors == "alpine: the address has an account already\n"
