"""What two decisions on one symbol at one moment were made of, compared part by part."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import frozen

from argo_core.codec.plain import rfc3339
from argo_core.codec.read_capsule import Inputs, read_capsule
from argo_core.consensus.opinion import Opinion
from argo_core.ledger.canonical import Scalar
from argo_core.market.quote import Quote

ABSENT: Final = "(absent)"

_Part: TypeAlias = Mapping[str, str]
_NOTHING: _Part = {}


@frozen
class Member:
    """Something by its `name`, as it is in the log and in the backtest."""

    name: str
    live: str
    tried: str


def different(live: Mapping[str, Scalar], tried: Mapping[str, Scalar]) -> tuple[Member, ...]:
    """Every member that differs, in order of name."""
    return tuple(
        Member(name, str(live.get(name, ABSENT)), str(tried.get(name, ABSENT)))
        for name in sorted(live.keys() | tried.keys())
        if live.get(name) != tried.get(name)
    )


def different_inputs(live: bytes, tried: bytes) -> tuple[Member, ...]:
    """In what two input capsules differ, in the order in which a decision looks at it.

    First the price, then each source's opinion, then regime, volatility, profile, phase and what
    had failed. A price or an opinion that only one of them has is one difference.

    Raises:
        InvalidInput: one of them is no capsule.
    """
    one, other = _parts(read_capsule(live)), _parts(read_capsule(tried))
    # The price is always first and what is known of the market last; sources stand in between.
    sources = sorted((one.keys() | other.keys()) - {_QUOTE, _MARKET})
    return tuple(
        member
        for name in (_QUOTE, *sources, _MARKET)
        for member in _of_part(name, one.get(name, _NOTHING), other.get(name, _NOTHING))
    )


_QUOTE: Final = "price"
_MARKET: Final = "market"


def _of_part(name: str, one: _Part, other: _Part) -> list[Member]:
    if bool(one) != bool(other):
        return [Member(name, _said(one), _said(other))]
    # Of something like facts the one may have more than the other.
    members = dict.fromkeys((*one, *other))
    return [
        Member(f"{name}: {each}", one.get(each, ABSENT), other.get(each, ABSENT))
        for each in members
        if one.get(each) != other.get(each)
    ]


def _said(part: _Part) -> str:
    return ", ".join(f"{name} {value}" for name, value in part.items()) or ABSENT


def _parts(inputs: Inputs) -> Mapping[str, _Part]:
    market = {
        "regime": inputs.regime.value,
        "sigma": "unknown" if inputs.sigma is None else repr(inputs.sigma),
        "profile": inputs.profile,
        **{name: str(value) for name, value in inputs.more.items()},
    }
    opinions = {f"opinion of {one.source}": _opinion(one) for one in inputs.opinions}
    return {_QUOTE: _quote(inputs.quote), **opinions, _MARKET: market}


def _quote(quote: Quote | None) -> _Part:
    if quote is None:
        return _NOTHING
    return {
        "last": str(quote.price),
        "bid": str(quote.bid),
        "ask": str(quote.ask),
        "feed": quote.feed,
        "at": rfc3339(quote.at),
        "fetched at": rfc3339(quote.fetched_at),
    }


def _opinion(one: Opinion) -> _Part:
    return {
        "strength": f"{one.strength:+.4f}",
        "as of": rfc3339(one.as_of),
        "horizon": f"{one.horizon_s} s",
        "reply": one.raw_sha256,
        "rule": one.rule,
        **{
            f"fact {number}": f"{fact.kind} {fact.value} {fact.unit} at {rfc3339(fact.as_of)}"
            for number, fact in enumerate(one.facts, 1)
        },
    }
