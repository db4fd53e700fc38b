"""Bring the database's tables up to date, as their owner; or only say what is missing."""

import argparse
import asyncio

from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.migrating import Migration, migrate, pending
from alpine_service.cli.arguments import add_json
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json
from alpine_service.settings import Settings
from alpine_service.wiring.database import command_urls


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument("--check", action="store_true", help="only say which are missing")
    add_json(command)
    command.set_defaults(run=run)


def run(given: argparse.Namespace, settings: Settings) -> int:
    """With `--check`, the exit code is 1 while something is missing."""
    if given.check:
        missing = asyncio.run(_missing(settings))
        _tell(given, "missing", missing)
        return Exit.FAILED if missing else Exit.DONE
    _tell(given, "taken", asyncio.run(_migrate(settings)))
    return Exit.DONE


async def _migrate(settings: Settings) -> tuple[Migration, ...]:
    async with command_urls(settings) as urls:
        return await migrate(urls.owner)


async def _missing(settings: Settings) -> tuple[Migration, ...]:
    async with command_urls(settings) as urls, open_database(urls.owner, size=1) as database:
        return await pending(database)


def _tell(given: argparse.Namespace, word: str, steps: tuple[Migration, ...]) -> None:
    names = [f"{one.number:04}_{one.name}" for one in steps]
    if given.json:
        say_json({word: names})
        return
    for name in names:
        say(f"{word}: {name}")
    if not names:
        say("the tables are up to date")
