"""Serve the simulated vendors until interrupted: `python -m argo_adapters.simulator --help`."""

import argparse
import asyncio
import gc
import sys
from contextlib import suppress
from pathlib import Path

from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.clocks.tape import TapeClock
from argo_adapters.simulator.alpaca.trading.house import NAME as TRADING
from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.app import VENDORS, serving, simulate
from argo_adapters.simulator.delivery import SAYS
from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.relabel import relabel
from argo_adapters.simulator.simulation import KEY
from argo_adapters.tapes.file import read_tape, shipped, shipped_names
from argo_core.backtest.tape import Tape
from argo_core.errors import InvalidInput


def main() -> int:
    """Run the command; 2 means that an argument was refused."""
    arguments = _parser().parse_args()
    with suppress(KeyboardInterrupt):
        try:
            sessions = load_session_table().sessions
            asyncio.run(_serve(arguments, _tape(arguments), TradingPlan(sessions=sessions)))
        except InvalidInput as wrong:
            print(wrong, file=sys.stderr)  # noqa: T201 - a command speaks to its terminal
            return 2
        except OSError as wrong:
            problem = f"port: {arguments.port} cannot be served ({wrong}); choose another"
            print(problem, file=sys.stderr)  # noqa: T201 - a command speaks to its terminal
            return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="argo_adapters.simulator", description=SAYS)
    names = ", ".join(shipped_names())
    parser.add_argument("--tape", default="ordinary-day", help=f"{names}, or a tape's file")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="divides latencies too")
    parser.add_argument("--seed", type=int, default=0, help="of latencies and random faults")
    parser.add_argument("--symbols", type=int, help="relabel the tape to so many stocks")
    parser.add_argument("--no-limits", action="store_true", help="no vendor ever throttles")
    parser.add_argument(
        "--break",
        dest="broken",
        action="append",
        default=[],
        metavar="VENDOR=FAULT",
        help=f"one of {', '.join(Fault)}",
    )
    return parser


def _tape(arguments: argparse.Namespace) -> Tape:
    name = arguments.tape
    tape = shipped(name) if name in shipped_names() else read_tape(Path(name))
    if arguments.symbols is not None:
        tape = relabel(tape, arguments.symbols)
    # Bars live as long as the process; without this every large answer has them all searched.
    gc.collect()
    gc.freeze()
    return tape


async def _serve(arguments: argparse.Namespace, tape: Tape, trading: TradingPlan) -> None:
    clock = TapeClock(tape.starts, arguments.speed)
    app = simulate(
        tape,
        clock,
        latency_scale=arguments.speed,
        seed=arguments.seed,
        limits=not arguments.no_limits,
        trading=trading,
    )
    async with serving(app, arguments.port) as simulator:
        for pair in arguments.broken:
            vendor, _, fault = pair.partition("=")
            simulator.break_vendor(vendor, _fault(fault))
        print(f"{SAYS}: {tape.name}, any key is {KEY!r}")  # noqa: T201 - as above
        for name in (*(vendor.name for vendor in VENDORS), TRADING):
            print(f"{name:14} {simulator.url(name)}")  # noqa: T201 - as above
        sys.stdout.flush()
        await asyncio.Event().wait()


def _fault(name: str) -> Fault:
    if name not in set(Fault):
        raise InvalidInput("break", f"{name[:40]!r} is no fault", f"use one of {', '.join(Fault)}")
    return Fault(name)


if __name__ == "__main__":
    sys.exit(main())
