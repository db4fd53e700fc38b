"""How much backtests may take of the machine that runs the engine."""

from attrs import frozen


@frozen(kw_only=True)
class Bounds:
    """What one backtest may take, and all of them together.

    `bars` are symbols times rows. `running` work at once while `waiting` wait, of one caller no
    more than `waiting_each`. A worker has `seconds` and `memory_mb`. Of finished ones `kept` stay
    on disk, within `kept_mb`.
    """

    bars: int = 20_000_000
    running: int = 1
    waiting: int = 16
    waiting_each: int = 4
    seconds: float = 300.0
    memory_mb: int = 4_096
    kept: int = 100
    kept_mb: int = 500
