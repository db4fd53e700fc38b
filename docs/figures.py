"""Puts measured figures on the performance page: `python -m docs.figures cycle=FILE start=FILE`.

FILE holds what `nox -s bench -- NAME` printed; its last line is the benchmark's JSON. A table goes
between `<!-- measured: NAME -->` and `<!-- end -->`. Nothing here is run by the tests: figures are
of one machine at one time, and the page says which.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "guides" / "performance.md"
Figures = Mapping[str, Any]


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


CYCLE = {
    "p50_s": ("cycle, median", "{:.3f} s"),
    "p95_s": ("cycle, 95 %", "{:.3f} s"),
    "hit_rate": ("hit rate", "{:.1%}"),
    "calls_per_cycle": ("calls a cycle", "{:.2f}"),
    "cpu_s_per_cycle": ("CPU a cycle", "{:.4f} s"),
    "rss_mib": ("memory", "{:.0f} MiB"),
    "usd_per_day": ("dollars a day", "{:.2f}"),
}


def cycle(found: Figures) -> str:
    """Before and after."""
    before, after = found["before"], found["after"]
    return table(
        ("figure", "before", "after"),
        (
            (words, shape.format(before[key]), shape.format(after[key]))
            for key, (words, shape) in CYCLE.items()
        ),
    )


def without(found: Figures) -> str:
    """Each optimisation switched off by itself."""
    keys = ("calls_per_cycle", "hit_rate", "usd_per_day", "cpu_s_per_cycle")
    return table(
        ("without", *(CYCLE[key][0] for key in keys)),
        (
            (
                f"`{name}`" if name != "nothing" else name,
                *(CYCLE[k][1].format(one[k]) for k in keys),
            )
            for name, one in found["about"]["without"].items()
        ),
    )


def universe(found: Figures) -> str:
    """By number of symbols."""
    return table(
        ("symbols", "calls a cycle", "median", "95 %", "CPU a symbol", "memory"),
        (
            (
                f"{int(size):,}",
                f"{one['calls_per_cycle']:.1f}",
                f"{one['p50_s']:.3f} s",
                f"{one['p95_s']:.3f} s",
                f"{one['cpu_us_per_symbol']:.0f} µs",
                f"{one['rss_mib']:.0f} MiB",
            )
            for size, one in found["sizes"].items()
        ),
    )


def primitives(found: Figures) -> str:
    """Ours and the peers', as multiples of a bare await."""
    return table(
        ("line", "time", "bare awaits"),
        (
            (name.replace("_", " "), f"{one['ns']:,.0f} ns", f"{one['x_await']:.1f}")
            for name, one in found["lines"].items()
            if "ns" in one
        ),
    )


def start(found: Figures) -> str:
    """Import or start, and what it takes."""
    return table(
        ("what", "seconds", "memory", "installed"),
        (
            (
                f"`{name}`",
                f"{one['seconds']:.2f}",
                f"{one['mib']:.0f} MiB",
                f"{one['install_mib']:.0f} MiB" if one.get("install_mib") else "",
            )
            for name, one in found.items()
            if name != "about"
        ),
    )


def ledger(found: Figures) -> str:
    """Signals to the durable, signed batch, beside raw rows in the same run."""
    return table(
        ("batches of", "signals a second", "raw rows a second", "of raw"),
        (
            (f"{int(size):,}", f"{one['per_s']:,.0f}", f"{one['raw_per_s']:,.0f}", one["of_limit"])
            for size, one in found["append"].items()
        ),
    )


def million(found: Figures) -> str:
    """A long log: opened with all its checks, one entry proved, that proof verified."""
    one = found["million"]
    return table(
        ("entries", "open", "prove one", "verify the proof", "file"),
        (
            (
                f"{one['entries']:,}",
                f"{one['open_s']:.1f} s",
                f"{one['prove_ms']:.1f} ms",
                f"{one['verify_ms'] * 1e3:.0f} µs",
                f"{one['mib']:,} MiB",
            ),
        ),
    )


WORKS = {
    "single_1258": "one stock, 1,258 days",
    "single_100k": "one stock, 100,000 minutes",
    "portfolio_500": "500 stocks, 1,258 days",
    "strategy_500": "the strategy, 500 stocks, 1,258 days",
}


def backtest(found: Figures) -> str:
    """Nanoseconds a bar and memory of every contender on every work, side by side."""
    return table(
        ("work", "whose", "ns a bar", "hand-written loops", "memory", "fills"),
        (
            (
                WORKS[work],
                f"`{name}`",
                f"{one['ns_per_bar']:,.1f}",
                f"{one['of_numba']:,.1f}" if one.get("of_numba") else "",
                f"{one['rss_mib']:.0f} MiB",
                "the same" if one.get("agrees") else "their own" if "agrees" in one else "",
            )
            for work, contenders in found["work"].items()
            for name, one in contenders.items()
            if "ns_per_bar" in one
        ),
    )


def sweep(found: Figures) -> str:
    """The same sweep on every engine."""
    return table(
        ("engine", "seconds", "times as fast", "to begin"),
        (
            ("serial", f"{found['serial_s']:.2f}", "1.00", ""),
            *(
                (
                    name,
                    f"{found[name]['seconds']:.2f}",
                    f"{found[name]['speedup']:.2f}",
                    f"{found[name]['start_s']:.1f} s",
                )
                for name in ("threads", "processes", "dask")
            ),
        ),
    )


TABLES: Mapping[str, tuple[tuple[str, Callable[[Figures], str]], ...]] = {
    "cycle": (("cycle", cycle), ("without", without)),
    "universe": (("universe", universe),),
    "primitives": (("primitives", primitives),),
    "start": (("start", start),),
    "ledger": (("ledger", ledger), ("million", million)),
    "backtest": (("backtest", backtest),),
    "sweep": (("sweep", sweep),),
}


def put(text: str, name: str, lines: str) -> str:
    """The page's text with that table in its place."""
    before, mark, rest = text.partition(f"<!-- measured: {name} -->\n")
    _, end, after = rest.partition("<!-- end -->")
    return f"{before}{mark}\n{lines}\n\n{end}{after}" if end else text


def main(arguments: Iterable[str]) -> None:
    """Renew the tables whose benchmarks are named."""
    text = PAGE.read_text("utf-8")
    for one in arguments:
        name, _, file = one.partition("=")
        found = json.loads(Path(file).read_text("utf-8").splitlines()[-1])
        for place, drawn in TABLES[name]:
            if place != "without" or found["about"].get("without"):
                text = put(text, place, drawn(found))
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
