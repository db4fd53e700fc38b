"""What a unit of skill costs."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from attrs import field, frozen

from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput
from argo_core.market.moment import aware, to_micros
from argo_core.signals.calibration.bins import Floats
from argo_core.signals.skill.sample import Sample
from argo_core.signals.skill.scores import brier

_MICRODOLLAR = Decimal("0.000001")


def _dollars(_instance: object, _attribute: object, value: Decimal) -> None:
    if not value.is_finite() or value < 0:
        raise InvalidInput("usd", f"{value} is no amount of dollars", "give zero or more")


@frozen
class Spent:
    """The dollars that a source has cost since a moment."""

    usd: Decimal = field(validator=_dollars)
    since: datetime

    def __attrs_post_init__(self) -> None:
        aware("since", self.since)


@frozen
class Price:
    """What a source's skill has cost since `since`.

    `saved` is how much less than the base rate its calibrated probabilities have lost over the
    `horizons` since then, in Brier points added up; `usd_per_point` is the dollars for each of
    those. It is None where nothing was saved, and `reason` says so.
    """

    source: SourceName
    since: datetime
    usd: Decimal
    horizons: int
    saved: float
    usd_per_point: Decimal | None
    reason: str | None = None


def prices(
    samples: Mapping[tuple[SourceName, int], Sample], spent: Mapping[SourceName, Spent]
) -> tuple[Price, ...]:
    """The price of every source whose spending is known, all its horizons together."""
    return tuple(
        _price(source, paid, [one for (name, _), one in samples.items() if name == source])
        for source, paid in sorted(spent.items())
    )


def _price(source: SourceName, paid: Spent, samples: list[Sample]) -> Price:
    since_us = to_micros(paid.since)
    gains = [_saved(one, since_us) for one in samples]
    horizons, saved = sum(map(len, gains)), float(sum(one.sum() for one in gains))
    per_point, reason = None, None
    if not horizons:
        reason = "nothing it said since then was judged"
    elif saved <= 0:
        reason = "it was no better than the base rate"
    else:
        exact = paid.usd / Decimal(saved)
        per_point = exact.quantize(_MICRODOLLAR, ROUND_HALF_EVEN)
    return Price(source, paid.since, paid.usd, horizons, saved, per_point, reason)


def _saved(sample: Sample, since_us: int) -> Floats:
    mine = sample.said_us >= since_us
    rose = sample.rose[mine]
    base = rose.mean() if rose.size else 0.0
    saved: Floats = base * (1 - base) - brier(sample.calibrated[mine], rose)
    return saved
