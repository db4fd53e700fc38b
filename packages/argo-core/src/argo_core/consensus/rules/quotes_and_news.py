"""Alpha Vantage's opinion: its quote row, its sampled prices and its news sentiment.

Every part is evidence in standard deviations (z); parts that are absent drop out and the rest is
renormalised.

- day: ln(price / previous close) / s, s the larger of the symbol's typical daily deviation and
  today's own, ln(high / low) / sqrt(4 ln 2) (Parkinson 1980);
- place: where the price stands in today's range, -1 at the low to 1 at the high, in units of 0.65,
  its deviation for a random walk at mid-session; times range / (s sqrt(4 ln 2)), at most 1, so that
  a young day's narrow range says little;
- sampled: (trend + momentum) / sqrt(2 + 2 correlation), see `market.samples`, faded with a
  half-life of 10 minutes past 5 minutes of age;
- news: the mean ticker sentiment weighted by relevance * 2^(-age / 6 h), pulled to neutral by a
  weight of 0.25, in units of 0.175: the vendor's threshold for "Bullish", 0.35, is two deviations.
  At most 2.5 of them count, so that no flood of articles drowns the price.

Parts are joined by Stouffer's method with known correlations (Stouffer et al. 1949, "The American
Soldier", vol. 1): Z = sum(w z) / sqrt(sum(w_i w_j r_ij)). The price parts, with weights 1, 1 and 2,
look at the same price; their correlations are those of 20,000 simulated random-walk sessions of 390
steps at mid-session, 30 % of the day's variance coming overnight. News counts as independent of
prices, prices 2 and news 1. Then x = erf(Z / 2), see `score.strength`. Mirrored prices and
sentiment give -x.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import frozen

from argo_core.consensus.opinion import Fact
from argo_core.consensus.rules.score import Score, said, strength
from argo_core.errors import InvalidInput
from argo_core.market.moment import aware
from argo_core.market.samples import SampledReading

RULE = "alpha-vantage-quotes-and-news-1"

TYPICAL_DAY = 0.015
"""Daily standard deviation of log returns where the symbol's own is unknown.

The median of S&P 500 members from 2013 to 2018 was 0.0144.
"""

PARKINSON = math.sqrt(4 * math.log(2))
PLACE_DEVIATION = 0.65
CLOCK_SLACK = timedelta(seconds=60)
SAMPLE_GRACE_S, SAMPLE_HALF_LIFE_S = 300.0, 600.0
NEWS_HALF_LIFE_S = 6 * 3_600.0
NEWS_DEVIATION = 0.175
NEUTRAL_WEIGHT = 0.25
NEWS_LIMIT = 2.5
OLDEST_NEWS = timedelta(days=3)
DAY_WEIGHT, PLACE_WEIGHT, SAMPLED_WEIGHT = 1.0, 1.0, 2.0
DAY_PLACE, DAY_SAMPLED, PLACE_SAMPLED = 0.65, 0.45, 0.80
PRICES_WEIGHT, NEWS_WEIGHT = 2.0, 1.0
WIDEST_DAY = math.log(4)
FARTHEST = math.log(2)


@frozen
class QuoteRow:
    """One row of bulk quotes: today's prices in quote currency and the close before."""

    price: float
    open: float
    high: float
    low: float
    previous_close: float
    at: datetime

    def __attrs_post_init__(self) -> None:
        aware("at", self.at)
        for name in ("price", "open", "high", "low", "previous_close"):
            value: float = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidInput(name, f"{value} is not a price", "give a positive finite number")
        if not self.low <= self.open <= self.high:
            problem = f"{self.low}..{self.high} does not hold the open {self.open}"
            raise InvalidInput("low", problem, "low and high must enclose the open")
        if math.log(self.high) - math.log(self.low) >= WIDEST_DAY:
            problem = f"{self.low}..{self.high} is too wide for a day"
            raise InvalidInput("high", problem, "give today's prices alone")
        for name in ("price", "previous_close"):
            move = math.log(getattr(self, name)) - math.log(self.open)
            if abs(move) >= FARTHEST:
                problem = f"{getattr(self, name)} is out of proportion to the open {self.open}"
                raise InvalidInput(name, problem, "give prices adjusted for splits")


