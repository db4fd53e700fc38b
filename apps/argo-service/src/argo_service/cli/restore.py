"""`argo restore FOLDER`: put a backup back where nothing is."""

import argparse
from pathlib import Path

from argo_service.backing_up import restore
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import write_line
from argo_service.record_keys import key_file
from argo_service.settings import read_configuration


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="FOLDER", help="what `argo backup` made")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Restore, and say what a start will ask."""
    settings = read_configuration(given.config).settings
    made = restore(settings, given.folder)
    write_line(f"{', '.join(made.files)}: as of {made.made_at}")
    if made.size is not None:
        write_line(
            f"the log has {made.size} entries; where a witness has seen more, the start is refused,"
            " and what is missing has to be found"
        )
    if not key_file(settings).exists():
        write_line(f"put the log's key at {key_file(settings)}, with its marker beside it")
    return Exit.DONE
