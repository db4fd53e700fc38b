"""Putting the answers of several calls together, when some of them failed."""

from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from argo_adapters.http.visit import Visit
from argo_core.errors import VendorError, VendorGarbled
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.ports import Answer, Missing

Item = TypeVar("Item")

Chunk = Sequence[Instrument]


@frozen
class Part(Generic[Item]):
    """What one chunk gave, and why some symbols are without.

    `distrusted` are the problems of what came and cannot be believed.
    """

    items: list[Item] = field(factory=list)
    missing: dict[Symbol, str] = field(factory=dict)
    distrusted: list[str] = field(factory=list)

    def distrust(self, symbol: Symbol, problem: str) -> None:
        """Leave the symbol without, because of what came for it."""
        self.missing[symbol] = problem
        self.distrusted.append(problem)


def chunks(asked: Chunk, size: int) -> Iterator[Chunk]:
    """At most `size` instruments of one asset class at a time, in the order asked."""
    for asset_class in AssetClass:
        alike = [one for one in asked if one.asset_class is asset_class]
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


async def together(
    visit: Visit, asks: Sequence[tuple[Chunk, Coroutine[Any, Any, Part[Item]]]]
) -> Answer[Item]:
    """All parts as one answer; a call that failed leaves its own symbols missing.

    Raises:
        VendorError: every call failed, or there is no item and something that came was distrusted.
    """
    outcomes = await visit.each(ask for _, ask in asks)
    errors = [outcome for outcome in outcomes if isinstance(outcome, VendorError)]
    parts = [outcome for outcome in outcomes if not isinstance(outcome, VendorError)]
    if not parts:
        raise visit.failed(errors[0])
    items = [item for part in parts for item in part.items]
    distrusted = [problem for part in parts for problem in part.distrusted]
    if not items and (errors or distrusted):
        raise visit.failed(errors[0] if errors else _nothing(visit, distrusted[0]))
    missing: dict[Symbol, str] = {}
    for (chunk, _), outcome in zip(asks, outcomes, strict=True):
        if isinstance(outcome, VendorError):
            missing.update((one.symbol, outcome.problem) for one in chunk)
        else:
            missing.update(outcome.missing)
    without = tuple(Missing(symbol, missing[symbol]) for symbol in sorted(missing))
    return Answer(tuple(items), without, calls=visit.calls)


def _nothing(visit: Visit, problem: str) -> VendorError:
    return VendorGarbled(visit.source, f"nothing that came can be believed: {problem}")
