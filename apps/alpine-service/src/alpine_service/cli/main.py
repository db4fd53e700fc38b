"""`alpine`: from the command line to an exit code."""

import argparse
import os
import sys
from collections.abc import Sequence

from alpine_service.api.meta_routes import VERSION
from alpine_service.cli import (
    demo,
    doctor,
    export,
    key,
    migrate,
    quarantine,
    serve,
    user,
    verify,
    witness,
)
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import complain
from alpine_service.errors import AlpineError, InvalidInput, InvalidSetting
from alpine_service.settings import read_settings

_VERBS = {
    "serve": (serve, "answer requests until SIGTERM or Ctrl-C"),
    "migrate": (migrate, "bring the database's tables up to date"),
    "doctor": (doctor, "look whether everything is as it should be, and say what helps"),
    "user": (user, "accounts: add, list, change the role, disable"),
    "key": (key, "API keys of an account: add, list, revoke"),
    "witness": (witness, "the witness: its key"),
    "verify": (verify, "check a signal's proof by pinned keys"),
    "export": (export, "write all that was verified as static files"),
    "quarantine": (quarantine, "what was refused: list, show, resolve"),
    "demo": (demo, "serve a demo, with users whose passwords are shown"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit codes are those of `Exit`."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given, read_settings()))
    except AlpineError as error:
        complain(str(error))
        wrong_use = isinstance(error, InvalidSetting | InvalidInput)
        return Exit.WRONG_USE if wrong_use else Exit.FAILED
    except KeyboardInterrupt:
        return Exit.FAILED
    except BrokenPipeError:
        # Whoever read our answer has heard enough; nothing is left to be flushed at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="alpine",
        description="Verifies, cosigns, stores and distributes trading signals.",
        epilog="Settings are environment variables, ALPINE_...; the README lists them.",
    )
    parser.add_argument("--version", action="version", version=f"alpine {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (verb, summary) in _VERBS.items():
        verb.configure(commands.add_parser(name, help=summary, description=verb.__doc__))
    return parser
