"""`alpine`: from the command line to an exit code."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from alpine_service.adapters.secrets.configuration import Configuration
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import complain
from alpine_service.errors import AlpineError, InvalidInput, InvalidSetting
from alpine_service.settings import environment

# Each is a module of this package. Only the one that is asked for is imported, because the whole
# service takes longer to be read than most verbs take to be done.
_VERBS = {
    "serve": "answer requests until SIGTERM or Ctrl-C",
    "migrate": "bring the database's tables up to date",
    "deploy": "let the other colour take over, and go back if it is not well",
    "doctor": "look whether everything is as it should be, and say what helps",
    "user": "accounts: add, list, change the role, disable",
    "key": "API keys of an account: add, list, revoke",
    "witness": "the witness: its key",
    "verify": "check a signal's proof by pinned keys",
    "export": "write all that was verified as static files",
    "quarantine": "what was refused: list, show, resolve",
    "demo": "serve a demo, with users whose passwords are shown",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit codes are those of `Exit`."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    given = _parser(words).parse_args(words)
    try:
        # Kept for whoever serves, to read it again when that is wished.
        given.configuration = Configuration(environment())
        return int(given.run(given, given.configuration.read().settings))
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


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="alpine",
        description="Verifies, cosigns, stores and distributes trading signals.",
        epilog="Settings are environment variables; docs/reference/settings.md has them all.",
    )
    parser.add_argument("--version", action="version", version=f"alpine {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, summary in _VERBS.items():
        command = commands.add_parser(name, help=summary)
        if name == asked:
            verb = import_module(f"alpine_service.cli.{name}")
            command.description = verb.__doc__
            verb.configure(command)
    return parser


def _version() -> str:
    return version("alpine-service")
