"""What a vendor gave for one ask."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Generic, TypeVar

from attrs import field, frozen

from argo_core.market.instrument import Symbol

Item = TypeVar("Item")


@frozen
class Missing:
    """A symbol that was asked for and not answered, and why in a few words."""

    symbol: Symbol
    problem: str


@frozen
class Answer(Generic[Item]):
    """What a vendor gave for one ask, and what it cost: HTTP `calls`, `usd` dollars, `tokens`.

    `raws` are replies word for word, by SHA-256 in hexadecimal, where the vendor is a language
    model: what it said once it will not say again.
    """

    items: tuple[Item, ...]
    missing: tuple[Missing, ...] = ()
    calls: int = 1
    usd: Decimal = Decimal(0)
    tokens: int = 0
    raws: Mapping[str, bytes] = field(factory=dict, repr=False)
