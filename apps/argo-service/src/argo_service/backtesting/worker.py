"""What a worker process does: one backtest, said line by line to the service that began it.

It reads one JSON line, writes lines of progress, and at the end what the result's digest is, or why
there is none. When its standard input ends, the service has died, and it dies as well.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final

from argo_adapters.clocks.system import SystemClock
from argo_core.errors import ArgoError, InvalidInput
from argo_service.backtesting.run import Progress

_NICE: Final = 10
_MB: Final = 1_000_000
_TELL_S: Final = 0.1
_LOGGER: Final = logging.getLogger("argo.backtests")

Say = Callable[..., None]


def main() -> int:
    """Carry out the order on standard input; what goes wrong is said, not returned."""
    speech = _own_speech()

    def say(**said: object) -> None:
        speech.write(json.dumps(said).encode() + b"\n")
        speech.flush()

    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_the_service, daemon=True).start()
    _be_modest(order["memory_mb"], order["seconds"])
    try:
        say(result_sha256=_carried_out(order, Teller(say)))
    except InvalidInput as error:
        say(field=error.field, problem=_homeless(error.problem, order), fix=error.fix)
    except MemoryError:
        say(failed=f"it needs more memory than {order['memory_mb']:,} MB; ask for less at once")
    except ArgoError as error:
        _LOGGER.warning("a backtest failed: %s", error)
        say(failed="it cannot be written down; the service's log says why")
    except Exception:
        _LOGGER.exception("a backtest failed")
        say(failed="the fault is ours and was logged; quote the id when you report it")
    return 0


class Teller:
    """Says what is being done, each stage's beginning and end, and no more than can be read."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._clock = SystemClock()
        self._stage = ""
        self._at = 0.0

    def __call__(self, progress: Progress) -> None:
        now = self._clock.monotonic()
        is_news = progress.stage != self._stage or progress.done == progress.total
        if is_news or now - self._at >= _TELL_S:
            self._stage, self._at = progress.stage, now
            self._say(stage=progress.stage, done=progress.done, total=progress.total)


def _carried_out(order: Mapping[str, Any], tell: Callable[[Progress], None]) -> str:
    from argo_service.backtesting.job import job_of  # noqa: PLC0415 - within the limits on memory

    return job_of(order).done(tell)


def _own_speech() -> BinaryIO:
    """Standard output for us alone; what libraries print goes where errors go."""
    speech = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return speech


def _die_with_the_service() -> None:
    # Nothing more is written to it, so reading on ends when the other end is gone. It is read below
    # Python's buffer, whose lock would keep the interpreter from ending.
    while os.read(sys.stdin.fileno(), 4_096):
        pass
    os._exit(1)


def _be_modest(memory_mb: int, seconds: float) -> None:
    """Give way to the engine, and take no more than is allowed, where the platform has limits."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    os.nice(_NICE)
    # The service ends us when the time is up; this holds where it cannot.
    _lower(resource, resource.RLIMIT_CPU, 2 * int(seconds) + 1)
    _lower(resource, resource.RLIMIT_CORE, 0)
    _lower(resource, resource.RLIMIT_AS, memory_mb * _MB)


def _lower(resource: Any, what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    try:
        resource.setrlimit(what, (most, hard))
    except (OSError, ValueError):
        _LOGGER.warning("a limit on a worker cannot be set here")


def _homeless(problem: str, order: Mapping[str, Any]) -> str:
    """Without the folder, which is nobody's business who asks over the API."""
    folder = order["folder"]
    return problem if folder is None else problem.replace(f"{folder}{os.sep}", "")


if __name__ == "__main__":
    sys.exit(main())
