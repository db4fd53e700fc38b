"""The `argo` command: one subcommand a module, errors in one line, stable exit codes."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from argo_core.errors import ArgoError, InvalidInput, LogError, VendorError
from argo_service.cli import cycle, demo, doctor, keys, serve, tape
from argo_service.cli.exit_codes import Exit
from argo_service.cli.listen import CannotListen
from argo_service.cli.output import complain, prepare_streams
from argo_service.version import VERSION

_COMMANDS = (demo, serve, cycle, doctor, keys, tape)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit code."""
    prepare_streams()
    given = parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except ArgoError as error:
        complain(str(error))
        return code_of(error)
    except KeyboardInterrupt:
        return Exit.DONE
    except BrokenPipeError:
        # Whoever read us has enough; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE


def code_of(error: ArgoError) -> Exit:
    """The exit code of an error."""
    if isinstance(error, InvalidInput):
        return Exit.WRONG_USE
    if isinstance(error, CannotListen):
        return Exit.CANNOT_LISTEN
    if isinstance(error, LogError):
        return Exit.LOG_UNUSABLE
    if isinstance(error, VendorError):
        return Exit.VENDOR_FAILED
    return Exit.FAILED


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    codes = "\n".join(f"  {code.value}  {code.meaning}" for code in Exit)
    top = argparse.ArgumentParser(
        prog="argo",
        description="Signals from the opinions of several vendors, explained and on the record.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"argo {VERSION}")
    top.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the settings file (default: $ARGO_CONFIG, or argo.toml if there is one)",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return top
