"""`argo` with a clock that plays a tape: the arguments are its start, when that was, and the speed.

When it was is a monotonic second of this machine, so that several processes agree on the moment.
Everything else on the command line is the command's, such as `serve --quiet`.
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
    served = sys.argv[1:4]
    serve.SystemClock = lambda: tape_clock(*served)
    sys.exit(main(sys.argv[4:]))
