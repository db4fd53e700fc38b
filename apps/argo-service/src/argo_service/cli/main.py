"""The `argo` command: one subcommand a module, errors in one line, stable exit codes."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from argo_core.errors import (
    ArgoError,
    BrokerError,
    InvalidInput,
    JournalError,
    LogError,
    SecretError,
    VendorError,
)
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import complain, hush, prepare_streams
from argo_service.errors import CannotListen, ServiceAway, ServiceRefused
from argo_service.version import VERSION

# Each is a module of this package with a function `configure`, loaded only when it is named:
# `argo --help` and a mistyped option should not wait for the whole house.
_COMMANDS = {
    "demo": "play a recorded day through simulated vendors",
    "serve": "run the engine and answer the API",
    "backtest": "try a strategy on recorded bars",
    "cycle": "run one cycle at a fixed time of a recorded day, and explain it",
    "export": "write the record as static files for a file server",
    "verify": "check a log, a proof or a served log, trusting nothing but keys",
    "deploy": "let the other colour take over, and go back if it is not well",
    "doctor": "explain what is in force, and what is wrong",
    "trading": "look at a running service's trading, halt it, resume it, close positions",
    "keys": "make, list and revoke API keys",
    "log": "show the key that signs the log, make anew what is searched",
    "backup": "copy all but the keys, also while the service runs",
    "restore": "put a backup back where nothing is",
    "witness": "say what is not cosigned yet, and where each witness stands",
    "tape": "cut and inspect recorded markets, and record runs of the engine",
    "skill": "say how good each source was, and what it has cost",
    "explain": "show a signal with every input it was made of",
    "replay": "play a recorded run again and compare every byte it writes",
    "diff": "compare a live log with a backtest of the same day, signal by signal",
}

_CODES: Mapping[type[ArgoError], Exit] = {
    InvalidInput: Exit.WRONG_USE,
    CannotListen: Exit.CANNOT_LISTEN,
    LogError: Exit.LOG_UNUSABLE,
    JournalError: Exit.LOG_UNUSABLE,
    # None but the paper broker, whose account is a file, has a say in whether a command begins.
    BrokerError: Exit.LOG_UNUSABLE,
    VendorError: Exit.VENDOR_FAILED,
    ServiceAway: Exit.SERVICE_AWAY,
    SecretError: Exit.SECRET_UNREAD,
}
# A malformed request, and a key that is missing or lacks the scope.
_WRONG_USE = frozenset({400, 401, 403})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit code."""
    prepare_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        # Inside, because loading a command takes long enough for a Ctrl-C.
        given = parser(words).parse_args(words)
        return int(given.run(given))
    except ArgoError as error:
        complain(str(error))
        return code_of(error)
    except KeyboardInterrupt:
        return Exit.DONE
    except BrokenPipeError:
        hush()
        return Exit.DONE


def code_of(error: ArgoError) -> Exit:
    """The exit code of an error."""
    if isinstance(error, ServiceRefused):
        return Exit.WRONG_USE if error.status in _WRONG_USE else Exit.FAILED
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), Exit.FAILED)


def parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The command line, with the options of those commands that occur among `words`."""
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
    for name, meaning in _COMMANDS.items():
        command = commands.add_parser(name, help=meaning, description=meaning.capitalize() + ".")
        if name in words:
            import_module(f"argo_service.cli.{name}").configure(command)
    return top
