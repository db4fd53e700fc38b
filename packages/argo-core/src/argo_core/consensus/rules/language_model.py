"""Grok's and Sonar's opinions: items of structured output, checked one by one.

An item is numbers and words from fixed lists, nothing else is read, so text that a web page
smuggled into the model's answer has no way in. An item that contradicts itself is refused for its
symbol alone. The strength is the score, faded by the age of the newest information behind it:

    x = 2^(-age / 6 h) * score        buy and sell; a hold is 0
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from argo_core.consensus.opinion import Fact
from argo_core.consensus.rules.score import Score, said
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware

RULE = "language-model-1"

HALF_LIFE_S = 6 * 3_600.0
OLDEST = timedelta(hours=24)
CLOCK_SLACK = timedelta(seconds=60)
HOLD_BAND = 0.25
"""A hold with a stronger score than this contradicts itself."""


class Action(StrEnum):
    """What the model says to do."""

    BUY = "buy"
    HOLD = "hold"
    SELL = "sell"


class Driver(StrEnum):
    """What a view rests on."""

    NEWS = "news"
    EARNINGS = "earnings"
    GUIDANCE = "guidance"
    ANALYST = "analyst"
    MACRO = "macro"
    SECTOR = "sector"
    FLOW = "flow"
    TECHNICAL = "technical"
    NONE = "none"


_FIX = "hold the model to the schema"

KEYS = ("symbol", "action", "score", "as_of", "drivers")


def read_items(
    payload: object, asked: Collection[Symbol], now: datetime
) -> tuple[dict[Symbol, Score], dict[Symbol, str]]:
    """The scores by symbol, and for every other asked symbol why it has none.

    `payload` is the parsed JSON of the model's answer. Items about symbols nobody asked for are
    dropped. The refusals are our own words and carry nothing of the answer's text.

    Raises:
        InvalidInput: the payload as a whole is not the asked-for document.
    """
    aware("now", now)
    items = _items(payload, len(asked))
    named = [(item.get("symbol"), item) for item in items]
    times = Counter(symbol for symbol, _ in named if isinstance(symbol, str))
    answered = {symbol: item for symbol, item in named if isinstance(symbol, str)}
    scores: dict[Symbol, Score] = {}
    refusals: dict[Symbol, str] = {}
    for symbol in sorted(asked):
        if symbol not in answered:
            refusals[symbol] = "not answered"
        elif times[symbol] > 1:
            refusals[symbol] = "answered more than once"
        else:
            try:
                scores[symbol] = _read(answered[symbol], now)
            except InvalidInput as problem:
                refusals[symbol] = f"{problem.field}: {problem.problem}"
    return scores, refusals


def _items(payload: object, asked: int) -> list[Mapping[str, object]]:
    if not isinstance(payload, dict) or set(payload) != {"items"}:
        raise InvalidInput("payload", "it is not an object with items alone", "ask again")
    items = payload["items"]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidInput("items", "they are not a list of objects", "ask again")
    if len(items) > 2 * asked:
        problem = f"{len(items)} for {asked} symbols"
        raise InvalidInput("items", problem, "ask again; one item for each symbol")
    return items


def _read(item: Mapping[str, object], now: datetime) -> Score:
    if set(item) != set(KEYS):
        raise InvalidInput("item", "fields are missing or unknown", _FIX)
    action, value = _action(item["action"]), _score(item["score"])
    agreed = {
        Action.BUY: value > 0,
        Action.HOLD: abs(value) <= HOLD_BAND,
        Action.SELL: value < 0,
    }
    if not agreed[action]:
        raise InvalidInput("score", "it contradicts the action", _FIX)
    at, drivers = _as_of(item["as_of"], now), _drivers(item["drivers"])
    age = max(0.0, (now - at).total_seconds())
    held = 0.0 if action is Action.HOLD else value
    view = Fact("view", said(value, 2), str(action), at)
    reasons = (Fact("driver", str(driver), "", at) for driver in drivers)
    return Score(held * 2.0 ** (-age / HALF_LIFE_S), (view, *reasons))


def _action(value: object) -> Action:
    if not isinstance(value, str) or value not in set(Action):
        raise InvalidInput("action", "it is not in the list", _FIX)
    return Action(value)


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput("score", "it is not a number", _FIX)
    if not -1 <= value <= 1:  # also refuses NaN
        raise InvalidInput("score", "it is not in [-1, 1]", _FIX)
    return float(value)


def _as_of(value: object, now: datetime) -> datetime:
    at = _moment(value)
    if at is None:
        raise InvalidInput("as_of", "it is not a moment with an offset", _FIX)
    if at > now + CLOCK_SLACK:
        raise InvalidInput("as_of", "it is in the future", _FIX)
    if at < now - OLDEST:
        raise InvalidInput("as_of", "it is too old", _FIX)
    return at


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _drivers(value: object) -> tuple[Driver, ...]:
    """The drivers in the order given, each once."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidInput("drivers", "they are not a list of words", _FIX)
    if not set(value) <= set(Driver):
        raise InvalidInput("drivers", "one is not in the list", _FIX)
    return tuple(Driver(one) for one in dict.fromkeys(value))
