"""Accounts. What is done here is in the audit trail, as done by the operator."""

import argparse
import asyncio
from contextlib import closing
from datetime import datetime

from attrs import asdict

from alpine_service.adapters.postgres.people import PeopleTable
from alpine_service.adapters.secrets.passwords import Argon2Passwords
from alpine_service.cli.arguments import add_json, add_limit, limit_of
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json, say_table
from alpine_service.cli.secrets import read_password
from alpine_service.cli.who import OPERATOR, account_of
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.staff import PeopleAsked, PersonShown
from alpine_service.services.staff_accounts import StaffAccounts
from alpine_service.settings import Settings
from alpine_service.wiring.accounts import accounts_on
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.offline import offline

_ROLES = [role.value for role in Role]
_WHO = "the account's id or its e-mail address"


def configure(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser(
        "add", help="add a verified account; the password is asked for, or read from stdin"
    )
    add.add_argument("email")
    add.add_argument("--role", choices=_ROLES, default=Role.SUBSCRIBER.value)
    add_json(add)
    add.set_defaults(run=_add)
    listed = verbs.add_parser("list", help="list accounts, the newest first")
    listed.add_argument("--text", help="only those with this in their address, or of this id")
    listed.add_argument("--role", choices=_ROLES, help="only those of this role")
    add_limit(listed)
    add_json(listed)
    listed.set_defaults(run=_list)
    role = verbs.add_parser("role", help="change an account's role; its sessions end")
    role.add_argument("user", help=_WHO)
    role.add_argument("role", choices=_ROLES)
    role.set_defaults(run=_role)
    for name, what in (
        ("disable", "close an account: sessions end, keys open nothing"),
        ("enable", "open a disabled account again"),
    ):
        verb = verbs.add_parser(name, help=what)
        verb.add_argument("user", help=_WHO)
        verb.set_defaults(run=_disable if name == "disable" else _enable)


def _add(given: argparse.Namespace, settings: Settings) -> int:
    user_id = asyncio.run(_added(settings, given.email, read_password(), Role(given.role)))
    if given.json:
        say_json({"id": user_id})
    else:
        say(user_id)
    return Exit.DONE


def _list(given: argparse.Namespace, settings: Settings) -> int:
    role = None if given.role is None else Role(given.role)
    people = asyncio.run(_listed(settings, PeopleAsked(given.text, role, limit=limit_of(given))))
    if given.json:
        say_json({"users": [asdict(one) for one in people]})
    else:
        say_table(("id", "e-mail", "role", "plan", "state"), [_row(one) for one in people])
    return Exit.DONE


def _role(given: argparse.Namespace, settings: Settings) -> int:
    asyncio.run(_changed_role(settings, given.user, Role(given.role)))
    return Exit.DONE


def _disable(given: argparse.Namespace, settings: Settings) -> int:
    asyncio.run(_suspended(settings, given.user))
    return Exit.DONE


def _enable(given: argparse.Namespace, settings: Settings) -> int:
    asyncio.run(_restored(settings, given.user))
    return Exit.DONE


async def _added(settings: Settings, email: str, password: str, role: Role) -> str:
    async with offline(settings) as ground:
        return await add_user(ground, email, password, role)


async def add_user(ground: Ground, email: str, password: str, role: Role) -> str:
    """A verified account; its id.

    Raises:
        InvalidInput: no address, or no good password.
        Conflict: the address has an account.
    """
    # It makes a hash at once, which takes a moment.
    passwords = await asyncio.to_thread(Argon2Passwords, ground.chance)
    with closing(passwords):
        staff = accounts_on(ground, passwords).staff
        return await staff.add_user(email, password, role, OPERATOR)


async def _listed(settings: Settings, asked: PeopleAsked) -> list[PersonShown]:
    async with offline(settings) as ground:
        now = ground.clock.now()
        entry = AuditEntry(now, OPERATOR, "staff.read_accounts", "accounts", {"how": "command"})
        return await PeopleTable(ground.database).listed(asked, entry)


async def _changed_role(settings: Settings, user: str, role: Role) -> None:
    async with offline(settings) as ground:
        account = await account_of(ground, user)
        await _staff(ground).change_role(account.id, role, OPERATOR)


async def _suspended(settings: Settings, user: str) -> None:
    async with offline(settings) as ground:
        account = await account_of(ground, user)
        await _staff(ground).suspend(account.id, OPERATOR)


async def _restored(settings: Settings, user: str) -> None:
    async with offline(settings) as ground:
        account = await account_of(ground, user)
        await _staff(ground).restore(account.id, OPERATOR)


def _staff(ground: Ground) -> StaffAccounts:
    # Its threads are never begun, because no password is looked at.
    return accounts_on(ground, Argon2Passwords(ground.chance)).staff


def _row(person: PersonShown) -> tuple[str, ...]:
    return (
        person.id,
        person.email,
        person.role.value,
        person.plan or "free",
        _state(person.suspended_at, person.verified_at),
    )


def _state(suspended_at: datetime | None, verified_at: datetime | None) -> str:
    if suspended_at is not None:
        return "disabled"
    return "verified" if verified_at is not None else "unverified"
