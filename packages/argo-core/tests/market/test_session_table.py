from datetime import UTC, datetime, timedelta

import pytest

from argo_core.errors import InvalidInput
from argo_core.market.session import Session, SessionTable

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


def session(day: datetime) -> Session:
    return Session(day + 9 * HOUR, day + 14 * HOUR, day + 21 * HOUR, day + 25 * HOUR)


FIRST, SECOND = session(MONDAY), session(MONDAY + 24 * HOUR)
TABLE = SessionTable((FIRST, SECOND), MONDAY, MONDAY + 72 * HOUR)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (FIRST.pre - timedelta(microseconds=1), None),
        (FIRST.pre, FIRST),
        (FIRST.close, FIRST),
        (FIRST.post, FIRST),
        (SECOND.pre - timedelta(microseconds=1), FIRST),
        (SECOND.pre, SECOND),
        (SECOND.post + 200 * HOUR, SECOND),
    ],
)
def test_the_newest_session_is_the_one_whose_hours_have_begun_over_or_not(
    at: datetime, expected: Session | None
) -> None:
    assert TABLE.session(at) == expected


def test_a_table_without_sessions_has_no_newest() -> None:
    assert SessionTable((), MONDAY, MONDAY + HOUR).session(MONDAY) is None


def test_sessions_have_to_be_in_order() -> None:
    with pytest.raises(InvalidInput):
        SessionTable((SECOND, FIRST), MONDAY, MONDAY + HOUR)
