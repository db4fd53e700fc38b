"""Who may see what of a signal."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.visibility import (
    State,
    audience_of,
    is_open_to,
    seen_by,
    state_of,
)
from alpine_service.testing.fake_platform import DELAYED, REALTIME
from alpine_service.testing.stored_signals import a_signal

SECRET = "CANARY"

RECORDS = st.builds(
    lambda index, audience, result, confidence: a_signal(
        index,
        audience=audience,
        disclosure=Disclosure.DELAYED,
        result=result,
        return_bp=None if result is None else confidence,
        confidence_bp=confidence,
        secret=SECRET,
    ),
    st.integers(0, 5),
    st.sampled_from([None, *Audience]),
    st.sampled_from([None, "target", "stop"]),
    st.integers(-3, 3),
)


@given(RECORDS)
def test_nothing_of_a_body_that_is_not_revealed_is_seen_by_everybody(record: SignalRecord) -> None:
    seen = seen_by(record, Audience.EVERYBODY)

    if record.audience is Audience.EVERYBODY:
        assert seen == record
    else:
        sealed = a_signal(record.log_index, audience=None, disclosure=Disclosure.DELAYED)
        assert seen == sealed, "it looks as if we had never had the body"
        assert SECRET not in str(attrs.asdict(seen))


@given(RECORDS)
def test_real_time_plans_see_what_there_is(record: SignalRecord) -> None:
    seen = seen_by(record, Audience.REALTIME)

    assert (seen == record) == (record.audience is not None or record.result is None)
    assert is_open_to(record, Audience.REALTIME) == (record.audience is not None)


@pytest.mark.parametrize(
    ("audience", "state"),
    [(None, State.SEALED), (Audience.REALTIME, State.EARLY), (Audience.EVERYBODY, State.PUBLIC)],
)
def test_a_record_says_how_far_it_is_open(audience: Audience | None, state: State) -> None:
    assert state_of(a_signal(1, audience=audience, disclosure=Disclosure.DELAYED)) is state


def test_the_plan_decides_what_somebody_sees_and_a_stranger_has_none() -> None:
    assert audience_of(REALTIME) is Audience.REALTIME
    assert audience_of(DELAYED) is audience_of(None) is Audience.EVERYBODY


@pytest.mark.parametrize(
    "asked",
    [
        Asked(symbol="BRK.B"),
        Asked(direction="BUY"),
        Asked(result="target"),
        Asked(min_confidence_bp=0),
    ],
)
def test_what_is_hidden_fits_nothing_that_is_asked_of_it(asked: Asked) -> None:
    record = a_signal(1, audience=Audience.REALTIME, disclosure=Disclosure.DELAYED, result="target")

    assert asked.fits(seen_by(record, Audience.REALTIME))
    assert not asked.fits(seen_by(record, Audience.EVERYBODY))


def test_confidence_is_asked_for_by_size_and_time_excludes_its_end() -> None:
    record = a_signal(1, direction="SELL", confidence_bp=-5_000)

    assert Asked(min_confidence_bp=5_000).fits(record)
    assert not Asked(min_confidence_bp=5_001).fits(record)
    assert Asked(since_us=record.decided_us, until_us=record.decided_us + 1).fits(record)
    assert not Asked(until_us=record.decided_us).fits(record)
    assert not Asked(since_us=record.decided_us + 1).fits(record)
    assert not Asked(strategy="beta").fits(record)
