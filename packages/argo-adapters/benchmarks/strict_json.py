"""How long strictness takes on a whole-market snapshot, beside the parsers without it."""

import argparse
import json
import random
import time
from collections.abc import Callable

import orjson

from argo_adapters.http.strict_json import parse

ROWS = 11_000
ROUNDS = 5


def whole_market() -> bytes:
    """A body in the shape of Massive's stock snapshot, about 5.8 MB."""
    chance = random.Random(1)
    rows = []
    for number in range(ROWS):
        price = round(chance.uniform(1, 300), 2)
        candle = {"o": price, "h": price + 2.9, "l": price - 0.6, "c": price, "v": 41234567}
        rows.append(
            {
                "ticker": f"T{number}",
                "todaysChange": round(price / 100, 4),
                "todaysChangePerc": 0.601,
                "updated": 1795186799123456789,
                "day": candle | {"vw": 205.31},
                "prevDay": candle | {"vw": 204.02},
                "min": candle | {"av": 41234567, "t": 1795186740000, "n": 312, "vw": 205.77},
                "lastQuote": {
                    "P": 205.82,
                    "S": 200,
                    "p": 205.8,
                    "s": 300,
                    "t": 1795186799000000000,
                },
                "lastTrade": {"c": [12, 37], "i": "71675577320245", "p": price, "s": 25, "x": 4},
            }
        )
    return json.dumps({"status": "OK", "tickers": rows}, separators=(",", ":")).encode()


def best_ms(read: Callable[[bytes], object], body: bytes, rounds: int) -> float:
    """The quickest of a few rounds, which is the one least disturbed."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        read(body)
        took.append(time.perf_counter() - began)
    return 1_000 * min(took)


def main() -> None:
    """Print one line for each parser and one for all of them, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one round of each")
    rounds = 1 if parser.parse_args().short else ROUNDS
    body = whole_market()
    assert parse(body) == orjson.loads(body)
    figures = {
        name: round(best_ms(read, body, rounds), 1)
        for name, read in (("orjson", orjson.loads), ("json", json.loads), ("strict_json", parse))
    }
    for name, milliseconds in figures.items():
        print(f"{name:12} {milliseconds:8.1f} ms")
    ratio = round(figures["strict_json"] / figures["orjson"], 2)
    print(json.dumps({"bytes": len(body), "ms": figures, "strict_to_orjson": ratio}))


if __name__ == "__main__":
    main()
