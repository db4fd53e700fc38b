"""Do TTLs keep their promise? Hidden moves on recorded minute bars, promised against observed.

`python -m benchmarks.calibration FOLDER`, where FOLDER holds `us_minute_2024/SYMBOL.parquet` and
`lean_crypto_minute/trades_1m.parquet`; without a folder the shipped tapes are used, and `--short`
leaves out most of what is slow. `--write PAGE` puts the tables into their places on that page. The
last line is one JSON object.

Observed is counted as `argo_core.backtest.hidden_moves` says. Equal calls are compared minute by
minute on the stocks' regular sessions, as `argo_core.backtest.rationed` says.
"""

import argparse
import math
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
from attrs import frozen
from cattrs import unstructure

from argo_adapters.calendar.session_table import SINCE, load_session_table
from argo_adapters.tapes.bar_files import rows as file_rows
from argo_adapters.tapes.file import shipped, shipped_names
from argo_core.backtest.calibration import (
    FULL,
    RULES,
    TABLE,
    Case,
    Row,
    by_loudness,
    cases,
    pooled,
)
from argo_core.backtest.hidden_moves import Watched, watch
from argo_core.backtest.market_time import Numbers, tabulate
from argo_core.backtest.rationed import Lifetimes, Served, serve
from argo_core.backtest.variance_rates import Moves, moves_by_phase
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, instrument
from argo_core.market.moment import to_micros
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.resilience.jumps import JumpRate
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage, budgeted
from argo_core.resilience.variance_clock import VarianceClock

DAY = timedelta(days=1)
MINUTE_US = 60_000_000
OFF = (0.001, 0.005)
POLICIES = ("budget", "fixed", "table")
ALLOWED_S = (300.0, 600.0, 1_200.0)
EXTENDED = (Phase.PRE, Phase.POST)
LARGEST = (math.inf, JumpRate().least)

Series = Mapping[Instrument, Sequence[Bar]]


def from_folder(folder: Path) -> Series:
    """The recorded year of stocks and the days of crypto pairs."""
    found: dict[Instrument, list[Bar]] = {}
    for path in sorted((folder / "us_minute_2024").glob("*.parquet")):
        one = instrument(path.stem)
        found[one] = [row.bar(one.symbol, row.start) for row in file_rows(path)]
    for row in file_rows(folder / "lean_crypto_minute" / "trades_1m.parquet"):
        pair = instrument(f"{row.symbol[:3]}/{row.symbol[3:]}")
        found.setdefault(pair, []).append(row.bar(pair.symbol, row.start))
    return {one: sorted(bars, key=lambda bar: bar.start) for one, bars in found.items()}


def from_tapes(names: Sequence[str]) -> Series:
    """The shipped tapes, each symbol's bars put together; a minute on two of them counts once."""
    found: dict[Instrument, dict[datetime, Bar]] = {}
    for tape in map(shipped, names):
        for one in tape.instruments:
            for bar in tape.bars.get(one.symbol, ()):
                found.setdefault(one, {}).setdefault(bar.start, bar)
    return {one: [bars[at] for at in sorted(bars)] for one, bars in found.items()}


def span(one: Instrument, bars: Sequence[Bar]) -> tuple[datetime, datetime]:
    """Stocks share one beginning, so that their session seconds do too."""
    if one.asset_class is AssetClass.CRYPTO:
        return bars[0].start, bars[-1].start + DAY
    return SINCE, bars[-1].start + DAY


def calibrated(series: Series, clock: VarianceClock, passage: FirstPassage) -> tuple[Case, ...]:
    """Every symbol watched; stocks and pairs have a scale of their own for the table."""
    found: list[Case] = []
    for kind in AssetClass:
        watched = {
            one: watch(bars, tabulate(clock, one, *span(one, bars)))
            for one, bars in series.items()
            if one.asset_class is kind
        }
        if watched:
            found += cases(watched, passage, TablePolicy(), clock.extended)
    return tuple(found)


def known_at(watched: Watched, values: Numbers, at_s: Numbers) -> Numbers:
    """The newest value at each of those moments, not a number before the first."""
    place = np.searchsorted(watched.ends_s, at_s, side="right") - 1
    return np.where(place >= 0, values[np.maximum(place, 0)], np.nan)


