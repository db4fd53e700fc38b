"""API keys of an account. A key is shown once, when it is made, and kept nowhere."""

import argparse
import asyncio
import re
from datetime import timedelta

from attrs import asdict

from alpine_service.cli.arguments import add_json
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json, say_table
from alpine_service.cli.who import OPERATOR, account_of
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.api_key import KeyShown
from alpine_service.errors import InvalidInput
from alpine_service.services.api_keys import Made
from alpine_service.services.subscriptions import Deed
from alpine_service.settings import Settings
from alpine_service.wiring.offline import offline
from alpine_service.wiring.plans import plans_on

DEED = Deed(OPERATOR, OPERATOR)
_DAYS = re.compile("([1-9][0-9]{0,3})d")
_WHO = "the account's id or its e-mail address"


def configure(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="make a key, and show it this once")
    add.add_argument("user", help=_WHO)
    add.add_argument("--name", required=True, help="what its owner calls it")
    add.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="what it may be used for; may be given several times (default: signals)",
    )
    add.add_argument("--expires", metavar="DAYS", help="such as 90d (default: never)")
    add.add_argument("--test", action="store_true", help="a key that sees public data only")
    add_json(add)
    add.set_defaults(run=_add)
    listed = verbs.add_parser("list", help="list an account's keys, without what opens anything")
    listed.add_argument("user", help=_WHO)
    add_json(listed)
    listed.set_defaults(run=_list)
    revoke = verbs.add_parser("revoke", help="end a key")
    revoke.add_argument("user", help=_WHO)
    revoke.add_argument("key", help="the key's id, as in the list")
    revoke.set_defaults(run=_revoke)


def _add(given: argparse.Namespace, settings: Settings) -> int:
    scopes = [Scope(each) for each in given.scope or [Scope.SIGNALS]]
    life = None if given.expires is None else _life(given.expires)
    made = asyncio.run(_made(settings, given, scopes, life))
    if given.json:
        say_json({"key": made.text, **asdict(made.key)})
    else:
        say(made.text)
    return Exit.DONE


def _list(given: argparse.Namespace, settings: Settings) -> int:
    rows, keys = asyncio.run(_listed(settings, given.user))
    if given.json:
        say_json({"keys": [asdict(one) for one in keys]})
    else:
        say_table(("id", "name", "key", "scopes", "state", "last used"), rows)
    return Exit.DONE


def _revoke(given: argparse.Namespace, settings: Settings) -> int:
    asyncio.run(_revoked(settings, given.user, given.key))
    return Exit.DONE


async def _made(
    settings: Settings, given: argparse.Namespace, scopes: list[Scope], life: timedelta | None
) -> Made:
    async with offline(settings) as ground:
        account = await account_of(ground, given.user)
        expires_at = None if life is None else ground.clock.now() + life
        keys = plans_on(ground).api_keys
        return await keys.make(account.id, given.name, scopes, expires_at, DEED, is_test=given.test)


async def _listed(settings: Settings, user: str) -> tuple[list[tuple[str, ...]], list[KeyShown]]:
    async with offline(settings) as ground:
        account = await account_of(ground, user)
        keys = await plans_on(ground).api_keys.of_user(account.id)
        now = ground.clock.now()
        rows: list[tuple[str, ...]] = [
            (
                key.id,
                key.name,
                key.hint,
                " ".join(key.scopes),
                "alive" if key.is_live(now) else "dead",
                f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never",
            )
            for key in keys
        ]
        return rows, keys


async def _revoked(settings: Settings, user: str, key_id: str) -> None:
    async with offline(settings) as ground:
        account = await account_of(ground, user)
        await plans_on(ground).api_keys.revoke(account.id, key_id, DEED)


def _life(text: str) -> timedelta:
    found = _DAYS.fullmatch(text)
    if found is None:
        raise InvalidInput("--expires", "it is no number of days", "give such as 90d")
    return timedelta(days=int(found[1]))
