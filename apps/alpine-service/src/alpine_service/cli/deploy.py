"""Let the other colour take over: start it, look, switch, watch, and stop the old one.

A new colour that is not well is taken away again, and one that fails while it is watched hands back
to the old one. The exit code is 0 if the new colour serves, 3 if it was refused before anybody saw
it, 4 if the old colour serves again, and 5 if somebody has to look.
"""

import argparse
import asyncio
import fcntl
import math
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import asdict

from alpine_service.adapters.deploy.commands import START, STOP, Commands, words_of
from alpine_service.adapters.deploy.haproxy import Haproxy
from alpine_service.adapters.deploy.health_http import open_health
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.cli.arguments import add_json
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json
from alpine_service.domain.deploy.colour import Colour
from alpine_service.domain.deploy.judging import Tolerance
from alpine_service.domain.deploy.switching import FIRST, NEXT, End, Step
from alpine_service.errors import InvalidInput, StepFailed
from alpine_service.services.deploying import (
    Deploying,
    Deployment,
    DeployNeeds,
    Patience,
    Taken,
)
from alpine_service.settings import Settings

_ENDS = {
    End.DONE: Exit.DONE,
    End.REFUSED: Exit.REFUSED,
    End.ROLLED_BACK: Exit.ROLLED_BACK,
    End.STUCK: Exit.STUCK,
}
_PATIENCE = {
    "start": ("start_s", "until the new colour is ready"),
    "gate": ("gate_s", "until its deep health is good enough"),
    "switch": ("switch_s", "until the proxy finds it up"),
    "drain": ("drain_s", "for what the old colour has under way"),
    "watch": ("watch_s", "during which the new colour is watched"),
}


def configure(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--to", choices=list(Colour), help="the new colour (default: the one that does not serve)")
    add("--dry-run", action="store_true", help="look, and say what would be done")
    add_json(command)
    default_socket = Path("/run/haproxy/alpine.sock")
    add("--proxy", type=Path, default=default_socket, metavar="SOCKET", help="HAProxy's socket")
    add("--backend", action="append", metavar="NAME", help="several are switched together")
    add("--state", type=Path, metavar="FILE", help="where HAProxy finds its servers' states")
    for colour, port in ((Colour.BLUE, 8092), (Colour.GREEN, 8094)):
        address = f"http://127.0.0.1:{port}"
        add(f"--{colour}", default=address, metavar="URL", help=f"its health (default {address})")
    add("--start", default=START, metavar="COMMAND", help=f"default: {START}")
    add("--stop", default=STOP, metavar="COMMAND", help=f"default: {STOP}")
    for name, (member, meaning) in _PATIENCE.items():
        seconds = getattr(Patience(), member)
        text = f"how long {meaning} (default {seconds:g})"
        add(f"--{name}-s", type=float, default=seconds, metavar="SECONDS", help=text)
    borne = Tolerance()
    text = f"share of answers that may fail while it is watched (default {borne.failures})"
    add("--failures", type=float, default=borne.failures, metavar="SHARE", help=text)
    text = f"how long they may take on the average (default {borne.answer_ms})"
    add("--slow", type=int, default=borne.answer_ms, metavar="MS", help=text)
    text = f"bad looks at its health in a row that are too many (default {borne.bad_looks})"
    add("--bad-looks", type=int, default=borne.bad_looks, metavar="N", help=text)
    command.set_defaults(run=run)


def run(given: argparse.Namespace, _settings: Settings) -> int:
    with _alone(given.proxy):
        deployment = asyncio.run(_deploy(given))
    if given.json:
        say_json(_document(deployment))
    else:
        _conclude(deployment)
    # Nothing was asked for but to look.
    if deployment.end is None:
        return Exit.DONE
    return _ENDS[deployment.end]


@contextmanager
def _alone(socket: Path) -> Iterator[None]:
    """Two deployments at once would take each other's colours away."""
    try:
        place = os.open(socket.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        # The first step says that the proxy is away.
        yield
        return
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = "another deployment is under way; wait for its end"
            raise StepFailed(f"{socket}: {problem}") from error
        yield
    finally:
        os.close(place)


async def _deploy(given: argparse.Namespace) -> Deployment:
    patience, tolerance = _patience(given), Tolerance(given.failures, given.slow, given.bad_looks)
    processes = Commands(words_of("--start", given.start), words_of("--stop", given.stop))
    backends = given.backend or ["alpine", "alpine_streams"]
    addresses = {one: getattr(given, one).rstrip("/") for one in Colour}
    tell: Callable[[Taken], None] = (lambda _: None) if given.json else _tell
    stop = asyncio.Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wish, stop.set)
    async with open_health(addresses) as looks:
        proxy = Haproxy(given.proxy, backends, given.state)
        needs = DeployNeeds(proxy, processes, looks, SystemClock())
        to = None if given.to is None else Colour(given.to)
        deploying = Deploying(needs, to, patience, tolerance, tell, stop=stop)
        return await deploying.run(frozenset({FIRST}) if given.dry_run else frozenset(NEXT))


def _patience(given: argparse.Namespace) -> Patience:
    seconds = {}
    for name, (member, _) in _PATIENCE.items():
        value = getattr(given, f"{name}_s")
        # Written so that NaN is refused as well.
        if not 0 <= value < math.inf:
            raise InvalidInput(f"--{name}-s", "it cannot be waited", "give seconds such as 30")
        seconds[member] = value
    return Patience(**seconds)


def _tell(taken: Taken) -> None:
    word = "ok" if taken.is_done else "FAILED"
    say(f"{taken.at_s:7.2f} s  {taken.step:<14} {word:<6}  {taken.says}")


def _conclude(deployment: Deployment) -> None:
    if deployment.end is None:
        steps: list[Step] = []
        step: Step | End = Step.START
        while isinstance(step, Step):
            steps.append(step)
            step = NEXT[step].success
        say(f"would go on with: {', '.join(steps)}")
    elif deployment.end is End.STUCK:
        say(f"STUCK: look at both colours and at the proxy; {_serving(deployment)}")
    else:
        say(f"{deployment.end}: {_serving(deployment)}")


def _serving(deployment: Deployment) -> str:
    return f"{deployment.serves} serves" if deployment.serves else "nobody knows which serves"


def _document(deployment: Deployment) -> dict[str, object]:
    return {
        "end": deployment.end,
        "new": deployment.new,
        "serves": deployment.serves,
        "steps": [asdict(one) for one in deployment.steps],
    }
