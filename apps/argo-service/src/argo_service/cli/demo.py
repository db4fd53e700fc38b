"""`argo demo`: the recorded day through simulated vendors, live."""

import argparse
import asyncio
import math
import re

from argo_core.errors import InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import write_json
from argo_service.cli.tape import find_tape
from argo_service.demo.play import Wishes, play
from argo_service.demo.stage import opening, parse_breaks
from argo_service.settings import read_configuration

_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
FASTEST = 1_000.0


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Simulated vendors, recorded prices: the engine and its API on a recorded day."
    )
    command.add_argument("--tape", default="ordinary-day", help="a shipped tape or a file")
    command.add_argument("--at", metavar="HH:MM", help="where to begin, New York time (10:00)")
    command.add_argument("--speed", default="1", help="how much faster than the day (default 1)")
    command.add_argument(
        "--for", dest="span", metavar="SPAN", help="stop by itself, such as 30s or 5m"
    )
    command.add_argument(
        "--plain", action="store_true", help="one line a cycle instead of a screen"
    )
    command.add_argument("--fresh", action="store_true", help="forget the demo before")
    command.add_argument("--symbols", default="", help="some of the tape's, such as NVR,BTC/USD")
    command.add_argument(
        "--break",
        dest="broken",
        action="append",
        default=[],
        metavar="VENDOR=FAULT",
        help="let a vendor fail, such as massive=timeout; may be given several times",
    )
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Play, then verify; the last line of standard output is one JSON object."""
    configuration = read_configuration(given.config)
    tape = find_tape(given.tape)
    wishes = Wishes(
        tape=tape,
        begins=opening(tape, given.at),
        speed=_speed(given.speed),
        seconds=None if given.span is None else _seconds(given.span),
        plain=given.plain,
        fresh=given.fresh,
        symbols=tuple(part.strip() for part in given.symbols.split(",") if part.strip()),
        broken=parse_breaks(given.broken),
        any_port=configuration.origin("listen.port") == "default",
    )
    result = asyncio.run(play(wishes, configuration.settings))
    write_json(result, indent=None)
    return Exit.DONE if result["log"]["verified"] else Exit.FAILED


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0 < speed <= FASTEST:
        fix = f"give a number above 0 and up to {FASTEST:g}"
        raise InvalidInput("--speed", f"{text[:20]!r} is not a pace", fix)
    return speed


def _seconds(text: str) -> float:
    found = _SPAN.fullmatch(text)
    if not found:
        raise InvalidInput("--for", f"{text[:20]!r} is not a span", "write it like 30s or 5m")
    return float(found[1]) * _SECONDS[found[2]]
