"""Look whether everything is as it should be, and say what helps.

The exit code is 1 if something does not work, and 0 if at most something should be better.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator

from attrs import asdict

from alpine_service.cli.arguments import add_json
from alpine_service.cli.check_database import has_data, look_at_database, look_at_programs
from alpine_service.cli.check_log import look_at_log
from alpine_service.cli.check_place import look_at_mail, look_at_place
from alpine_service.cli.check_process import look_at_process
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json
from alpine_service.cli.seen import Seen
from alpine_service.ports.health import Condition
from alpine_service.settings import Settings

_WORDS = {Condition.OK: "ok", Condition.DEGRADED: "could be better", Condition.DOWN: "WRONG"}
_WIDTH = max(map(len, _WORDS.values()))


def configure(command: argparse.ArgumentParser) -> None:
    add_json(command)
    command.set_defaults(run=run)


def run(given: argparse.Namespace, settings: Settings) -> int:
    found = [*look_at_process(settings, given.configuration), *look_at_place(settings)]
    if not has_data(settings):
        found.append(look_at_programs(settings))
    found += asyncio.run(_outside(settings, has_data=has_data(settings)))
    is_bad = any(one.condition is Condition.DOWN for one in found)
    if given.json:
        say_json({"is_well": not is_bad, "findings": [asdict(one) for one in found]})
    else:
        for one in found:
            _tell(one)
    return Exit.FAILED if is_bad else Exit.DONE


async def _outside(settings: Settings, *, has_data: bool) -> list[Seen]:
    async def all_of_it() -> AsyncIterator[Seen]:
        if has_data:
            async for one in look_at_database(settings):
                yield one
        async for one in look_at_log(settings, has_data=has_data):
            yield one
        yield await look_at_mail(settings)

    return [one async for one in all_of_it()]


def _tell(one: Seen) -> None:
    say(f"{_WORDS[one.condition]:{_WIDTH}}  {one.name}: {one.says}")
    if one.fix is not None:
        say(f"{'':{_WIDTH}}  {one.fix}")
