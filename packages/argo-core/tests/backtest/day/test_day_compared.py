"""A live log against the backtest of its day: what differs is found, and its cause is named."""

from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.backtest.day.compare import LiveSignal, Verdict, compare, moments
from argo_core.backtest.day.inputs import ABSENT, Member, different_inputs
from argo_core.backtest.day.run import run
from argo_core.backtest.day.what_if import WhatIf
from argo_core.codec.disclosure import commit_entry, seal
from argo_core.codec.read_capsule import read_capsule
from argo_core.consensus.opinion import GROK, MASSIVE, SONAR, Fact
from argo_core.consensus.reasons import Direction
from argo_core.engine.inputs import Decided, Failed, Learned, Observed, Settled, Warmed
from argo_core.ledger.canonical import decode, encode
from argo_core.market.session import Phase
from argo_core.testing.fake_clock import BEGINNING


def compared(day, told, about=None, *, shown=True, **more):
    """The day's log against a run of what was told."""
    live = day.live(shown=shown)
    again = run(about or day.about, told, look_at=moments(live), **more)
    return compare(live, again, day.registration)


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_day_compared_with_its_own_recording_is_the_same(live_through, sealed):
    day = await live_through(sealed=sealed)
    found = compared(day, day.told)
    assert found.counts[Verdict.SAME] == len(found.pairs) == len(day.live())
    assert found.first is found.first_input is None
    assert found.settings == found.differences == ()
    assert {one.direction for one in found.pairs} == set(Direction)
    times = [one.decided_us for one in found.pairs]
    assert times == sorted(times)


def dearer(one):
    return evolve(one, quotes=tuple(evolve(q, price=q.price + Decimal("0.01")) for q in one.quotes))


def stronger(one):
    return evolve(
        one,
        opinions=tuple(
            evolve(each, strength=each.strength * 0.99 if each.source == MASSIVE else each.strength)
            for each in one.opinions
        ),
    )


def older(one):
    older = BEGINNING.replace(year=2023)
    return evolve(
        one,
        opinions=tuple(
            evolve(each, facts=(Fact("RSI", "61.0", "", older),)) if each.source == GROK else each
            for each in one.opinions
        ),
    )


def wilder(one):
    return evolve(one, bars=tuple(evolve(bar, close=bar.close + 0.5) for bar in one.bars))


def closed(one):
    return evolve(one, phases=dict.fromkeys(one.phases, Phase.POST))


def said_less(told, source):
    return [one for one in told if not (isinstance(one, Learned) and one.source == source)]


def changed(kind, change):
    return lambda told: [change(one) if isinstance(one, kind) else one for one in told]


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (changed(Observed, dearer), "price: last"),
        (changed(Learned, stronger), "opinion of massive: strength"),
        (changed(Learned, older), "opinion of grok: fact 1"),
        (lambda told: said_less(told, SONAR), "opinion of sonar"),
        (changed(Warmed, wilder), "market: sigma"),
        (changed(Decided, closed), "market: phase"),
        (
            lambda told: [one for one in told if not isinstance(one, Failed)],
            "market: failed",
        ),
    ],
)
async def test_a_planted_difference_is_found_and_named(live_through, plant, name):
    day = await live_through()
    found = compared(day, plant(day.told))
    assert found.settings == ()
    pair, member = found.first_input
    assert member.name == name
    assert member.live != member.tried
    assert pair in found.differences
    assert found.first.verdict is not Verdict.SAME


async def test_the_differing_members_of_a_signal_are_named_too(live_through):
    day = await live_through()
    found = compared(day, changed(Observed, dearer)(day.told))
    first = found.first
    assert first.verdict is Verdict.DIFFERENT
    names = [one.name for one in first.members]
    assert "entry" in names
    assert "inputs_sha256" in names
    [member] = [one for one in first.inputs if one.name == "price: last"]
    assert Decimal(member.tried) - Decimal(member.live) == Decimal("0.01")


async def test_other_weights_are_named_before_every_signal(live_through):
    day = await live_through()
    other = WhatIf(weights={MASSIVE: 0.35, SONAR: 0.20}).profile(day.about.profile)
    found = compared(day, day.told, evolve(day.about, profile=other))
    assert found.first_input == (None, Member("weight_massive", "0.4", "0.35"))
    assert [one.name for one in found.settings] == ["weight_massive", "weight_sonar"]


async def test_of_a_signal_that_only_the_log_has_the_backtest_says_what_it_decided(live_through):
    day = await live_through()
    found = compared(day, day.told, what_if=WhatIf({"theta_bp": 9_900}))
    assert found.counts[Verdict.ONLY_IN_LOG] > 0
    first = next(one for one in found.pairs if one.verdict is Verdict.ONLY_IN_LOG)
    assert first.look.direction is Direction.HOLD
    assert first.inputs == ()
    assert first.direction is not None
    assert found.first_input == (None, Member("theta_bp", "7500", "9900"))


async def test_a_signal_that_only_the_backtest_has_has_no_inputs_on_record(live_through):
    day = await live_through()
    again = run(day.about, day.told)
    live = day.live()
    found = compare([*live[:3], *live[4:]], again, day.registration)
    [extra] = found.differences
    assert (extra.verdict, extra.live, extra.inputs) == (Verdict.ONLY_IN_BACKTEST, None, None)
    assert found.first is extra
    assert found.first_input is None


