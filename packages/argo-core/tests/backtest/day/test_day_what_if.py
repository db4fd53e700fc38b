"""Other numbers tried on a recorded day."""

import pytest
from attrs import evolve

from argo_core.backtest.day.run import run
from argo_core.backtest.day.what_if import NUMBERS, WhatIf
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction
from argo_core.engine.inputs import Witnessed
from argo_core.errors import InvalidInput
from argo_core.ledger.entry import decode_entry


async def test_a_higher_threshold_gives_fewer_signals(live_through):
    day = await live_through()
    counts = []
    for theta_bp in (5_000, 7_500, 8_500, 10_000):
        tried = run(day.about, day.told, what_if=WhatIf({"theta_bp": theta_bp}))
        assert tried.as_recorded is (theta_bp == 7_500)
        assert all(
            abs(one.signal.confidence_bp) >= theta_bp
            for one in tried.signals
            if one.signal.direction is not Direction.HOLD
        )
        counts.append(len(tried.signals))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


async def test_a_source_that_is_switched_off_has_no_part_in_anything(live_through):
    day = await live_through()
    tried = run(day.about, day.told, what_if=WhatIf(disabled=frozenset({GROK, SONAR})))
    assert tried.signals
    assert tried.profile.name.endswith("-no-grok-no-sonar")
    sources = {part.source for one in tried.signals for part in one.signal.contributions}
    assert sources <= {MASSIVE, ALPHA_VANTAGE}
    registered = decode_entry(tried.registration).fields
    assert "weight_grok" not in registered
    assert registered["weight_massive"] == repr(0.40 / 0.65)


async def test_a_failure_of_a_source_that_is_switched_off_is_none(live_through):
    day = await live_through()
    tried = run(day.about, day.told, what_if=WhatIf(disabled=frozenset({MASSIVE})))
    assert all(b'"failed":""' in one.capsule for one in tried.signals)


async def test_what_is_said_in_a_what_if_are_the_engines_own_words(live_through):
    day = await live_through()
    tried = run(day.about, day.told, what_if=WhatIf({"theta_bp": 7_400}))
    assert {one.signal.reasoning_source for one in tried.signals} == {"template"}


async def test_witnesses_of_other_signals_vouch_for_none_of_a_what_if(live_through):
    day = await live_through(cycles=80)
    first = day.live()[0]
    place = next(at for at, one in enumerate(day.told) if type(one).__name__ == "Settled") + 1
    seen = first.decided_us // 1_000_000 + 2
    told = [*day.told[:place], Witnessed(first.index, seen), *day.told[place:]]
    same = run(day.about, told)
    assert any(one.outcome.official for one in same.resolved)
    tried = run(day.about, told, what_if=WhatIf({"theta_bp": 7_400}))
    assert tried.resolved
    assert not any(one.outcome.official for one in tried.resolved)


def test_every_number_of_a_what_if_reaches_the_profile():
    before = Profile()
    tried = WhatIf(
        numbers={name: getattr(before, name) * 0.5 for name in NUMBERS},
        weights={MASSIVE: 0.30, GROK: 0.30},
        half_life_s={GROK: 60},
        refresh_after_s={SONAR: 30},
    )
    after = tried.profile(before)
    assert [getattr(after, name) * 2 for name in NUMBERS] == [
        getattr(before, name) for name in NUMBERS
    ]
    assert after.sources[MASSIVE] == evolve(before.sources[MASSIVE], weight=0.30)
    assert after.sources[GROK] == evolve(before.sources[GROK], weight=0.30, half_life_s=60)
    assert after.sources[SONAR] == evolve(before.sources[SONAR], refresh_after_s=30)
    assert type(after.theta_bp) is int
    assert WhatIf().profile(before) == before


@pytest.mark.parametrize(
    ("tried", "message"),
    [
        (WhatIf({"beat_s": 1}), "'beat_s' cannot be tried on a recorded day"),
        (WhatIf({"theta_bp": 7_500.5}), "7500.5 is no such number"),
        (WhatIf({"tau": float("nan")}), "nan is no such number"),
        (WhatIf({"horizon_s": 0}), "0 is too short"),
        (WhatIf({"theta_bp": 0}), "0 is out of range"),
        (WhatIf(weights={MASSIVE: 0.5}), "the weights sum to 1.1"),
        (WhatIf(weights={MASSIVE: 0.0}), "is not a share"),
        (WhatIf(disabled=frozenset({SourceName("oracle")})), "no opinions of 'oracle'"),
        (WhatIf(disabled=frozenset(Profile().sources)), "no source is enabled"),
    ],
)
def test_what_cannot_be_tried_is_refused(tried, message):
    with pytest.raises(InvalidInput, match=message):
        tried.profile(Profile())
