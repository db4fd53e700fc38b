"""`argo` with a clock that plays a tape: the arguments are its start, when that was, and the speed.

When it was is a monotonic second of this machine, so that both colours agree on the moment. The
rest of the command line is the command's.
"""

import sys
import time
from datetime import datetime, timedelta

from argo_adapters.clocks.tape import TapeClock
from argo_service.cli import serve
from argo_service.cli.main import main


def tape_clock(starts: str, began: str, speed: str) -> TapeClock:
    """The clock of whoever started the tape."""
    pace = float(speed)
    passed = (time.monotonic() - float(began)) * pace  # noqa: TID251 - the tape's clock is made here
    return TapeClock(datetime.fromisoformat(starts) + timedelta(seconds=passed), pace)


if __name__ == "__main__":
    of_the_tape = sys.argv[1:4]
    serve.SystemClock = lambda: tape_clock(*of_the_tape)
    sys.exit(main(sys.argv[4:]))
