"""How a command ends, for scripts."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of `alpine`."""

    DONE = 0
    FAILED = 1
    """It could not do it, or what it looked at was refuted."""
    WRONG_USE = 2
    """It was used or configured wrongly, or could not check what it was asked about."""
    REFUSED = 3
    """Of `deploy`: the new colour was not good enough, and nobody saw it."""
    ROLLED_BACK = 4
    """Of `deploy`: the old colour serves again."""
    STUCK = 5
    """Of `deploy`: a step failed that nothing leads back from; somebody has to look."""
