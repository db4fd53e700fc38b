"""One's own data."""

import orjson
import pytest

from alpine_service.domain.accounts import letters
from alpine_service.domain.accounts.role import Role
from alpine_service.errors import Conflict, DatabaseRefused, InvalidInput, NotSignedIn, TooMany
from alpine_service.services.own_account import AccountExporter
from alpine_service.services.reauthentication import Shown
from alpine_service.testing.account_house import (
    EMAIL,
    HOME,
    PASSWORD,
    AccountHouse,
    account_house,
    enrol,
)
from alpine_service.testing.postgres import TestDatabase


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


async def test_an_account_is_shown_to_its_owner(house: AccountHouse) -> None:
    who = await house.signed_in()
    shown = await house.services.own_account.show(who)
    assert shown.email == EMAIL
    assert shown.verified_at is not None
    assert (shown.second_factor, shown.recovery_codes) == (False, 0)
    await enrol(house, who)
    after = await house.services.own_account.show(who)
    assert (after.second_factor, after.recovery_codes) == (True, 10)


async def test_an_export_has_everything_but_secrets(house: AccountHouse) -> None:
    _, opened, _ = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    data = orjson.dumps(await house.services.own_account.export(who, HOME)).decode()
    for told in (EMAIL, who.user_id, who.means_id, HOME.address, "second_factor.confirmed"):
        assert told in data
    for secret in (opened.secret, PASSWORD.encode().hex(), "fake$"):
        assert secret not in data
    for _ in range(4):
        await house.services.own_account.export(who, HOME)
    with pytest.raises(TooMany):
        await house.services.own_account.export(who, HOME)


async def test_there_is_nothing_to_export_of_nobody(house: AccountHouse) -> None:
    own = house.services.own_account.exporters[0]
    assert isinstance(own, AccountExporter)
    assert await own.export("usr_none") is None


async def test_a_deleted_account_leaves_its_id_in_the_audit_and_nothing_else(
    house: AccountHouse, database: TestDatabase
) -> None:
    app, opened, _ = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    delete = house.services.own_account.delete
    with pytest.raises(InvalidInput):
        await delete(who, Shown("not the password", app.code(house.clock)), HOME)
    with pytest.raises(InvalidInput):
        await delete(who, Shown(PASSWORD), HOME)
    await delete(who, Shown(PASSWORD, app.code(house.clock)), HOME)
    assert await house.subjects() == ["Your account is deleted"]
    await database.owner.execute("DELETE FROM mail_queue")
    tables = await database.owner.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'alpine'"
    )
    holding = set()
    for row in tables:
        table = row["table_name"]
        text = await database.owner.fetchval(
            f"SELECT string_agg(t::text, ' ') FROM {table} t"  # noqa: S608 - a name that it gave itself
        )
        if text and any(each in text for each in (EMAIL, who.user_id, HOME.address)):
            holding.add(table)
            assert EMAIL not in text
            assert HOME.address not in text
    assert holding == {"audit"}
    assert (await house.deeds())[-1] == "account.deleted"
    with pytest.raises(NotSignedIn):
        await house.opened()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMIN])
async def test_staff_do_not_delete_themselves_so_that_an_admin_remains(
    house: AccountHouse, role: Role
) -> None:
    app, opened, _ = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    await house.database.execute("UPDATE users SET role = $1", role.value)

    with pytest.raises(Conflict):
        await house.services.own_account.delete(who, Shown(PASSWORD, app.code(house.clock)), HOME)

    assert await house.services.own_account.accounts.get(who.user_id) is not None


async def test_deleting_what_is_gone_does_nothing(house: AccountHouse) -> None:
    who = await house.signed_in()
    accounts = house.services.own_account.accounts
    mint = house.services.own_account.mint
    account = await accounts.get(who.user_id)
    assert account is not None
    letter = mint.mail(account.email, letters.account_deleted())
    entry = mint.entry(who.user_id, "account.deleted", who.user_id, None)
    for _ in range(2):
        await accounts.delete(who.user_id, letter, entry)
    assert (await house.deeds()).count("account.deleted") == 1


async def test_nobody_changes_the_audit_trail(house: AccountHouse, database: TestDatabase) -> None:
    await house.registered()
    for role in (database.app, database.owner):
        for statement in (
            "UPDATE audit SET actor = 'somebody'",
            "DELETE FROM audit",
            "TRUNCATE audit",
        ):
            with pytest.raises(DatabaseRefused):
                await role.execute(statement)
    assert "account.registered" in await house.deeds()


async def test_the_audit_trail_is_read_page_by_page(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.registered("eve@people.example")
    everything = await house.trail.page(100)
    numbers = [number for number, _ in everything]
    assert numbers == sorted(numbers, reverse=True)
    rest = await house.trail.page(2, before=numbers[1])
    assert [number for number, _ in rest] == numbers[2:4]
    about = await house.trail.page(100, about=who.user_id)
    assert {entry.actor for _, entry in about} == {who.user_id}
    assert about[-1][1].address == HOME.address
