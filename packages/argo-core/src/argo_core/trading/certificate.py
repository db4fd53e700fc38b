"""What the risk rules said of an order, with all that they saw: kept for whoever asks later."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.denial import Denial
from argo_core.trading.order import Side


@frozen
class RuleResult:
    """One rule's word. `margin` is what is left up to the limit, negative by how much it is broken.

    It is in the rule's own unit, and None where the rule is not about a number or lacks one.
    `inputs` are what the rule was computed from, as text; `denial` is None where it allows.
    `skipped` says that the rule does not apply to an order that only shrinks a position.
    """

    rule: str
    inputs: Mapping[str, str]
    limit: str
    margin: Decimal | None
    denial: Denial | None = None
    skipped: bool = False


@frozen
class Certificate:
    """All rules' words on one order, which is allowed if none of them denies it."""

    order_id: str
    symbol: Symbol
    side: Side
    quantity: Decimal
    at: datetime
    version: str
    results: tuple[RuleResult, ...]
    signal_id: str = ""

    @property
    def allowed(self) -> bool:
        return not self.denials

    @property
    def denials(self) -> tuple[Denial, ...]:
        """Every reason there is, once each, in the rules' order."""
        return tuple(dict.fromkeys(one.denial for one in self.results if one.denial is not None))
