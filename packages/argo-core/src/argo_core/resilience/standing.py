"""What a breaker knows, as a value, and what it says when its state has changed."""

import sys

from attrs import frozen

from argo_core.resilience.breaker_table import State, Trigger
from argo_core.resilience.window import Call

# Earlier than any time a clock shows.
BEGINNING = -sys.float_info.max


@frozen
class Transition:
    """A change of state at `at` seconds, which began `generation`; `until` when OPEN ends."""

    before: State
    trigger: Trigger
    after: State
    generation: int
    at: float
    until: float | None


@frozen
class Standing:
    """Everything a breaker knows: to show, to share, and for the next process to go on from.

    `at` is the latest time it has seen. `until` is when OPEN ends, and `doublings` how often the
    time for that has doubled since the last clean window. `probe_since` is when the probe in
    flight began, `successes` how many probes have succeeded. `failures` came in a row; `calls` are
    in the window. None has failed or been slow since `clean_since`; the `clean_calls` from then on
    are counted while there are doublings to forget. `rejections` and `late` outcomes are counted
    for metrics only.
    """

    state: State = State.CLOSED
    generation: int = 0
    at: float = BEGINNING
    until: float | None = None
    doublings: int = 0
    probe_since: float | None = None
    successes: int = 0
    failures: int = 0
    calls: tuple[Call, ...] = ()
    clean_calls: int = 0
    clean_since: float = BEGINNING
    rejections: int = 0
    late: int = 0
