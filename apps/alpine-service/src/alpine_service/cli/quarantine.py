"""What the log or its server showed that was refused, with the evidence."""

import argparse
import asyncio
import sys
from pathlib import Path

from attrs import asdict

from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.cli.arguments import add_json, add_limit, limit_of
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json, say_table
from alpine_service.cli.who import OPERATOR
from alpine_service.errors import InvalidInput, NotThere
from alpine_service.ports.feed import Quarantine
from alpine_service.settings import Settings
from alpine_service.wiring.offline import offline

# More are not kept open at once, and of the resolved ones the newest are looked for.
_ALL = 2_000


def configure(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    listed = verbs.add_parser("list", help="list what is open, the newest first")
    listed.add_argument("--resolved", action="store_true", help="those that were resolved instead")
    add_limit(listed)
    add_json(listed)
    listed.set_defaults(run=_list)
    show = verbs.add_parser("show", help="show one, and what evidence there is of it")
    show.add_argument("number", type=int)
    show.add_argument(
        "--evidence", metavar="NAME", help="write this piece of evidence to standard output"
    )
    show.add_argument("--into", metavar="FOLDER", help="write all evidence into this folder")
    add_json(show)
    show.set_defaults(run=_show)
    resolve = verbs.add_parser(
        "resolve", help="close one, on your responsibility; a reading that it halted goes on"
    )
    resolve.add_argument("number", type=int)
    resolve.set_defaults(run=_resolve)


def _list(given: argparse.Namespace, settings: Settings) -> int:
    found = asyncio.run(_listed(settings, resolved=given.resolved, limit=limit_of(given)))
    if given.json:
        say_json({"quarantine": [asdict(one) for one in found]})
        return Exit.DONE
    if not found:
        say("nothing")
        return Exit.DONE
    rows = [
        (str(one.id), f"{one.last_at:%Y-%m-%d %H:%M}", str(one.times), one.reason, one.problem)
        for one in found
    ]
    say_table(("number", "last seen", "times", "reason", "problem"), rows)
    return Exit.DONE


def _show(given: argparse.Namespace, settings: Settings) -> int:
    if given.evidence is not None:
        sys.stdout.buffer.write(asyncio.run(_piece(settings, given.number, given.evidence)))
        sys.stdout.buffer.flush()
        return Exit.DONE
    one = asyncio.run(_one(settings, given.number))
    if given.into is not None:
        _lay_down(Path(given.into), asyncio.run(_pieces(settings, one)))
    if given.json:
        say_json(asdict(one))
        return Exit.DONE
    for name, value in asdict(one).items():
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        say(f"{name + ':':13} {shown}")
    return Exit.DONE


def _resolve(given: argparse.Namespace, settings: Settings) -> int:
    asyncio.run(_resolved(settings, given.number))
    return Exit.DONE


async def _listed(settings: Settings, *, resolved: bool, limit: int) -> list[Quarantine]:
    async with offline(settings) as ground:
        return await PostgresQuarantine(ground.database).listed(resolved=resolved, limit=limit)


async def _one(settings: Settings, number: int) -> Quarantine:
    async with offline(settings) as ground:
        store = PostgresQuarantine(ground.database)
        for resolved in (False, True):
            for one in await store.listed(resolved=resolved, limit=_ALL):
                if one.id == number:
                    return one
    raise NotThere("quarantine")


async def _piece(settings: Settings, number: int, name: str) -> bytes:
    async with offline(settings) as ground:
        data = await PostgresQuarantine(ground.database).evidence(number, name)
    if data is None:
        raise NotThere("evidence")
    return data


async def _pieces(settings: Settings, one: Quarantine) -> dict[str, bytes]:
    async with offline(settings) as ground:
        store = PostgresQuarantine(ground.database)
        found = {name: await store.evidence(one.id, name) for name in one.evidence}
    return {name: data for name, data in found.items() if data is not None}


async def _resolved(settings: Settings, number: int) -> None:
    async with offline(settings) as ground:
        store = PostgresQuarantine(ground.database)
        if not await store.resolve(number, OPERATOR, ground.clock.now()):
            raise NotThere("open quarantine")


def _lay_down(folder: Path, pieces: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in pieces.items():
            # Names of pieces are ours; a stroke in one would leave the folder all the same.
            (folder / name.replace("/", "_").replace(" ", "-")).write_bytes(data)
    except OSError as error:
        fix = "name a folder that can be written to"
        raise InvalidInput("--into", error.strerror or "it cannot be written", fix) from error
