"""`argo cycle`: one cycle on a recorded day, every source awaited, explained."""

import argparse
import asyncio
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from argo_core.consensus.opinion import STEPS
from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import console, write_json
from argo_service.cli.symbols import listed_symbols
from argo_service.cli.tapes import find_tape
from argo_service.config.tree import Settings
from argo_service.demo.stage import new_york, opening
from argo_service.drawing import DIRECTIONS, colour, confidence_bar, legend
from argo_service.figures import dollars
from argo_service.one_cycle import CycleReport, CycleSymbol, one_cycle
from argo_service.settings import read_configuration
from argo_service.waterfall import waterfall

if TYPE_CHECKING:
    from argo_adapters.tracing.finished import Finished

DEFAULT_AT = "10:15"
_RULES = ("a threshold", "a quorum")
_COLUMNS: tuple[tuple[str, JustifyMethod], ...] = (
    ("symbol", "left"),
    ("price", "right"),
    ("view", "left"),
    ("confidence", "right"),
    ("by source", "left"),
    ("reason", "left"),
)


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "One cycle through simulated vendors on recorded prices; every source is"
        " awaited. With --json the output is the same on every machine, to the byte; settings"
        " count only when --config names them."
    )
    command.add_argument("--tape", default="ordinary-day", help="a shipped tape or a file")
    command.add_argument("--at", default=DEFAULT_AT, metavar="HH:MM", help="New York time")
    command.add_argument("--symbols", help="some of the tape's, such as NVR,BTC/USD")
    command.add_argument("--json", action="store_true", help="for machines")
    command.add_argument(
        "--trace", type=Path, metavar="FILE", help="draw where the time went, as SVG"
    )
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    # What vendors do wrong is in the report.
    logging.getLogger().addHandler(logging.NullHandler())
    # What happens to lie in this folder or the environment must not change the outcome.
    settings = read_configuration(given.config, {}).settings if given.config else Settings()
    tape = find_tape(given.tape)
    symbols = listed_symbols(given.symbols)
    at = opening(tape, given.at)
    with tempfile.TemporaryDirectory(prefix="argo-cycle-") as folder:
        database = Path(folder) / "cycle.sqlite3"
        pieces: list[Finished] = []
        keep = pieces.append if given.trace else None
        report = asyncio.run(one_cycle(tape, at, settings, symbols, database, keep=keep))
    if given.trace:
        _write(given.trace, waterfall(pieces))
    if given.json:
        write_json(report)
    else:
        _draw(report)
    return Exit.DONE


def _write(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, "utf-8")
    except OSError as error:
        problem = f"{path} cannot be written ({error.strerror})"
        raise InvalidInput("--trace", problem, "name a file in a folder that is there") from error


def _draw(report: CycleReport) -> None:
    shown = console()
    moment = f"{new_york(report.at):%A %d %B %Y, %H:%M} in New York"
    shown.print(f"[bold]{report.tape}[/], {moment}: {report.vendors}")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, justify in _COLUMNS:
        table.add_column(title, justify=justify, no_wrap=True)
    for each in report.symbols:
        table.add_row(
            each.symbol,
            f"{each.quote.price:,}" if each.quote else "-",
            f"[{DIRECTIONS[each.view.direction]}]{each.view.direction.value}[/]",
            f"{each.view.confidence_bp / (STEPS / 100):+.2f} %",
            confidence_bar(each.view.contributions),
            each.view.reason.replace("_", " "),
        )
    shown.print(table)
    shown.print(legend(sorted(report.weights)))
    shown.print()
    for each in report.symbols:
        shown.print(Text.assemble((each.symbol, "bold"), f": {_why(each, len(report.symbols))}"))
    shown.print()
    shown.print(_sources(report))
    for name, source in report.sources.items():
        if source.last_error:
            shown.print(Text(f"{name}: {source.last_error}", "red"))
    shown.print(
        Text(f"{dollars(report.usd)} in all, {dollars(report.usd_per_signal)} a signal", "dim")
    )
    shown.print(Text(f"log: {report.log.size} entries, root {report.log.root}", "dim"))


def _sources(report: CycleReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("source", no_wrap=True)
    for title in ("calls", "errors", "spared", "cost"):
        table.add_column(title, justify="right", no_wrap=True)
    for name, source in report.sources.items():
        table.add_row(
            Text(name, colour(name)),
            str(source.calls),
            Text(str(source.errors), "red" if source.errors else "dim"),
            str(source.spared),
            dollars(source.usd),
        )
    return table


def _why(each: CycleSymbol, count: int) -> str:
    if each.signal is not None:
        return each.signal.reasoning
    if each.view.direction is not Direction.HOLD:
        return "it stands"
    # A lower threshold would always do; what a source would have had to say tells more.
    told = sorted(each.view.why, key=lambda change: change.startswith(_RULES))
    most = len(told) if count == 1 else 1
    return "; ".join(told[:most]) or "no single change would have done"
