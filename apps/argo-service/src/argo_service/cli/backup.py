"""`argo backup FOLDER`: a copy of all but the keys, also while the service runs."""

import argparse
from pathlib import Path

from argo_adapters.clocks.system import SystemClock
from argo_service.backing_up import back_up
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import write_json, write_line
from argo_service.record_keys import key_file
from argo_service.settings import read_configuration


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder to copy into")
    command.add_argument("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Copy, verify the copy, and say what is not in it."""
    settings = read_configuration(given.config).settings
    made = back_up(settings, given.folder, SystemClock().now())
    if given.json:
        write_json(made)
        return Exit.DONE
    if made.size is None:
        write_line(f"{given.folder}: {', '.join(made.files) or 'nothing'}")
        if settings.log.database_url is not None:
            write_line("the log is in PostgreSQL: back it up with pg_dump")
    else:
        write_line(f"{given.folder}: {made.size} entries verified, root {made.root[:16]}")
    write_line(f"the keys are not in it: keep {key_file(settings)} elsewhere, apart from the data")
    return Exit.DONE
