"""What is traded in a day on average, on arrays."""

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.verdicts import UNKNOWN
from argo_core.backtest.kernel.compiled import compiled

SESSIONS = 20
MOST = 4 * 10**17
"""Units in a session, forty trillion dollars: more is taken for this, since twenty of it fit."""


@compiled
def average_all(
    close: Ints, volume: Ints, session: Ints, begins: npt.NDArray[np.bool_], out: Ints
) -> None:
    """Mean value traded in the 20 sessions with bars before each bar's own; UNKNOWN with fewer.

    No session counts for more than `MOST`.
    """
    days = np.zeros(SESSIONS, dtype=np.int64)
    total, count, today = 0, 0, 0
    for cell in range(len(out)):
        if begins[cell]:
            days[:] = 0
            total, count, today = 0, 0, 0
        elif session[cell] != session[cell - 1]:
            total += today - days[count % SESSIONS]
            days[count % SESSIONS] = today
            count, today = count + 1, 0
        if float(close[cell]) * volume[cell] > MOST:
            today = MOST
        else:
            today = min(MOST, today + close[cell] * volume[cell])
        out[cell] = total // SESSIONS if count >= SESSIONS else UNKNOWN
