"""How often a stranger may ask: a bucket for each site, and a bounded number of buckets."""

from collections import OrderedDict

from attrs import define, field, frozen


@frozen
class Allowed:
    """What is left; `reset_s` is when the bucket will be full again, `wait_s` when there is one."""

    limit: int
    remaining: int
    reset_s: float
    wait_s: float


@define
class AddressLimit:
    """Token buckets of `per_minute`, full at first; time is an argument, in seconds.

    When there are more than `sites` of them the one that was asked for least recently is forgotten:
    somebody with that many networks has more than this could keep from them.
    """

    per_minute: int
    sites: int = 10_000
    # For each site: how many were left, and when.
    _buckets: OrderedDict[str, tuple[float, float]] = field(factory=OrderedDict, repr=False)

    def spend(self, site: str, now: float) -> Allowed:
        """Take one; `wait_s` above 0 says that there was none, and nothing was taken."""
        rate = self.per_minute / 60
        left, since = self._buckets.pop(site, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - since) * rate)
        wait_s = 0.0 if left >= 1 else (1 - left) / rate
        if not wait_s:
            left -= 1
        self._buckets[site] = (left, now)
        if len(self._buckets) > self.sites:
            self._buckets.popitem(last=False)
        return Allowed(self.per_minute, int(left), (self.per_minute - left) / rate, wait_s)
