"""`argo keys add|list|revoke`: who may use the API."""

import argparse
import re
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table

from argo_adapters.clocks.system import SystemClock
from argo_core.errors import InvalidInput
from argo_service.api_keys import ApiKey, ApiKeyFile, Scope, keys_path
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import complain, console, write_json, write_line
from argo_service.settings import read_configuration

_DURATION = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}


def configure(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = actions.add_parser("add", help="make a key; it is shown once")
    adding.add_argument("name", help="whose key it is")
    adding.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="what it may do (default: read); may be given several times",
    )
    adding.add_argument("--expires", metavar="SPAN", help="for example 12h, 90d or 52w")
    adding.add_argument("--json", action="store_true", help="for machines")
    adding.set_defaults(run=_add)
    listing = actions.add_parser("list", help="every key ever made, without the secret")
    listing.add_argument("--json", action="store_true", help="for machines")
    listing.set_defaults(run=_list)
    revoking = actions.add_parser("revoke", help="close a key for ever")
    revoking.add_argument("id", help="the id that `argo keys list` shows")
    revoking.set_defaults(run=_revoke)


def _file(given: argparse.Namespace) -> ApiKeyFile:
    return ApiKeyFile(keys_path(read_configuration(given.config).settings.database))


def _add(given: argparse.Namespace) -> int:
    now = SystemClock().now()
    scopes = frozenset(Scope(text) for text in given.scope or [Scope.READ])
    key, text = _file(given).add(given.name, scopes, now, _expiry(given.expires, now))
    if given.json:
        write_json({**_row(key, now), "key": text})
        return Exit.DONE
    write_line(text)
    complain("this is shown only once; send it as `Authorization: Bearer <key>`")
    return Exit.DONE


def _expiry(span: str | None, now: datetime) -> datetime | None:
    if span is None:
        return None
    found = _DURATION.fullmatch(span)
    if not found:
        fix = "write it like 12h, 90d or 52w"
        raise InvalidInput("--expires", f"{span[:40]!r} is not a span of time", fix)
    return now + timedelta(hours=int(found[1]) * _HOURS[found[2]])


def _list(given: argparse.Namespace) -> int:
    now = SystemClock().now()
    rows = [_row(key, now) for key in _file(given).all()]
    if given.json:
        write_json({"keys": rows})
        return Exit.DONE
    if not rows:
        write_line("There are no API keys: the API is open, on this machine only.")
        return Exit.DONE

    table = Table()
    # Whole at any width, because revoking needs all of it.
    table.add_column("id", no_wrap=True, min_width=12)
    for title in ("name", "scopes", "state", "created", "expires", "last used"):
        table.add_column(title, overflow="fold")
    for row in rows:
        shown = (row["id"], row["name"], " ".join(row["scopes"]), row["state"])
        moments = (row[name] or "-" for name in ("created_at", "expires_at", "last_used_at"))
        table.add_row(*shown, *(moment[:19].replace("T", " ") for moment in moments))
    console().print(table)
    return Exit.DONE


def _row(key: ApiKey, now: datetime) -> dict[str, Any]:
    def said(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat()

    state = "alive" if key.is_alive(now) else ("revoked" if key.revoked_at else "expired")
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "state": state,
        "created_at": said(key.created_at),
        "expires_at": said(key.expires_at),
        "revoked_at": said(key.revoked_at),
        "last_used_at": said(key.last_used_at),
    }


def _revoke(given: argparse.Namespace) -> int:
    if not _file(given).revoke(given.id, SystemClock().now()):
        raise InvalidInput("id", f"there is no key {given.id[:40]!r}", "see `argo keys list`")
    write_line(f"{given.id} is revoked; a running service knows within two seconds")
    return Exit.DONE
