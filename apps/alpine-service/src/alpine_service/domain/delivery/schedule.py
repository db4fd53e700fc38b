"""When an attempt is made again."""

from datetime import datetime, timedelta

from attrs import frozen


@frozen
class Schedule:
    """`delays_s[n]` is what passes before attempt n, counted from the attempt before it.

    Each is made longer by up to `jitter` of itself, so that what failed together does not come
    back together. A receiver that asks for more time gets it up to `longest_s`, never less than
    the delay.
    """

    delays_s: tuple[float, ...] = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
    jitter: float = 0.1
    longest_s: float = 86_400

    def next_at(
        self, tries: int, now: datetime, chance: float, retry_after_s: float | None = None
    ) -> datetime | None:
        """When to try again after `tries` failures, or None to give up. `chance` is from 0 to 1."""
        if tries >= len(self.delays_s):
            return None
        wait_s = self.delays_s[tries] * (1 + self.jitter * chance)
        if retry_after_s is not None:
            wait_s = max(wait_s, min(retry_after_s, self.longest_s))
        return now + timedelta(seconds=wait_s)


SCHEDULE = Schedule()
