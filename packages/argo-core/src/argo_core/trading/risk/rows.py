"""The rules as rows for a page, with their limits and what their codes mean."""

from attrs import frozen

from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.finding import Shown, shown
from argo_core.trading.risk.table import RULES


@frozen
class Row:
    """A rule as a page shows it. `settings` have their values, `denials` their meanings."""

    rule: str
    bounds: str
    settings: tuple[tuple[str, str], ...]
    denials: tuple[tuple[str, str], ...]
    unit: str
    source: str
    applies_to: str


def rows(limits: RiskLimits | None = None) -> tuple[Row, ...]:
    """All rules with those limits, or with the defaults."""
    limits = limits or RiskLimits()
    return tuple(
        Row(
            rule.name,
            rule.bounds,
            tuple((name, _value(getattr(limits, name))) for name in rule.settings),
            tuple((one.value, one.meaning) for one in rule.denials),
            rule.unit,
            rule.source,
            "every order" if rule.for_all else "orders that do not only shrink a position",
        )
        for rule in RULES
    )


def _value(value: Shown) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value)
