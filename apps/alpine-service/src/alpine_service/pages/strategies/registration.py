"""A registration in words: what a strategy promised before its first signal."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal

import orjson
from attrs import frozen

from alpine_service.pages.formats import NOTHING, count, of_us, percent_bp, source_name, span
from alpine_service.pages.formats import moment as written
from alpine_service.ports.signals import StrategyRecord

_SETTINGS = (
    ("theta_bp", "Threshold of confidence", "below it a signal is a HOLD"),
    ("publish_step_bp", "Change of confidence that refreshes a signal", ""),
    ("publish_move", "Move of the price that refreshes a signal", ""),
    ("quorum", "Least coverage", "the weight of sources that must have an opinion"),
    ("tau", "Shrinking of thin coverage, τ", ""),
    ("lam", "Cost of disagreement, λ", ""),
    ("beat_s", "Between looks", ""),
    ("max_quote_age_s", "A price is stale after", ""),
    ("price_deadline_s", "Waits for prices", ""),
)
_HASHES = (
    ("config_sha256", "Settings"),
    ("code_sha256", "Code"),
    ("models_sha256", "Models"),
)
# More digits than a weight can need; floats of more might be no numbers.
_LONGEST = 30


@frozen
class Fact:
    """A name, what it is, and what that means."""

    name: str
    value: str
    means: str = ""


@frozen
class Source:
    """One source's place; `part` is its weight among all, from 0 to 1."""

    name: str
    model: str
    weight: str
    part: float | None
    half_life: str
    refresh: str
    is_market_data: bool
    is_paid_ai: bool


@frozen
class Registration:
    """All of it. `text` is the entry byte for byte, `sha256` that of its bytes."""

    name: str
    is_retired: bool
    is_delayed: bool
    shows: str
    rule: str
    profile: str
    universe: tuple[str, ...]
    horizon: str
    settings: tuple[Fact, ...]
    hashes: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    places: tuple[Fact, ...]
    text: str
    sha256: str


def registration_of(record: StrategyRecord) -> Registration:
    """In words; what an entry does not have is a dash."""
    members: Mapping[str, str | int] = orjson.loads(record.registration)
    return Registration(
        name=record.strategy,
        is_retired=record.retired_index is not None,
        is_delayed=record.disclosure == "delayed",
        shows=_shows(record, members),
        rule=str(members.get("outcome_rule", NOTHING)),
        profile=str(members.get("profile", NOTHING)),
        universe=tuple(str(members.get("universe", "")).split()),
        horizon=seconds(members.get("horizon_s")),
        settings=tuple(
            Fact(name, _value(key, members[key]), means)
            for key, name, means in _SETTINGS
            if key in members
        ),
        hashes=tuple((name, str(members[key])) for key, name in _HASHES if key in members),
        sources=_sources(members),
        places=_places(record),
        text=record.registration.decode(),
        sha256=hashlib.sha256(record.registration).hexdigest(),
    )


def seconds(value: str | int | None) -> str:
    """A time in seconds, in the units people use."""
    number = _number(value)
    if number is None:
        return NOTHING if value is None else f"{value} s"
    # Fractions of a second, and what is no whole number of minutes, are said as they stand.
    return span(number) if number >= 60 and number % 60 == 0 else f"{value} s"  # noqa: PLR2004


def _shows(record: StrategyRecord, members: Mapping[str, str | int]) -> str:
    if record.disclosure != "delayed":
        return "Each signal is in the log, readable, as soon as it is decided."
    after = seconds(members.get("reveal_after_s"))
    return (
        "Each signal is committed to the log sealed as soon as it is decided, and revealed to"
        f" everybody {after} later."
    )


def _places(record: StrategyRecord) -> tuple[Fact, ...]:
    retired = (
        ()
        if record.retired_index is None
        else (Fact("Retired", f"#{count(record.retired_index)}", "its record stays"),)
    )
    return (
        Fact(
            "Registered", f"#{count(record.registered_index)}", written(of_us(record.registered_us))
        ),
        *retired,
        Fact("Entries in the log", count(record.next_seq), "numbered without a gap"),
    )


def _value(key: str, value: str | int) -> str:
    if key.endswith("_bp"):
        return percent_bp(float(value), 1 if int(value) % 100 else 0)
    if key.endswith("_s"):
        return seconds(value)
    if key in {"publish_move", "quorum"} and (number := _number(value)) is not None:
        return f"{number * 100:g}\u202f%"
    return str(value)


def _sources(members: Mapping[str, str | int]) -> tuple[Source, ...]:
    names = sorted(each.removeprefix("weight_") for each in members if each.startswith("weight_"))
    weights = {name: _number(members[f"weight_{name}"]) for name in names}
    whole = sum(each for each in weights.values() if each is not None and each > 0)
    found = [
        Source(
            name=source_name(name),
            model=str(members.get(f"model_{name}", NOTHING)),
            weight=str(members[f"weight_{name}"]),
            part=_part(weights[name], whole),
            half_life=seconds(members.get(f"half_life_{name}_s")),
            refresh=seconds(members.get(f"refresh_after_{name}_s")),
            is_market_data=members.get(f"market_data_{name}") == 1,
            is_paid_ai=members.get(f"paid_ai_{name}") == 1,
        )
        for name in names
    ]
    return tuple(sorted(found, key=lambda each: -(each.part or 0)))


def _part(weight: float | None, whole: float) -> float | None:
    return None if weight is None or not whole else max(0.0, weight) / whole


def _number(value: str | int | None) -> float | None:
    text = str(value)
    return None if value is None or len(text) > _LONGEST else float(Decimal(text))