@frozen(eq=False)
class Grid:
    """Regular minutes of stock sessions, a row each: what was known of every symbol."""

    names: tuple[Instrument, ...]
    opens: Numbers
    levels: Numbers
    sigmas: Numbers
    wanted: Numbers

    @staticmethod
    def of(series: Series, found: Sequence[Case], sessions: Sequence[Session]) -> "Grid":
        """All minutes of those sessions; a pair is seen in them as any stock is."""
        pieces = [
            np.arange(to_micros(one.open) + MINUTE_US, to_micros(one.close) + 1, MINUTE_US)
            for one in sessions
        ]
        at_us = np.concatenate(pieces).astype(float)
        clock = VarianceClock(load_session_table())
        columns = []
        for case in found:
            one, seen = case.instrument, case.watched
            at_s = tabulate(clock, one, *span(one, series[one])).seconds(at_us)
            columns.append(
                [known_at(seen, v, at_s) for v in (seen.close, seen.sigma, case.ttls_s[FULL])]
            )
        levels, sigmas, wanted = (np.column_stack(each) for each in zip(*columns, strict=True))
        opens = np.concatenate([np.arange(len(piece)) == 0 for piece in pieces])
        names = tuple(case.instrument for case in found)
        return Grid(names, opens, levels, sigmas, wanted)

    def budget(self, allowed_s: float) -> Lifetimes:
        """One call a symbol every `allowed_s` seconds on average, as budget mode spends them."""

        def lifetimes(minute: int, asked: Sequence[int]) -> Sequence[float]:
            here = np.flatnonzero(~np.isnan(self.sigmas[minute]))
            wanted, sigmas = self.wanted[minute][here], self.sigmas[minute][here]
            ttls = budgeted(wanted.tolist(), sigmas.tolist(), len(here) / allowed_s)
            of = dict(zip(here.tolist(), ttls, strict=True))
            return [of[place] / 60 for place in asked]

        return lifetimes

    def fixed(self, ttl_s: float) -> Lifetimes:
        """The same TTL for all."""
        return lambda minute, asked: [ttl_s / 60] * len(asked)

    def table(self, ttl_s: float) -> Lifetimes:
        """The table's TTLs, scaled so that a calm stock has this one."""
        policy = TablePolicy()
        scale = ttl_s / policy.stock_s / 60
        return lambda minute, asked: [
            scale * policy.ttl_s(self.names[one], Phase.REGULAR, float(self.sigmas[minute, one]))
            for one in asked
        ]


@frozen
class Scarce:
    """What each policy made of the same number of calls, one a symbol every `allowed_s` seconds."""

    allowed_s: float
    served: Mapping[str, Served]


def equal_calls(grid: Grid, allowances_s: Sequence[float]) -> Iterator[Scarce]:
    """Answers that are off by more than 10 basis points and 0.5 %, for each allowance of calls."""
    for allowed_s in allowances_s:
        scarce = serve(grid.levels, grid.opens, grid.budget(allowed_s), OFF)
        found = {"budget": scarce}
        for name, policy in (("fixed", grid.fixed), ("table", grid.table)):
            ttl_s = allowed_s
            # Calls go nearly in proportion, so that a few rounds make them equal.
            for _ in range(4):
                served = serve(grid.levels, grid.opens, policy(ttl_s), OFF)
                ttl_s *= served.calls / scarce.calls
            found[name] = served
        yield Scarce(allowed_s, found)


def extended_rates(series: Series, table: SessionTable) -> Iterator[dict[str, object]]:
    """Variance outside of the regular session over that inside: of all moves, and without jumps."""
    total: dict[str, dict[tuple[Phase, float], Moves]] = {}
    pooled_moves: dict[tuple[Phase, float], Moves] = {}
    for one, bars in series.items():
        if one.asset_class is AssetClass.STOCK:
            kept = total.setdefault(one.symbol, {})
            for largest in LARGEST:
                for phase, moves in moves_by_phase(bars, one, table, largest=largest).items():
                    key = phase, largest
                    kept[key] = moves
                    pooled_moves[key] = pooled_moves.get(key, Moves()) + moves
    for name, kept in (total | {"all stocks": pooled_moves}).items():
        line: dict[str, object] = {"symbol": name}
        for largest, words in zip(LARGEST, ("all", "no_jumps"), strict=True):
            around = {phase: kept.get((phase, largest), Moves()) for phase in EXTENDED}
            inside = kept[Phase.REGULAR, largest].rate
            line |= {f"{phase}_{words}": moves.rate / inside for phase, moves in around.items()}
            both = around[Phase.PRE] + around[Phase.POST]
            line[words] = both.rate / inside
            line[f"moves_{words}"] = both.count
        yield line


def table(head: Sequence[str], lines: Iterator[Sequence[object]]) -> str:
    """A table in Markdown."""
    cells = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in cells)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def by_symbol(rows: Sequence[Row]) -> str:
    """Observed by symbol and rule, over all phases; the full rule with its bounds."""
    whole = {(row.symbol, row.rule): row for row in rows if row.phase is None}
    return table(
        ("symbol", "answers", "median TTL", *RULES, "bounds of full", "decided by jumps"),
        (
            (
                symbol,
                f"{full.answers:,}",
                f"{full.ttl_s:.0f} s",
                *(percent(whole[symbol, rule].observed) for rule in RULES),
                f"{percent(full.least)} to {percent(full.most)}",
                percent(full.jump_bound),
            )
            for (symbol, rule), full in whole.items()
            if rule == FULL
        ),
    )


def by_phase(rows: Sequence[Row]) -> str:
    """Observed by symbol and phase, for the full rule and, behind it, the table's."""
    of = {(str(row.symbol), row.phase, row.rule): row for row in rows}

    def cell(symbol: str, phase: Phase) -> str:
        full = of.get((symbol, phase, FULL))
        if full is None:
            return ""
        beside = percent(of[symbol, phase, TABLE].observed)
        return f"{percent(full.observed)} of {full.answers:,} (table {beside})"

    symbols = list(dict.fromkeys(row.symbol for row in rows))
    phases = (Phase.PRE, Phase.REGULAR, Phase.POST)
    return table(
        ("symbol", *phases),
        ((symbol, *(cell(symbol, phase) for phase in phases)) for symbol in symbols),
    )


