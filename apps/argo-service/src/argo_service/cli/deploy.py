"""`argo deploy`: the other colour takes over, or everything stays as it was."""

import argparse
import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve
from yarl import URL

from argo_adapters.clocks.system import SystemClock
from argo_core.errors import InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import write_json, write_line
from argo_service.cli.stop import stop_wish
from argo_service.deploying.bounds import Bounds, Waits
from argo_service.deploying.by_command import START, STOP, ByCommand, split
from argo_service.deploying.colour import Colour
from argo_service.deploying.deployment import Deployment, Outcome, Taken
from argo_service.deploying.haproxy import Haproxy
from argo_service.deploying.order import FIRST, ON, TABLE, End
from argo_service.deploying.over_http import over_http
from argo_service.deploying.parts import Parts
from argo_service.errors import StepFailed
from argo_service.settings import read_api_key

_CODES = {
    None: Exit.DONE,
    End.DONE: Exit.DONE,
    End.REFUSED: Exit.DEPLOY_REFUSED,
    End.ROLLED_BACK: Exit.ROLLED_BACK,
    End.STUCK: Exit.DEPLOY_STUCK,
}
_WAITS = {
    "start_s": "until the new colour is ready",
    "gate_s": "until it passes level 3",
    "drain_s": "for what the old one was asked before",
    "watch_s": "while the new one is watched",
}


def configure(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--to", choices=tuple(Colour), help="the new colour (default: the one that is idle)")
    add("--dry-run", action="store_true", help="look, and say what would be done")
    add("--json", action="store_true", help="for machines")
    socket = Path("/run/haproxy/argo.sock")
    text = f"HAProxy's runtime API (default: {socket})"
    add("--proxy", type=Path, default=socket, metavar="SOCKET", help=text)
    text = "switched alike, given several times (default: argo and argo_streams)"
    add("--backend", action="append", metavar="NAME", help=text)
    add("--state", type=Path, metavar="FILE", help="where HAProxy keeps its servers' states")
    for colour, port in ((Colour.BLUE, 8090), (Colour.GREEN, 8095)):
        address = f"http://127.0.0.1:{port}"
        add(f"--{colour}", default=address, metavar="URL", help=f"its API (default: {address})")
    add("--start", default=START, metavar="COMMAND", help=f"default: {START}")
    add("--stop", default=STOP, metavar="COMMAND", help=f"default: {STOP}")
    for name, meaning in _WAITS.items():
        default = getattr(Waits(), name)
        option = "--" + name.replace("_", "-")
        text = f"seconds {meaning} (default: {default:g})"
        add(option, type=float, default=default, metavar="SECONDS", dest=name, help=text)
    bounds = Bounds()
    text = f"share of answers that may fail meanwhile (default: {bounds.failed})"
    add("--failed", type=float, default=bounds.failed, metavar="SHARE", help=text)
    text = f"what they may take on the average (default: {bounds.mean_ms})"
    add("--mean-ms", type=int, default=bounds.mean_ms, metavar="MS", help=text)
    text = f"bad looks in a row that are too many (default: {bounds.bad_looks})"
    add("--bad-looks", type=int, default=bounds.bad_looks, metavar="N", help=text)
    text = "a check of its health that may fail; given several times"
    add("--accept", action="append", default=[], metavar="CHECK", help=text)
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Let the other colour take over."""
    with _only_one(given.proxy.parent):
        outcome = asyncio.run(_deploy(given))
    if given.json:
        write_json(outcome)
    else:
        _conclude(outcome)
    return _CODES[outcome.end]


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Whoever deploys has the proxy's folder locked, or two would undo each other's steps."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        # Without the folder there is no proxy, and the first step says so.
        yield
        return
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = f"{folder}: somebody else deploys; wait until that is over"
            raise StepFailed(problem) from error
        yield
    finally:
        os.close(held)


async def _deploy(given: argparse.Namespace) -> Outcome:
    waits = evolve(Waits(), **{name: getattr(given, name) for name in _WAITS})
    bounds = Bounds(given.failed, given.mean_ms, given.bad_looks, frozenset(given.accept))
    backends = tuple(given.backend or ("argo", "argo_streams"))
    keeper = ByCommand(split("--start", given.start), split("--stop", given.stop))
    addresses = {colour: _address(colour, getattr(given, colour)) for colour in Colour}
    with stop_wish() as stop:
        async with over_http(addresses, read_api_key()) as colours:
            proxy = Haproxy(given.proxy, backends, given.state)
            deployment = Deployment(
                Parts(proxy, keeper, colours, SystemClock()),
                Colour(given.to) if given.to else None,
                waits,
                bounds,
                _unsaid if given.json else _say,
                stop=stop,
            )
            return await deployment.run((FIRST,) if given.dry_run else tuple(TABLE))


def _address(colour: Colour, text: str) -> URL:
    fix = "give a URL such as http://127.0.0.1:8090"
    try:
        address = URL(text)
    except ValueError as error:
        raise InvalidInput(f"--{colour}", "it is no URL", fix) from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise InvalidInput(f"--{colour}", "it is no URL of HTTP", fix)
    return address


def _unsaid(_: Taken) -> None:
    """One document says it all at the end."""


def _say(taken: Taken) -> None:
    mark = "done" if taken.done else "FAILED"
    write_line(f"{taken.at_s:8.2f} s  {taken.step.value:<13}  {mark:<6}  {taken.says}")


def _conclude(outcome: Outcome) -> None:
    if outcome.end is None:
        write_line("next would come: " + ", ".join(step.value for step in ON[1:]))
        return
    answers = f"{outcome.answers} answers" if outcome.answers else "nobody knows who answers"
    publishes = f"{outcome.publishes} publishes" if outcome.publishes else "who publishes is open"
    write_line(f"{outcome.end.value}: {answers}, {publishes}")
