"""A signal as a row of the board: every text and every coordinate made here.

The template writes them into a page, and the script into the rows of a page that is open; neither
knows how anything is written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson
from attrs import frozen

from alpine_service.domain.signals.price_point import PricePoint
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.visibility import State, state_of
from alpine_service.pages import formats
from alpine_service.pages.board.shares import Share, shares_of
from alpine_service.pages.board.spark import Spark, spark_of
from alpine_service.pages.board.status import Status, since_us, status_of


@frozen
class Row:
    """One row. `key` names its place on the board, which a newer signal takes over.

    `size_bp` and `decided_us` are to sort by. `age` is since `since`, as `status.since_us` has it.
    """

    key: str
    index: int
    href: str
    symbol: str
    strategy: str
    direction: str | None
    arrow: str
    confidence: str
    size_bp: int
    shares: tuple[Share, ...]
    shares_words: str
    entry: str
    stop: str
    target: str
    spark: Spark | None
    decided_us: int
    decided: str
    decided_words: str
    since: str
    age: str
    status: Status
    is_early: bool


def row_of(seen: SignalRecord, points: Sequence[PricePoint], now: datetime) -> Row:
    """Of a record as the reader may see it, and the prices in the record that they may see."""
    members: Mapping[str, str | int] = {} if seen.data is None else orjson.loads(seen.data)
    decided, since = formats.of_us(seen.decided_us), formats.of_us(since_us(seen))
    shares = shares_of(members)
    horizon = members.get("horizon_s")
    is_sealed = state_of(seen) is State.SEALED
    return Row(
        key=f"{seen.strategy} {seen.symbol}" if seen.symbol else f"#{seen.log_index}",
        index=seen.log_index,
        href=f"/signals/{seen.log_index}",
        symbol=seen.symbol or "Sealed",
        strategy=seen.strategy,
        direction=seen.direction,
        arrow=formats.arrow(seen.direction),
        confidence=formats.NOTHING if is_sealed else formats.percent_bp(_size(seen), 1),
        size_bp=_size(seen),
        shares=shares.pieces,
        shares_words=shares.words,
        entry=_price(members, "entry"),
        stop=_price(members, "stop"),
        target=_price(members, "target"),
        spark=None if is_sealed else spark_of(points, members),
        decided_us=seen.decided_us,
        decided=formats.machine(decided),
        decided_words=formats.moment(decided),
        since=formats.machine(since),
        age=formats.span((now - since).total_seconds()),
        status=status_of(seen, int(horizon) if horizon is not None else None, now),
        is_early=state_of(seen) is State.EARLY,
    )


def _size(seen: SignalRecord) -> int:
    return abs(seen.confidence_bp or 0)


def _price(members: Mapping[str, str | int], name: str) -> str:
    value = members.get(name)
    return formats.price(None if value is None else str(value))
