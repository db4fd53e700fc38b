"""`argo tape cut|record|info`: recorded markets to play, and recorded runs to replay."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from argo_adapters.tapes.file import SUFFIX, shipped_names, write_tape
from argo_adapters.tapes.recorded import holds_recording
from argo_core.backtest.tape import Tape
from argo_core.codec.plain import rfc3339
from argo_core.errors import InvalidInput
from argo_core.market.instrument import parse_symbol
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import console, write_json, write_line
from argo_service.cli.symbols import listed_symbols
from argo_service.cli.tape_record import configure as configure_recording
from argo_service.cli.tapes import find_tape, is_file
from argo_service.replaying import about_recording

DEFAULT_WARMUP = 4


def configure(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    cutting = actions.add_parser("cut", help="make a tape of any minute bars, CSV or Parquet")
    cutting.add_argument("files", nargs="+", type=Path, metavar="FILE", help="bars to cut from")
    cutting.add_argument("--day", required=True, help="the day to play, such as 2024-11-25")
    cutting.add_argument("--symbols", required=True, help="such as AAPL,BRK.B,BTC/USD")
    cutting.add_argument("--name", required=True, help="such as my-monday")
    cutting.add_argument("--out", type=Path, help=f"the file (default: NAME{SUFFIX})")
    cutting.add_argument("--warmup", type=int, default=DEFAULT_WARMUP, help="sessions before it")
    cutting.add_argument("--seed", type=int, default=0, help="of the prices' path inside a minute")
    cutting.add_argument("--origin", required=True, help="where the data come from")
    cutting.add_argument("--licence", required=True, help="under which terms")
    cutting.add_argument("--note", default="", help="what was changed")
    cutting.add_argument(
        "--move",
        action="append",
        default=[],
        metavar="SYMBOL:FROM=TO",
        help="take a symbol's bars of one date for another; may be given several times",
    )
    cutting.set_defaults(run=_cut)
    configure_recording(actions)
    informing = actions.add_parser("info", help="what is on a tape or in a recording")
    informing.add_argument("tape", nargs="?", help="a shipped tape's name, or a file")
    informing.add_argument(
        "--partial", action="store_true", help="read a recording that was cut off"
    )
    informing.add_argument("--json", action="store_true", help="for machines")
    informing.set_defaults(run=_info)


def _cut(given: argparse.Namespace) -> int:
    # Reading Parquet needs a library that comes as an extra, so it is loaded only here.
    from argo_adapters.tapes.cut import cut_tape  # noqa: PLC0415 - only here is a tape cut

    moves: dict[str, dict[date, date]] = {}
    for text in given.move:
        symbol, _, dates = text.partition(":")
        taken, _, target = dates.partition("=")
        moves.setdefault(parse_symbol(symbol), {})[_day("--move", taken)] = _day("--move", target)
    tape = cut_tape(
        given.files,
        name=given.name,
        day=_day("--day", given.day),
        warmup_sessions=given.warmup,
        symbols=listed_symbols(given.symbols),
        origin=given.origin,
        licence=given.licence,
        note=given.note,
        seed=given.seed,
        moves=moves,
    )
    path = given.out or Path(f"{given.name}{SUFFIX}")
    write_tape(tape, path)
    bars = sum(map(len, tape.bars.values()))
    write_line(f"{path}: {bars} bars of {len(tape.bars)} symbols")
    return Exit.DONE


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        problem = f"{text[:40]!r} is not a date"
        raise InvalidInput(name, problem, "write it like 2024-11-25") from error


def _info(given: argparse.Namespace) -> int:
    if given.tape is None:
        names = shipped_names()
        if given.json:
            write_json({"shipped": names})
        else:
            write_line("\n".join(names))
        return Exit.DONE
    if is_file(given.tape) and holds_recording(Path(given.tape)):
        about = about_recording(Path(given.tape), partial=given.partial)
    else:
        about = _about(find_tape(given.tape))
    if given.json:
        write_json(about)
        return Exit.DONE
    from rich.table import Table  # noqa: PLC0415 - only here is a table drawn

    table = Table(show_header=False, box=None)
    for name, value in about.items():
        if isinstance(value, dict):
            for each, count in value.items():
                table.add_row(each, f"{count:,} {name}")
        else:
            table.add_row(name, "-" if value is None else str(value))
    console().print(table)
    return Exit.DONE


def _about(tape: Tape) -> dict[str, Any]:
    return {
        "name": tape.name,
        "origin": tape.origin,
        "licence": tape.licence,
        "note": tape.note,
        "seed": tape.seed,
        "sessions": len(tape.sessions),
        "starts": rfc3339(tape.starts),
        "ends": rfc3339(tape.ends),
        "bars": {symbol: len(bars) for symbol, bars in tape.bars.items()},
    }
