"""`argo tape record`: a run of the engine, with all that it was told, to replay."""

import argparse
import asyncio
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from argo_adapters.tapes.recorded import open_recording
from argo_core.errors import InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import write_line
from argo_service.cli.paces import seconds, speed
from argo_service.cli.stop import stop_wish
from argo_service.cli.symbols import listed_symbols
from argo_service.cli.tapes import find_tape
from argo_service.config.tree import Settings
from argo_service.demo.stage import opening
from argo_service.recorded_run import Stage, record_live, record_simulated
from argo_service.settings import read_configuration

SUFFIX = ".recording.gz"


def configure(actions: "argparse._SubParsersAction[Any]") -> None:
    command = actions.add_parser("record", help="run the engine and write down what it is told")
    add = command.add_argument
    add("--out", type=Path, required=True, metavar="FILE", help=f"a new file, such as day{SUFFIX}")
    add("--for", dest="span", metavar="SPAN", help="stop by itself, such as 30s, 5m or 1h")
    add("--tape", help="among simulated vendors, on this market: a shipped tape or a file")
    add("--at", metavar="HH:MM", help="where on the tape to begin, New York time (10:00)")
    add("--speed", default="1", help="how much faster than the tape's day (default 1)")
    add("--symbols", help="some of the tape's, such as NVR,BTC/USD")
    add("--log", type=Path, metavar="FILE", help="keep the log of a run among simulated vendors")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Run until the span, the tape or the operator's patience is over."""
    # What vendors do wrong is recorded.
    logging.getLogger().addHandler(logging.NullHandler())
    settings = read_configuration(given.config).settings
    span_s = None if given.span is None else seconds("--for", given.span)
    if given.tape is None:
        for option in ("at", "symbols", "log"):
            if getattr(given, option) is not None:
                fix = "give --tape too, or leave it out"
                raise InvalidInput(f"--{option}", "there is no tape to play", fix)
        cycles = asyncio.run(_live(settings, given.out, span_s))
    elif given.log is not None:
        cycles = _simulated(given, settings, span_s, given.log)
    else:
        with TemporaryDirectory(prefix="argo-record-") as folder:
            cycles = _simulated(given, settings, span_s, Path(folder) / "signals.sqlite3")
    with open_recording(given.out) as recording:
        inputs = sum(1 for _ in recording)
    missing = "" if recording.missing is None else f"; it is not whole: {recording.missing}"
    write_line(f"{given.out}: {cycles} cycles, {inputs} inputs{missing}")
    return Exit.DONE if recording.missing is None else Exit.FAILED


async def _live(settings: Settings, path: Path, span_s: float | None) -> int:
    with stop_wish() as stop:
        return await record_live(settings, path, span_s, stop)


def _simulated(
    given: argparse.Namespace, settings: Settings, span_s: float | None, database: Path
) -> int:
    tape = find_tape(given.tape)
    stage = Stage(
        tape=tape,
        begins=opening(tape, given.at),
        speed=speed(given.speed),
        symbols=listed_symbols(given.symbols),
        database=database,
    )

    async def play() -> int:
        with stop_wish() as stop:
            return await record_simulated(settings, given.out, span_s, stop, stage)

    return asyncio.run(play())
