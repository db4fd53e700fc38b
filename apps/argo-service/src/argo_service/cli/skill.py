"""`argo skill`: how good each source was, from a log."""

import argparse
import asyncio
from pathlib import Path

from argo_core.errors import InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import console, write_json
from argo_service.cli.skill_tables import draw_skill
from argo_service.config.tree import Settings
from argo_service.settings import read_configuration
from argo_service.skill.offline import opened, skill_in
from argo_service.skill.told import SEED, ToldSkill


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "How good each source was: scores, hit rates and calibration by horizon and regime, what"
        " other weights would have done, and what a point of skill has cost. Only what the log"
        " shows to everybody is looked at; the service may run meanwhile."
    )
    add = command.add_argument
    add(
        "target",
        nargs="?",
        type=Path,
        metavar="TARGET",
        help="a log's file, or a folder it was exported to (default: the log in force)",
    )
    add("--strategy", metavar="NAME", help="whose sources (default: the last that registered)")
    add("--seed", type=int, default=SEED, metavar="N", help="fixes what is drawn for intervals")
    add("--curves", action="store_true", help="draw the reliability curves too")
    add("--json", action="store_true", help="for machines; has all of it")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    if given.seed < 0:
        raise InvalidInput("--seed", f"{given.seed} is no seed", "give 0 or more")
    if given.target is not None and not given.target.exists():
        problem = f"there is nothing at {given.target}"
        raise InvalidInput("TARGET", problem, "name a log's file, or a folder it was exported to")
    settings = read_configuration(given.config).settings
    told = asyncio.run(_told(given.target, settings, given.strategy, given.seed))
    if given.json:
        write_json(told)
    else:
        draw_skill(console(), told, curves=given.curves)
    return Exit.DONE


async def _told(
    target: Path | None, settings: Settings, strategy: str | None, seed: int
) -> ToldSkill:
    async with opened(target, settings) as source:
        return await skill_in(source, strategy, seed)
