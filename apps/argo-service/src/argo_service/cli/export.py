"""`argo export`: the record as static files, under the paths by which it is served."""

import argparse
import asyncio
from pathlib import Path

from argo_core.errors import InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import write_json, write_line
from argo_service.exporting.export import Exported, export
from argo_service.exporting.files import Files, open_files
from argo_service.exporting.log_file import open_log_file
from argo_service.settings import read_configuration


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "The record as static files for any file server: checkpoint, tiles and entry bundles, each"
        " checked against the checkpoint before it is written. A folder that was exported to before"
        " is gone on with. The service may run meanwhile."
    )
    add = command.add_argument
    add("folder", type=Path, metavar="DIR", help="where to; made if it is not there")
    add(
        "--pending",
        action="store_true",
        help="up to the newest checkpoint, cosigned or not (default: the newest cosigned one)",
    )
    add("--proofs", action="store_true", help="with a proof file for every entry")
    add("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    database = read_configuration(given.config).settings.database
    with open_files(given.folder) as files:
        done = asyncio.run(_export(database, files, given))
    if given.json:
        write_json(done)
    else:
        counts = f"{done.written} files written, {done.kept} there already"
        write_line(f"{given.folder}: {done.size} entries, root {done.root}; {counts}")
    return Exit.DONE


async def _export(database: Path, files: Files, given: argparse.Namespace) -> Exported:
    async with open_log_file(database) as log:
        note = await log.checkpoint(cosigned=not given.pending)
        if note is None:
            problem = "there is none yet" if given.pending else "nobody has cosigned one yet"
            fix = "wait for one, or export what is not cosigned with --pending"
            raise InvalidInput("checkpoint", problem, fix)
        return await export(log, note, files, proofs=given.proofs)
