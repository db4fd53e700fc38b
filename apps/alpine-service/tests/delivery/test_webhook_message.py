import re

import orjson
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.message import message_id, payload, payload_of
from alpine_service.domain.signals.event import Audience, Event, EventKind

EVENT = Event(
    number=7,
    kind=EventKind.SIGNAL_PUBLISHED,
    audience=Audience.REALTIME,
    log_index=3,
    strategy="trend",
    data=b'{"id":"s1","price":"1.50"}',
    at_us=1_772_452_800_000_001,
    symbol="AAPL",
)


def test_a_payload_has_type_time_and_data() -> None:
    assert payload_of(EVENT) == (
        b'{"type":"signal.published","timestamp":"2026-03-02T12:00:00.000001Z",'
        b'"data":{"id":"s1","price":"1.50"}}'
    )


@given(st.integers(0, 253_402_300_799_999_999))
def test_every_time_is_written_whole(at_us: int) -> None:
    written = orjson.loads(payload("a.b", at_us, b"{}"))["timestamp"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", written)
    assert written[20:26] == f"{at_us % 1_000_000:06}"


def test_an_id_is_the_same_each_time_and_differs_by_endpoint_and_event() -> None:
    ids = [
        message_id(endpoint, event)
        for endpoint in ("whk_a", "whk_b")
        for event in ("evt_1", "evt_2")
    ]

    assert ids == [
        message_id(endpoint, event)
        for endpoint in ("whk_a", "whk_b")
        for event in ("evt_1", "evt_2")
    ]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"msg_[0-9A-Za-z]{22}", each) for each in ids)


@given(st.text(max_size=9), st.text(max_size=9))
def test_an_id_has_no_full_stop_that_could_confuse_what_is_signed(one: str, other: str) -> None:
    assert re.fullmatch(r"msg_[0-9A-Za-z]{22}", message_id(one, other))
