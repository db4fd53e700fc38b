"""Strategies by name, made from text."""

from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from argo_core.backtest.strategies.alone import Alone
from argo_core.backtest.strategies.consensus import Consensus
from argo_core.backtest.strategies.parameter import Parameter, read_all
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.backtest.strategy import Strategy
from argo_core.consensus.opinion import ALPHA_VANTAGE, MASSIVE
from argo_core.consensus.profile import Profile
from argo_core.errors import InvalidInput

_MOST_BARS = 1_000_000
_HORIZON = Parameter("horizon_bars", 60, 1, _MOST_BARS, "bars that stops and targets are meant for")
_THETA = Parameter("theta_bp", 7_500, 1, 10_000, "confidence that a signal needs, in basis points")


@frozen
class Entry:
    """A kind of strategy: what it does in a sentence, and what it is made with."""

    meaning: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Mapping[str, float]], Strategy]


def _consensus(numbers: Mapping[str, float]) -> Strategy:
    profile = evolve(
        Profile(),
        theta_bp=int(numbers["theta_bp"]),
        tau=numbers["tau"],
        lam=numbers["lam"],
        quorum=numbers["quorum"],
    )
    return Consensus(profile, int(numbers["horizon_bars"]))


def _sma_cross(numbers: Mapping[str, float]) -> Strategy:
    return SmaCross(int(numbers["fast"]), int(numbers["slow"]), int(numbers["horizon_bars"]))


def _alone(source: str) -> Callable[[Mapping[str, float]], Strategy]:
    known = {"massive": MASSIVE, "alpha-vantage": ALPHA_VANTAGE}[source]

    def make(numbers: Mapping[str, float]) -> Strategy:
        return Alone(known, int(numbers["theta_bp"]), int(numbers["horizon_bars"]))

    return make


TABLE: Mapping[str, Entry] = {
    "consensus": Entry(
        "Weighted Consensus of the sources that bars tell, as the live engine forms it",
        (
            _THETA,
            Parameter("tau", 0.25, 0, 10, "how much silence shrinks confidence", whole=False),
            Parameter("lam", 0.5, 0, 10, "how much disagreement shrinks it", whole=False),
            Parameter("quorum", 0.5, 0, 1, "coverage that a signal needs", whole=False),
            _HORIZON,
        ),
        _consensus,
    ),
    "sma-cross": Entry(
        "long while a short moving average is above a long one",
        (
            Parameter("fast", 10, 1, _MOST_BARS, "bars of the short average"),
            Parameter("slow", 30, 2, _MOST_BARS, "bars of the long average"),
            evolve(_HORIZON, default=20),
        ),
        _sma_cross,
    ),
    "alone-massive": Entry(
        "what Massive's technical rule says, believed alone", (_THETA, _HORIZON), _alone("massive")
    ),
    "alone-alpha-vantage": Entry(
        "what Alpha Vantage's rule says of prices, believed alone",
        (_THETA, _HORIZON),
        _alone("alpha-vantage"),
    ),
}


def make(name: str, parameters: Mapping[str, str]) -> Strategy:
    """The strategy of that name with these parameters; what is not given has its default.

    Raises:
        InvalidInput: there is none of that name, or a parameter is unknown or out of range.
    """
    if name not in TABLE:
        problem = f"{name[:40]!r} is not a strategy"
        raise InvalidInput("strategy", problem, f"choose among {', '.join(TABLE)}")
    entry = TABLE[name]
    return entry.make(read_all(entry.parameters, parameters))
