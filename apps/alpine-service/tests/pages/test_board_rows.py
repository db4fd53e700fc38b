"""What a row of the board says, made of a record as its reader may see it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import orjson
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.price_point import PriceKind, PricePoint
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.visibility import seen_by
from alpine_service.pages.board.asked import asked_of
from alpine_service.pages.board.row import row_of
from alpine_service.pages.board.shares import WIDTH, shares_of
from alpine_service.pages.board.status import status_of
from alpine_service.testing.members import signal_members

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_US = 1_000_000
NOW_US = int(NOW.timestamp()) * _US


def a_record(**changes: object) -> SignalRecord:
    members = signal_members("alpha-1", "BTC/USD", "SELL", entry="64123.50")
    record = SignalRecord(
        log_index=41,
        strategy="alpha",
        seq=7,
        decided_us=NOW_US - 90 * _US,
        disclosure=Disclosure.OPEN,
        audience=Audience.EVERYBODY,
        signal_id="alpha-1",
        symbol="BTC/USD",
        direction="SELL",
        confidence_bp=-8_000,
        data=orjson.dumps(members),
    )
    return evolve(record, **changes)


SEALED = a_record(
    disclosure=Disclosure.DELAYED,
    commitment=b"\x01" * 32,
    reveal_after_us=NOW_US + 3_600 * _US,
    audience=Audience.REALTIME,
    nonce=b"\x02" * 32,
)


def test_a_row_says_everything_as_it_is_read() -> None:
    row = row_of(a_record(), (), NOW)
    assert (row.symbol, row.direction, row.arrow) == ("BTC/USD", "SELL", "▼")
    assert (row.confidence, row.size_bp) == ("80.0\u202f%", 8_000)
    assert (row.entry, row.age) == ("64\u202f123.50", "1 min")
    assert row.href == "/signals/41"
    assert row.status.words == "Open, 58 min left"


def test_what_is_sealed_to_its_reader_shows_nothing_of_its_body() -> None:
    row = row_of(seen_by(SEALED, Audience.EVERYBODY), (), NOW)
    told = str(row)
    for secret in ("BTC", "SELL", "64", "8000", "80.0", "alpha-1", "prices", "Prices"):
        assert secret not in told.replace("href='/signals/41'", ""), secret
    assert row.symbol == "Sealed"
    assert row.shares == ()
    assert row.spark is None
    assert row.status.words == "Opens in 1 h"


def test_an_early_signal_says_that_it_is() -> None:
    assert row_of(SEALED, (), NOW).is_early
    assert not row_of(a_record(), (), NOW).is_early


@pytest.mark.parametrize(
    ("changes", "words", "kind"),
    [
        ({"result": "target", "return_bp": 206}, "Target +2.06\u202f%", "good"),
        ({"result": "stop", "return_bp": -150}, "Stopped −1.50\u202f%", "bad"),
        ({"result": "expired", "return_bp": 0}, "Expired +0.00\u202f%", ""),
        ({"result": "void"}, "Void", "warn"),
        ({"direction": "HOLD"}, "No position", ""),
        ({"decided_us": NOW_US - 3_600 * _US}, "Awaits its outcome", ""),
    ],
)
def test_how_far_it_is_stands_in_words(changes: dict[str, object], words: str, kind: str) -> None:
    status = status_of(a_record(**changes), 3_600, NOW)
    assert (status.words, status.kind) == (words, kind)


def test_a_commit_that_was_not_revealed_in_time_is_overdue() -> None:
    late = NOW + timedelta(hours=2)
    assert status_of(seen_by(SEALED, Audience.EVERYBODY), None, late).words == "Overdue"


def contributing(**parts: int) -> dict[str, str | int]:
    """The members of a signal that say who contributed what."""
    members: dict[str, str | int] = {}
    for source, bp in parts.items():
        members |= {f"phi_{source}_bp": bp, f"strength_{source}_e4": 5_000}
    return members


@given(st.lists(st.integers(-4_000, 4_000), min_size=1, max_size=6))
def test_pieces_lie_side_by_side_and_reach_as_far_as_the_confidence(parts: list[int]) -> None:
    shares = {f"s{number}": max(-1_500, min(1_500, bp)) for number, bp in enumerate(parts)}
    pieces = shares_of(contributing(**shares)).pieces
    assert all(each.x >= 0 and each.x + each.width <= WIDTH + 0.02 for each in pieces)
    spans = sorted((each.x, each.x + each.width) for each in pieces if each.width)
    for (_, end), (begin, _) in pairwise(spans):
        assert begin >= end - 0.02
    right = sum(each.width for each in pieces if each.phi_bp > 0)
    left = sum(each.width for each in pieces if each.phi_bp < 0)
    assert (right - left) * 100 == pytest.approx(sum(shares.values()), abs=10)


def test_a_bar_says_in_words_what_it_shows() -> None:
    shares = shares_of(contributing(alpha_vantage=2_500, sonar=-500))
    assert shares.words == "Alpha Vantage +25.0\u202f%, Sonar −5.0\u202f%"
    assert shares_of({}).words == "Contributions are not known"


def test_a_line_of_prices_ends_at_the_newest() -> None:
    points = [
        PricePoint("BTC/USD", NOW_US + n * _US, Decimal(price), PriceKind.SIGNAL, n, n)
        for n, price in enumerate(("64000", "64200.5", "63900"))
    ]
    spark = row_of(a_record(), points, NOW).spark
    assert spark is not None
    assert spark.words == "3 published prices, from 64000 to 63900"
    assert spark.path.endswith(f"{spark.x} {spark.y}")
    assert spark.entry is not None


def test_the_board_is_asked_by_its_address() -> None:
    rows = [
        row_of(a_record(log_index=n, symbol=symbol, confidence_bp=bp, decided_us=n), (), NOW)
        for n, (symbol, bp) in enumerate((("AAPL", 5_000), ("AMZN", -9_000), ("MSFT", 7_000)))
    ]

    def symbols(**query: str) -> list[str]:
        return [row.symbol for row in asked_of(query).of(rows)]

    assert symbols() == ["MSFT", "AMZN", "AAPL"]
    assert symbols(symbol=" a ") == ["AMZN", "AAPL"]
    assert symbols(sort="confidence") == ["AMZN", "MSFT", "AAPL"]
    assert symbols(sort="symbol") == ["AAPL", "AMZN", "MSFT"]
    assert symbols(direction="BUY") == []
    assert symbols(sort="nonsense", direction="é") == ["MSFT", "AMZN", "AAPL"]


@pytest.mark.parametrize("digits", [30, 309, 5_000, 60_000])
def test_a_price_of_any_size_is_written_and_drawn_only_if_it_can_be(digits: int) -> None:
    """The record bounds no digits, and one signal of such a price must not take the board away."""
    huge = "1" + "0" * digits
    members = signal_members("alpha-1", entry=huge, stop="1.00", target=huge)
    points = [
        PricePoint("AAPL", at, Decimal(price), PriceKind.SIGNAL, at, at)
        for at, price in enumerate((huge, "5.00", "6.00"))
    ]
    row = row_of(a_record(data=orjson.dumps(members)), points, NOW)
    assert row.entry.replace("\u202f", "") == huge
    assert row.spark is not None
    assert row.spark.stop is not None
    assert (row.spark.entry is None) is (digits > 100)
