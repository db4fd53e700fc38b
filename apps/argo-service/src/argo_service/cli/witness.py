"""`argo witness pending`: what is published without a quorum, and where each witness stands."""

import argparse
import asyncio

from rich.table import Table
from rich.text import Text

from argo_adapters.http.client import open_session
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import console, write_json, write_line
from argo_service.config.tree import Settings
from argo_service.settings import read_configuration
from argo_service.witness_standing import RecordStanding, record_standing


def configure(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    showing = actions.add_parser(
        "pending", help="what lacks its quorum (exit code 1), and where each witness stands"
    )
    showing.add_argument("--json", action="store_true", help="for machines")
    showing.set_defaults(run=_pending)


def _pending(given: argparse.Namespace) -> int:
    found = asyncio.run(_standing(read_configuration(given.config).settings))
    if given.json:
        write_json(found)
    else:
        _draw(found)
    return Exit.FAILED if found.pending else Exit.DONE


async def _standing(settings: Settings) -> RecordStanding:
    async with open_session() as session:
        return await record_standing(settings, session)


def _draw(found: RecordStanding) -> None:
    if found.pending:
        write_line(
            f"pending: of {found.size} entries {found.cosigned} are cosigned,"
            f" by {', '.join(found.by) or 'nobody'}; {found.quorum} must"
        )
    else:
        write_line(f"nothing is pending: {found.size} entries, a quorum of {found.quorum}")
    if not found.witnesses:
        return
    table = Table("witness", "stands at", "problem")
    for one in found.witnesses:
        table.add_row(
            Text(one.witness), "-" if one.size is None else str(one.size), Text(one.problem)
        )
    console().print(table)