async def test_what_only_stands_elsewhere_follows_from_what_differs_before_it(live_through):
    day = await live_through()
    live = day.live()
    # Without the first signals that were written the later ones come earlier.
    place = next(at for at, one in enumerate(day.told) if isinstance(one, Settled) and one.size > 2)
    told = [*day.told[:place], Settled(None), *day.told[place + 1 :]]
    found = compared(day, told)
    assert found.counts[Verdict.MOVED] > 0
    assert found.first.verdict is not Verdict.MOVED
    assert [one.name for one in _moved(found)[0].members] == ["seq"]
    assert len(live) == sum(one.live is not None for one in found.pairs)


def _moved(found):
    return [one for one in found.pairs if one.verdict is Verdict.MOVED]


async def test_what_is_not_revealed_is_said_to_be_so(live_through):
    day = await live_through(sealed=True)
    found = compared(day, day.told, shown=False)
    assert found.counts[Verdict.SEALED] == len(found.pairs) == len(day.live())
    assert found.first is None
    # Nothing but the backtest knows what they say, if it is right.
    assert all(one.symbol and one.direction for one in found.pairs)


async def test_with_the_key_the_very_commitments_are_compared(live_through, key):
    day = await live_through(sealed=True)
    found = compared(day, day.told, shown=False, reveal_key=key)
    assert found.counts[Verdict.SAME] == len(found.pairs)
    other = compared(day, changed(Learned, stronger)(day.told), shown=False, reveal_key=key)
    assert "commitment" in [one.name for one in other.first.members]


async def test_a_commit_that_nothing_was_decided_for_is_only_in_the_log(live_through):
    day = await live_through(sealed=True)
    live = day.live(shown=False)
    again = run(day.about, [one for one in day.told if not isinstance(one, Learned)])
    found = compare(live, again, day.registration)
    assert found.counts[Verdict.ONLY_IN_LOG] == len(live)
    assert {one.symbol for one in found.pairs} == {one.direction for one in found.pairs} == {None}
    tried = run(day.about, day.told, what_if=WhatIf({"theta_bp": 10_000}))
    found = compare(live, tried, day.registration)
    # Of other numbers nobody can say what is behind a commit.
    assert found.counts[Verdict.SEALED] + len(tried.signals) >= len(live)
    assert found.counts[Verdict.ONLY_IN_LOG] == 0


async def test_a_log_without_inputs_still_has_members_to_compare(live_through):
    day = await live_through()
    live = [evolve(one, capsule=None) for one in day.live()]
    told = changed(Observed, dearer)(day.told)
    again = run(day.about, told, look_at=moments(live))
    found = compare(live, again, day.registration)
    assert found.first.inputs is None
    assert found.first_input is None
    assert "entry" in [one.name for one in found.first.members]
    none = run(day.about, [one for one in told if not isinstance(one, Learned)])
    found = compare(live, none, day.registration)
    assert found.first.inputs is found.first.look is None


async def test_a_price_that_only_one_of_them_knows_is_one_difference(live_through):
    day = await live_through()
    capsule = day.live()[0].capsule
    members = decode(capsule)
    for name in ("price", "bid", "ask", "feed", "quote_at_us", "quote_fetched_us"):
        members.pop(name, None)
    [member] = different_inputs(capsule, encode(members))
    assert (member.name, member.tried) == ("price", ABSENT)
    assert member.live.startswith(f"last {read_capsule(capsule).quote.price}, bid ")
    assert different_inputs(capsule, capsule) == ()


async def test_a_volatility_that_nobody_knew_yet_is_said_to_be_unknown(live_through):
    day = await live_through()
    capsule = day.live()[0].capsule
    members = decode(capsule)
    del members["sigma"]
    [member] = different_inputs(capsule, encode(members))
    assert (member.name, member.tried) == ("market: sigma", "unknown")


def test_a_sealed_signal_tells_its_time_alone(key):
    sealed = seal(b"body", key, log="a.example/l", strategy="s", seq=1)
    entry = commit_entry(
        sealed,
        log="a.example/l",
        strategy="s",
        seq=1,
        decided_at=BEGINNING,
        reveal_after=BEGINNING,
    )
    one = LiveSignal(5, entry)
    assert one.moment is None
    assert one.decided_us == int(BEGINNING.timestamp()) * 1_000_000


async def test_in_a_what_if_places_words_and_names_do_not_count(live_through):
    day = await live_through()
    found = compared(day, day.told, what_if=WhatIf({"theta_bp": 7_600}))
    assert found.counts[Verdict.SAME] > 0
    assert found.counts[Verdict.MOVED] == 0
    other = compared(day, day.told, what_if=WhatIf(disabled=frozenset({SONAR})))
    [first, *_] = [one for one in other.pairs if one.verdict is Verdict.DIFFERENT]
    names = {one.name for one in first.members}
    assert "phi_sonar_bp" in names
    assert not names & {"seq", "profile", "reasoning", "inputs_sha256"}
    assert [one.name for one in first.inputs if one.tried == ABSENT] == ["opinion of sonar"]