def by_fifths(groups: Mapping[str, Sequence[Case]], move: float) -> str:
    """Observed in the calmest fifth of moments, the next, and so on."""
    return table(
        ("", "rule", "calmest fifth", "2nd", "3rd", "4th", "most volatile"),
        (
            (name, rule, *map(percent, by_loudness(found, rule, move)))
            for name, found in groups.items()
            for rule in RULES
        ),
    )


def by_budget(found: Mapping[str, Sequence[Scarce]]) -> str:
    """Answers off by more than 10 basis points and, behind it, 0.5 %."""
    return table(
        ("universe", "one call a symbol every", "calls", *POLICIES),
        (
            (
                name,
                f"{one.allowed_s:.0f} s",
                f"{one.served['budget'].calls:,}",
                *(" and ".join(map(percent, one.served[policy].off)) for policy in POLICIES),
            )
            for name, each in found.items()
            for one in each
        ),
    )


def by_extended(found: Sequence[Mapping[str, object]]) -> str:
    """The variance rate outside of the regular session over that inside."""
    columns = ("pre_no_jumps", "post_no_jumps", "no_jumps", "pre_all", "post_all", "all")
    return table(
        ("symbol", "moves", *(name.replace("_", " ") for name in columns)),
        (
            (one["symbol"], f"{one['moves_all']:,}", *(f"{one[name]:.2f}" for name in columns))
            for one in found
        ),
    )


def write(page: Path, tables: Mapping[str, str]) -> None:
    """Put every table into its place on the page, between `measured: NAME` and `end`."""
    text = page.read_text("utf-8")
    for name, lines in tables.items():
        before, mark, rest = text.partition(f"<!-- measured: {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            raise SystemExit(f"{page} has no place for {name}")
        text = f"{before}{mark}\n{lines}\n\n{end}{after}"
    page.write_text(text, "utf-8")


def main() -> None:
    """Print and write the tables, and the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="the recorded data; else the tapes")
    parser.add_argument("--short", action="store_true", help="the shipped tapes, one scarcity")
    parser.add_argument("--write", type=Path, help="put the tables on this page, too")
    given = parser.parse_args()
    began = time.perf_counter()
    clock, passage = VarianceClock(load_session_table()), FirstPassage()
    taped = from_tapes(shipped_names())
    series = from_folder(given.folder) if given.folder else taped
    found = calibrated(series, clock, passage)
    groups = {
        f"all {name}": [case for case in found if case.instrument.asset_class is kind]
        for name, kind in (("stocks", AssetClass.STOCK), ("pairs", AssetClass.CRYPTO))
    }
    single = [row for case in found for row in case.rows(passage.move)]
    rows = list(single)
    for name, each in groups.items():
        symbols = {case.instrument.symbol for case in each}
        rows += pooled([row for row in single if row.symbol in symbols], name)
    played = {shipped(name).starts for name in shipped_names()}
    days = [one for one in clock.table.sessions if one.open in played]
    mixed = found if series is taped else calibrated(taped, clock, passage)
    allowed_s = ALLOWED_S[:1] if given.short else ALLOWED_S
    scarce = {
        "8 stocks, 2 pairs, 2 days": list(equal_calls(Grid.of(taped, mixed, days), allowed_s))
    }
    if given.folder:
        stocks = groups["all stocks"]
        last = max(series[case.instrument][-1].start for case in stocks)
        year = [one for one in clock.table.sessions if one.close <= last]
        scarce["12 stocks, a year"] = list(equal_calls(Grid.of(series, stocks, year), allowed_s))
    outside = list(extended_rates(series, clock.table))
    tables = {
        "by-symbol": by_symbol(rows),
        "by-phase": by_phase(rows),
        "by-fifths": by_fifths(groups, passage.move),
        "by-budget": by_budget(scarce),
        "by-extended": by_extended(outside),
    }
    for name, lines in tables.items():
        print(f"{name}\n\n{lines}\n")
    if given.write:
        write(given.write, tables)
    kept = [row.observed <= passage.risk for row in single if row.rule == FULL and not row.phase]
    result = {
        "about": {
            "data": str(given.folder.name) if given.folder else "tapes",
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "seconds": round(time.perf_counter() - began, 1),
        },
        "promised": passage.risk,
        "kept": {"symbols": sum(kept), "of": len(kept)},
        "observed": {
            f"{row.symbol} {row.phase or 'all'} {row.rule}": round(row.observed, 4) for row in rows
        },
        "equal_calls": {name: [unstructure(one) for one in each] for name, each in scarce.items()},
        "m_ext": {str(one["symbol"]): [one["no_jumps"], one["all"]] for one in outside},
    }
    print(orjson.dumps(result).decode())


if __name__ == "__main__":
    main()
