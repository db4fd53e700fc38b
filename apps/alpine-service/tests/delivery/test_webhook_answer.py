from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.answer import Answer, Verdict, excerpt, read_retry_after

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@given(st.integers(100, 599))
def test_two_hundreds_are_success_and_410_is_the_end(status: int) -> None:
    verdict = Answer(0.1, status).verdict

    assert (verdict is Verdict.SUCCEEDED) == (200 <= status < 300)
    assert (verdict is Verdict.GONE) == (status == 410)


def test_no_answer_is_a_failure() -> None:
    assert Answer(20.0, None, "timeout").verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("9" * 5_000, 999_999_999_999),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("Mon, 02 Mar 2026 12:01:00 -0000", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("\u0663", None),
        ("Mon, 99 Mar 2026 12:01:00 GMT", None),
        ("Mon, 02 Mar 99999999999 12:01:00 GMT", None),
        ("Mon, 02 Mar 2026 99999999999999999999:01:00 GMT", None),
        ("Mon, 02 Mar 2026 12:01:00 +99999999999999999999", None),
        ("", None),
        (None, None),
    ],
)
def test_a_wish_to_wait_is_read_as_a_count_or_a_date(
    text: str | None, seconds: float | None
) -> None:
    assert read_retry_after(429, text, NOW) == seconds


@pytest.mark.parametrize(("status", "seconds"), [(429, 7), (503, 7), (500, None), (200, None)])
def test_only_those_that_ask_to_slow_down_are_listened_to(
    status: int, seconds: float | None
) -> None:
    assert read_retry_after(status, "7", NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_is_too_strange_to_be_read(text: str) -> None:
    seconds = read_retry_after(503, text, NOW)

    assert seconds is None or seconds >= 0


@given(st.binary(max_size=4_096))
def test_an_excerpt_is_short_and_printable(body: bytes) -> None:
    kept = excerpt(body)

    assert len(kept) <= 500
    assert kept == "" or kept.isprintable()


def test_an_excerpt_is_the_beginning_of_the_body() -> None:
    assert (
        excerpt(b"no such\r\nhook\x1b[2J" + b"!" * 5_000) == ("no such  hook [2J" + "!" * 500)[:500]
    )
