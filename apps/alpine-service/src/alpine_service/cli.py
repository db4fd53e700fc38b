"""The `alpine` command."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from alpine_service.errors import AlpineError, InvalidSetting
from alpine_service.health import VERSION
from alpine_service.server import serve
from alpine_service.settings import read_settings

FAILED = 1
WRONG_USE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 stopped when asked to, 1 could not do it, 2 used or configured wrongly."""
    _parser().parse_args(arguments)
    try:
        asyncio.run(serve(read_settings(), _announce))
    except AlpineError as error:
        sys.stderr.write(f"alpine: {error}\n")
        return WRONG_USE if isinstance(error, InvalidSetting) else FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="alpine", description="Verifies, stores and distributes trading signals."
    )
    parser.add_argument("--version", action="version", version=f"alpine {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "serve",
        help="answer requests until SIGTERM or Ctrl-C",
        description="Answer requests until SIGTERM or Ctrl-C. Settings: ALPINE_HOST, ALPINE_PORT.",
    )
    return parser


def _announce(url: str) -> None:
    # Flushed, because whoever started us may be reading from a pipe.
    sys.stdout.write(f"Alpine answers on {url}\n")
    sys.stdout.flush()
