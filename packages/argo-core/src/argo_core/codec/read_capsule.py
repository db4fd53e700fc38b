"""Reading an input capsule back: everything that a decision was made of."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import STEPS, Fact, Opinion, SourceName
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar, decode
from argo_core.market.instrument import Symbol, parse_symbol
from argo_core.market.moment import from_micros
from argo_core.market.quote import Quote

_STRENGTH = ("strength_", "_e4")


@frozen
class Inputs:
    """What `capsule` was given; `more` is whatever else the decision looked at."""

    symbol: Symbol
    decided_at: datetime
    quote: Quote | None
    opinions: tuple[Opinion, ...]
    profile: str
    regime: Regime
    sigma: float | None
    more: dict[str, Scalar]


def read_capsule(data: bytes) -> Inputs:
    """The inputs that a capsule's canonical bytes spell; opinions in order of source.

    Raises:
        InvalidInput: they are no capsule.
    """
    left = decode(data)
    try:
        left.pop("v")
        symbol = parse_symbol(left.pop("symbol"))
        decided_at = _moment(left, "decided_us")
        profile, regime = str(left.pop("profile")), Regime(str(left.pop("regime")))
        quote = _quote(left, symbol) if "feed" in left else None
        sigma = float(left.pop("sigma")) if "sigma" in left else None
        head, tail = _STRENGTH
        sources = sorted(
            name.removeprefix(head).removesuffix(tail)
            for name in left
            if name.startswith(head) and name.endswith(tail)
        )
        opinions = tuple(_opinion(left, SourceName(source), symbol) for source in sources)
    except InvalidInput:
        raise
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        problem = f"it is none: {type(error).__name__}: {error}"[:200]
        raise InvalidInput("capsule", problem, "give the bytes that the log keeps") from error
    return Inputs(symbol, decided_at, quote, opinions, profile, regime, sigma, left)


def _moment(left: dict[str, Scalar], name: str) -> datetime:
    micros = left.pop(name)
    if not isinstance(micros, int):
        raise InvalidInput(name, f"{micros[:40]!r} is no time", "give whole microseconds")
    return from_micros(micros)


def _price(left: dict[str, Scalar], name: str) -> Decimal | None:
    return Decimal(left.pop(name)) if name in left else None


def _quote(left: dict[str, Scalar], symbol: Symbol) -> Quote:
    return Quote(
        symbol=symbol,
        price=Decimal(left.pop("price")),
        at=_moment(left, "quote_at_us"),
        fetched_at=_moment(left, "quote_fetched_us"),
        feed=str(left.pop("feed")),
        bid=_price(left, "bid"),
        ask=_price(left, "ask"),
    )


def _opinion(left: dict[str, Scalar], source: SourceName, symbol: Symbol) -> Opinion:
    return Opinion(
        source=source,
        symbol=symbol,
        strength=int(left.pop(f"strength_{source}_e4")) / STEPS,
        as_of=_moment(left, f"as_of_{source}_us"),
        horizon_s=int(left.pop(f"horizon_{source}_s")),
        raw_sha256=str(left.pop(f"raw_{source}_sha256")),
        rule=str(left.pop(f"rule_{source}")),
        facts=tuple(_facts(left, source)),
    )


def _facts(left: dict[str, Scalar], source: SourceName) -> list[Fact]:
    facts: list[Fact] = []
    while f"fact_{source}_{len(facts) + 1}_kind" in left:
        name = f"fact_{source}_{len(facts) + 1}"
        facts.append(
            Fact(
                kind=str(left.pop(f"{name}_kind")),
                value=str(left.pop(f"{name}_value")),
                unit=str(left.pop(f"{name}_unit")),
                as_of=_moment(left, f"{name}_as_of_us"),
            )
        )
    return facts
