"""How often each vendor was asked, and what it replied."""

from collections import Counter

from attrs import define, field


@define
class Counts:
    """`arrived` counts requests by vendor; `answered` by vendor, endpoint and status.

    A request that was left hanging or dropped has status 0.
    """

    arrived: Counter[str] = field(factory=Counter)
    answered: Counter[tuple[str, str, int]] = field(factory=Counter)

    def requests(self, vendor: str | None = None) -> int:
        """How many requests came in, for one vendor or all."""
        return self.arrived.total() if vendor is None else self.arrived[vendor]

    def by_endpoint(self) -> list[dict[str, str | int]]:
        """Everything answered so far, as plain rows in order."""
        return [
            {"vendor": vendor, "endpoint": endpoint, "status": status, "count": count}
            for (vendor, endpoint, status), count in sorted(self.answered.items())
        ]
