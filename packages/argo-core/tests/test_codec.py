"""Signals, registrations, quiet stretches and capsules as bytes, and values as plain data."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from argo_core.codec.capsule import capsule
from argo_core.codec.plain import rfc3339, to_plain
from argo_core.codec.quiet import quiet_entry
from argo_core.codec.signal import read_signal, signal_entry
from argo_core.codec.strategy import strategy_entry
from argo_core.consensus.opinion import MASSIVE, Fact, Opinion, SourceName
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import decode, encode
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.quote import Quote
from argo_core.signals.evidence import Evidence
from argo_core.signals.outcome import FIRST_TOUCH
from argo_core.signals.signal import Contribution, Signal
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal
from argo_core.testing.strategies import NOON, SOURCES, opinions, profiles, quotes, strengths

WHERE: dict[str, Any] = {"log": LOG, "strategy": "alpha", "seq": 4}
PLACES = st.sampled_from([Decimal(1), Decimal("0.1"), Decimal("0.01"), Decimal("0.0005")])
WORDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)
MOMENTS = st.integers(0, 10**10).map(lambda micros: NOON + timedelta(microseconds=micros))


@st.composite
def contributions(draw: st.DrawFn) -> tuple[Contribution, ...]:
    names = sorted(draw(st.sets(st.sampled_from(SOURCES))))
    return tuple(
        Contribution(
            source=name,
            phi_bp=draw(st.integers(-2_500, 2_500)),
            strength=draw(strengths()),
            age_s=timedelta(microseconds=draw(st.integers(0, 10**12))).total_seconds(),
            raw_sha256=draw(st.sampled_from("0f")) * 64,
        )
        for name in names
    )


@st.composite
def evidence(draw: st.DrawFn) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(f"e{number}", MASSIVE, draw(WORDS), draw(WORDS), draw(WORDS), draw(MOMENTS))
        for number in range(1, draw(st.integers(0, 12)) + 1)
    )


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    direction = draw(st.sampled_from(Direction))
    parts = draw(contributions())
    tick = draw(PLACES)
    entry, stop, target = (draw(st.integers(1, 10**7)) * tick for _ in range(3))
    held = direction is Direction.HOLD
    return Signal(
        id=draw(st.uuids()).hex,
        symbol=draw(st.sampled_from([Symbol("AAPL"), Symbol("BRK.B"), Symbol("BTC/USD")])),
        direction=direction,
        reason=draw(st.sampled_from(Reason)),
        confidence_bp=sum(part.phi_bp for part in parts),
        coverage_bp=draw(st.integers(0, 10_000)),
        agreement_bp=draw(st.integers(0, 10_000)),
        entry=entry,
        stop=None if held else stop,
        target=None if held else target,
        horizon_s=draw(st.integers(1, 86_400)),
        contributions=parts,
        regime=draw(st.sampled_from(Regime)),
        profile="weighted-consensus-6.0",
        reasoning=draw(WORDS),
        reasoning_source="template",
        evidence=draw(evidence()),
        inputs_sha256="a" * 64,
        feed="alpaca:iex",
        decided_at=draw(MOMENTS),
    )


SIGNAL = read_signal(tiny_signal(4))


@given(signals())
def test_a_signal_comes_back_exactly(signal: Signal) -> None:
    data = signal_entry(signal, **WHERE)
    again = read_signal(data)
    assert again == signal
    assert str(again.entry) == str(signal.entry)
    assert signal_entry(again, **WHERE) == data


def test_a_signals_entry_has_these_very_bytes() -> None:
    # The format is final: what changes these bytes breaks every proof made of them.
    signal = Signal(
        id="0123",
        symbol=Symbol("BRK.B"),
        direction=Direction.SELL,
        reason=Reason.SIGNAL,
        confidence_bp=-7_777,
        coverage_bp=9_500,
        agreement_bp=10_000,
        entry=Decimal("410.50"),
        stop=Decimal("412.00"),
        target=Decimal("407.1"),
        horizon_s=3_600,
        contributions=(
            Contribution(SourceName("alpha_vantage"), -2_777, -0.8, 12.25, "b" * 64),
            Contribution(MASSIVE, -5_000, -0.81235, 0.000001, "a" * 64),
        ),
        regime=Regime.CHOP,
        profile="weighted-consensus-6.0",
        reasoning='SELL BRK.B 78 %: "down" [e1]',
        reasoning_source="template",
        evidence=(Evidence("e1", MASSIVE, "RSI", "31", "", NOON),),
        inputs_sha256="c" * 64,
        feed="alpaca:iex",
        decided_at=NOON + timedelta(microseconds=5),
    )
    signal = evolve(
        signal,
        contributions=(signal.contributions[0], evolve(signal.contributions[1], strength=-0.8123)),
    )
    assert signal_entry(signal, **WHERE).decode() == (
        '{"age_alpha_vantage_us":12250000,"age_massive_us":1,"agreement_bp":10000,'
        '"confidence_bp":-7777,"coverage_bp":9500,"decided_us":1732554000000005,'
        '"direction":"SELL","e1_as_of_us":1732554000000000,"e1_kind":"RSI","e1_source":"massive",'
        '"e1_unit":"","e1_value":"31","entry":"410.50","feed":"alpaca:iex","horizon_s":3600,'
        f'"id":"0123","inputs_sha256":"{"c" * 64}","kind":"signal","log":"argo.example/log",'
        '"phi_alpha_vantage_bp":-2777,"phi_massive_bp":-5000,"price_scale":2,'
        f'"profile":"weighted-consensus-6.0","raw_alpha_vantage_sha256":"{"b" * 64}",'
        f'"raw_massive_sha256":"{"a" * 64}","reason":"signal",'
        '"reasoning":"SELL BRK.B 78 %: \\"down\\" [e1]","reasoning_source":"template",'
        '"regime":"chop","seq":4,"stop":"412.00","strategy":"alpha",'
        '"strength_alpha_vantage_e4":-8000,"strength_massive_e4":-8123,"symbol":"BRK.B",'
        '"target":"407.10","v":1}'
    )


def test_contributions_come_back_by_name() -> None:
    parts = tuple(
        Contribution(name, 0, 0.0, 0.0, "0" * 64) for name in sorted(SOURCES, reverse=True)
    )
    read = read_signal(signal_entry(evolve(SIGNAL, contributions=parts, confidence_bp=0), **WHERE))
    assert read.contributions == tuple(reversed(parts))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stop": Decimal("180.001")}, "more than 2 decimals"),
        ({"entry": Decimal("NaN")}, "finite"),
        ({"decided_at": datetime(2024, 1, 1)}, "UTC"),  # noqa: DTZ001 - the naive one is the point
        ({"reasoning": "caf\u00e9"}, "printable ASCII"),
        ({"confidence_bp": 1}, "add up"),
        ({"contributions": SIGNAL.contributions * 2}, "occurs twice"),
        ({"contributions": (evolve(SIGNAL.contributions[0], strength=0.00001),)}, "quantise"),
        ({"contributions": (evolve(SIGNAL.contributions[0], strength=math.nan),)}, "quantise"),
        ({"contributions": (evolve(SIGNAL.contributions[0], age_s=math.inf),)}, "quantise"),
        ({"evidence": (Evidence("e2", MASSIVE, "RSI", "1", "", NOON),)}, "e2 is at place 1"),
        ({"stop": None}, "stop and target"),
    ],
)
def test_a_signal_that_cannot_be_written_exactly_is_refused(
    change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        signal_entry(evolve(SIGNAL, **change), **WHERE)


def test_only_a_signal_is_read_as_one() -> None:
    with pytest.raises(InvalidInput, match="quiet is not a signal"):
        read_signal(tiny_quiet(0))


@pytest.mark.parametrize("name", ["reason", "regime"])
def test_a_word_from_a_later_program_is_refused_by_name(name: str) -> None:
    fields = {**decode(tiny_signal(0)), name: "hunch"}
    with pytest.raises(InvalidInput, match=f"{name}: 'hunch' is unknown"):
        read_signal(encode(fields))


def register(profile: Profile, **change: Any) -> bytes:
    arguments: dict[str, Any] = {
        **WHERE,
        "seq": 0,
        "decided_at": NOON,
        "universe": [instrument("MSFT"), instrument("AAPL"), instrument("BTC/USD")],
        "models": {name: f"{name}-model-1" for name in profile.sources},
        "config_sha256": "1" * 64,
        "code_sha256": "2" * 64,
        "outcome_rule": FIRST_TOUCH,
    }
    return strategy_entry(profile, **{**arguments, **change})


@given(profiles())
def test_a_registration_keeps_every_number_of_the_profile(profile: Profile) -> None:
    entry = decode_entry(register(profile))
    assert entry.kind == "strategy"
    assert entry.text("universe") == "AAPL BTC/USD MSFT"
    for name in ("beat_s", "tau", "lam", "quorum", "publish_move", "max_quote_age_s"):
        assert float(entry.text(name)) == getattr(profile, name)
    assert float(entry.text("price_deadline_s")) == profile.price_deadline_s
    for name in ("horizon_s", "theta_bp", "publish_step_bp"):
        assert entry.number(name) == getattr(profile, name)
    for name, policy in profile.sources.items():
        assert float(entry.text(f"weight_{name}")) == policy.weight
        for part in ("half_life", "refresh_after", "min_interval", "timeout"):
            assert float(entry.text(f"{part}_{name}_s")) == getattr(policy, f"{part}_s")
        assert entry.number(f"max_symbols_{name}") == policy.max_symbols
        assert entry.number(f"market_data_{name}") == policy.market_data
        assert entry.number(f"paid_ai_{name}") == policy.paid_ai
        assert entry.text(f"model_{name}") == f"{name}-model-1"


def test_another_model_is_another_registration() -> None:
    one, other = register(Profile()), register(Profile(), models=dict.fromkeys(SOURCES, "m"))
    assert decode_entry(one).text("models_sha256") != decode_entry(other).text("models_sha256")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"universe": [instrument("AAPL")] * 2}, "occurs twice"),
        ({"universe": []}, "universe"),
        ({"models": {}}, "not the profile's sources"),
        ({"reveal_after_s": -1}, "reveal_after_s"),
        ({"code_sha256": "abc"}, "code_sha256"),
        ({"decided_at": datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "UTC"),
    ],
)
def test_an_incomplete_registration_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        register(Profile(), **change)


def test_a_quiet_stretch_says_from_when_to_when_and_why() -> None:
    until = NOON + timedelta(seconds=300)
    reasons = {Reason.WEAK: 100, Reason.NO_QUORUM: 20}
    data = quiet_entry(
        **WHERE, from_at=NOON, to_at=until, cycles=60, holds=120, skips=480, reasons=reasons
    )
    entry = decode_entry(data)
    assert entry.number("to_us") - entry.number("from_us") == 300_000_000
    assert entry.decided_us == entry.number("to_us")
    assert [entry.number(name) for name in ("cycles", "holds", "skips")] == [60, 120, 480]
    assert [entry.number(f"count_{reason}") for reason in reasons] == [100, 20]


def test_a_quiet_stretch_does_not_end_before_it_begins() -> None:
    with pytest.raises(InvalidInput, match="from_us"):
        quiet_entry(
            **WHERE,
            from_at=NOON,
            to_at=NOON - timedelta(seconds=1),
            cycles=1,
            holds=0,
            skips=0,
            reasons={},
        )


APPLE = Symbol("AAPL")
PANELS = st.lists(opinions(symbol=APPLE), unique_by=lambda one: one.source, max_size=2)
INPUTS: dict[str, Any] = {
    "symbol": APPLE,
    "decided_at": NOON,
    "quote": None,
    "opinions": (),
    "profile": "any",
    "regime": Regime.UNKNOWN,
    "sigma": None,
}


@given(quotes(APPLE), PANELS)
def test_a_capsule_holds_the_quote_and_every_opinion(quote: Quote, panel: list[Opinion]) -> None:
    data = capsule(**{**INPUTS, "quote": quote, "opinions": panel, "sigma": 0.0001})
    fields = decode(data)
    assert Decimal(str(fields["price"])) == quote.price
    assert ("bid" in fields, "ask" in fields) == (quote.bid is not None, quote.ask is not None)
    assert fields["quote_fetched_us"] >= fields["quote_at_us"]  # type: ignore[operator] # both are numbers
    assert fields["sigma"] == "0.0001"
    for opinion in panel:
        name = opinion.source
        assert fields[f"strength_{name}_e4"] == round(opinion.strength * 10_000)
        assert fields[f"raw_{name}_sha256"] == opinion.raw_sha256
        assert fields[f"rule_{name}"] == opinion.rule
        values = [fields[f"fact_{name}_{n}_value"] for n in range(1, len(opinion.facts) + 1)]
        assert values == [fact.value for fact in opinion.facts]
    backwards = capsule(**{**INPUTS, "quote": quote, "opinions": panel[::-1], "sigma": 0.0001})
    assert backwards == data


OPINION = Opinion(MASSIVE, APPLE, 0.5, NOON, 60, "0" * 64, "r-1", (Fact("RSI", "61", "", NOON),))
QUOTE = Quote(APPLE, Decimal("182.30"), NOON, NOON, "tape")


@pytest.mark.parametrize(
    "change",
    [
        {"decided_at": NOON + timedelta(microseconds=1)},
        {"profile": "other"},
        {"regime": Regime.TREND},
        {"sigma": 0.25},
        {"sigma": None},
        {"quote": None},
        {"quote": evolve(QUOTE, price=Decimal("182.31"))},
        {"quote": evolve(QUOTE, fetched_at=NOON + timedelta(seconds=1))},
        {"quote": evolve(QUOTE, at=NOON - timedelta(seconds=1))},
        {"quote": evolve(QUOTE, feed="other")},
        {"opinions": ()},
        {"opinions": (evolve(OPINION, strength=0.5001),)},
        {"opinions": (evolve(OPINION, as_of=NOON - timedelta(seconds=1)),)},
        {"opinions": (evolve(OPINION, raw_sha256="1" * 64),)},
        {"opinions": (evolve(OPINION, rule="r-2"),)},
        {"opinions": (evolve(OPINION, facts=()),)},
        {"more": {"phase": "pre"}},
    ],
)
def test_whatever_differs_gives_another_capsule(change: Mapping[str, Any]) -> None:
    same = {**INPUTS, "quote": QUOTE, "opinions": (OPINION,), "sigma": 0.5}
    assert capsule(**{**same, **change}) != capsule(**same)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sigma": math.nan}, "finite"),
        ({"opinions": (OPINION, OPINION)}, "occurs twice"),
        ({"opinions": (evolve(OPINION, symbol=Symbol("MSFT")),)}, "MSFT is not AAPL"),
        ({"quote": evolve(QUOTE, symbol=Symbol("MSFT"))}, "MSFT is not AAPL"),
        ({"more": {"regime": "trend"}}, "regime is taken"),
        ({"more": {"ratio": 0.5}}, "float"),
    ],
)
def test_a_capsule_that_cannot_be_trusted_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        capsule(**{**INPUTS, **change})


@frozen
class Mixed:
    price: Decimal
    at: datetime
    word: Reason
    maybe: Decimal | None
    pair: tuple[Direction, float]
    counts: Mapping[Reason, int]
    raw: bytes
    names: frozenset[SourceName]


def test_values_become_plain_data() -> None:
    moment = datetime(2024, 3, 1, 14, 30, tzinfo=UTC)
    mixed = Mixed(
        price=Decimal("1E+2"),
        at=moment,
        word=Reason.WEAK,
        maybe=None,
        pair=(Direction.BUY, 0.5),
        counts={Reason.STALE: 2},
        raw=b"\x00\xff",
        names=frozenset({SourceName("b"), SourceName("a")}),
    )
    plain = to_plain([mixed])
    assert plain == [
        {
            "price": "100",
            "at": "2024-03-01T14:30:00.000000Z",
            "word": "weak",
            "maybe": None,
            "pair": ["BUY", 0.5],
            "counts": {"stale": 2},
            "raw": "00ff",
            "names": ["a", "b"],
        }
    ]
    assert type(plain[0]["word"]) is str
    assert json.loads(json.dumps(plain)) == plain


@given(signals())
def test_a_signal_as_plain_data_is_json(signal: Signal) -> None:
    plain = to_plain(signal)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["entry"] == format(signal.entry, "f")


@pytest.mark.parametrize("value", [math.nan, math.inf, {"a": [-math.inf]}])
def test_a_number_that_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="finite"):
        to_plain(value)


def test_moments_are_written_to_the_microsecond() -> None:
    assert rfc3339(NOON + timedelta(microseconds=7)) == "2024-11-25T17:00:00.000007Z"
    with pytest.raises(InvalidInput, match="UTC"):
        rfc3339(datetime(2024, 1, 1))  # noqa: DTZ001 - the naive one is the point
