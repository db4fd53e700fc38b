"""Quotes a second through the monitor of positions, on one core.

500 holdings, half of them with a trailing stop, half of them sold short. Prices walk by seeded
cents, so that some quotes move a stop and few hit one; what is hit is held anew. `usual` is that
walk; `built` makes each quote from its fields as well, as when it arrives; in `worst` every quote
moves a trailing stop. The limit is a look-up in a dict and one comparison of decimals for the same
quotes, in the same run. The last line is one JSON object.
"""

import argparse
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from attrs import evolve
from benchmarks._figures import about, alone

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.holding import Holding
from argo_core.trading.monitor import Hit, Monitor
from argo_core.trading.order import Side

HOLDINGS = 500
QUOTES = 100_000
ROUNDS = 5
REACH = {"usual_per_s": 10_000}
START = datetime(2026, 11, 23, 15, tzinfo=UTC)
FAR = START + timedelta(days=30)
BETWEEN = timedelta(microseconds=100)
CENTS = 10_000
SUMMIT = 200_000


def symbol_of(number: int) -> Symbol:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return Symbol("".join(letters[number // base % 26] for base in (676, 26, 1)))


def holding_of(number: int, best: int = CENTS) -> Holding:
    """Every second one trails, every second pair is short; stops lie 4 % away."""
    side = Side.SELL if number % 4 >= 2 else Side.BUY
    trails = number % 2 == 0
    return Holding(
        symbol=symbol_of(number),
        side=side,
        signal_id=f"signal-{number}",
        signal_index=number,
        stop=money(best - 400 * side.sign),
        target=None if trails else money(best + 600 * side.sign),
        until=FAR,
        best=money(best),
        trail=Decimal(4) if trails else None,
    )


def money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def quote_of(number: int, cents: int, at: datetime) -> Quote:
    bid, ask = money(cents - 1), money(cents + 1)
    return Quote(symbol_of(number), money(cents), at, at, "bench", bid, ask)


def walk(count: int) -> list[tuple[int, int, datetime]]:
    """Whose price is where and when, by seeded steps of up to twenty cents."""
    chance = random.Random(7)
    prices = [CENTS] * HOLDINGS
    found = []
    for number in range(count):
        who = chance.randrange(HOLDINGS)
        prices[who] += chance.randint(-20, 20)
        found.append((who, prices[who], START + number * BETWEEN))
    return found


def climb(count: int) -> list[tuple[int, int, datetime]]:
    """Only trailing holdings, and each price a step better than the one before."""
    trailing = [number for number in range(HOLDINGS) if number % 2 == 0]
    found = []
    for number in range(count):
        who = trailing[number % len(trailing)]
        # A stop moves by a tenth of its trail at least, which is less than a dollar.
        better = 100 * (number // len(trailing) + 1)
        sign = holding_of(who).side.sign
        found.append((who, SUMMIT + sign * better, START + number * BETWEEN))
    return found


def held(best: int = CENTS) -> Monitor:
    monitor = Monitor()
    for number in range(HOLDINGS):
        monitor.hold(holding_of(number, best), Decimal(10))
    return monitor


def fed(monitor: Monitor, quotes: Sequence[Quote]) -> Counter[str]:
    """Everything through the monitor; what is hit is held anew at its price."""
    told: Counter[str] = Counter()
    for quote in quotes:
        found = monitor.on_quote(quote, quote.at)
        if found is not None:
            told[type(found).__name__] += 1
            if isinstance(found, Hit):
                anew(monitor, found, quote)
    return told


def anew(monitor: Monitor, hit: Hit, quote: Quote) -> None:
    sign, at = hit.holding.side.sign, quote.price
    monitor.hold(
        evolve(
            hit.holding,
            stop=at - 4 * sign,
            best=at,
            target=None if hit.holding.target is None else at + 6 * sign,
        ),
        hit.quantity,
    )


def bare(stops: dict[Symbol, Decimal], quotes: Sequence[Quote]) -> int:
    """The least that anybody can do."""
    hits = 0
    for quote in quotes:
        if quote.price < stops[quote.symbol]:
            hits += 1
    return hits


def built(monitor: Monitor, usual: Sequence[tuple[int, int, datetime]]) -> None:
    """As `fed`, with quotes that are made on the way."""
    fed(monitor, [quote_of(*one) for one in usual])


def timed(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def measured(count: int, rounds: int) -> dict[str, Any]:
    """Median rates over so many rounds, in each of which every kind has its turn."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    usual = walk(count)
    quotes = [quote_of(*one) for one in usual]
    best = [quote_of(*one) for one in climb(count)]
    stops = {symbol_of(number): money(CENTS - 400) for number in range(HOLDINGS)}
    told = fed(held(), quotes)
    assert fed(held(SUMMIT), best) == {"StopMoved": count}, "every quote moves a stop"
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, took in (
            ("limit", timed(bare, stops, quotes)),
            ("usual", timed(fed, held(), quotes)),
            ("built", timed(built, held(), usual)),
            ("worst", timed(fed, held(SUMMIT), best)),
        ):
            seconds.setdefault(name, []).append(took)
    rates = {f"{name}_per_s": round(count / median(times)) for name, times in seconds.items()}
    return {"rates": rates, "told": dict(told)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quotes", type=int, default=QUOTES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--short", action="store_true", help="5,000 quotes, three rounds")
    given = parser.parse_args()
    count, rounds = (5_000, 3) if given.short else (given.quotes, given.rounds)
    facts = about("quotes of 500 holdings, half of them trailing")
    found = alone(measured, count, rounds)
    rates = found["rates"]
    for name, rate in rates.items():
        print(f"{name:12} {rate:>12,}  reach {REACH.get(name, '-')}")
    facts |= {
        "holdings": HOLDINGS,
        "quotes": count,
        "rounds": rounds,
        "told": found["told"],
        "limit": "a look-up in a dict and one comparison of decimals, in the same run",
        "reach": REACH,
    }
    part = {"usual_of_limit": round(rates["usual_per_s"] / rates["limit_per_s"], 4)}
    print(json.dumps(rates | part | {"about": facts}))


if __name__ == "__main__":
    main()
