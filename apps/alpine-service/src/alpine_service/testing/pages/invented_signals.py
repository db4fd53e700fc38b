"""Signals with all that real ones have, and what became of them; the same ones in every run."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from attrs import frozen

from alpine_service.domain.feed.canonical import Members
from alpine_service.testing.members import Changes, outcome_members, signal_members
from alpine_service.testing.pages.invented_prices import INSTRUMENTS, Instrument, cents, price

SOURCES = ("massive", "alpha_vantage", "grok", "sonar")
FULL_BP = 10_000
_US = 1_000_000
_REGIMES = ("trend", "trend", "chop", "crisis")
_ALL_ANSWER = 0.8
_ONE_IS_AGAINST = 0.35


@frozen
class Asked:
    """What a source is asked for, and between which values its answer is."""

    kind: str
    unit: str
    least: float
    most: float
    digits: int = 0


_FACTS = {
    "massive": (
        Asked("price above its 20-bar mean", "%", 0.2, 3.9, 1),
        Asked("volume against its usual", "%", 82, 260),
    ),
    "alpha_vantage": (
        Asked("relative strength over 14 bars", "", 27, 78, 1),
        Asked("news sentiment", "", -0.4, 0.6, 2),
    ),
    "grok": (Asked("posts an hour about it", "", 40, 2_400),),
    "sonar": (Asked("analysts who raised their target", "", 0, 9),),
}


@frozen
class Idea:
    """A signal to be: `direction` HOLD has neither stop nor target."""

    id: str
    instrument: Instrument
    direction: str
    confidence_bp: int
    at: datetime
    horizon: timedelta

    @property
    def side(self) -> int:
        """1 for BUY, -1 for SELL, 0 for HOLD."""
        return {"BUY": 1, "SELL": -1, "HOLD": 0}[self.direction]


def invent(id_: str, at: datetime, horizon: timedelta, chance: Random) -> Idea:
    """Any idea of that time."""
    direction = chance.choices(("BUY", "SELL", "HOLD"), (5, 4, 1))[0]
    side = {"BUY": 1, "SELL": -1, "HOLD": 0}[direction]
    confidence = side * chance.randint(6_020, 9_480) or chance.randint(-2_400, 2_400)
    return Idea(id_, chance.choice(INSTRUMENTS), direction, confidence, at, horizon)


def body(idea: Idea) -> Members:
    """The members of the signal."""
    chance = Random(idea.id)  # noqa: S311 - it has to come again
    sources = SOURCES if chance.random() < _ALL_ANSWER else tuple(sorted(chance.sample(SOURCES, 3)))
    changes: dict[str, Changes] = {
        "confidence_bp": idea.confidence_bp,
        "coverage_bp": FULL_BP if len(sources) == len(SOURCES) else 8_000,
        "agreement_bp": chance.randint(6_100, 9_700),
        "entry": str(price(idea.instrument, idea.at)),
        "horizon_s": int(idea.horizon.total_seconds()),
        "regime": chance.choice(_REGIMES),
        "feed": "iex",
        **_contributions(idea, sources, chance),
    }
    if idea.side:
        stop, target = _exits(idea)
        changes |= {"stop": str(stop), "target": str(target)}
    facts = _facts(idea, sources, chance)
    for number, (source, kind, value, unit) in enumerate(facts, 1):
        age_s = chance.randint(1, 50)
        changes |= {
            f"e{number}_source": source,
            f"e{number}_kind": kind,
            f"e{number}_value": value,
            f"e{number}_unit": unit,
            f"e{number}_as_of_us": us(idea.at) - age_s * _US,
        }
    changes["reasoning"] = _reasoning(idea, facts)
    changes["reasoning_source"] = chance.choice(("template", "grok", "sonar"))
    symbol = idea.instrument.symbol
    return signal_members(idea.id, symbol, idea.direction, sources=sources, facts=0, **changes)


def outcome(idea: Idea, signal_index: int) -> tuple[datetime, Members]:
    """What became of a BUY or SELL, and when that was known; the surer it was the better."""
    chance = Random(f"{idea.id} ends")  # noqa: S311 - it has to come again
    signal = body(idea)
    won = 0.08 + 0.46 * abs(idea.confidence_bp) / FULL_BP
    rest = 0.98 - won
    weights = (won, rest * 0.75, rest * 0.25, 0.02)
    result = chance.choices(("target", "stop", "expired", "void"), weights)[0]
    span = 1.0 if result in {"expired", "void"} else chance.uniform(0.1, 0.9)
    at = idea.at + idea.horizon * span
    if result == "void":
        return at, outcome_members(signal_index, signal, result)
    start, (stop, target) = Decimal(str(signal["entry"])), _exits(idea)
    middle = start + (target - start) * Decimal(str(round(chance.uniform(-0.5, 0.7), 2)))
    end = {"target": target, "stop": stop, "expired": cents(middle)}[result]
    members = outcome_members(
        signal_index,
        signal,
        result,
        prices=chance.randint(40, 900),
        start=str(start),
        end=str(end),
        start_us=us(idea.at) + _US,
        end_us=us(at),
        return_bp=round((end / start - 1) * idea.side * FULL_BP),
    )
    return at, members


def us(at: datetime) -> int:
    """Microseconds since 1970 began."""
    return int(at.timestamp()) * _US


def _exits(idea: Idea) -> tuple[Decimal, Decimal]:
    """Stop and target: one and a half and two and a half deviations of the horizon away."""
    start = price(idea.instrument, idea.at)
    days = idea.horizon / timedelta(days=1)
    move = start * Decimal(idea.instrument.daily * days**0.5)
    return (
        cents(start - idea.side * move * Decimal("1.5")),
        cents(start + idea.side * move * Decimal("2.5")),
    )


def _contributions(idea: Idea, sources: Sequence[str], chance: Random) -> dict[str, Changes]:
    """Shares that add up to the confidence, some of them against it."""
    parts = [chance.uniform(0.25, 1.0) for _ in sources]
    if chance.random() < _ONE_IS_AGAINST:
        parts[chance.randrange(len(parts))] = chance.uniform(-0.15, 0)
    whole = sum(parts)
    shares = [round(idea.confidence_bp * part / whole) for part in parts]
    shares[0] += idea.confidence_bp - sum(shares)
    found: dict[str, Changes] = {}
    for source, share in zip(sources, shares, strict=True):
        limited = max(-FULL_BP, min(FULL_BP, share * 3))
        found |= {
            f"phi_{source}_bp": share,
            f"strength_{source}_e4": limited,
            f"age_{source}_us": chance.randint(200_000, 240_000_000),
        }
    return found


def _facts(idea: Idea, sources: Sequence[str], chance: Random) -> list[tuple[str, str, str, str]]:
    """Source, kind, value and unit of each."""
    return [
        (source, each.kind, f"{chance.uniform(each.least, each.most):.{each.digits}f}", each.unit)
        for source in sources
        for each in _FACTS[source]
    ]


def _reasoning(idea: Idea, facts: Sequence[tuple[str, str, str, str]]) -> str:
    symbol = idea.instrument.symbol
    told = "; ".join(f"{kind}: {value}{unit}" for _, kind, value, unit in facts[:3])
    if not idea.side:
        return f"{symbol}: those who were asked do not agree, so nothing is done. {told}."
    way = "up" if idea.side > 0 else "down"
    return f"{symbol}: most of those who were asked expect it to go {way}. {told}."
