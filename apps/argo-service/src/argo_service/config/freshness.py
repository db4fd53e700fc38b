"""How long a price that costs a call may be trusted."""

from typing import Final

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage
from argo_service.config import checks

ADAPTIVE: Final = "adaptive"
TABLE: Final = "table"
_CORE: Final = FirstPassage()
_CORE_TABLE: Final = TablePolicy()


def _policy(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value not in {ADAPTIVE, TABLE}:
        problem = f"{value[:40]!r} is no policy"
        raise InvalidInput(attribute.name, problem, f"give {ADAPTIVE} or {TABLE}")


def _open_share(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not 0 < value < 1:
        problem = f"{value} is not a share"
        raise InvalidInput(attribute.name, problem, "give a number between 0 and 1")


@frozen
class Table:
    """The fixed lifetimes of the policy `table`, in seconds; see `TablePolicy`."""

    stock_s: float = field(default=_CORE_TABLE.stock_s, validator=checks.seconds)
    stock_volatile_s: float = field(default=_CORE_TABLE.stock_volatile_s, validator=checks.seconds)
    stock_outside_s: float = field(default=_CORE_TABLE.stock_outside_s, validator=checks.seconds)
    crypto_s: float = field(default=_CORE_TABLE.crypto_s, validator=checks.seconds)
    crypto_volatile_s: float = field(
        default=_CORE_TABLE.crypto_volatile_s, validator=checks.seconds
    )
    volatile_sigma: float = field(default=_CORE_TABLE.volatile_sigma, validator=_open_share)


@frozen
class Freshness:
    """How long prices live that are not observed every cycle.

    `adaptive` keeps the chance of a hidden `move` at or below `risk`, `longest_s` at most and
    `unknown_s` while the volatility is unknown; `table` looks lifetimes up.
    """

    policy: str = field(default=ADAPTIVE, validator=_policy)
    risk: float = field(default=_CORE.risk, validator=_open_share)
    move: float = field(default=_CORE.move, validator=_open_share)
    longest_s: float = field(default=_CORE.longest_s, validator=checks.seconds)
    unknown_s: float = field(default=_CORE.unknown_s, validator=checks.seconds)
    table: Table = Table()

    def rule(self) -> FirstPassage | TablePolicy:
        """The policy in force."""
        if self.policy == TABLE:
            return TablePolicy(
                stock_s=self.table.stock_s,
                stock_volatile_s=self.table.stock_volatile_s,
                stock_outside_s=self.table.stock_outside_s,
                crypto_s=self.table.crypto_s,
                crypto_volatile_s=self.table.crypto_volatile_s,
                volatile_sigma=self.table.volatile_sigma,
            )
        return FirstPassage(
            move=self.move, risk=self.risk, longest_s=self.longest_s, unknown_s=self.unknown_s
        )
