"""Arguments that several verbs have."""

import argparse

from alpine_service.errors import InvalidInput

MOST = 1_000


def add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="answer with one JSON document")


def add_limit(command: argparse.ArgumentParser, default: int = 50) -> None:
    command.add_argument(
        "--limit", type=int, default=default, help=f"how many at most (default {default})"
    )


def limit_of(given: argparse.Namespace) -> int:
    """Raises InvalidInput if nobody can mean it."""
    if not 0 < given.limit <= MOST:
        raise InvalidInput("--limit", "it is out of range", f"give 1 to {MOST}")
    return int(given.limit)