@frozen
class NewsItem:
    """One article's view of one symbol: `sentiment` in [-1, 1], `relevance` in [0, 1]."""

    sentiment: float
    relevance: float
    published: datetime

    def __attrs_post_init__(self) -> None:
        aware("published", self.published)
        if not -1 <= self.sentiment <= 1:  # also refuses NaN
            raise InvalidInput("sentiment", f"{self.sentiment} is out of range", "give -1 to 1")
        if not 0 <= self.relevance <= 1:
            raise InvalidInput("relevance", f"{self.relevance} is out of range", "give 0 to 1")


def score(
    row: QuoteRow,
    sampled: SampledReading | None,
    news: Sequence[NewsItem],
    now: datetime,
    typical_day: float = TYPICAL_DAY,
) -> Score:
    """The strength of a quote row with what else is known.

    `sampled` is None until there are enough samples. `news` holds the recent items about the
    symbol, in any order; empty when there are none; items from the future or older than three days
    are ignored. `now` is the moment the ages are counted to,
    `typical_day` the symbol's own daily standard deviation of log returns where it is known.

    Raises:
        InvalidInput: `typical_day` is not positive and finite, `now` is not aware UTC, or the quote
            is from the future.
    """
    aware("now", now)
    if not (math.isfinite(typical_day) and typical_day > 0):
        problem = f"{typical_day} is not a deviation"
        raise InvalidInput("typical_day", problem, "give a positive fraction such as 0.018")
    if row.at > now + CLOCK_SLACK:
        raise InvalidInput("at", f"{row.at} is in the future", "give the quote of a past moment")
    prices, facts = _prices(row, sampled, now, typical_day)
    known = [item for item in news if now - OLDEST_NEWS <= item.published <= now]
    if not known:
        return Score(strength(prices), facts)
    sentiment = _sentiment(known, now)
    words = max(-NEWS_LIMIT, min(NEWS_LIMIT, sentiment / NEWS_DEVIATION))
    joined = PRICES_WEIGHT * prices + NEWS_WEIGHT * words
    newest = max(item.published for item in known)
    said_news = Fact("news sentiment", said(sentiment, 2), "", newest)
    return Score(strength(joined / math.hypot(PRICES_WEIGHT, NEWS_WEIGHT)), (*facts, said_news))


def _prices(
    row: QuoteRow, sampled: SampledReading | None, now: datetime, typical_day: float
) -> tuple[float, tuple[Fact, ...]]:
    """What the prices say together, in standard deviations of chance, and the facts."""
    high, low = max(row.high, row.price), min(row.low, row.price)
    width = math.log(high) - math.log(low)
    move = math.log(row.price) - math.log(row.previous_close)
    deviation = max(typical_day, width / PARKINSON)
    place = ((row.price - low) - (high - row.price)) / (high - low) if high > low else 0.0
    grown = width / (deviation * PARKINSON)
    total = DAY_WEIGHT * move / deviation + PLACE_WEIGHT * grown * place / PLACE_DEVIATION
    variance = DAY_WEIGHT**2 + PLACE_WEIGHT**2 + 2 * DAY_WEIGHT * PLACE_WEIGHT * DAY_PLACE
    facts: tuple[Fact, ...] = (
        Fact("day move", said(100 * move, 2), "%", row.at),
        Fact("place in day range", said(place, 2), "", row.at),
    )
    if sampled is not None:
        age = max(0.0, (now - sampled.at).total_seconds() - SAMPLE_GRACE_S)
        together = (sampled.trend + sampled.momentum) / math.sqrt(2 + 2 * sampled.correlation)
        total += SAMPLED_WEIGHT * together * 2.0 ** (-age / SAMPLE_HALF_LIFE_S)
        shared = DAY_WEIGHT * DAY_SAMPLED + PLACE_WEIGHT * PLACE_SAMPLED
        variance += SAMPLED_WEIGHT**2 + 2 * SAMPLED_WEIGHT * shared
        facts += (
            Fact("sampled momentum", said(together, 2), "sd", sampled.at),
            Fact("sampled RSI", said(sampled.rsi, 1), "", sampled.at),
        )
    return total / math.sqrt(variance), facts


def _sentiment(news: Sequence[NewsItem], now: datetime) -> float:
    """The mean sentiment, recent and relevant items first in weight, pulled towards neutral."""
    weighted = [
        (
            item.relevance * 2.0 ** (-(now - item.published).total_seconds() / NEWS_HALF_LIFE_S),
            item.sentiment,
        )
        for item in news
    ]
    total = math.fsum(weight for weight, _ in weighted)
    return math.fsum(weight * value for weight, value in weighted) / (total + NEUTRAL_WEIGHT)
