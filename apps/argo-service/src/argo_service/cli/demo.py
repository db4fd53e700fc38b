"""`argo demo`: the recorded day through simulated vendors, live."""

import argparse
import asyncio
import logging
from pathlib import Path

from argo_service.address import reserve
from argo_service.cli.exit_codes import Exit
from argo_service.cli.listen import reserve_some
from argo_service.cli.output import write_json, write_line
from argo_service.cli.paces import seconds, speed
from argo_service.cli.symbols import listed_symbols
from argo_service.cli.tapes import find_tape
from argo_service.config.reader import DEFAULT
from argo_service.config.tree import Listen
from argo_service.demo.play import Wishes, play
from argo_service.demo.record import DemoRecord
from argo_service.demo.stage import opening, parse_breaks
from argo_service.settings import read_configuration


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
    command.add_argument("--symbols", help="some of the tape's, such as NVR,BTC/USD")
    command.add_argument(
        "--break",
        dest="broken",
        action="append",
        default=[],
        metavar="VENDOR=FAULT",
        help="let a vendor fail, such as massive=timeout; may be given several times",
    )
    command.add_argument(
        "--witness", metavar="FILE", help="publish by this policy of witnesses (default: nobody's)"
    )
    command.add_argument(
        "--delayed", metavar="SPAN", help="seal each signal for so long, such as 60s"
    )
    command.add_argument(
        "--no-trading",
        dest="trading",
        action="store_false",
        help="follow no signal (by default they are traded on paper)",
    )
    command.add_argument(
        "--log-key",
        action="store_true",
        help="print the key of the demo's log, for a witness to pin, and stop",
    )
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Play, then verify; the last line of standard output is one JSON object.

    With `--log-key` nothing is played: the key is the one line.
    """
    # What vendors do wrong is in the views; a log line would tear the screen.
    logging.getLogger().addHandler(logging.NullHandler())
    configuration = read_configuration(given.config)
    tape = find_tape(given.tape)
    begins, pace = opening(tape, given.at), speed(given.speed)
    span_s = None if given.span is None else seconds("--for", given.span)
    broken = parse_breaks(given.broken)
    record = DemoRecord(
        tape,
        witness=None if given.witness is None else Path(given.witness),
        # Less than a second would be no seal, and none would be asked for by leaving it out.
        delayed_s=0
        if given.delayed is None
        else max(1, round(seconds("--delayed", given.delayed))),
        trading=given.trading,
    )
    if given.log_key:
        if given.fresh:
            record.forget()
        write_line(record.key(configuration.settings))
        return Exit.DONE
    listen = configuration.settings.listen
    # It answers this machine only, whatever the settings say: there are no keys to ask for. Where
    # nobody chose the port, any will do.
    local = listen if listen.is_local else Listen(port=listen.port)
    chosen = configuration.origin("listen.port") != DEFAULT
    with reserve(local) if chosen else reserve_some(local) as reserved:
        wishes = Wishes(
            record=record,
            begins=begins,
            speed=pace,
            seconds=span_s,
            plain=given.plain,
            fresh=given.fresh,
            symbols=listed_symbols(given.symbols),
            broken=broken,
            reserved=reserved,
        )
        result = asyncio.run(play(wishes, configuration.settings))
    write_json(result, indent=None)
    return Exit.DONE if result["log"]["verified"] else Exit.FAILED
